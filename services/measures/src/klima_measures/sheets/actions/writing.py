"""Creating, changing and removing measures. Each write makes a revision, its views and an audit
row, or nothing."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from klima_measures.base.actions.context import Frame
from klima_measures.base.tables import metadata
from klima_measures.registers import queries as registers
from klima_measures.sheets.actions import evidence as told
from klima_measures.sheets.actions import references
from klima_measures.sheets.model.codes import Audience, Editorial
from klima_measures.sheets.model.sheet import Sheet, owner_of
from klima_measures.sheets.queries import measures, views
from klima_measures.sheets.rules.phases import missing
from klima_shared.codes.lists import Phase, Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import FieldError, Problem, conflict, invalid, not_found
from klima_shared.language.text import Text

Row = dict[str, Any]


def no_measure(identity: UUID) -> Problem:
    return not_found(Text("There is no measure {identity}.", identity=identity))


def etag_of(head: Row, revision: int | None = None, variant: str = "") -> str:
    return revision_etag(f"measure {head['id']}", revision or head["revision"], variant)


def sheet_of(document: Row) -> Sheet:
    return Sheet.model_validate(document)


async def create(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    sheet: Sheet,
    *,
    phase: Phase = Phase.IDEA,
) -> Row:
    """The new measure. 403 for a foreign region, 409 for a number that is taken, 422 for a wrong
    reference."""
    head = await reserve(connection, principal, frame, sheet, phase)
    return await first_version(connection, principal, frame, head, sheet, action="create")


async def reserve(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    sheet: Sheet,
    phase: Phase = Phase.IDEA,
) -> Row:
    """A measure's identity and number, without content yet: measures of one import may link to each
    other.

    A phase beyond idea is the manager's to decide, in a file as well as by a move.
    """
    owner = owner_of(sheet, frame.county)
    principal.require(Role.EDITOR if phase is Phase.IDEA else Role.MANAGER, owner)
    now = datetime.now(UTC)
    head: Row = {
        "id": uuid4(),
        "concept": sheet.concept,
        "number": sheet.number,
        "owner": owner,
        "regions": sheet.regions,
        "revision": 0,
        "editorial": Editorial.DRAFT.value,
        "phase": phase.value,
        "created_at": now,
        "changed_at": now,
        "changed_by": principal.subject,
    }
    if not await measures.add(connection, head):
        raise _taken(sheet)
    return head | {
        "published_revision": None,
        "published_at": None,
        "published_by": None,
        "first_published_at": None,
    }


async def first_version(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    head: Row,
    sheet: Sheet,
    *,
    action: str,
    comment: str | None = None,
) -> Row:
    """Fill a reserved measure. A phase beyond idea must have what it needs, and leaves a history
    row."""
    told.check(sheet, None)
    await references.check(connection, frame, head["id"], sheet, None)
    _keeps_guards(sheet, Phase(head["phase"]), superseded=False)
    stored = await store(
        connection, principal, head, sheet, action=action, comment=comment, before=None
    )
    if head["phase"] != Phase.IDEA.value:
        await measures.add_transition(
            connection,
            {
                "measure_id": head["id"],
                "revision": 1,
                "from_phase": None,
                "to_phase": head["phase"],
                "effective_on": frame.today(),
                "reason": comment,
                "by": principal.subject,
            },
        )
    return stored


async def open_for(
    connection: WriteConnection, principal: Principal, identity: UUID, if_match: IfMatch, role: Role
) -> tuple[Row, Sheet]:
    """The measure, locked, with its working sheet: for somebody who may write it and has seen its
    present state."""
    head = await measures.find(connection, identity, lock=True)
    if head is None:
        principal.require(role)
        raise no_measure(identity)
    principal.require(role, head["owner"])
    if_match.check(etag_of(head))
    revision = await measures.revision(connection, identity, head["revision"])
    assert revision is not None  # noqa: S101
    return head, sheet_of(revision["document"])


async def change(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    head: Row,
    before: Sheet,
    sheet: Sheet,
    *,
    action: str = "change",
    comment: str | None = None,
) -> Row:
    """Store a new version of an opened measure. What is published stays as it is until it is
    published anew."""
    if head["editorial"] == Editorial.ARCHIVED.value:
        raise conflict(
            Text("The sheet is archived. It must become a draft again before it can be changed.")
        )
    owner = owner_of(sheet, frame.county)
    principal.require(Role.EDITOR, owner)
    told.check(sheet, before)
    await references.check(connection, frame, head["id"], sheet, before)
    superseded = (
        await measures.is_superseded(connection, head["id"])
        if head["phase"] == "replaced"
        else False
    )
    _keeps_guards(sheet, Phase(head["phase"]), superseded=superseded)
    moved = (sheet.concept, sheet.number) != (before.concept, before.number)
    if moved and await measures.number_taken(connection, sheet.concept, sheet.number, head["id"]):
        raise _taken(sheet)
    changed = {**head, "owner": owner, "editorial": Editorial.DRAFT.value}
    return await store(
        connection, principal, changed, sheet, action=action, comment=comment, before=before
    )


async def remove(
    connection: WriteConnection, principal: Principal, head: Row, sheet: Sheet
) -> None:
    """Delete a measure that was never published; one that was is archived instead, so that links to
    it keep sense."""
    if head["first_published_at"] is not None:
        raise conflict(
            Text("The sheet has been published before. It can be archived but not deleted.")
        )
    if linked := await measures.linking(connection, head["id"]):
        names = ", ".join(linked)
        raise conflict(Text("Other measures link to this one: {names}.", names=names))
    if left := await measures.left_without_successor(
        connection, head["id"], references.superseded(sheet)
    ):
        names = ", ".join(left)
        raise conflict(Text("Replaced by this measure is: {names}.", names=names))
    await measures.remove(connection, head["id"])
    await audit.record(
        connection,
        metadata,
        principal,
        action="delete",
        entity="measure",
        entity_id=head["id"],
        region=head["owner"],
        before=sheet.model_dump(mode="json"),
    )


async def store(
    connection: WriteConnection,
    principal: Principal,
    head: Row,
    sheet: Sheet,
    *,
    action: str,
    before: Sheet | None,
    comment: str | None = None,
) -> Row:
    """Write `head` and `sheet` as the next revision, with the editors' view of it and the audit
    row."""
    now = datetime.now(UTC)
    values = {
        "concept": sheet.concept,
        "number": sheet.number,
        "owner": head["owner"],
        "regions": sheet.regions,
        "revision": head["revision"] + 1,
        "editorial": head["editorial"],
        "phase": head["phase"],
        "changed_at": now,
        "changed_by": principal.subject,
    }
    stored = {**head, **values}
    await measures.change(connection, head["id"], values)
    document = sheet.model_dump(mode="json")
    await measures.add_revision(
        connection,
        {
            "measure_id": head["id"],
            "revision": stored["revision"],
            "document": document,
            "phase": stored["phase"],
            "editorial": stored["editorial"],
            "action": action,
            "comment": comment,
            "at": now,
            "by": principal.subject,
        },
    )
    await show(connection, stored, sheet, Audience.INTERNAL)
    old = before.model_dump(mode="json") if before else {}
    touched = [name for name, value in document.items() if old.get(name) != value]
    await audit.record(
        connection,
        metadata,
        principal,
        action=action,
        entity="measure",
        entity_id=head["id"],
        region=head["owner"],
        before={"revision": head["revision"], **{n: old.get(n) for n in touched}}
        if before
        else None,
        after={
            "revision": stored["revision"],
            "phase": stored["phase"],
            "editorial": stored["editorial"],
            "comment": comment,
            **{n: document[n] for n in touched},
        },
    )
    return stored


async def show(connection: WriteConnection, head: Row, sheet: Sheet, audience: Audience) -> None:
    """Lay the sheet out for lists and sums of an audience."""
    since = await registers.concept_date(connection, sheet.concept)
    view = views.View(
        head["id"],
        audience,
        head["revision"],
        sheet,
        head["owner"],
        Phase(head["phase"]),
        head["editorial"],
        head["changed_at"],
        since,
    )
    await views.put(connection, [view])


def _taken(sheet: Sheet) -> Problem:
    return conflict(
        Text(
            "The number {number} is taken in the concept {concept}.",
            number=sheet.number,
            concept=sheet.concept,
        )
    )


def _keeps_guards(sheet: Sheet, phase: Phase, *, superseded: bool) -> None:
    """A sheet keeps what its phase needs: a decided measure does not lose its decision."""
    lacking = missing(sheet, phase, superseded=superseded)
    if lacking:
        raise invalid(lacking[0], *(FieldError("/body", text) for text in lacking))


def variant_of(lang: str, body: bytes) -> str:
    """What tells representations of one revision apart: language, and content that depends on the
    day or on others."""
    return f"{lang}.{hashlib.blake2b(body, digest_size=8).hexdigest()}"
