"""Storing district heat networks; the factor is computed when a balance is."""

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.figures.queries import revisions
from klima_balance.heat.model import Network
from klima_balance.heat.queries import NETWORKS
from klima_balance.regions import queries as regions
from klima_shared.codes.access import Role
from klima_shared.http.etags import missing_if_match
from klima_shared.http.problems import invalid_at, not_found
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject

Key = tuple[str, int, str]
"""Region, year and name of a network in addresses."""


async def put(writer: Writer, key: Key, content: JsonObject) -> tuple[Network, bool]:
    """The stored network and whether it is new; a change needs the ETag it was made on."""
    write, ags = writer.connection, key[0]
    region = await regions.get(write, ags)
    writer.require(Role.EDITOR, ags)
    if not region.leaf:
        raise invalid_at("/path/ags", Text("A network belongs to a municipality."))
    before = await entities.find(write, NETWORKS, *key, lock=True)
    values = {**content, "revision": await _next_revision(write, key, before)}
    if before is not None:
        if writer.if_match is None:
            raise missing_if_match()
        writer.check_version(NETWORKS.etag(before))
        row = await entities.update(write, NETWORKS, key, writer.principal.subject, values)
    else:
        if writer.if_match is not None:
            raise not_found(Text("This network has been removed."))
        names = dict(zip(NETWORKS.key, key, strict=True))
        new = {**values, **names, "changed_by": writer.principal.subject}
        row = await entities.insert(write, NETWORKS, new)
    await _keep(write, row)
    await _record(writer, "create" if before is None else "update", before, row)
    return row, before is None


async def remove(writer: Writer, key: Key) -> None:
    write = writer.connection
    writer.require(Role.EDITOR, key[0])
    before = await entities.find(write, NETWORKS, *key, lock=True)
    if before is None:
        raise NETWORKS.missing()
    writer.check_version(NETWORKS.etag(before))
    await entities.delete(write, NETWORKS, *key)
    last = {
        "revision": await _next_revision(write, key, before),
        "changed_by": writer.principal.subject,
    }
    await _keep(write, before, deleted=True, **last)
    await _record(writer, "delete", before, None)


async def _next_revision(write: AsyncConnection, key: Key, before: Network | None) -> int:
    current = 0 if before is None else before.revision
    return await revisions.next_revision(write, NETWORKS.name, text_of(key), current)


def text_of(key: Key) -> str:
    return "/".join(map(str, key))


async def _keep(
    write: AsyncConnection, row: Network, *, deleted: bool = False, **stamps: object
) -> None:
    """A revision for the history."""
    content = {n: v for n, v in NETWORKS.content(row).items() if n not in NETWORKS.key}
    name, key = NETWORKS.name, NETWORKS.identity(row)
    await revisions.remember(write, name, key, content | stamps, deleted=deleted)


async def _record(
    writer: Writer, action: str, before: Network | None, after: Network | None
) -> None:
    row = after or before
    assert row is not None  # noqa: S101
    await writer.record(
        action,
        NETWORKS.name,
        NETWORKS.identity(row),
        region=row.region,
        before=None if before is None else NETWORKS.content(before),
        after=None if after is None else NETWORKS.content(after),
    )
