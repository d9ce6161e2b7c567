"""Potentials of a region: computed from its published balance, official figures and parameters,
with all of them shown."""

from collections.abc import Mapping

import anyio

from klima_balance.method.expected import after_base
from klima_balance.scenarios.actions.start import Start
from klima_balance.scenarios.model.assumptions import PotentialRow, ScenarioTables
from klima_balance.scenarios.model.base import Potential
from klima_balance.scenarios.rules.document import number
from klima_balance.scenarios.rules.potentials import all_potentials
from klima_balance.scenarios.rules.shipped_levers import Parameters, overridden
from klima_shared.codes.energy import Sector
from klima_shared.http.problems import invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.wire.json import JsonObject

NOTE = Text(
    "Technical: what area and technology allow. Realisable: what is assumed up to the target "
    "year. Potentials stand beside each other and must not be added where they concern the same "
    "land or the same use."
)


def compute(
    start: Start, tables: ScenarioTables, values: Mapping[str, float], target_year: int, lang: Lang
) -> JsonObject:
    """The answer as JSON values. Raises `InputError` for an unknown parameter or a value that can't
    be."""
    if target_year <= start.year:
        raise InputError.at("target_year", target_year, after_base(start.year))
    parameters = overridden(tables.parameters, values)
    potentials = all_potentials(start.part_base(), start.place, parameters, target_year)
    rows = [(p.summed(), tables.potentials[p.name]) for p in potentials]
    names = dict.fromkeys(name for _, row in rows for name in row.parameters)
    return {
        "region": start.region_head,
        "base_year": start.year,
        "target_year": target_year,
        "note": NOTE.get(lang),
        "potentials": [_row(p, row, parameters, lang) for p, row in rows],
        "parameters": [parameters[name].to_json(lang) for name in names],
        "meta": {
            **start.meta(tables, (parameters[name].source for name in names)),
            "balance_version": start.version,
        },
    }


def _row(p: Potential, row: PotentialRow, parameters: Parameters, lang: Lang) -> JsonObject:
    realisable, used = number(p.realisable[0]), number(p.used[0])
    share = None if not realisable or used is None else used / realisable
    values = {name: parameters[name].value for name in row.parameters}
    answer: JsonObject = {
        "potential": p.name,
        "group": row.group,
        "sector": row.sector or None,
        "sector_label": Sector(row.sector).label(lang) if row.sector else None,
        "label": row.label.get(lang),
        "unit": row.unit,
        "technical": number(p.technical[0]),
        "realisable": realisable,
        "used": used,
        "remaining": number(p.remaining[0]),
        "used_share": share,
        "emissions_t_co2e": None if p.emissions is None else number(p.emissions[0]),
        "exceeded_by": number(p.exceeded[0]) or None,
        "formula": row.formula.format_map(values),
        "parameters": list(row.parameters),
        "grade": "D",
    }
    if p.power_kw:
        answer["power_kw"] = {name: number(kw[0]) for name, kw in p.power_kw.items()}
    return answer


async def potentials_of(
    start: Start, tables: ScenarioTables, values: Mapping[str, float], target_year: int, lang: Lang
) -> JsonObject:
    """`compute` in a worker thread; 422 with the parameter named."""
    try:
        return await anyio.to_thread.run_sync(compute, start, tables, values, target_year, lang)
    except InputError as error:
        raise invalid_at("/query/" + error.place.field.replace(".", "/", 1), error.text) from error
