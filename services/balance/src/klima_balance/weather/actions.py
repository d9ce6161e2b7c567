"""Series of degree days: which one serves a region, and storing one."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.figures.queries import revisions as records
from klima_balance.regions.tables import metadata
from klima_balance.weather import queries as degree_days
from klima_balance.weather.files import shipped_series
from klima_balance.weather.model import Series, lookup_order, nearest
from klima_shared.codes.access import Role
from klima_shared.database import audit
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, missing_if_match
from klima_shared.http.problems import Problem, invalid_at, not_found
from klima_shared.language.text import Text
from klima_shared.wire.json import Json, JsonObject

ENTITY = "degree_days"
MISSING = Text("This region has no series of its own.")
Etag = Callable[[Json], str]


def series_of(row: Json) -> Series:
    years = {int(year): value for year, value in row["years"].items()}
    names = ("region", "definition", "mean", "mean_period", "source", "note")
    return Series(**{name: row[name] for name in names}, years=years)


async def serving(read: AsyncConnection, ags: str, year: int | None = None) -> Series | None:
    """The nearest series (with a year: that has it): of the region, its county, its state, Germany,
    the shipped one."""
    found = [series_of(row) for row in await degree_days.of_regions(read, lookup_order(ags))]
    return nearest([*found, shipped_series()], ags, year)


def unknown_year(ags: str, year: int) -> Problem:
    """What a reader of the weather view can do for a year of which no degree days are known."""
    return invalid_at(
        "/query/degree_days",
        Text(
            "No degree days are known for {year}. Please give degree_days (of the year) and "
            "mean_degree_days (long-term mean), both from the same source, for example the "
            "Deutscher Wetterdienst; or store the series with PUT /v1/regions/{ags}/degree-days "
            "(role manager).",
            year=year,
            ags=ags,
        ),
    )


async def put(
    write: AsyncConnection,
    manager: Principal,
    row: JsonObject,
    if_match: IfMatch | None,
    etag: Etag,
) -> tuple[JsonObject, bool]:
    """The stored series and whether it is new; a change needs the ETag it was made on."""
    ags = row["region"]
    manager.require(Role.MANAGER, ags)
    before = await degree_days.find(write, ags, lock=True)
    if before is not None:
        if if_match is None:
            raise missing_if_match()
        if_match.check(etag(before))
    elif if_match is not None:
        raise not_found(MISSING)
    revision = await records.next_revision(write, ENTITY, ags, before["revision"] if before else 0)
    stored = await degree_days.put(
        write, row | {"revision": revision, "changed_by": manager.subject}
    )
    await records.remember(write, ENTITY, ags, stored)
    await audit.record(
        write,
        metadata,
        manager,
        action="update" if before else "create",
        entity=ENTITY,
        entity_id=ags,
        region=ags,
        before=before,
        after=stored,
    )
    return stored, before is None


async def remove(
    write: AsyncConnection, manager: Principal, ags: str, if_match: IfMatch, etag: Etag
) -> None:
    manager.require(Role.MANAGER, ags)
    before = await degree_days.find(write, ags, lock=True)
    if before is None:
        raise not_found(MISSING)
    if_match.check(etag(before))
    await degree_days.remove(write, ags)
    revision = await records.next_revision(write, ENTITY, ags, before["revision"])
    last = before | {"revision": revision, "changed_by": manager.subject}
    await records.remember(write, ENTITY, ags, last, deleted=True)
    await audit.record(
        write,
        metadata,
        manager,
        action="delete",
        entity=ENTITY,
        entity_id=ags,
        region=ags,
        before=before,
    )
