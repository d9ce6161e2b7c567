"""Records: rows that are mainly a document. One function for each of the things that can be done
to one, each with its audit row."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_shared.codes.access import Role
from klima_shared.database import audit
from klima_shared.http.auth import Principal
from klima_shared.http.problems import Problem, conflict, not_found
from klima_shared.http.references import deciding_regions
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.entities import Entity, Order, Values
from klima_shared.revisions.model import Document, Record
from klima_shared.revisions.writing import Writer

R = TypeVar("R", bound=Record)
B = TypeVar("B", bound=BaseModel)


@dataclass
class Draft(Generic[B]):
    """What is about to be written; the kind's check may complete it."""

    body: B
    region: str


async def _nothing(*_: object) -> None:
    """The hook of a kind that needs none."""


@dataclass(frozen=True)
class Kind(Entity[R], Generic[B, R]):
    """What is special about one kind of record."""

    noun: Text = field(kw_only=True)
    sort_key: Callable[[B], str] = field(kw_only=True)
    columns_of: Callable[[B], Values] = lambda _: {}
    """Typed columns beside the document."""
    initial: Values = field(default_factory=dict)
    """Columns that a new record starts with and that only actions of their own change."""
    newest_first: bool = False
    publishing: bool = True
    """Whether the body's `published` decides what the public sees, and so needs a manager."""
    personal: Collection[str] = ()
    """Fields that may tell of a person: taken out of the audit when the record is deleted."""
    check: Callable[[Writer, Draft[B]], Awaitable[None]] = _nothing
    """Looks at a body before it is written; may complete it. Raises problems."""
    frozen: Callable[[R], Text | None] = lambda _: None
    """Why this record cannot be changed any more."""
    written: Callable[[Writer, R], Awaitable[None]] = _nothing
    """What is written beside the record."""

    def no_record(self) -> Problem:
        return not_found(Text("There is no {noun} with this id.", noun=self.noun))

    def audited(self, row: R | None) -> Values | None:
        if row is None:
            return None
        return row.content | {name: getattr(row, name) for name in self.initial}

    def role(self, *published: bool) -> Role:
        return Role.MANAGER if self.publishing and any(published) else Role.EDITOR

    def values(self, draft: Draft[B]) -> dict[str, object]:
        """The columns of a body: JSON values in the document, amounts exact, defaults written out;
        what has a column of its own is not in the document too."""
        document = draft.body.model_dump(
            mode="json", by_alias=True, exclude={"region", "published"}
        )
        return {
            "region": draft.region,
            "sort_key": self.sort_key(draft.body),
            "document": document,
            **({"published": is_published(draft.body)} if self.publishing else {}),
            **self.columns_of(draft.body),
        }


def is_published(body: BaseModel) -> bool:
    return bool(getattr(body, "published", False))


async def _checked(writer: Writer, kind: Kind[B, R], body: B) -> Draft[B]:
    # what belongs to another thing has no region of its own: the check takes it from there
    draft = Draft(body, getattr(body, "region", ""))
    await kind.check(writer, draft)
    return draft


def _regions(body: BaseModel, content: Document | None = None) -> set[str]:
    """The regions for which the body, or another content of its form, says something."""
    given = body.model_dump(mode="json", by_alias=True) if content is None else content
    return deciding_regions(body, given)


async def create(writer: Writer, kind: Kind[B, R], body: B) -> R:
    """Store a new record. 403 unless the caller writes in its region and in all that it names; a
    published one is a manager's."""
    draft = await _checked(writer, kind, body)
    for region in {draft.region, *_regions(draft.body)}:
        writer.require(kind.role(is_published(body)), region)
    new = {
        "id": uuid4(),
        "revision": 1,
        "published": False,
        "changed_by": writer.principal.subject,
        **kind.initial,
        **kind.values(draft),
    }
    row = await entities.insert(writer.connection, kind, new)
    await kind.written(writer, row)
    await _record(writer, kind, "create", None, row)
    return row


async def change(writer: Writer, kind: Kind[B, R], identity: UUID, body: B) -> R:
    """Replace a record's content. Needs the right to write where it was and where it will be."""
    before = await opened(writer, kind, identity)
    draft = await _checked(writer, kind, body)
    role = kind.role(before.published, is_published(body))
    # regions that others named before stay
    named = _regions(draft.body) - _regions(draft.body, before.content)
    for region in {before.region, draft.region, *named}:
        writer.require(role, region)
    row = await entities.update(
        writer.connection, kind, [identity], writer.principal.subject, kind.values(draft)
    )
    await kind.written(writer, row)
    await _record(writer, kind, "change", before, row)
    return row


async def remove(writer: Writer, kind: Kind[B, R], identity: UUID) -> None:
    """Delete a record. The audit keeps that it was there, without what may tell of a person."""
    before = await opened(writer, kind, identity)
    writer.require(kind.role(before.published), before.region)
    try:
        await entities.delete(writer.connection, kind, identity)
    except IntegrityError as error:
        raise conflict(Text("This is still used in another place.")) from error
    await _record(writer, kind, "delete", before, None)
    if kind.personal:
        await audit.scrub(writer.connection, writer.metadata, kind.name, identity, kind.personal)


async def opened(writer: Writer, kind: Kind[B, R], identity: UUID) -> R:
    """The record, locked, for an editor of its region who has seen its present state and may still
    change it."""
    row = await locked(writer, kind, identity)
    writer.check_version(kind.etag(row))
    reason = kind.frozen(row)
    if reason is not None:
        raise conflict(reason)
    return row


async def locked(
    writer: Writer,
    kind: Kind[B, R],
    identity: UUID,
    role: Role = Role.EDITOR,
    *,
    inside: bool = False,
) -> R:
    """The record, locked, for somebody who has a role in its region. 404 for what he cannot see,
    and with `inside` for what he sees only because it is public."""
    row = await entities.find(writer.connection, kind, identity, lock=True)
    seen = row is not None and (
        writer.principal.may_read_drafts(row.region) or (row.public and not inside)
    )
    if row is None or not seen:
        raise kind.no_record()
    writer.require(role, row.region)
    return row


async def step(writer: Writer, kind: Kind[B, R], before: R, action: str, values: Values) -> R:
    """A change that an action of its own decides about."""
    row = await entities.update(
        writer.connection, kind, [before.id], writer.principal.subject, values
    )
    await _record(writer, kind, action, before, row)
    return row


async def _record(
    writer: Writer, kind: Kind[B, R], action: str, before: R | None, after: R | None
) -> None:
    row = after or before
    assert row is not None  # noqa: S101
    await writer.record(
        action,
        kind.name,
        row.id,
        region=row.region,
        before=kind.audited(before),
        after=kind.audited(after),
    )


async def readable(
    connection: AsyncConnection, kind: Kind[B, R], principal: Principal, identity: UUID
) -> R:
    """The record for somebody who may see it; 404 for all others."""
    row = await entities.find_readable(connection, kind, principal, identity)
    if row is None:
        raise kind.no_record()
    return row


async def listing(
    connection: AsyncConnection,
    kind: Kind[B, R],
    where: Sequence[ColumnElement[bool]],
    *,
    limit: int,
    after: Sequence[object] | None = None,
) -> list[R]:
    """Records in the order of their kind."""
    return await entities.listing(
        connection,
        kind,
        where,
        order=Order(["sort_key", "id"], kind.newest_first),
        after=after,
        limit=limit,
    )
