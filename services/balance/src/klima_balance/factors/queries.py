"""Queries on factor sets. A released set never changes; only an uploaded draft can be replaced or
removed."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.factors.tables import factor, factor_set
from klima_balance.regions.queries import publication_time
from klima_shared.http.problems import not_found
from klima_shared.language.text import Text
from klima_shared.wire.json import Json


@dataclass(frozen=True)
class FactorSet:
    """The header of a factor set."""

    id: str
    version: str
    kind: str
    title: str
    state: str
    gwp_set: str | None
    licence: str | None
    source: str
    note: str | None
    base: str | None
    digest: str
    shipped: bool
    created_by: str
    created_at: datetime
    released_at: datetime | None


@dataclass(frozen=True)
class FactorRow:
    """One factor of a set; `year` None: for every year."""

    id: int
    category: str
    year: int | None
    gas: str
    value: float
    unit: str
    source: str
    certainty: str
    note: str | None


_ROW: Final = [factor.c[field.name] for field in fields(FactorRow)]


async def sets(
    connection: AsyncConnection,
    *,
    drafts: bool,
    limit: int,
    after: str | None,
    modified_since: datetime | None = None,
) -> list[FactorSet]:
    t = factor_set.c
    query = select(factor_set).order_by(t.id).limit(limit)
    if not drafts:
        query = query.where(t.state == "released")
    if after:
        query = query.where(t.id > after)
    if modified_since:
        query = query.where(func.coalesce(t.released_at, t.created_at) >= modified_since)
    return [FactorSet(**row._mapping) for row in await connection.execute(query)]


async def find(
    connection: AsyncConnection, identity: str, *, lock: bool = False
) -> FactorSet | None:
    query = select(factor_set).where(factor_set.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return FactorSet(**row._mapping) if row else None


async def get(connection: AsyncConnection, identity: str) -> FactorSet:
    row = await find(connection, identity)
    if row is None:
        raise not_found(Text("There is no factor set “{identity}”.", identity=identity))
    return row


async def rows(
    connection: AsyncConnection,
    identity: str,
    *,
    limit: int | None = None,
    after: int | None = None,
    category: str | None = None,
    year: int | None = None,
) -> list[FactorRow]:
    query = select(*_ROW).where(factor.c.factor_set == identity).order_by(factor.c.id).limit(limit)
    if category:
        query = query.where(factor.c.category == category)
    if year is not None:
        query = query.where(factor.c.year == year)
    if after is not None:
        query = query.where(factor.c.id > after)
    return [FactorRow(*row) for row in await connection.execute(query)]


async def add(connection: AsyncConnection, header: Json, factors: Sequence[Json]) -> None:
    await connection.execute(insert(factor_set).values(**header))
    await connection.execute(
        insert(factor), [{**row, "factor_set": header["id"]} for row in factors]
    )


async def release(connection: AsyncConnection, identity: str) -> None:
    change = update(factor_set).where(factor_set.c.id == identity)
    await connection.execute(
        change.values(state="released", released_at=await publication_time(connection))
    )
