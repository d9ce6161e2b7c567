"""Views of a scenario: contributions against another, gaps to target paths, uncertainty."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import anyio
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.queries import balances
from klima_balance.method import load_method
from klima_balance.regions.actions.load import OPERATOR
from klima_balance.regions.tables import metadata
from klima_balance.scenarios.actions.computation import (
    SPLIT,
    BuiltIn,
    Computed,
    Scenario,
    compute_model,
)
from klima_balance.scenarios.actions.scenarios import Context
from klima_balance.scenarios.actions.start import Start
from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.model.assumptions import ScenarioTables
from klima_balance.scenarios.rules.definition import ranged
from klima_balance.scenarios.rules.document import contribution_rows, number
from klima_balance.scenarios.rules.targets import (
    Budget,
    TargetOptions,
    TargetPath,
    paths,
    population_share,
)
from klima_balance.scenarios.rules.uncertainty import (
    Bands,
    Sampling,
    balance_bands,
    drawn,
    errors,
    scenario_bands,
)
from klima_balance.settings import Settings
from klima_shared.database.connections import Database
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import JsonObject

CORRELATION = Text(
    "Defaults of grade D of a region move together, delivered figures independently, a factor "
    "everywhere at once; assumptions of the scenario evenly between their low and high."
)


_LASTS = Text("The budget lasts beyond the scenario.")
Certainties = Mapping[str, str]


def contributions_of(one: Computed, other: Computed | None, lang: Lang) -> JsonObject:
    """From the base (nothing changes) or from another scenario of the same balance to this one."""
    before = () if other is None else other.model.levers
    about = one.about(lang)
    return {
        "scenario": about["scenario"],
        "against": None if other is None else other.head(lang),
        "region": about["region"],
        "explanation": SPLIT.get(lang),
        **contribution_rows(one.model.contributions(before), lang, every_year=True),
        "meta": one.model.meta,
    }


def check_comparable(one: Computed, other: Computed) -> None:
    """Raises `InputError` unless both start from the same balance."""
    start = other.model.start
    if one.model.start.balance_id != start.balance_id:
        same = Label("ein Szenario auf derselben Bilanz", "a scenario on the same balance")
        raise InputError.at("against", start.ags, same)


def targets_of(one: Computed, options: TargetOptions, lang: Lang) -> JsonObject:
    """Every target path with the gap of the scenario to it, and the carbon budget. Raises
    `InputError`."""
    model = one.model
    emissions = model.projection.bisko[:, 0]
    target_year = options.target_year or _neutral_year(model.start) or model.horizon
    lines, budget = paths(
        model.tables.targets,
        range(model.start.year, model.horizon + 1),
        emissions,
        population_share(float(model.base.population[0]), model.start.national_population),
        replace(options, target_year=target_year),
    )
    return {
        **one.about(lang),
        "unit": "t CO2e",
        "target_year": target_year,
        "paths": [_path(line, emissions.tolist(), lang) for line in lines],
        "budget": None if budget is None else _budget(budget, lang),
        "meta": model.meta,
    }


def _neutral_year(start: Start) -> int | None:
    """The year in which the region itself wants to be neutral, where the register of regions says
    so."""
    rows = start.method.regions
    years = rows.loc[rows["region"] == start.ags, "neutral_target_year"].tolist()
    year = int(years[0]) if years and str(years[0]).isdigit() else None
    return year if year is not None and year > start.year else None


def _path(p: TargetPath, emissions: Sequence[float], lang: Lang) -> JsonObject:
    return {
        "target": p.name,
        "label": p.label.get(lang),
        "note": p.note.get(lang),
        "years": [
            {
                "year": y,
                "value": v,
                "scenario": e,
                "gap": e - v,
                "gap_percent": (e - v) / v * 100.0 if v else None,
            }
            for y, v, e in zip(p.years, p.values.tolist(), emissions, strict=True)
        ],
        "basis": list(p.basis),
    }


def _budget(budget: Budget, lang: Lang) -> JsonObject:
    at, unchanged = budget.exhausted, budget.exhausted_if_unchanged
    words = _LASTS
    if at is not None:
        words = Text("On this path the budget is used up in {at}.", at=int(at))
    return {
        "total_t_co2": budget.total_t_co2,
        "from_year": budget.from_year,
        "used_by_horizon_t": budget.used_by_horizon_t,
        "year_of_exhaustion": None if at is None else int(at),
        "year_of_exhaustion_if_unchanged": None if unchanged is None else int(unchanged),
        "statement": words.get(lang),
    }


async def certainties(connection: AsyncConnection, start: Start) -> dict[str, str]:
    """Certainty of the factor of every carrier of the balance, from the record behind it."""
    run, _ = await balances.records(connection, start.balance_id)
    known: dict[str, str] = {}
    for line in run["lines"]:
        if line["block"] == "bisko" and line["factor"] and line["carrier"]:
            known.setdefault(line["carrier"], line["factor"]["certainty"])
    return known


def balance_uncertainty(
    start: Start, tables: ScenarioTables, certainty: Certainties, sampling: Sampling, lang: Lang
) -> JsonObject:
    """Bands of the balance's totals and sectors."""
    base = start.base(tables.parameters)
    bands = balance_bands(base, errors(base, tables.spreads, certainty, sampling))
    return {
        "region": dict(start.document["region"]),
        "year": start.year,
        **asdict(sampling),
        **_totals(bands),
        **_explanation(tables, lang),
        "meta": {**start.document["meta"], "scenario_edition": tables.edition},
    }


def scenario_uncertainty(
    one: Computed, certainty: Certainties, sampling: Sampling, years: Sequence[int], lang: Lang
) -> JsonObject:
    """Bands of the scenario for some years. Raises `InputError` for a year that is not in it."""
    model = one.model
    for year in years:
        if not model.start.year <= year <= model.horizon:
            span = (
                f"{model.start.year} bis {model.horizon}",
                f"{model.start.year} to {model.horizon}",
            )
            raise InputError.at(
                "years", year, Text("a year from {span}", span=Label(span[0], span[1]))
            )
    levers = ranged(one.scenario.definition, model.tables, model.base, model.horizon)
    e = errors(model.projection.base, model.tables.spreads, certainty, sampling)
    bands = scenario_bands(model.projection, drawn(*levers, sampling), e, years)
    return {
        **one.about(lang),
        **asdict(sampling),
        "years": [{"year": year, **_totals(row)} for year, row in bands.items()],
        **_explanation(model.tables, lang),
        "meta": model.meta,
    }


def _explanation(tables: ScenarioTables, lang: Lang) -> JsonObject:
    spreads = [asdict(spread) for spread in tables.spreads.values()]
    return {"method": CORRELATION.get(lang), "spreads": spreads}


def _totals(bands: Bands) -> JsonObject:
    parts = {
        group: {
            metric: {name: number(value) for name, value in asdict(band).items()}
            for metric, band in values.items()
        }
        for group, values in bands.items()
    }
    total = parts.pop("total")
    return {
        "totals": total,
        "sectors": [{"sector": name, **values} for name, values in parts.items()],
    }


async def scenario_results(settings: Settings, ags: str, kind: str, year: int | None) -> JsonObject:
    """The results of a built-in scenario. `Problem` 404 for no region or no published balance."""
    database = Database(settings, metadata)
    try:
        async with database.read() as read:
            context = Context(read, OPERATOR, load_method(), load_scenario_tables())
            return await _results(context, ags, kind, year)
    finally:
        await database.close()


async def _results(context: Context, ags: str, kind: str, year: int | None) -> JsonObject:
    """German results of a built-in scenario of the newest published balance, for the terminal."""
    start = await context.start(ags, year)
    identity = BuiltIn(kind, start.ags, start.year, start.version, context.tables.edition)
    scenario = Scenario.built_in(identity)
    tables, definition = context.tables, scenario.definition
    model = await compute_model(start, tables, definition, scenario.horizon)
    return await anyio.to_thread.run_sync(Computed(scenario, model).results, "de")
