"""Queries on the registers beside the sheets. All have the same form, so they share their
queries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Uuid, cast, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.registers import tables
from klima_measures.registers.model import RegisterKind
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.entities import Entity, Order
from klima_shared.revisions.visibility import lies_in
from klima_shared.wire.json import Json


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry of a register as it lies in its table."""

    id: UUID
    code: str
    title: str
    region: str
    revision: int
    document: Json
    public: bool
    valid_from: date | None
    valid_to: date | None
    changed_at: datetime
    changed_by: str


class EntryTitle(NamedTuple):
    """What a sheet shows of an entry it refers to."""

    id: UUID
    kind: str
    code: str
    title: str
    public: bool
    valid_to: date | None
    region: str


def no_entry(identity: UUID) -> Problem:
    return not_found(Text("There is no entry {identity}.", identity=identity))


def _entity(kind: RegisterKind, table: Table) -> Entity[StoredEntry]:
    return Entity(kind.value, table, StoredEntry, no_entry)


REGISTERS: Final = {
    kind: _entity(kind, table)
    for kind, table in (
        (RegisterKind.CONCEPT, tables.concept),
        (RegisterKind.TEMPLATE, tables.template),
        (RegisterKind.FUNDING_PROGRAMME, tables.funding_programme),
        (RegisterKind.ROUND, tables.consulting_round),
        (RegisterKind.STRATEGY, tables.strategy),
        (RegisterKind.QUARTER, tables.quarter),
    )
}


async def find_many(
    connection: AsyncConnection, kind: RegisterKind, identities: Collection[UUID]
) -> dict[UUID, StoredEntry]:
    return await entities.find_many(connection, REGISTERS[kind], identities)


async def titles(
    connection: AsyncConnection, wanted: Mapping[RegisterKind, Collection[UUID]]
) -> dict[UUID, EntryTitle]:
    """Titles of entries of several registers, in one query."""
    parts = []
    for kind, identities in wanted.items():
        if identities:
            c = REGISTERS[kind].table.c
            columns = (c.id, literal(kind.value), c.code, c.title, c.public, c.valid_to, c.region)
            ids = cast(list(identities), ARRAY(Uuid))
            parts.append(select(*columns).where(c.id == func.any(ids)))
    if not parts:
        return {}
    return {row[0]: EntryTitle(*row) for row in await connection.execute(union_all(*parts))}


@dataclass(frozen=True)
class EntryFilter:
    """Which entries a list holds. `own`: regions whose entries are read even when not
    public."""

    own: Sequence[str]
    offered_on: date | None = None
    region: str | None = None
    modified_since: datetime | None = None

    def conditions(self, table: Table) -> Iterable[ColumnElement[bool]]:
        c = table.c
        yield or_(c.public, lies_in(c.region, self.own))
        if self.offered_on is not None:
            yield or_(c.valid_from.is_(None), c.valid_from <= self.offered_on)
            yield or_(c.valid_to.is_(None), c.valid_to >= self.offered_on)
        if self.region is not None:
            yield c.region == self.region
        if self.modified_since is not None:
            yield c.changed_at >= self.modified_since


async def listing(
    connection: AsyncConnection,
    kind: RegisterKind,
    wanted: EntryFilter,
    *,
    limit: int,
    after: Sequence[object] | None = None,
) -> list[StoredEntry]:
    """In the order of the codes."""
    entity = REGISTERS[kind]
    where = list(wanted.conditions(entity.table))
    return await entities.listing(
        connection, entity, where, order=Order(("code", "id")), after=after, limit=limit
    )


async def is_taken(connection: AsyncConnection, kind: RegisterKind, region: str, code: str) -> bool:
    """Whether the code is in use in a region."""
    c = REGISTERS[kind].table.c
    where = [c.code == code, c.region == region]
    return bool(await entities.listing(connection, REGISTERS[kind], where, limit=1))


async def ids_by_name(
    connection: AsyncConnection, kind: RegisterKind, names: Collection[str], own: Sequence[str]
) -> dict[str, UUID]:
    """Code or title -> id; a code goes before a title that reads the same. Of what is public, and
    of the regions `own`."""
    if not names:
        return {}
    c = REGISTERS[kind].table.c
    named = or_(c.code.in_(names), c.title.in_(names))
    readable = or_(c.public, lies_in(c.region, own))
    rows = await entities.listing(connection, REGISTERS[kind], [named, readable])
    return {row.title: row.id for row in rows} | {row.code: row.id for row in rows}


async def concept_dates(connection: AsyncConnection, codes: Collection[str]) -> dict[str, date]:
    """Code -> the date the horizon is counted from, of concepts that are registered with one."""
    c = tables.concept.c
    query = select(c.code, c.document["decided_on"].astext).where(c.code.in_(codes))
    rows = await connection.execute(query.order_by(c.region.desc()))
    # Of several with one code the county's, whose key sorts before its municipalities', counts.
    found: dict[str, str | None] = {row[0]: row[1] for row in rows}
    return {code: date.fromisoformat(text) for code, text in found.items() if text}
