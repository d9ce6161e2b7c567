"""Queries on recalculations: drafts that were computed at once and are published at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.queries.balances import columns
from klima_balance.balances.tables import balance, recalculation
from klima_shared.wire.json import JsonObject


class DraftOf(NamedTuple):
    """A draft of a recalculation."""

    id: UUID
    region: str
    year: int


@dataclass(frozen=True)
class Recalculation:
    """Another factor set for all years of a region, with the report of the differences."""

    id: UUID
    region: str
    factor_set: str
    reason: str
    years: list[int]
    report: JsonObject
    created_at: datetime
    created_by: str
    published_at: datetime | None = None
    published_by: str | None = None


async def add_recalculation(connection: AsyncConnection, row: Mapping[str, object]) -> None:
    await connection.execute(insert(recalculation).values(**row))


async def find_recalculation(
    connection: AsyncConnection, identity: UUID, *, lock: bool = False
) -> Recalculation | None:
    query = select(recalculation).where(recalculation.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return Recalculation(**row._mapping) if row else None


async def recalculations_of(
    connection: AsyncConnection, ags: str, *, limit: int, after: Sequence[Any] | None
) -> list[Recalculation]:
    """Newest first."""
    t = recalculation.c
    query = select(recalculation).where(t.region == ags).limit(limit)
    if after:
        query = query.where(tuple_(t.created_at, t.id) < tuple_(*after))
    query = query.order_by(t.created_at.desc(), t.id.desc())
    return [Recalculation(**row._mapping) for row in await connection.execute(query)]


async def mark_recalculated(
    connection: AsyncConnection, balances: Sequence[UUID], identity: UUID
) -> None:
    change = update(balance).where(balance.c.id.in_(balances))
    await connection.execute(change.values(recalculation_id=identity))


async def drafts_of(connection: AsyncConnection, identity: UUID) -> list[DraftOf]:
    """The drafts of a recalculation, municipalities before their sums."""
    query = select(*columns(DraftOf))
    query = query.where(balance.c.recalculation_id == identity, balance.c.state == "draft")
    query = query.order_by(balance.c.year, balance.c.members.is_not(None), balance.c.region)
    return [DraftOf(*row) for row in await connection.execute(query)]


async def publish_recalculation(
    connection: AsyncConnection, identity: UUID, at: datetime, by: str
) -> None:
    change = update(recalculation).where(recalculation.c.id == identity)
    await connection.execute(change.values(published_at=at, published_by=by))
