"""Queries on regions and their official figures, and what every subject needs of the database: bulk
loading and the time at which something becomes public."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from psycopg import sql
from sqlalchemy import ColumnElement, Table, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.engine.statistics import LONG_COLUMNS
from klima_balance.regions.model import Validity
from klima_balance.regions.tables import region, region_geometry, source, statistic
from klima_shared.http.problems import not_found
from klima_shared.language.text import Text
from klima_shared.revisions.visibility import lies_in
from klima_shared.wire.json import JsonObject


@dataclass(frozen=True)
class Region:
    """A territorial unit. `leaf`: balanced by itself; the others are sums of their members."""

    ags: str
    ars: str | None
    name: str
    kind: str
    designation: str | None
    parent: str | None
    leaf: bool
    valid_from: date | None
    valid_to: date | None
    validity: str | None
    changed_at: datetime

    @property
    def days(self) -> Validity:
        return Validity(self.valid_from, self.valid_to)


class OfficialFigure(NamedTuple):
    """An official figure of a region with its source."""

    region: str
    year: int
    statistic: str
    flag: str
    value: float
    unit: str
    source: str
    certainty: str
    note: str | None


class RegionBoundary(NamedTuple):
    """A region with its boundary as GeoJSON, if it has one."""

    ags: str
    name: str
    kind: str
    geometry: JsonObject | None
    source: str | None
    licence: str | None
    as_of: date | None


@dataclass(frozen=True)
class RegionFilter:
    """Which regions a list shows; what is None restricts nothing."""

    parent: str | None = None
    kind: str | None = None
    q: str | None = None
    modified_since: datetime | None = None


async def find(connection: AsyncConnection, ags: str) -> Region | None:
    row = (await connection.execute(select(region).where(region.c.ags == ags))).first()
    return Region(**row._mapping) if row else None


async def get(connection: AsyncConnection, ags: str) -> Region:
    """The region; a well-formed key that nobody has is 404."""
    row = await find(connection, ags)
    if row is None:
        raise not_found(Text("There is no region with the key {ags}.", ags=ags))
    return row


async def listing(
    connection: AsyncConnection, wanted: RegionFilter, *, limit: int, after: str | None = None
) -> list[Region]:
    """Up to `limit` regions by key, after the key `after`."""
    t = region.c
    query = select(region).order_by(t.ags).limit(limit)
    if after:
        query = query.where(t.ags > after)
    if wanted.parent:
        query = query.where(t.parent == wanted.parent)
    if wanted.kind:
        query = query.where(t.kind == wanted.kind)
    if wanted.q:
        starts = t.ags.startswith(wanted.q, autoescape=True)
        query = query.where(t.name.icontains(wanted.q, autoescape=True) | starts)
    if wanted.modified_since:
        query = query.where(t.changed_at >= wanted.modified_since)
    return [Region(**row._mapping) for row in await connection.execute(query)]


async def with_children(connection: AsyncConnection, ags: str, year: int) -> list[str]:
    """The region and those directly below it that exist in a year, by key: at most a few
    hundred."""
    t = region.c
    query = select(t.ags).where((t.ags == ags) | (t.parent == ags), exists_in(year)).order_by(t.ags)
    return list((await connection.execute(query)).scalars())


def exists_in(year: int) -> ColumnElement[bool]:
    """Whether a region exists at the end of a year, the day of its balance."""
    t, day = region.c, date(year, 12, 31)
    return (t.valid_from.is_(None) | (t.valid_from <= day)) & (
        t.valid_to.is_(None) | (t.valid_to >= day)
    )


async def leaves(connection: AsyncConnection, ags: str, year: int | None) -> list[str]:
    """The regions below (or at) `ags` that exist in a year (None: ever) and are balanced by
    themselves, in the order of their keys."""
    query = select(region.c.ags).where(lies_in(region.c.ags, [ags]), region.c.leaf)
    if year is not None:
        query = query.where(exists_in(year))
    query = query.order_by(region.c.ags)
    return list((await connection.execute(query)).scalars())


async def names(connection: AsyncConnection) -> dict[str, tuple[str, str]]:
    """AGS -> (name, kind) of every region."""
    rows = await connection.execute(select(region.c.ags, region.c.name, region.c.kind))
    return {ags: (name, kind) for ags, name, kind in rows}


async def keys(connection: AsyncConnection) -> set[str]:
    """The AGS of every region."""
    return set((await connection.execute(select(region.c.ags))).scalars())


async def mark_parents(connection: AsyncConnection) -> None:
    """A region that has children is the sum of them and not balanced by itself."""
    child = region.alias("child")
    has_children = select(child.c.ags).where(child.c.parent == region.c.ags).exists()
    await connection.execute(update(region).where(region.c.leaf, has_children).values(leaf=False))


async def boundaries(connection: AsyncConnection, parent: str) -> list[RegionBoundary]:
    """The regions directly below `parent`, by key."""
    t = {**region_geometry.c, **{name: region.c[name] for name in ("ags", "name", "kind")}}
    query = select(*(t[name] for name in RegionBoundary._fields)).select_from(
        region.outerjoin(region_geometry, region_geometry.c.region == region.c.ags)
    )
    query = query.where(region.c.parent == parent).order_by(region.c.ags)
    return [RegionBoundary(*row) for row in await connection.execute(query)]


async def store_boundary(connection: AsyncConnection, ags: str, values: JsonObject) -> None:
    """Store or replace the boundary of a region; the keys of `values` are columns."""
    query = insert(region_geometry).values(region=ags, **values)
    query = query.on_conflict_do_update(
        index_elements=["region"], set_={**values, "imported_at": func.now()}
    )
    await connection.execute(query)


async def source_ids(connection: AsyncConnection, texts: Iterable[str]) -> dict[str, int]:
    """Text of a source -> its number; those that are new are stored."""
    query = select(source.c.text, source.c.id)
    known = dict((await connection.execute(query)).tuples().all())
    if missing := sorted(set(texts) - set(known)):
        await connection.execute(source.insert(), [{"text": one} for one in missing])
        known = dict((await connection.execute(query)).tuples().all())
    return known


async def implausible(connection: AsyncConnection) -> set[tuple[str, int, str]]:
    """(region, year, statistic) of the figures that are flagged as implausible."""
    t = statistic.c
    query = select(t.region, t.year, t.statistic).where(t.flag == "implausible")
    return set((await connection.execute(query)).tuples())


async def withdraw_flagged(connection: AsyncConnection, flag: str) -> int:
    """Remove the figures with a flag; returns how many there were."""
    done = await connection.execute(delete(statistic).where(statistic.c.flag == flag))
    return done.rowcount


async def figures(
    connection: AsyncConnection, ags: Sequence[str], statistics: Sequence[str]
) -> list[OfficialFigure]:
    t = statistic.c
    columns = [source.c.text if name == "source" else t[name] for name in OfficialFigure._fields]
    query = select(*columns).join_from(statistic, source)
    query = query.where(t.region.in_(ags), t.statistic.in_(statistics))
    query = query.order_by(t.region, t.statistic, t.year, t.flag)
    return [OfficialFigure(*row) for row in await connection.execute(query)]


STATISTIC_COLUMNS: Final = LONG_COLUMNS


async def statistic_rows(
    connection: AsyncConnection, ags: Sequence[str] | None
) -> list[tuple[Any, ...]]:
    """All figures of the regions `ags` (None: of all), as tuples for a frame: see
    `STATISTIC_COLUMNS`."""
    t = statistic.c
    special = {"source": source.c.text, "note": func.coalesce(t.note, text("''"))}
    columns = [special[name] if name in special else t[name] for name in STATISTIC_COLUMNS]
    query = select(*columns).join_from(statistic, source)
    if ags is not None:
        query = query.where(t.region.in_(ags))
    return [tuple(row) for row in await connection.execute(query)]


async def upsert(
    connection: AsyncConnection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Bring `rows` (tuples in the order of `columns`) into `table` by its primary key. Returns how
    many rows changed."""
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None  # noqa: S101
    target = sql.Identifier(str(table.schema), table.name)
    keys = [c.name for c in table.primary_key]
    others = [c for c in columns if c not in keys]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    old = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(c)) for c in others)
    new = sql.SQL(", ").join(sql.SQL("excluded.{}").format(sql.Identifier(c)) for c in others)
    async with driver.cursor() as cursor:
        await cursor.execute(sql.SQL("drop table if exists incoming"))
        await cursor.execute(
            sql.SQL(
                "create temporary table incoming on commit drop as select {} from {} limit 0"
            ).format(names, target)
        )
        async with cursor.copy(sql.SQL("copy incoming ({}) from stdin").format(names)) as copy:
            for row in rows:
                await copy.write_row(row)
        await cursor.execute(
            sql.SQL(
                "insert into {target} as t ({names}) select {names} from incoming on conflict"
                " ({keys}) do update set ({others}) = row ({new}) where row ({old}) is distinct"
                " from row ({new})"
            ).format(
                target=target,
                names=names,
                keys=sql.SQL(", ").join(map(sql.Identifier, keys)),
                others=sql.SQL(", ").join(map(sql.Identifier, others)),
                new=new,
                old=old,
            )
        )
        return int(cursor.rowcount)


async def publication_time(write: AsyncConnection) -> datetime:
    """The time at which something becomes public. Until the commit nobody else gets one.

    So the order of times is the order of commits, and nothing appears before the cursor of a
    reader. Whoever locks a whole table takes this first: others hold it while they write.
    """
    query = text(
        "select clock_timestamp() from pg_advisory_xact_lock(hashtextextended('balance feed', 0))"
    )
    now: datetime = (await write.execute(query)).scalar_one()
    return now
