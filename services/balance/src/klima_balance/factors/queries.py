"""Queries on factor sets. A released set never changes; only an uploaded draft can be replaced or
removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.factors.tables import factor, factor_set
from klima_balance.regions.queries import publication_time


async def sets(
    connection: AsyncConnection,
    *,
    drafts: bool,
    limit: int,
    after: str | None,
    modified_since: datetime | None = None,
) -> Sequence[Any]:
    query = select(factor_set).order_by(factor_set.c.id).limit(limit)
    if not drafts:
        query = query.where(factor_set.c.state == "released")
    if after:
        query = query.where(factor_set.c.id > after)
    if modified_since:
        query = query.where(
            func.coalesce(factor_set.c.released_at, factor_set.c.created_at) >= modified_since
        )
    return (await connection.execute(query)).mappings().all()


async def find(
    connection: AsyncConnection, identity: str, *, lock: bool = False
) -> dict[str, Any] | None:
    query = select(factor_set).where(factor_set.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def rows(
    connection: AsyncConnection,
    identity: str,
    *,
    limit: int | None = None,
    after: int | None = None,
    category: str | None = None,
    year: int | None = None,
) -> Sequence[Any]:
    query = select(factor).where(factor.c.factor_set == identity).order_by(factor.c.id)
    if category:
        query = query.where(factor.c.category == category)
    if year is not None:
        query = query.where(factor.c.year == year)
    if after is not None:
        query = query.where(factor.c.id > after)
    if limit is not None:
        query = query.limit(limit)
    return (await connection.execute(query)).mappings().all()


async def add(
    connection: AsyncConnection, header: Mapping[str, Any], factors: Sequence[Mapping[str, Any]]
) -> None:
    await connection.execute(insert(factor_set).values(**header))
    await connection.execute(
        insert(factor), [{**row, "factor_set": header["id"]} for row in factors]
    )


async def release(connection: AsyncConnection, identity: str) -> None:
    change = update(factor_set).where(factor_set.c.id == identity)
    await connection.execute(
        change.values(state="released", released_at=await publication_time(connection))
    )
