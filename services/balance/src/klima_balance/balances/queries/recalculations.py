"""Queries on recalculations: drafts that were made together and are published together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.tables import balance
from klima_balance.imports.tables import recalculation


async def add(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    await connection.execute(insert(recalculation).values(**row))


async def find(
    connection: AsyncConnection, identity: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    query = select(recalculation).where(recalculation.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def listing(
    connection: AsyncConnection, ags: str, *, limit: int, after: Sequence[Any] | None
) -> Sequence[Any]:
    t = recalculation.c
    query = (
        select(recalculation)
        .where(t.region == ags)
        .order_by(t.created_at.desc(), t.id.desc())
        .limit(limit)
    )
    if after:
        query = query.where(
            (t.created_at < after[0]) | ((t.created_at == after[0]) & (t.id < after[1]))
        )
    return (await connection.execute(query)).mappings().all()


async def mark(connection: AsyncConnection, balances: Sequence[UUID], identity: UUID) -> None:
    await connection.execute(
        update(balance).where(balance.c.id.in_(balances)).values(recalculation_id=identity)
    )


async def drafts(connection: AsyncConnection, identity: UUID) -> Sequence[Any]:
    """(id, region, year) of its drafts, municipalities before their sums."""
    query = select(balance.c.id, balance.c.region, balance.c.year)
    query = query.where(balance.c.recalculation_id == identity, balance.c.state == "draft")
    query = query.order_by(balance.c.year, balance.c.members.is_not(None), balance.c.region)
    return (await connection.execute(query)).all()


async def published_years(connection: AsyncConnection, ags: Sequence[str]) -> list[int]:
    query = select(balance.c.year).where(balance.c.region.in_(ags), balance.c.state == "published")
    return list((await connection.execute(query.distinct().order_by(balance.c.year))).scalars())


async def published_at(
    connection: AsyncConnection, identity: UUID, values: Mapping[str, Any]
) -> None:
    await connection.execute(
        update(recalculation).where(recalculation.c.id == identity).values(**values)
    )
