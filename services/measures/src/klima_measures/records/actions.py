"""Writing records: one function for each of the three things that can be done to one, each with its
audit row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError

from klima_measures.base.queries import erasure as traces
from klima_measures.base.tables import metadata
from klima_measures.records import queries as records
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import Problem, conflict, not_found
from klima_shared.language.text import Text

Row = dict[str, Any]
Document = dict[str, Any]


async def _nothing(*_: Any) -> None:
    """The hook of a kind that needs none."""


@dataclass(frozen=True)
class Kind:
    """What is special about one kind of record."""

    entity: str
    noun: Text
    table: Table
    sort_key: Callable[[Document], str]
    columns: Callable[[Document], Row] = lambda _: {}
    """Typed columns beside the document."""
    initial: Row = field(default_factory=dict)
    """Columns that a new record starts with and that only use cases of their own change."""
    newest_first: bool = False
    publishing: bool = True
    """Whether the document's `published` decides what the public sees, and so needs a manager."""
    personal: Collection[str] = ()
    """Fields that may tell of a person: taken out of the audit when the record is deleted."""
    check: Callable[[WriteConnection, Principal, Document], Awaitable[None]] = _nothing
    """Looks at a document before it is written; may complete it. Raises problems."""
    frozen: Callable[[Row], Text | None] = lambda _: None
    """Why this record cannot be changed any more."""
    written: Callable[[WriteConnection, Row], Awaitable[None]] = _nothing
    """What is written beside the record."""


def missing(kind: Kind) -> Problem:
    return not_found(Text("There is no {noun} with this id.", noun=kind.noun))


def etag_of(kind: Kind, row: Row) -> str:
    return revision_etag(f"{kind.entity} {row['id']}", row["revision"])


def _row(kind: Kind, document: Document) -> Row:
    """The columns of a document; what has a column of its own is not in the document too."""
    content = {
        name: value for name, value in document.items() if name not in {"region", "published"}
    }
    return {
        "region": document["region"],
        "published": bool(document.get("published", False)),
        "sort_key": kind.sort_key(document),
        "document": content,
        **kind.columns(document),
    }


def whole(row: Row) -> Document:
    """The document with its region and state of publication, as it goes in and out."""
    return {**row["document"], "region": row["region"], "published": row["published"]}


def _role(kind: Kind, *published: bool) -> Role:
    return Role.MANAGER if kind.publishing and any(published) else Role.EDITOR


async def create(
    connection: WriteConnection, principal: Principal, kind: Kind, document: Document
) -> Row:
    """Store a new record. 403 unless the caller writes in its region; a published one is a
    manager's."""
    await kind.check(connection, principal, document)
    principal.require(_role(kind, document.get("published", False)), document["region"])
    row = {
        "id": uuid4(),
        "revision": 1,
        "changed_by": principal.subject,
        **kind.initial,
        **_row(kind, document),
    }
    stored = await records.add(connection, kind.table, row)
    await kind.written(connection, stored)
    await _audit(connection, principal, kind, "create", None, stored)
    return stored


async def change(
    connection: WriteConnection,
    principal: Principal,
    kind: Kind,
    identity: UUID,
    if_match: IfMatch,
    document: Document,
) -> Row:
    """Replace a record's content. Needs the right to write where it was and where it will be."""
    before = await opened(connection, principal, kind, identity, if_match)
    await kind.check(connection, principal, document)
    role = _role(kind, before["published"], document.get("published", False))
    principal.require(role, before["region"])
    principal.require(role, document["region"])
    values = _row(kind, document)
    if not kind.publishing:
        values.pop("published")
    stored = await records.change(connection, kind.table, identity, principal.subject, values)
    await kind.written(connection, stored)
    await _audit(connection, principal, kind, "change", before, stored)
    return stored


async def remove(
    connection: WriteConnection, principal: Principal, kind: Kind, identity: UUID, if_match: IfMatch
) -> None:
    """Delete a record. The audit keeps that it was there, without what may tell of a person."""
    before = await opened(connection, principal, kind, identity, if_match)
    principal.require(_role(kind, before["published"]), before["region"])
    try:
        await records.remove(connection, kind.table, identity)
    except IntegrityError as error:
        raise conflict(Text("This is still used in another place.")) from error
    await _audit(connection, principal, kind, "delete", before, None)
    if kind.personal:
        await traces.scrub_audit(connection, kind.entity, identity, kind.personal)


async def opened(
    connection: WriteConnection, principal: Principal, kind: Kind, identity: UUID, if_match: IfMatch
) -> Row:
    """The record, locked, for an editor of its region who has seen its present state and may still
    change it."""
    row = await records.find(connection, kind.table, identity, lock=True)
    if row is None or not (records.is_public(row) or principal.may_read_drafts(row["region"])):
        raise missing(kind)
    principal.require(Role.EDITOR, row["region"])
    if_match.check(etag_of(kind, row))
    reason = kind.frozen(row)
    if reason is not None:
        raise conflict(reason)
    return row


async def step(
    connection: WriteConnection,
    principal: Principal,
    kind: Kind,
    before: Row,
    action: str,
    values: Row,
) -> Row:
    """A change that a use case of its own decides about."""
    stored = await records.change(connection, kind.table, before["id"], principal.subject, values)
    await _audit(connection, principal, kind, action, before, stored)
    return stored


async def _audit(
    connection: WriteConnection,
    principal: Principal,
    kind: Kind,
    action: str,
    before: Row | None,
    after: Row | None,
) -> None:
    row = after or before
    assert row is not None  # noqa: S101
    extra = [name for name in kind.initial if name != "published"]
    await audit.record(
        connection,
        metadata,
        principal,
        action=action,
        entity=kind.entity,
        entity_id=row["id"],
        region=row["region"],
        before=whole(before) | {name: before[name] for name in extra} if before else None,
        after=whole(after) | {name: after[name] for name in extra} if after else None,
    )
