"""Queries that every subject needs: rows by id, and the audit's row of a write."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Column, Table, func, or_, select, union_all
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable, Select

from klima_controlling.base.model import Boundary
from klima_controlling.base.tables import metadata
from klima_shared.wire.json import JsonObject

Row: TypeAlias = JsonObject
Values: TypeAlias = Mapping[str, object]
Key: TypeAlias = Sequence[object] | None  # the sort key after which a list goes on


async def all_rows(connection: AsyncConnection, query: Executable) -> list[Row]:
    return [{**row._mapping} for row in await connection.execute(query)]


async def first_row(connection: AsyncConnection, query: Executable) -> Row | None:
    row = (await connection.execute(query)).first()
    return None if row is None else {**row._mapping}


async def add_unless_taken(
    connection: AsyncConnection, table: Table, row: Values, unique: Sequence[str]
) -> Row | None:
    """None when there is a row with the same values in the columns `unique` already."""
    new = upsert(table).values(row).on_conflict_do_nothing(index_elements=unique)
    return await first_row(connection, new.returning(table))


def filtered(
    query: Select[Any], wanted: Mapping[Column[Any], object], since: tuple[Column[Any], object]
) -> Select[Any]:
    """`query` with the columns asked for (None: not asked for), changed since a moment."""
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    changed, moment = since
    return query if moment is None else query.where(changed >= moment)


def newest_first(table: Table, query: Select[Any], after: Key) -> Select[Any]:
    """`query` by creation, the newest first, going on after (created_at, id)."""
    at, identity = table.c.created_at, table.c.id
    query = query.order_by(at.desc(), identity.desc())
    if after is None:
        return query
    return query.where(or_(at < after[0], (at == after[0]) & (identity < after[1])))


async def regions_of_organisation(connection: AsyncConnection, key: str) -> set[str]:
    """The regions whose rows name the organisation, in every table that keeps figures of one. Until
    the transaction ends, nobody else names it for the first time.
    """
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))
    tables = [t for t in metadata.sorted_tables if {"boundary", "key", "region"} <= {*t.c.keys()}]
    named = [
        select(t.c.region).where(t.c.key == key, t.c.boundary == Boundary.ORGANISATION.value)
        for t in tables
    ]
    return {*(await connection.execute(union_all(*named))).scalars()}
