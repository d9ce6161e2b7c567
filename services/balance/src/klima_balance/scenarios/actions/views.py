"""Views of a scenario: contributions against another, gaps to target paths, uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.queries import balances
from klima_balance.method.errors import InputError
from klima_balance.scenarios.actions.answers import SPLIT, head, meta_of
from klima_balance.scenarios.actions.computation import Found, Model
from klima_balance.scenarios.actions.inputs import Start
from klima_balance.scenarios.model import Base
from klima_balance.scenarios.rules.definition import ranged
from klima_balance.scenarios.rules.document import contribution_rows, number
from klima_balance.scenarios.rules.lever_table import ScenarioTables
from klima_balance.scenarios.rules.targets import DEFAULT_BUDGET, Budget, TargetPath, paths
from klima_balance.scenarios.rules.uncertainty import (
    Band,
    balance_bands,
    drawn,
    errors,
    scenario_bands,
    spreads,
)
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text

CORRELATION = Text(
    "Vorgaben der Güte D einer Region bewegen sich gemeinsam, gelieferte Werte unabhängig voneinander, ein Faktor überall "
    "zugleich; Annahmen des Szenarios gleichmäßig zwischen unterem und oberem Wert.",
    "Defaults of grade D of a region move together, delivered figures independently, a factor everywhere at once; "
    "assumptions of the scenario evenly between their low and high.",
)


def contributions_of(
    found: Found, made: Model, other: tuple[Found, Model] | None, tables: ScenarioTables, lang: Lang
) -> dict[str, Any]:
    """From the base (nothing changes) or from another scenario of the same balance to this one."""
    before = () if other is None else other[1].levers
    moved = contribution_rows(made.contributions(before), lang, every_year=True)
    return {
        "scenario": head(found, made, lang),
        "against": None if other is None else head(other[0], other[1], lang),
        "region": head(found, made, lang)["region"],
        "explanation": SPLIT.get(lang),
        **moved,
        "meta": meta_of(made, tables),
    }


def comparable(made: Model, other: Model) -> None:
    """Raises `InputError` unless both start from the same balance."""
    if made.start.balance_id != other.start.balance_id:
        raise InputError(
            "against",
            other.start.ags,
            Text("ein Szenario auf derselben Bilanz", "a scenario on the same balance"),
        )


def targets_of(
    found: Found, made: Model, tables: ScenarioTables, lang: Lang, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Every target path with the gap of the scenario to it, and the carbon budget. Raises
    `InputError`."""
    emissions = made.projection.bisko[:, 0]
    target_year = options.get("target_year") or _neutral_year(made.start) or made.horizon
    found_paths, budget = paths(
        tables.targets,
        made.start.year,
        float(emissions[0]),
        made.horizon,
        population=float(made.base.population[0]),
        national_population=made.start.national_population,
        emissions=emissions,
        target_year=target_year,
        residual_share=options.get("residual_share"),
        budget_name=options.get("budget") or DEFAULT_BUDGET,
        bisko_share=options.get("bisko_share") or 1.0,
        local_1990=options.get("local_1990_t_co2e"),
    )
    return {
        "scenario": head(found, made, lang),
        "region": head(found, made, lang)["region"],
        "unit": "t CO2e",
        "target_year": target_year,
        "paths": [_path(p, emissions.tolist(), lang) for p in found_paths],
        "budget": None if budget is None else _budget(budget, lang),
        "meta": meta_of(made, tables),
    }


def _neutral_year(start: Start) -> int | None:
    """The year in which the region itself wants to be neutral, where the register of regions says
    so."""
    rows = start.method.regions
    found = rows.loc[rows["region"] == start.ags, "neutral_target_year"].tolist()
    year = int(found[0]) if found and str(found[0]).isdigit() else None
    return year if year is not None and year > start.year else None


def _path(p: TargetPath, emissions: Sequence[float], lang: Lang) -> dict[str, Any]:
    values = p.values.tolist()
    return {
        "target": p.name,
        "label": p.label_en if lang == "en" else p.label_de,
        "note": p.note_en if lang == "en" else p.note_de,
        "years": [
            {
                "year": y,
                "value": v,
                "scenario": e,
                "gap": e - v,
                "gap_percent": (e - v) / v * 100.0 if v else None,
            }
            for y, v, e in zip(p.years, values, emissions, strict=True)
        ],
        "basis": [
            {k: float(v) if isinstance(v, float) else v for k, v in row.items()} for row in p.basis
        ],
    }


def _budget(budget: Budget, lang: Lang) -> dict[str, Any]:
    at = budget.exhausted
    words = Text(
        "Das Budget reicht über den Zeitraum des Szenarios hinaus.",
        "The budget lasts beyond the scenario.",
    )
    if at is not None:
        words = Text(
            f"Auf diesem Pfad ist das Budget im Jahr {int(at)} verbraucht.",
            f"On this path the budget is used up in {int(at)}.",
        )
    return {
        "total_t_co2": budget.total_t_co2,
        "from_year": budget.from_year,
        "used_by_horizon_t": budget.used_by_horizon_t,
        "year_of_exhaustion": None if at is None else int(at),
        "year_of_exhaustion_if_unchanged": None
        if budget.exhausted_if_unchanged is None
        else int(budget.exhausted_if_unchanged),
        "statement": words.get(lang),
    }


async def certainties(connection: AsyncConnection, start: Start) -> dict[str, str]:
    """Certainty of the factor of every carrier of the balance, from the record behind it."""
    run = orjson.loads((await balances.record(connection, start.balance_id))[0])
    found: dict[str, str] = {}
    for line in run["lines"]:
        if line["block"] == "bisko" and line["factor"] and line["carrier"]:
            found.setdefault(line["carrier"], line["factor"]["certainty"])
    return found


def balance_uncertainty(
    start: Start,
    base: Base,
    tables: ScenarioTables,
    certainty: Mapping[str, str],
    draws: int,
    seed: int,
    lang: Lang,
) -> dict[str, Any]:
    """Bands of the balance's totals and sectors. Raises `InputError` for wrong draws or seed."""
    widths = spreads(tables.spreads)
    bands = balance_bands(base, errors(base, widths, certainty, draws, seed))
    return {
        "region": dict(start.document["region"]),
        "year": start.year,
        "draws": draws,
        "seed": seed,
        **_totals(bands),
        "method": CORRELATION.get(lang),
        "spreads": [asdict(s) for s in widths.values()],
        "meta": {**start.document["meta"], "scenario_edition": tables.edition},
    }


def scenario_uncertainty(
    found: Found,
    made: Model,
    tables: ScenarioTables,
    certainty: Mapping[str, str],
    draws: int,
    seed: int,
    years: Sequence[int],
    lang: Lang,
) -> dict[str, Any]:
    """Bands of the scenario for some years. Raises `InputError` for a year that is not in it."""
    for year in years:
        if not made.start.year <= year <= made.horizon:
            raise InputError(
                "years",
                year,
                Text(
                    f"ein Jahr von {made.start.year} bis {made.horizon}",
                    f"a year from {made.start.year} to {made.horizon}",
                ),
            )
    low, middle, high = ranged(found.definition, tables, made.base, made.horizon)
    full = made.projection.base
    e = errors(full, spreads(tables.spreads), certainty, draws, seed)
    bands = scenario_bands(
        full, made.projection, drawn(low, middle, high, draws, seed), e, made.horizon, years
    )
    return {
        "scenario": head(found, made, lang),
        "region": head(found, made, lang)["region"],
        "draws": draws,
        "seed": seed,
        "years": [{"year": year, **_totals(row)} for year, row in bands.items()],
        "method": CORRELATION.get(lang),
        "spreads": [asdict(s) for s in spreads(tables.spreads).values()],
        "meta": meta_of(made, tables),
    }


def _totals(bands: Mapping[str, Mapping[str, Band]]) -> dict[str, Any]:
    parts = {
        name: {metric: _band(b) for metric, b in values.items()} for name, values in bands.items()
    }
    total = parts.pop("total")
    return {
        "totals": total,
        "sectors": [{"sector": name, **values} for name, values in parts.items()],
    }


def _band(b: Band) -> dict[str, float | None]:
    return {name: number(np.float64(value)) for name, value in asdict(b).items()}
