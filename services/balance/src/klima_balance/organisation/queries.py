"""Queries on organisations, their holdings, properties and what they use."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.organisation import tables
from klima_balance.organisation.model import (
    Holding,
    Organisation,
    PlacedUse,
    Property,
    PublishedBalance,
    Share,
    Use,
)
from klima_shared.http.etags import revision_etag
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.entities import Entity, R, Values, all_rows, listing


class Register(Entity[R]):
    """An entity of the organisation; the ETags of all four are made alike."""

    def etag(self, row: R, variant: str = "") -> str:
        return revision_etag(f"organisation {self.identity(row)}", row.revision, variant)


def _no_organisation(*_: object) -> Problem:
    return not_found(Text("There is no such organisation."))


def _no_holding(*_: object) -> Problem:
    return not_found(Text("There is no such holding."))


def _no_property(*_: object) -> Problem:
    return not_found(Text("There is no such property."))


def _no_use(*_: object) -> Problem:
    return not_found(Text("There is no such figure."))


ORGANISATIONS = Register(
    "organisation.organisation", tables.organisation, Organisation, _no_organisation
)
HOLDINGS = Register("organisation.holding", tables.holding, Holding, _no_holding)
PROPERTIES = Register("organisation.property", tables.property_, Property, _no_property)
USES = Register("organisation.activity", tables.organisation_activity, Use, _no_use)


async def with_name(
    connection: AsyncConnection, register: Register[Any], scope: str, values: Values
) -> UUID | None:
    """The row that has the name, in the same organisation (or, of organisations, region)."""
    c = register.table.c
    query = select(c.id).where(c[scope] == values[scope], c.name == values["name"])
    return (await connection.execute(query)).scalar()


async def same_cell(connection: AsyncConnection, values: Values) -> UUID | None:
    """The activity that stands for the same use already."""
    c = tables.organisation_activity.c
    names = ("organisation_id", "year", "area", "carrier", "vehicle", "meter")
    query = select(c.id).where(*(c[name] == values[name] for name in names))
    for name in ("holding_id", "property_id"):
        query = query.where(c[name].is_not_distinct_from(values[name]))
    return (await connection.execute(query)).scalar()


async def has_parts(
    connection: AsyncConnection, registers: Sequence[Register[Any]], column: str, identity: UUID
) -> bool:
    """Whether a row of the registers belongs to it."""
    for register in registers:
        query = select(register.table.c.id).where(register.table.c[column] == identity).limit(1)
        if (await connection.execute(query)).first():
            return True
    return False


def conditions(
    register: Register[Any], modified_since: datetime | None, **where: object
) -> list[ColumnElement[bool]]:
    """What the rows of a list have in common; a condition that is None does not count."""
    c = register.table.c
    equal = [c[name] == value for name, value in where.items() if value is not None]
    return equal if modified_since is None else [*equal, c.changed_at >= modified_since]


def of_organisation(register: Register[Any], identity: UUID) -> ColumnElement[bool]:
    return register.table.c.organisation_id == identity


async def shares(
    connection: AsyncConnection, holdings: Sequence[UUID]
) -> dict[UUID, tuple[Share, ...]]:
    """Shares by holding, oldest first."""
    t = tables.holding_share
    query = select(t).where(t.c.holding_id.in_(holdings)).order_by(t.c.from_year)
    dated: dict[UUID, list[Share]] = {identity: [] for identity in holdings}
    for row in await connection.execute(query):
        dated[row.holding_id].append(Share(row.from_year, row.share_percent, row.source))
    return {identity: tuple(rows) for identity, rows in dated.items()}


async def put_shares(connection: AsyncConnection, identity: UUID, rows: Sequence[Share]) -> None:
    t = tables.holding_share
    await connection.execute(delete(t).where(t.c.holding_id == identity))
    if rows:
        await connection.execute(
            insert(t), [{**asdict(row), "holding_id": identity} for row in rows]
        )


async def holdings(connection: AsyncConnection, identity: UUID) -> list[Holding]:
    query = select(*HOLDINGS.columns).where(of_organisation(HOLDINGS, identity))
    return await all_rows(connection, query.order_by(tables.holding.c.name), Holding)


async def uses(connection: AsyncConnection, identity: UUID, year: int) -> list[PlacedUse]:
    """What an organisation used in a year, with the name of the property and its place."""
    a, p = tables.organisation_activity, tables.property_
    place = p.c.name.label("property_name"), p.c.region.label("property_region")
    query = select(*USES.columns, *place).select_from(a.outerjoin(p))
    query = query.where(of_organisation(USES, identity), a.c.year == year).order_by(a.c.id)
    return await all_rows(connection, query, PlacedUse)


async def years(connection: AsyncConnection, identity: UUID) -> list[int]:
    """Years with anything in them."""
    c = tables.organisation_activity.c
    query = select(c.year).where(c.organisation_id == identity).distinct().order_by(c.year)
    return list((await connection.execute(query)).scalars())


async def published(
    connection: AsyncConnection, identity: UUID, year: int | None = None, version: int | None = None
) -> list[PublishedBalance]:
    """The newest published balance of each year, or the one asked for."""
    t = tables.organisation_balance
    query = select(t).where(t.c.organisation_id == identity).ext(distinct_on(t.c.year))
    if year is not None:
        query = query.where(t.c.year == year)
    if version is not None:
        query = query.where(t.c.version == version)
    rows = (await connection.execute(query.order_by(t.c.year, t.c.version.desc()))).mappings()
    return [PublishedBalance(**row) for row in rows]


async def publish(connection: AsyncConnection, row: PublishedBalance) -> None:
    await connection.execute(insert(tables.organisation_balance).values(asdict(row)))


async def of_region(
    connection: AsyncConnection,
    region: str | None,
    name: str | None,
    modified_since: datetime | None,
    *,
    limit: int,
    after: Sequence[object] | None,
) -> list[Organisation]:
    """Organisations of a region, or of all, by id; `name`: a part of it."""
    where = conditions(ORGANISATIONS, modified_since, region=region)
    if name is not None:
        where.append(tables.organisation.c.name.icontains(name, autoescape=True))
    return await listing(connection, ORGANISATIONS, where, after=after, limit=limit)
