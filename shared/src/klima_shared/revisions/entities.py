"""A table whose rows have a revision, and the queries on it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar, cast
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Executable, Table, and_, func, select, tuple_
from sqlalchemy import delete as delete_from
from sqlalchemy import insert as insert_into
from sqlalchemy import update as update_table
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_shared.http.auth import Principal
from klima_shared.http.etags import revision_etag
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.model import Revised

R = TypeVar("R", bound=Revised)
Values = Mapping[str, object]
"""Columns to be written."""


def nothing_there(*_: object) -> Problem:
    return not_found(Text("There is no such thing."))


def open_to(principal: Principal, row: object) -> bool:
    """Whether somebody may know of a row: what is `public` (all of a kind without such a column),
    and everything of the regions whose drafts he may read."""
    region: str = getattr(row, "region", "")
    return bool(getattr(row, "public", True)) or principal.may_read_drafts(region)


@dataclass(frozen=True)
class Entity(Generic[R]):
    """A kind of thing with revisions.

    `name` stands in the audit and makes the ETag together with the key. `row` is a dataclass whose
    fields are the columns that are read; a column that is not among them (a file) is not.
    """

    name: str
    table: Table
    row: type[R]
    missing: Callable[..., Problem] = nothing_there
    """The answer 404, from the parts of the key."""
    key: tuple[str, ...] = ("id",)
    audit_columns: Collection[str] = ()
    """The columns that stand in the audit; all where none is named."""
    readable: Callable[[Principal, R], bool] = open_to
    """Whether somebody may read a row. Nothing of it, not even that it is there, is said to
    others."""

    @cached_property
    def columns(self) -> list[Column[Any]]:
        # `fields` wants the type of a dataclass, which no bound of a type variable can say
        return [self.table.c[one.name] for one in fields(cast("Any", self.row))]

    def where(self, *key: object) -> ColumnElement[bool]:
        return and_(*(self.table.c[name] == part for name, part in zip(self.key, key, strict=True)))

    def key_of(self, row: R) -> tuple[object, ...]:
        return tuple(getattr(row, name) for name in self.key)

    def identity(self, row: R) -> str:
        """The key as text, as it stands in the audit."""
        return "/".join(map(str, self.key_of(row)))

    def content(self, row: R) -> dict[str, object]:
        """The row's columns, for the audit."""
        names = self.audit_columns or [column.key for column in self.columns]
        return {name: getattr(row, name) for name in names}

    def authors(self, subject: str) -> dict[str, object]:
        """Who writes a new row, in those of its columns that the table has."""
        return {name: subject for name in ("created_by", "changed_by") if name in self.table.c}

    def etag(self, row: R, variant: str = "") -> str:
        return revision_etag(f"{self.name} {self.identity(row)}", row.revision, variant)


async def all_rows(
    connection: AsyncConnection, query: Executable, row: Callable[..., R]
) -> list[R]:
    """What a query of a row's columns gives."""
    result = await connection.execute(query)
    # a list of a hundred rows is asked often: zipping is twice as fast as each row's mapping
    names = tuple(result.keys())
    return [row(**dict(zip(names, values, strict=True))) for values in result]


async def first_row(
    connection: AsyncConnection, query: Executable, row: Callable[..., R]
) -> R | None:
    values = (await connection.execute(query)).first()
    return None if values is None else row(**values._mapping)


async def find(
    connection: AsyncConnection, entity: Entity[R], *key: object, lock: bool = False
) -> R | None:
    query = select(*entity.columns).where(entity.where(*key))
    return await first_row(connection, query.with_for_update() if lock else query, entity.row)


async def get(connection: AsyncConnection, entity: Entity[R], *key: object) -> R:
    """The row; 404 when there is none."""
    row = await find(connection, entity, *key)
    if row is None:
        raise entity.missing(*key)
    return row


async def find_readable(
    connection: AsyncConnection,
    entity: Entity[R],
    principal: Principal,
    *key: object,
    lock: bool = False,
) -> R | None:
    """The row for somebody who may read it; None for all others, as if it were not there."""
    row = await find(connection, entity, *key, lock=lock)
    return row if row is not None and entity.readable(principal, row) else None


async def readable_ones(
    connection: AsyncConnection,
    entity: Entity[R],
    principal: Principal,
    identities: Collection[UUID],
) -> dict[UUID, R]:
    """By id; what somebody may not read is left out like what is not there."""
    found = await find_many(connection, entity, identities)
    return {key: row for key, row in found.items() if entity.readable(principal, row)}


async def find_many(
    connection: AsyncConnection, entity: Entity[R], identities: Collection[UUID]
) -> dict[UUID, R]:
    """By id; what is not there is left out."""
    if not identities:
        return {}
    query = select(*entity.columns).where(entity.table.c.id.in_(identities))
    rows = await all_rows(connection, query, entity.row)
    return {cast("UUID", entity.key_of(row)[0]): row for row in rows}


class Order(NamedTuple):
    """Columns that together are unique: the order of a list."""

    columns: Sequence[str]
    descending: bool = False


BY_ID = Order(["id"])


async def listing(
    connection: AsyncConnection,
    entity: Entity[R],
    where: Sequence[ColumnElement[bool]] = (),
    *,
    order: Order = BY_ID,
    after: Sequence[object] | None = None,
    limit: int | None = None,
) -> list[R]:
    """Rows in an order, from the one behind the key `after` on (keyset paging)."""
    columns = [entity.table.c[name] for name in order.columns]
    query = select(*entity.columns).where(*where)
    if after:
        here, there = tuple_(*columns), tuple_(*after)
        query = query.where(here < there if order.descending else here > there)
    query = query.order_by(*(column.desc() if order.descending else column for column in columns))
    return await all_rows(connection, query.limit(limit), entity.row)


async def insert(connection: AsyncConnection, entity: Entity[R], values: Values) -> R:
    query = insert_into(entity.table).values(**values).returning(*entity.columns)
    row = await first_row(connection, query, entity.row)
    assert row is not None  # noqa: S101
    return row


async def insert_unless_there(
    connection: AsyncConnection, entity: Entity[R], values: Values, unique: Sequence[str] = ()
) -> R | None:
    """None when the columns `unique` (or any unique ones) are taken."""
    query = (
        upsert(entity.table)
        .values(**values)
        .on_conflict_do_nothing(index_elements=list(unique) or None)
        .returning(*entity.columns)
    )
    return await first_row(connection, query, entity.row)


async def update(
    connection: AsyncConnection, entity: Entity[R], key: Sequence[object], by: str, values: Values
) -> R:
    """Write `values` and the next revision; the row as it is now."""
    stamps = {
        "revision": entity.table.c.revision + 1,
        "changed_at": func.clock_timestamp(),
        "changed_by": by,
    }
    query = (
        update_table(entity.table)
        .where(entity.where(*key))
        .values({**stamps, **values})
        .returning(*entity.columns)
    )
    row = await first_row(connection, query, entity.row)
    assert row is not None  # noqa: S101
    return row


async def delete(connection: AsyncConnection, entity: Entity[R], *key: object) -> None:
    await connection.execute(delete_from(entity.table).where(entity.where(*key)))
