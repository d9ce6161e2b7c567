"""Storing what has a key of its own (a heat network of a year, a region's series of degree days):
made and changed by PUT, with every revision kept."""

from collections.abc import Sequence

from klima_balance.figures.queries import revisions
from klima_shared.http.etags import missing_if_match
from klima_shared.http.problems import not_found
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.entities import Entity, Values
from klima_shared.revisions.writing import R, Writer, note

Key = Sequence[object]


async def put(
    writer: Writer, entity: Entity[R], key: Key, content: Values, *, gone: Text
) -> tuple[R, bool]:
    """The stored row and whether it is new. A change needs the ETag it was made on: 404 with `gone`
    where there is nothing that it could fit."""
    connection, subject = writer.connection, writer.principal.subject
    before = await entities.find(connection, entity, *key, lock=True)
    values = {**content, "revision": await _next_revision(writer, entity, key, before)}
    if before is not None:
        if writer.if_match is None:
            raise missing_if_match()
        writer.check_version(entity.etag(before))
        row = await entities.update(connection, entity, key, subject, values)
    else:
        if writer.if_match is not None:
            raise not_found(gone)
        names = dict(zip(entity.key, key, strict=True))
        new = {**values, **names, **entity.authors(subject)}
        row = await entities.insert(connection, entity, new)
    await _keep(writer, entity, row)
    await note(writer, entity, "update" if before else "create", before=before, after=row)
    return row, before is None


async def remove(writer: Writer, entity: Entity[R], key: Key) -> None:
    connection = writer.connection
    before = await entities.find(connection, entity, *key, lock=True)
    if before is None:
        raise entity.missing(*key)
    writer.check_version(entity.etag(before))
    await entities.delete(connection, entity, *key)
    revision = await _next_revision(writer, entity, key, before)
    last = {"revision": revision, "changed_by": writer.principal.subject}
    await _keep(writer, entity, before, deleted=True, **last)
    await note(writer, entity, "delete", before=before)


def text_of(key: Key) -> str:
    return "/".join(map(str, key))


async def _next_revision(writer: Writer, entity: Entity[R], key: Key, before: R | None) -> int:
    current = 0 if before is None else before.revision
    return await revisions.next_revision(writer.connection, entity.name, text_of(key), current)


async def _keep(
    writer: Writer, entity: Entity[R], row: R, *, deleted: bool = False, **stamps: object
) -> None:
    """A revision for the history."""
    content = {n: v for n, v in entity.content(row).items() if n not in entity.key} | stamps
    identity = entity.identity(row)
    await revisions.remember(writer.connection, entity.name, identity, content, deleted=deleted)
