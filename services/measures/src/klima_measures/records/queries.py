"""Queries on record tables: all have the same columns, so they share their queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.queries.visibility import within

Row = dict[str, Any]


async def find(
    connection: AsyncConnection, table: Table, identity: UUID, *, lock: bool = False
) -> Row | None:
    query = select(table).where(table.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def find_many(
    connection: AsyncConnection, table: Table, identities: Sequence[UUID]
) -> dict[UUID, Row]:
    rows = await connection.execute(select(table).where(table.c.id.in_(identities)))
    return {row["id"]: dict(row) for row in rows.mappings()}


async def add(connection: AsyncConnection, table: Table, row: Row) -> Row:
    return dict(
        (await connection.execute(insert(table).values(**row).returning(table))).mappings().one()
    )


async def change(
    connection: AsyncConnection, table: Table, identity: UUID, by: str, values: Row
) -> Row:
    """Write `values` and the next revision; the record as it is now."""
    query = (
        update(table)
        .where(table.c.id == identity)
        .values(
            **values,
            revision=table.c.revision + 1,
            changed_at=func.clock_timestamp(),
            changed_by=by,
        )
        .returning(table)
    )
    return dict((await connection.execute(query)).mappings().one())


async def remove(connection: AsyncConnection, table: Table, identity: UUID) -> None:
    await connection.execute(delete(table).where(table.c.id == identity))


def visible(table: Table, prefixes: Sequence[str]) -> ColumnElement[bool]:
    """What is published, and out by now where it has a time to come out at; and everything of these
    regions."""
    public: ColumnElement[bool] = table.c.published
    if "published_at" in table.c:
        public = and_(public, table.c.published_at <= func.now())
    return or_(public, within(table.c.region, prefixes))


def is_public(row: Row) -> bool:
    """The same for a row that was read."""
    out_at = row.get("published_at")
    return bool(row["published"]) and (out_at is None or bool(out_at <= datetime.now(UTC)))


def in_region(table: Table, prefix: str) -> ColumnElement[bool]:
    """Of a region or of one in it; where a record has several, any of them, and those of the whole
    county."""
    found: ColumnElement[bool] = func.starts_with(table.c.region, prefix)
    if "regions" not in table.c:
        return found
    one = func.unnest(table.c.regions).column_valued("one")
    county = prefix[:5] + "000" if len(prefix) == 8 else prefix
    return or_(found, select(one).where(or_(func.starts_with(one, prefix), one == county)).exists())


async def listing(
    connection: AsyncConnection,
    table: Table,
    where: Sequence[ColumnElement[bool]],
    *,
    limit: int,
    after: Sequence[Any] | None = None,
    descending: bool = False,
) -> Sequence[Any]:
    """Records in the order of their sort key, newest first when `descending`."""
    query = select(table).where(*where)
    key, identity = table.c.sort_key, table.c.id
    if after and descending:
        query = query.where(or_(key < after[0], and_(key == after[0], identity < after[1])))
    elif after:
        query = query.where(or_(key > after[0], and_(key == after[0], identity > after[1])))
    order = (key.desc(), identity.desc()) if descending else (key, identity)
    return (await connection.execute(query.order_by(*order).limit(limit))).mappings().all()
