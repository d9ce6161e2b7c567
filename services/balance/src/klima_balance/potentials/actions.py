"""Potentials of a region: computed from its published balance, official figures and parameters,
with all of them shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anyio

from klima_balance.method.errors import InputError, after_base
from klima_balance.potentials.rules.generation import Potential
from klima_balance.potentials.rules.savings import all_potentials
from klima_balance.scenarios.actions.inputs import Start
from klima_balance.scenarios.rules.document import number
from klima_balance.scenarios.rules.lever_table import ScenarioTables, overridden
from klima_shared.codes.lists import Sector
from klima_shared.http.problems import FieldError, invalid
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text

NOTE = Text(
    "Technisch: was Fläche und Technik erlauben. Umsetzbar: was bis zum Zieljahr angenommen wird. Die Potenziale stehen "
    "nebeneinander und dürfen nicht addiert werden, wo sie dieselbe Fläche oder denselben Verbrauch betreffen.",
    "Technical: what area and technology allow. Realisable: what is assumed up to the target year. Potentials stand beside "
    "each other and must not be added where they concern the same land or the same use.",
)


def compute(
    start: Start, tables: ScenarioTables, values: Mapping[str, float], target_year: int, lang: Lang
) -> dict[str, Any]:
    """The answer as JSON values. Raises `InputError` for an unknown parameter or a value that can't
    be."""
    if target_year <= start.year:
        raise InputError("target_year", target_year, after_base(start.year))
    parameters = overridden(tables.parameters, values)
    found = all_potentials(start.base(parameters), start.place(), parameters, target_year)
    names = dict.fromkeys(name for p in found for name in p.parameters)
    meta = dict(start.document["meta"])
    sources = [*meta["sources"], *(parameters[name].source for name in names)]
    region = start.document["region"]
    return {
        "region": {
            "ags": start.ags,
            "name": start.region["name"],
            "kind": start.region["kind"],
            "population": region["population"],
        },
        "base_year": start.year,
        "target_year": target_year,
        "note": NOTE.get(lang),
        "potentials": [_row(p, lang) for p in found],
        "parameters": [parameters[name].to_dict(lang) for name in names],
        "meta": {
            **meta,
            "sources": list(dict.fromkeys(sources)),
            "scenario_edition": tables.edition,
            "scenario_digest": tables.digest,
            "balance_version": start.version,
        },
    }


def _row(p: Potential, lang: Lang) -> dict[str, Any]:
    realisable, used = number(p.realisable[0]), number(p.used[0])
    share = None if not realisable or used is None else used / realisable
    exceeded = number(p.exceeded[0])
    row: dict[str, Any] = {
        "potential": p.name,
        "group": p.group,
        "sector": p.sector or None,
        "sector_label": Sector(p.sector).label(lang) if p.sector else None,
        "label": p.label_en if lang == "en" else p.label_de,
        "unit": p.unit,
        "technical": number(p.technical[0]),
        "realisable": realisable,
        "used": used,
        "remaining": number(p.remaining[0]),
        "used_share": share,
        "emissions_t_co2e": None if p.emissions is None else number(p.emissions[0]),
        "exceeded_by": exceeded or None,
        "formula": p.formula,
        "parameters": list(p.parameters),
        "grade": p.grade,
    }
    if p.power_kw:
        row["power_kw"] = {name: number(values[0]) for name, values in p.power_kw.items()}
    return row


async def answer(
    start: Start, tables: ScenarioTables, values: Mapping[str, float], target_year: int, lang: Lang
) -> dict[str, Any]:
    """`compute` in a worker thread; 422 with the parameter named."""
    try:
        return await anyio.to_thread.run_sync(compute, start, tables, values, target_year, lang)
    except InputError as error:
        raise invalid(
            error.text, FieldError("/query/" + error.field.replace(".", "/", 1), error.text)
        ) from error
