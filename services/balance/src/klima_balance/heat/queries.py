"""Queries on district heat networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.heat.tables import heat_supply

KEYS = ("region", "year", "network")


def _where(region: str, year: int, network: str) -> Any:
    t = heat_supply.c
    return (t.region == region) & (t.year == year) & (t.network == network)


async def find(
    connection: AsyncConnection, region: str, year: int, network: str, *, lock: bool = False
) -> dict[str, Any] | None:
    query = select(heat_supply).where(_where(region, year, network))
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def of_year(
    connection: AsyncConnection, year: int, regions: Sequence[str] | None
) -> Sequence[Any]:
    query = select(heat_supply).where(heat_supply.c.year == year)
    if regions is not None:
        query = query.where(heat_supply.c.region.in_(regions))
    query = query.order_by(heat_supply.c.region, heat_supply.c.network)
    return (await connection.execute(query)).mappings().all()


async def listing(
    connection: AsyncConnection,
    region: str,
    *,
    year: int | None,
    limit: int,
    after: Sequence[Any] | None,
) -> Sequence[Any]:
    t = heat_supply.c
    query = select(heat_supply).where(t.region == region).order_by(t.year, t.network).limit(limit)
    if year is not None:
        query = query.where(t.year == year)
    if after:
        query = query.where((t.year > after[0]) | ((t.year == after[0]) & (t.network > after[1])))
    return (await connection.execute(query)).mappings().all()


async def put(connection: AsyncConnection, row: Mapping[str, Any]) -> dict[str, Any]:
    new = insert(heat_supply).values(**row)
    changed = {name: new.excluded[name] for name in row if name not in KEYS} | {
        "changed_at": func.now()
    }
    statement = new.on_conflict_do_update(index_elements=list(KEYS), set_=changed).returning(
        heat_supply
    )
    return dict((await connection.execute(statement)).mappings().one())


async def remove(connection: AsyncConnection, region: str, year: int, network: str) -> None:
    await connection.execute(delete(heat_supply).where(_where(region, year, network)))
