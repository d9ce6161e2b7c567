"""Changing things with revisions: lock, role, If-Match, the next revision, and a row in the
audit."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import MetaData

from klima_shared.codes.access import Role
from klima_shared.database import audit
from klima_shared.database.connections import Database, WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch
from klima_shared.revisions import entities
from klima_shared.revisions.entities import Entity, Values
from klima_shared.revisions.model import Regional

R = TypeVar("R", bound=Regional)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, in which transaction, and (for a change) which version the change was made on."""

    connection: WriteConnection
    principal: Principal
    metadata: MetaData
    if_match: IfMatch | None = None

    def require(self, role: Role, region: str) -> None:
        self.principal.require(role, region)

    def check_version(self, etag: str) -> None:
        """412 unless the change was made on this version. A writer without `If-Match` (an import, a
        step that follows from another) is not asked."""
        if self.if_match is not None:
            self.if_match.check(etag)

    async def record(
        self,
        action: str,
        entity: str,
        entity_id: object,
        *,
        region: str | None = None,
        before: Values | None = None,
        after: Values | None = None,
    ) -> None:
        """A row of the audit, in the transaction of the write itself."""
        await audit.record(
            self.connection,
            self.metadata,
            self.principal,
            action=action,
            entity=entity,
            entity_id=entity_id,
            region=region,
            before=before,
            after=after,
        )


@asynccontextmanager
async def writing(
    database: Database, principal: Principal, if_match: IfMatch | None = None
) -> AsyncIterator[Writer]:
    """A writer whose transaction begins only now, because another service had to be asked
    before."""
    async with database.write() as connection:
        yield Writer(connection, principal, database.metadata, if_match)


async def opened(writer: Writer, entity: Entity[R], *key: object, role: Role = Role.EDITOR) -> R:
    """The row, locked, for somebody who may write it and has seen its present state. 404 for what
    he may not read."""
    row = await entities.find_readable(writer.connection, entity, writer.principal, *key, lock=True)
    if row is None:
        raise entity.missing(*key)
    writer.require(role, row.region)
    writer.check_version(entity.etag(row))
    return row


async def create(
    writer: Writer,
    entity: Entity[R],
    values: Values,
    more: Values | None = None,
    *,
    action: str = "create",
) -> R:
    """Store a new row. `more` stands in the audit beside its columns."""
    authors = entity.authors(writer.principal.subject)
    row = await entities.insert(writer.connection, entity, {**authors, **values})
    await note(writer, entity, action, after=row, more=more)
    return row


async def create_unless_there(
    writer: Writer,
    entity: Entity[R],
    values: Values,
    unique: Sequence[str],
    *,
    action: str = "create",
) -> R | None:
    """Store a new row; None when there is one with the same values in the columns `unique`."""
    new = {**entity.authors(writer.principal.subject), **values}
    row = await entities.insert_unless_there(writer.connection, entity, new, unique)
    if row is not None:
        await note(writer, entity, action, after=row)
    return row


async def change(
    writer: Writer,
    entity: Entity[R],
    before: R,
    values: Values,
    *,
    action: str = "change",
    more: Values | None = None,
) -> R:
    """Store the next revision of an opened row."""
    row = await entities.update(
        writer.connection, entity, entity.key_of(before), writer.principal.subject, values
    )
    await note(writer, entity, action, before=before, after=row, more=more)
    return row


async def remove(writer: Writer, entity: Entity[R], before: R) -> None:
    """Delete an opened row."""
    await entities.delete(writer.connection, entity, *entity.key_of(before))
    await note(writer, entity, "delete", before=before)


async def note(
    writer: Writer,
    entity: Entity[R],
    action: str,
    *,
    before: R | None = None,
    after: R | None = None,
    more: Values | None = None,
) -> None:
    """The audit row of a step from one row to another; rows are dataclasses."""
    row = after or before
    assert row is not None  # noqa: S101
    await writer.record(
        action,
        entity.name,
        entity.identity(row),
        region=row.region,
        before=entity.content(before) if before else None,
        after=entity.content(after) | dict(more or {}) if after else None,
    )
