"""Queries on regions and their official figures, and what every subject needs of the database: bulk
loading and the time at which something becomes public."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg import sql
from sqlalchemy import ColumnElement, Table, and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.regions.tables import region, source, statistic
from klima_shared.codes.fields import GERMANY


def within(ags: str) -> ColumnElement[bool]:
    """The regions a region covers, itself included, by the digits of the key."""
    if ags == GERMANY:
        return region.c.ags.is_not(None)
    prefix = ags[:2] if ags.endswith("000000") else ags[:5] if ags.endswith("000") else ags
    return region.c.ags.startswith(prefix, autoescape=True)


async def find(connection: AsyncConnection, ags: str) -> dict[str, Any] | None:
    row = (await connection.execute(select(region).where(region.c.ags == ags))).mappings().first()
    return dict(row) if row else None


async def listing(
    connection: AsyncConnection,
    *,
    limit: int,
    after: str | None = None,
    parent: str | None = None,
    kind: str | None = None,
    q: str | None = None,
    modified_since: datetime | None = None,
) -> Sequence[Any]:
    """Up to `limit` regions by key, after the key `after`."""
    query = select(region).order_by(region.c.ags).limit(limit)
    if after:
        query = query.where(region.c.ags > after)
    if parent:
        query = query.where(region.c.parent == parent)
    if kind:
        query = query.where(region.c.kind == kind)
    if q:
        query = query.where(
            region.c.name.icontains(q, autoescape=True)
            | region.c.ags.startswith(q, autoescape=True)
        )
    if modified_since:
        query = query.where(region.c.changed_at >= modified_since)
    return (await connection.execute(query)).mappings().all()


async def leaves(connection: AsyncConnection, ags: str) -> list[str]:
    """The regions below (or at) `ags` that are balanced by themselves, in the order of their
    keys."""
    query = select(region.c.ags).where(within(ags), region.c.leaf).order_by(region.c.ags)
    return list((await connection.execute(query)).scalars())


async def names(connection: AsyncConnection) -> dict[str, tuple[str, str]]:
    """AGS -> (name, kind) of every region."""
    rows = await connection.execute(select(region.c.ags, region.c.name, region.c.kind))
    return {ags: (name, kind) for ags, name, kind in rows}


async def figures(
    connection: AsyncConnection, ags: Sequence[str], statistics: Sequence[str]
) -> Sequence[Any]:
    """Rows (region, year, statistic, flag, value, unit, source, certainty, note) of some
    regions."""
    query = (
        select(statistic, source.c.text.label("source"))
        .join(source)
        .where(and_(statistic.c.region.in_(ags), statistic.c.statistic.in_(statistics)))
        .order_by(statistic.c.region, statistic.c.statistic, statistic.c.year, statistic.c.flag)
    )
    return (await connection.execute(query)).mappings().all()


async def statistic_rows(
    connection: AsyncConnection, ags: Sequence[str] | None
) -> list[tuple[Any, ...]]:
    """All figures of the regions `ags` (None: of all), as tuples for a frame: see
    `STATISTIC_COLUMNS`."""
    query = select(
        statistic.c.region,
        statistic.c.year,
        statistic.c.statistic,
        statistic.c.value,
        statistic.c.unit,
        source.c.text,
        statistic.c.certainty,
        statistic.c.flag,
        func.coalesce(statistic.c.note, text("''")),
    ).join(source)
    if ags is not None:
        query = query.where(statistic.c.region.in_(ags))
    return [tuple(row) for row in await connection.execute(query)]


STATISTIC_COLUMNS = [
    "region",
    "year",
    "statistic",
    "value",
    "unit",
    "source",
    "certainty",
    "flag",
    "note",
]


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
                "insert into {target} as t ({names}) select {names} from incoming on conflict ({keys}) do update"
                " set ({others}) = row ({new}) where row ({old}) is distinct from row ({new})"
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
