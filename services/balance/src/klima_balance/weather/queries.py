"""Queries on series of degree days."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.weather.tables import degree_days
from klima_shared.wire.json import Json, JsonObject


async def of_regions(connection: AsyncConnection, regions: Sequence[str]) -> Sequence[Any]:
    query = select(degree_days).where(degree_days.c.region.in_(regions))
    return (await connection.execute(query)).mappings().all()


async def find(
    connection: AsyncConnection, region: str, *, lock: bool = False
) -> JsonObject | None:
    query = select(degree_days).where(degree_days.c.region == region)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def put(connection: AsyncConnection, row: Json) -> JsonObject:
    new = insert(degree_days).values(**row)
    changed = {name: new.excluded[name] for name in row if name != "region"} | {
        "changed_at": func.now()
    }
    statement = new.on_conflict_do_update(index_elements=["region"], set_=changed).returning(
        degree_days
    )
    return dict((await connection.execute(statement)).mappings().one())


async def remove(connection: AsyncConnection, region: str) -> None:
    await connection.execute(delete(degree_days).where(degree_days.c.region == region))
