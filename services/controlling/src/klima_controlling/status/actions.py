"""The lights of a region and of an organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.codes import Boundary, PathKind
from klima_controlling.context import Frame
from klima_controlling.formulas.rules import evaluate
from klima_controlling.indicators import queries as indicators
from klima_controlling.status.rules import Judged, judge
from klima_controlling.targets import queries as targets
from klima_controlling.targets.model import Target
from klima_controlling.targets.rules import Law, Point, Reduction
from klima_controlling.upstream.actions import RegionState, optional, own_before_inherited
from klima_controlling.upstream.clients import is_id
from klima_controlling.upstream.source import Fetched, SourceDownError
from klima_shared.database.connections import Database

ORGANISATION_EMISSIONS = "THG_Konzern"


@dataclass(frozen=True)
class Recorded:
    """What lights need of what is recorded here: read at once, so that no connection waits for
    another service."""

    targets: Sequence[Target]
    entered: Mapping[str, Sequence[Point]]  # an organisation's yearly figures, by the target's code


async def recorded(connection: AsyncConnection, frame: Frame, ags: str) -> Recorded:
    """The region's own targets, those of its county that apply to its parts, and those of its
    organisations."""
    found = await targets.current(
        connection, key=ags, below=frame.county_of(ags), organisations_of=ags
    )
    return await _with_entered(connection, own_before_inherited(found, ags))


async def _with_entered(connection: AsyncConnection, found: Sequence[Target]) -> Recorded:
    of_organisations = [t for t in found if t.boundary is Boundary.ORGANISATION]
    return Recorded(found, {t.code: await _entered(connection, t) for t in of_organisations})


async def lights(frame: Frame, state: RegionState, known: Recorded) -> list[Judged]:
    """One light for each target. The path of an inherited target begins at the region's own
    figures."""
    found, year = [], frame.today().year
    act = await law_for(frame, known.targets)
    for target in known.targets:
        if target.boundary is Boundary.ORGANISATION:
            series, _ = await organisation_series(frame, target, known)
            found.append(judge(target, series, year, act))
            continue
        found.append(judge(applied(target, state.ags), state.series(target.metric), year, act))
    return found


async def law_for(frame: Frame, wanted: Sequence[Target]) -> Law | None:
    """The law's years and the national reductions, with their sources; None where no target asks
    for them, or where the balance service never answered.
    """
    if all(target.path is not PathKind.LAW for target in wanted):
        return None
    answer = await optional(frame.balance.climate_targets())
    if not isinstance(answer, Fetched):
        return None
    rows: dict[str, list[Reduction]] = {"federal_law": [], "national_reduction": []}
    for row in answer.data["items"]:
        if row["kind"] in rows:
            rows[row["kind"]].append(
                Reduction(int(row["year"]), float(row["value"]), row["source"])
            )
    decided, reached = (tuple(sorted(found, key=lambda r: r.year)) for found in rows.values())
    return Law(decided, reached)


def applied(target: Target, ags: str) -> Target:
    """A target as it counts for a region: the county's base and steps are its own tonnes; for a
    part of it the same years count from the part's own figures.
    """
    return target if target.key == ags else replace(target, base=None, points=())


async def county_targets(connection: AsyncConnection, frame: Frame) -> list[Target]:
    """The territorial targets of the county and of its municipalities."""
    return [
        t
        for t in await targets.current(connection, inside=frame.county[:5])
        if t.boundary is Boundary.TERRITORY and t.metric == "emissions_t_co2e"
    ]


async def of_organisation(database: Database, frame: Frame, key: str) -> Recorded:
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
        known = await frame.balance.organisation(key)
        if known is None:
            return Recorded([], {})
        async with database.read() as connection:
            near = await _with_entered(
                connection, await targets.current(connection, organisations_of=known.data["region"])
            )
        its = [
            t for t in near.targets if await frame.balance.organisation_id(t.key, t.region) == key
        ]
    except SourceDownError:
        return Recorded([], {})
    return Recorded(its, near.entered)


async def organisation_series(
    frame: Frame, target: Target, known: Recorded
) -> tuple[list[Point], datetime | None]:
    """The balance service's published figures of the organisation, and since when they could not be
    confirmed; where it has none, entered yearly figures (indicator THG_Konzern).
    """
    found, since = await _published(frame, target)
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


async def _published(frame: Frame, target: Target) -> tuple[dict[int, float], datetime | None]:
    try:
        identity = await frame.balance.organisation_id(target.key, target.region)
        years = await frame.balance.organisation_years(identity) if identity else None
    except SourceDownError:
        return {}, None
    if years is None:
        return {}, None
    found = {}
    for year, tonnes in years.data.items():
        outcome = evaluate(target.metric, {"emissions_t_co2e": tonnes})
        if outcome.value is not None:
            found[year] = outcome.value
    return found, years.stale_since


def headline(judged: Sequence[Judged], ags: str) -> Judged | None:
    """The light that stands on top of a page: the region's own territorial target, else the
    inherited one."""
    mine = [j for j in judged if j.target.boundary is Boundary.TERRITORY]
    return next((j for j in mine if j.target.key == ags), mine[0] if mine else None)
