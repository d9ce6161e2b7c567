"""The lights of a region and of an organisation."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.actions import Context
from klima_controlling.base.model import Boundary, PathKind
from klima_controlling.formulas.inputs import from_balance
from klima_controlling.formulas.rules import evaluate
from klima_controlling.indicators import queries as indicators
from klima_controlling.status.model import Judged
from klima_controlling.status.rules import beside_breaks, judge
from klima_controlling.targets import queries as targets
from klima_controlling.targets.model import Law, Point, Reduction, Target
from klima_controlling.upstream.actions import optional
from klima_controlling.upstream.model import RegionState
from klima_shared.codes.action import Light
from klima_shared.database.connections import Database
from klima_shared.look.digits import Band, grade_of
from klima_shared.upstream.balance import is_id
from klima_shared.upstream.model import Cached, ServiceDownError

ORGANISATION_EMISSIONS = "THG_Konzern"


@dataclass(frozen=True)
class Recorded:
    """What lights need of what is recorded here: read at once, so that no connection waits for
    another service."""

    targets: Sequence[Target]
    entered: Mapping[str, Sequence[Point]]  # an organisation's yearly figures, by the target's code


async def recorded(connection: AsyncConnection, context: Context, ags: str) -> Recorded:
    """The region's own targets, those of its county that apply to its parts, and those of its
    organisations."""
    found = await targets.current(
        connection, key=ags, below=context.county_of(ags), organisations_of=ags
    )
    return await _with_entered(connection, own_before_inherited(found, ags))


async def _with_entered(connection: AsyncConnection, found: Sequence[Target]) -> Recorded:
    of_organisations = [t for t in found if t.boundary is Boundary.ORGANISATION]
    return Recorded(found, {t.code: await _entered(connection, t) for t in of_organisations})


async def lights(context: Context, state: RegionState, known: Recorded) -> list[Judged]:
    """One light for each target. The path of an inherited target begins at the region's own
    figures."""
    found, year = [], context.today().year
    act = await law_for(context, known.targets)
    spread = await _spread(context, state)
    for target in known.targets:
        if target.boundary is Boundary.ORGANISATION:
            series, _ = await organisation_series(context, target, known)
            found.append(judge(target, series, year, act))
            continue
        series, band = state.series(target.metric), _band(state, target, spread)
        grade = grade_of(state.latest["data_quality"]) if state.latest else None
        here = applied(target, state.ags)
        light = judge(here, series, year, act, band=band, grade=grade)
        awaits = spread is None and state.latest is not None and light.light is not Light.UNKNOWN
        light = replace(light, awaits_band=awaits)

        def without(
            tonnes: float, here: Target = here, series: Sequence[Point] = series
        ) -> Judged | None:
            last = _without(state, here, tonnes)
            return judge(here, [*series[:-1], last], year, act) if last else None

        found.append(beside_breaks(light, state.breaks, without))
    return found


def _without(state: RegionState, target: Target, tonnes: float) -> Point | None:
    """The newest figure of a target's metric, had the balance these tonnes less; None where it does
    not follow from the emissions."""
    latest = state.latest
    if latest is None or latest["totals"]["bisko_t_co2e"] is None:
        return None
    inputs = from_balance(latest, state.region)
    less = inputs | {"emissions_t_co2e": latest["totals"]["bisko_t_co2e"] - tonnes}
    value = evaluate(target.metric, less).value
    return None if value is None else Point(latest["year"], value)


async def _spread(context: Context, state: RegionState) -> Band | None:
    """The 5th and 95th percentile of the emissions of the newest complete balance; None where they
    can't be had, or belong to another version."""
    latest = state.latest
    if latest is None:
        return None
    answer = await context.balance.balance_bands(state.ags, latest["year"])
    stated = latest["totals"]["bisko_t_co2e"]
    if answer is None or stated is None:
        return None
    band = answer["totals"]["emissions_t_co2e"]
    low, high = band["p5"], band["p95"]
    if low is None or high is None or band["stated"] is None:
        return None
    same = math.isclose(band["stated"], stated, rel_tol=1e-9)
    return (low, high) if same else None


def _band(state: RegionState, target: Target, spread: Band | None) -> Band | None:
    """The band of a target's metric; None where it does not follow from the emissions."""
    if spread is None or state.latest is None:
        return None
    inputs = from_balance(state.latest, state.region)
    low, high = (evaluate(target.metric, inputs | {"emissions_t_co2e": t}).value for t in spread)
    if low is None or high is None or low == high:
        return None
    return min(low, high), max(low, high)


async def law_for(context: Context, wanted: Sequence[Target]) -> Law | None:
    """The law's years and the national reductions, with their sources; None where no target asks
    for them, or where the balance service never answered.
    """
    if all(target.path is not PathKind.LAW for target in wanted):
        return None
    answer = await optional(context.balance.climate_targets())
    if not isinstance(answer, Cached):
        return None
    decided, reached = (
        sorted(
            (
                Reduction(row["year"], float(row["value"]), row["source"])
                for row in answer.data["items"]
                if row["kind"] == kind and row["year"] is not None
            ),
            key=lambda reduction: reduction.year,
        )
        for kind in ("federal_law", "national_reduction")
    )
    return Law(tuple(decided), tuple(reached))


def own_before_inherited(found: Sequence[Target], ags: str) -> list[Target]:
    """A municipality's own targets first; the county's stay visible beside them, never in their
    place."""
    return sorted(
        found, key=lambda t: (t.key != ags, t.boundary is not Boundary.TERRITORY, t.year, t.code)
    )


def applied(target: Target, ags: str) -> Target:
    """A target as it counts for a region: the county's base and steps are its own tonnes; for a
    part of it the same years count from the part's own figures.
    """
    return target if target.key == ags else replace(target, base=None, points=())


async def county_targets(connection: AsyncConnection, context: Context) -> list[Target]:
    """The territorial targets of the county and of its municipalities."""
    return [
        t
        for t in await targets.current(connection, inside=context.county)
        if t.boundary is Boundary.TERRITORY and t.metric == "emissions_t_co2e"
    ]


async def of_organisation(database: Database, context: Context, key: str) -> Recorded:
    """The targets of an organisation by this service's key of it, or by the balance service's
    id."""
    async with database.read() as connection:
        found = [
            t
            for t in await targets.current(connection, key=key)
            if t.boundary is Boundary.ORGANISATION
        ]
        if found or not is_id(key):
            return await _with_entered(connection, found)
    try:
        known = await context.balance.organisation(key)
        if known is None:
            return Recorded([], {})
        async with database.read() as connection:
            near = await _with_entered(
                connection, await targets.current(connection, organisations_of=known.data["region"])
            )
        its = [
            t for t in near.targets if await context.balance.organisation_id(t.key, t.region) == key
        ]
    except ServiceDownError:
        return Recorded([], {})
    return Recorded(its, near.entered)


async def organisation_series(
    context: Context, target: Target, known: Recorded
) -> tuple[list[Point], datetime | None]:
    """The balance service's published figures of the organisation, and since when they could not be
    confirmed; where it has none, entered yearly figures (indicator THG_Konzern).
    """
    found, since = await _published(context, target)
    if not found:
        return list(known.entered.get(target.code, ())), since
    return [Point(year, found[year]) for year in sorted(found)], since


async def _entered(connection: AsyncConnection, target: Target) -> list[Point]:
    found = {}
    for value in await indicators.entered(connection, target.key):
        if (
            value.indicator == ORGANISATION_EMISSIONS
            and value.value is not None
            and value.period.isdigit()
        ):
            outcome = evaluate(target.metric, {"emissions_t_co2e": value.value})
            if outcome.value is not None:
                found[int(value.period)] = outcome.value
    return [Point(year, found[year]) for year in sorted(found)]


async def _published(context: Context, target: Target) -> tuple[dict[int, float], datetime | None]:
    try:
        identity = await context.balance.organisation_id(target.key, target.region)
        years = await context.balance.organisation_years(identity) if identity else None
    except ServiceDownError:
        return {}, None
    if years is None:
        return {}, None
    found = {}
    for year, tonnes in years.data.items():
        outcome = evaluate(target.metric, {"emissions_t_co2e": tonnes})
        if outcome.value is not None:
            found[year] = outcome.value
    return found, years.stale_since
