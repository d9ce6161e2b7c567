"""Queries on organisations, their holdings, properties and what they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.imports.tables import (
    holding,
    holding_share,
    organisation,
    organisation_activity,
    organisation_balance,
    property_,
)

Row = dict[str, Any]
TABLES = {
    "organisation": organisation,
    "holding": holding,
    "property": property_,
    "activity": organisation_activity,
}


async def find(
    connection: AsyncConnection, kind: str, identity: UUID, *, lock: bool = False
) -> Row | None:
    table = TABLES[kind]
    query = select(table).where(table.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def same_name(connection: AsyncConnection, kind: str, row: Mapping[str, Any]) -> UUID | None:
    """Another row of the kind with the name, in the same organisation (or, of organisations,
    region)."""
    table = TABLES[kind]
    scope = "region" if kind == "organisation" else "organisation_id"
    query = select(table.c.id).where(table.c[scope] == row[scope], table.c.name == row["name"])
    return (await connection.execute(query)).scalar()


async def same_cell(connection: AsyncConnection, row: Mapping[str, Any]) -> UUID | None:
    """The activity that stands for the same use already."""
    c = organisation_activity.c
    query = select(c.id).where(c.organisation_id == row["organisation_id"], c.year == row["year"])
    for name in ("area", "carrier", "vehicle", "meter"):
        query = query.where(c[name] == row[name])
    for name in ("holding_id", "property_id"):
        query = query.where(c[name].is_not_distinct_from(row[name]))
    return (await connection.execute(query)).scalar()


async def add(connection: AsyncConnection, kind: str, row: Mapping[str, Any]) -> Row:
    table = TABLES[kind]
    return dict(
        (await connection.execute(insert(table).values(**row).returning(table))).mappings().one()
    )


async def change(
    connection: AsyncConnection, kind: str, identity: UUID, values: Mapping[str, Any]
) -> Row:
    """The changed row with its next revision."""
    table: Table = TABLES[kind]
    statement = update(table).where(table.c.id == identity)
    statement = statement.values(**values, revision=table.c.revision + 1, changed_at=func.now())
    return dict((await connection.execute(statement.returning(table))).mappings().one())


async def remove(connection: AsyncConnection, kind: str, identity: UUID) -> None:
    table = TABLES[kind]
    await connection.execute(delete(table).where(table.c.id == identity))


async def listing(
    connection: AsyncConnection,
    kind: str,
    *,
    limit: int,
    after: Sequence[Any] | None,
    name: str | None = None,
    modified_since: datetime | None = None,
    **where: Any,
) -> Sequence[Any]:
    """Rows by id; a condition that is None does not count. `name`: a part of it."""
    table = TABLES[kind]
    query = select(table).order_by(table.c.id).limit(limit)
    for column, value in where.items():
        if value is not None:
            query = query.where(table.c[column] == value)
    if name is not None:
        query = query.where(table.c.name.icontains(name, autoescape=True))
    if modified_since is not None:
        query = query.where(table.c.changed_at >= modified_since)
    if after:
        query = query.where(table.c.id > after[0])
    return (await connection.execute(query)).mappings().all()


async def shares(connection: AsyncConnection, holdings: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """Shares by holding, oldest first."""
    query = select(holding_share).where(holding_share.c.holding_id.in_(holdings))
    found: dict[UUID, list[Row]] = {identity: [] for identity in holdings}
    for row in (await connection.execute(query.order_by(holding_share.c.from_year))).mappings():
        found[row["holding_id"]].append(dict(row))
    return found


async def put_shares(
    connection: AsyncConnection, identity: UUID, rows: Sequence[Mapping[str, Any]]
) -> None:
    await connection.execute(delete(holding_share).where(holding_share.c.holding_id == identity))
    if rows:
        await connection.execute(
            insert(holding_share), [{**row, "holding_id": identity} for row in rows]
        )


async def holdings_of(connection: AsyncConnection, identity: UUID) -> Sequence[Any]:
    query = select(holding).where(holding.c.organisation_id == identity).order_by(holding.c.name)
    return (await connection.execute(query)).mappings().all()


async def uses(connection: AsyncConnection, identity: UUID, year: int) -> Sequence[Any]:
    """What an organisation used in a year, with the name of the property and its place."""
    a, p = organisation_activity, property_
    query = select(
        a, p.c.name.label("property_name"), p.c.region.label("property_region")
    ).outerjoin(p)
    query = query.where(a.c.organisation_id == identity, a.c.year == year).order_by(a.c.id)
    return (await connection.execute(query)).mappings().all()


async def years(connection: AsyncConnection, identity: UUID) -> list[int]:
    """Years with anything in them."""
    c = organisation_activity.c
    query = select(c.year).where(c.organisation_id == identity).distinct().order_by(c.year)
    return list((await connection.execute(query)).scalars())


async def published(
    connection: AsyncConnection, identity: UUID, year: int | None = None, version: int | None = None
) -> Sequence[Any]:
    """The newest published balance of each year, or the one asked for."""
    t = organisation_balance
    query = select(t).where(t.c.organisation_id == identity).ext(distinct_on(t.c.year))
    if year is not None:
        query = query.where(t.c.year == year)
    if version is not None:
        query = query.where(t.c.version == version)
    return (await connection.execute(query.order_by(t.c.year, t.c.version.desc()))).mappings().all()


async def publish(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    await connection.execute(insert(organisation_balance).values(**row))
