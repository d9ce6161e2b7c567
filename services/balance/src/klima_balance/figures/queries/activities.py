"""Queries on activities: local figures, with every revision kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.figures.tables import activity, activity_history

_mine = ("region", "year", "key")


def _where(table: Any, region: str, year: int, key: str) -> Any:
    return (table.c.region == region) & (table.c.year == year) & (table.c.key == key)


async def find(
    connection: AsyncConnection, region: str, year: int, key: str, *, lock: bool = False
) -> dict[str, Any] | None:
    query = select(activity).where(_where(activity, region, year, key))
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def listing(
    connection: AsyncConnection,
    region: str,
    *,
    year: int | None = None,
    limit: int | None = None,
    after: Sequence[Any] | None = None,
    modified_since: datetime | None = None,
) -> Sequence[Any]:
    query = (
        select(activity)
        .where(activity.c.region == region)
        .order_by(activity.c.year, activity.c.key)
    )
    if year is not None:
        query = query.where(activity.c.year == year)
    if after:
        query = query.where(
            (activity.c.year > after[0])
            | ((activity.c.year == after[0]) & (activity.c.key > after[1]))
        )
    if modified_since:
        query = query.where(activity.c.changed_at >= modified_since)
    if limit is not None:
        query = query.limit(limit)
    return (await connection.execute(query)).mappings().all()


async def of_year(
    connection: AsyncConnection, year: int, regions: Sequence[str] | None
) -> Sequence[Any]:
    """All activities of a year that enter the balances of `regions` (None: of all)."""
    query = (
        select(activity).where(activity.c.year == year).order_by(activity.c.region, activity.c.key)
    )
    if regions is not None:
        query = query.where(activity.c.region.in_(regions))
    return (await connection.execute(query)).mappings().all()


async def last_revision(connection: AsyncConnection, region: str, year: int, key: str) -> int:
    """0 where there never was one; a revision number is never used again, not even after a
    deletion."""
    query = select(activity_history.c.revision).where(_where(activity_history, region, year, key))
    return (
        await connection.execute(query.order_by(activity_history.c.revision.desc()).limit(1))
    ).scalar() or 0


async def history(connection: AsyncConnection, region: str, year: int, key: str) -> Sequence[Any]:
    query = select(activity_history).where(_where(activity_history, region, year, key))
    return (await connection.execute(query.order_by(activity_history.c.revision))).mappings().all()


async def put(connection: AsyncConnection, row: Mapping[str, Any]) -> dict[str, Any]:
    """Store the row (its revision included) as the current one and in the history."""
    new = upsert(activity).values(**row)
    changed = {name: new.excluded[name] for name in row if name not in _mine} | {
        "changed_at": func.now()
    }
    statement = new.on_conflict_do_update(index_elements=list(_mine), set_=changed).returning(
        activity
    )
    stored = dict((await connection.execute(statement)).mappings().one())
    await _remember(connection, stored, deleted=False)
    return stored


async def remove(connection: AsyncConnection, row: Mapping[str, Any], by: str) -> None:
    await connection.execute(
        delete(activity).where(_where(activity, row["region"], row["year"], row["key"]))
    )
    await _remember(
        connection, {**row, "revision": row["revision"] + 1, "changed_by": by}, deleted=True
    )


async def _remember(connection: AsyncConnection, row: Mapping[str, Any], *, deleted: bool) -> None:
    content = {
        k: v
        for k, v in row.items()
        if k not in {"region", "year", "key", "revision", "changed_at", "changed_by"}
    }
    values = {name: row[name] for name in (*_mine, "revision", "changed_by")}
    await connection.execute(
        insert(activity_history).values(**values, deleted=deleted, content=content)
    )
