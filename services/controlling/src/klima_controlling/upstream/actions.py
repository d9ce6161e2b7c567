"""Asking the two other services side by side; what can't be had is missing, and said so."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from klima_controlling.base.actions import Context
from klima_controlling.upstream.model import Projection, RegionState, ScenarioKind, Sheets
from klima_controlling.upstream.rules import projection_of, years_between
from klima_shared.http.problems import Problem, not_found, unavailable
from klima_shared.language.text import Label, Text
from klima_shared.service.concurrency import results, task_group
from klima_shared.upstream.model import Cached, ServiceDownError, oldest
from klima_shared.wire.balance import BalanceDocument
from klima_shared.wire.measures import ListedMeasure, MeasureSheet

T = TypeVar("T")


async def optional(call: Awaitable[T]) -> T | ServiceDownError:
    """The answer, or the error that says the service can't be asked and never answered."""
    try:
        return await call
    except ServiceDownError as error:
        return error


def no_region(ags: str) -> Problem:
    return not_found(
        Label(
            f"Es gibt keine Gebietseinheit mit dem Schlüssel {ags}.",
            f"There is no region with the key {ags}.",
        )
    )


async def unknown_regions(context: Context, keys: Sequence[str]) -> list[str]:
    """Keys of which the balance service says that no region has them; nothing while it can't be
    asked."""
    found = await results(optional(context.balance.region(key)) for key in keys)
    return [key for key, region in zip(keys, found, strict=True) if region is None]


def measures_silent() -> Problem:
    return unavailable(Text("The measures service does not answer."))


async def region_state(context: Context, ags: str, *, with_measures: bool = True) -> RegionState:
    """404 for a region nobody has, 503 when the balance service never answered for it. Nothing else
    fails."""

    async def listed() -> Cached[list[ListedMeasure]] | None:
        return await context.measures.list_of_region(ags) if with_measures else None

    async with task_group() as group:
        asked_region = group.create_task(optional(context.balance.region(ags)))
        asked_versions = group.create_task(optional(context.balance.versions(ags)))
        asked_measures = group.create_task(optional(listed()))
    region, versions, measures = (
        asked_region.result(),
        asked_versions.result(),
        asked_measures.result(),
    )
    if isinstance(region, ServiceDownError):
        raise unavailable(
            Text("The balance service does not answer, and there is no copy of this region yet.")
        )
    if region is None:
        raise no_region(ags)
    down = {part.service for part in (versions, measures) if isinstance(part, ServiceDownError)}
    newest = versions if isinstance(versions, Cached) else None
    items = measures if isinstance(measures, Cached) else None
    balances, complete = await _balances(context, ags, newest)
    breaks = await context.balance.breaks(ags) if balances else []
    if not complete:
        down.add("balance")
    since = {"balance": oldest([region, newest]), "measures": oldest([items])}
    stale = {service: moment for service, moment in since.items() if moment is not None}
    listed_measures = items.data if items else []
    return RegionState(ags, region.data, balances, listed_measures, stale, frozenset(down), breaks)


async def _balances(
    context: Context, ags: str, newest: Cached[Mapping[int, int]] | None
) -> tuple[list[BalanceDocument], bool]:
    """The published balances in ascending years, and whether all could be had."""
    calls = [
        optional(context.balance.balance(ags, year, version))
        for year, version in (newest.data if newest else {}).items()
    ]
    found = await results(calls)
    documents = [d for d in found if d is not None and not isinstance(d, ServiceDownError)]
    return sorted(documents, key=lambda d: d["year"]), len(documents) == len(calls)


async def projections(
    context: Context, ags: str, latest: BalanceDocument | None
) -> list[Projection]:
    """The built-in scenarios that begin with the region's newest balance, where they are at hand: a
    picture never joins two versions of one year."""
    if latest is None:
        return []

    async def one(kind: ScenarioKind) -> Projection | None:
        head = await context.balance.scenario(ags, kind.value)
        start = (latest["year"], latest["version"])
        if head is None or (head["base_year"], head["version"]) != start:
            return None
        years = years_between(head["base_year"], head["horizon"])
        document = await context.balance.scenario_bands(head["id"], years)
        return projection_of(kind, document) if document else None

    return [found for found in await results(map(one, ScenarioKind)) if found is not None]


async def sheets_of(context: Context, ags: str) -> Sheets:
    """404 for a region nobody has, 503 while the measures service can't be asked and was never
    read."""
    try:
        items = await context.measures.list_of_region(ags)
        if items is None:
            raise no_region(ags)
        return Sheets(items.data, await context.measures.sheets(items.data), items.stale_since)
    except ServiceDownError as error:
        raise measures_silent() from error


async def sheet_of(context: Context, identity: UUID) -> MeasureSheet:
    """The published sheet. 404 where there is none, 503 while it can't be asked and was never
    read."""
    try:
        found = await context.measures.sheet(identity)
    except ServiceDownError as error:
        raise measures_silent() from error
    if found is None:
        raise not_found(Text("There is no measure {identity}.", identity=identity))
    return found.data
