"""Creating, changing and removing measures. Each write makes a revision, its views and an audit
row, or nothing.

Nothing here asks another service: what has to be asked (`Regions`) is asked before the transaction
begins, so that nobody waits for an answer while a row is locked.
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid4

import orjson
from pydantic import ValidationError

from klima_measures.base.actions.regions import Regions
from klima_measures.base.actions.session import WriteSession
from klima_measures.registers import queries as registers
from klima_measures.registers.actions import Hooks
from klima_measures.registers.model import RegisterKind, Template
from klima_measures.sheets.actions import references
from klima_measures.sheets.model.codes import Audience, Editorial
from klima_measures.sheets.model.sheet import Sheet, owner_of
from klima_measures.sheets.queries import sheets, views
from klima_measures.sheets.queries.sheets import MEASURE, Head, Revision, Transition
from klima_measures.sheets.rules import workflow as evidence
from klima_measures.sheets.rules.documents import fill
from klima_measures.sheets.rules.workflow import missing
from klima_shared.codes.access import Role
from klima_shared.codes.action import Phase
from klima_shared.database.connections import ReadConnection, WriteConnection
from klima_shared.http.problems import FieldError, Problem, conflict, invalid, invalid_at
from klima_shared.http.validation import pointer_of, validation_text
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions import writing as kit
from klima_shared.revisions.entities import Values
from klima_shared.revisions.stored import read_stored
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import Json


class Opened(NamedTuple):
    """A measure, locked, with its working sheet."""

    head: Head
    sheet: Sheet


class Step(NamedTuple):
    """What a revision is made by."""

    action: str
    comment: str | None = None


async def create(session: WriteSession, sheet: Sheet, regions: Regions) -> Head:
    """The new measure. 403 for a foreign region, 409 for a number that is taken, 422 for a wrong
    reference."""
    head = await reserve(session, sheet)
    return await add_first_revision(session, Opened(head, sheet), regions, Step("create"))


def validated(content: Json) -> Sheet:
    """A sheet from JSON-like content; 422 with every place that is wrong."""
    try:
        return Sheet.model_validate_json(orjson.dumps(content))
    except ValidationError as error:
        errors = [
            FieldError("/body" + pointer_of(e["loc"]), validation_text(e)) for e in error.errors()
        ]
        many = Text("{count} values are invalid.", count=len(errors))
        raise invalid(errors[0].detail if len(errors) == 1 else many, *errors) from error


async def filled(session: WriteSession, sheet: Sheet, template: UUID | None) -> Sheet:
    """The sheet, filled by a template. 422 for one that is not there."""
    if template is None:
        return sheet
    entry = await entities.find_readable(
        session.connection, registers.REGISTERS[RegisterKind.TEMPLATE], session.principal, template
    )
    if entry is None:
        raise invalid_at("/query/template", Text("There is no such template."))
    return fill(sheet, read_stored(Template, entry.document))


async def reserve(session: WriteSession, sheet: Sheet, phase: Phase = Phase.IDEA) -> Head:
    """A measure's identity and number, without content yet: measures of one import may link to each
    other.

    A phase beyond idea is the manager's to decide, in a file as well as by a move.
    """
    owner = owner_of(sheet, session.context.county)
    session.require(Role.EDITOR if phase is Phase.IDEA else Role.MANAGER, owner)
    values = {
        **_columns(sheet),
        **MEASURE.authors(session.principal.subject),
        "id": uuid4(),
        "owner": owner,
        "revision": 0,
        "editorial": Editorial.DRAFT,
        "phase": phase,
    }
    unique = ["concept", "number"]
    head = await entities.insert_unless_there(session.connection, MEASURE, values, unique)
    if head is None:
        raise number_taken(sheet.concept, sheet.number)
    return head


def _columns(sheet: Sheet) -> Values:
    """What of a sheet stands in the measure's row."""
    return {"concept": sheet.concept, "number": sheet.number, "regions": sheet.regions}


async def add_first_revision(
    session: WriteSession, opened: Opened, regions: Regions, step: Step
) -> Head:
    """Fill a reserved measure. A phase beyond idea must have what it needs, and leaves a history
    row."""
    head, sheet = opened
    evidence.check(sheet, None)
    await references.check(session, head.id, references.Change(None, sheet), regions)
    _check_guards(sheet, head.phase, superseded=False)
    stored = await store(session, opened, sheet, step, new=True)
    if head.phase is not Phase.IDEA:
        await add_transition(session, stored, None, step.comment, session.context.today())
    return stored


async def add_transition(
    session: WriteSession, head: Head, before: Phase | None, reason: str | None, day: date
) -> None:
    """A row of the phase history for the revision that `head` is at."""
    made = (head.changed_at, head.changed_by)
    move = Transition(head.id, head.revision, before, head.phase, day, reason, *made)
    await sheets.add_transition(session.connection, move)


async def open_measure(session: WriteSession, identity: UUID, role: Role = Role.EDITOR) -> Opened:
    """The measure, locked, with its working sheet: for somebody who may write it and has seen its
    present state (another service needs not)."""
    head = await kit.opened(session, MEASURE, identity, role=role)
    return Opened(head, await working_sheet(session.connection, head))


async def working_sheet(connection: WriteConnection, head: Head) -> Sheet:
    revision = await sheets.revision(connection, head.id, head.revision)
    assert revision is not None  # noqa: S101
    return read_stored(Sheet, revision.document)


async def change(
    session: WriteSession,
    opened: Opened,
    sheet: Sheet,
    regions: Regions,
    step: Step = Step("change"),
) -> Head:
    """Store a new version of an opened measure. What is published stays as it is until it is
    published anew."""
    head, before = opened
    if head.editorial is Editorial.ARCHIVED:
        raise conflict(
            Text("The sheet is archived. It must become a draft again before it can be changed.")
        )
    connection, owner = session.connection, owner_of(sheet, session.context.county)
    session.require(Role.EDITOR, owner)
    evidence.check(sheet, before)
    await references.check(session, head.id, references.Change(before, sheet), regions)
    superseded = head.phase is Phase.REPLACED and await sheets.is_superseded(connection, head.id)
    _check_guards(sheet, head.phase, superseded=superseded)
    moved = (sheet.concept, sheet.number) != (before.concept, before.number)
    if moved and await sheets.is_taken(connection, sheet.concept, sheet.number, head.id):
        raise number_taken(sheet.concept, sheet.number)
    columns = {"owner": owner, "editorial": Editorial.DRAFT}
    return await store(session, opened, sheet, step, columns)


async def remove(session: WriteSession, opened: Opened) -> None:
    """Delete a measure that was never published; one that was is archived instead, so that links to
    it keep sense. Links that others have to it go with it, so that nobody holds up a deletion."""
    head, sheet = opened
    connection = session.connection
    if head.first_published_at is not None:
        raise conflict(
            Text("The sheet has been published before. It can be archived but not deleted.")
        )
    linked = await sheets.linking(connection, head.id)
    if own := [one for one in linked if session.principal.may(Role.EDITOR, one.owner)]:
        names = references.numbers_for(session.principal, own)
        raise conflict(Text("Other measures link to this one: {names}.", names=names))
    replaced = references.superseded(sheet)
    if left := await sheets.left_without_successor(connection, head.id, replaced):
        names = references.numbers_for(session.principal, left)
        raise conflict(Text("Replaced by this measure is: {names}.", names=names))
    for other in linked:
        await _unlink(session, other, head.id)
    await entities.delete(connection, MEASURE, head.id)
    document = sheet.model_dump(mode="json")
    await session.record("delete", MEASURE.name, head.id, region=head.region, before=document)


async def _unlink(session: WriteSession, head: Head, target: UUID) -> None:
    """Take the links to a measure that is about to go out of another one's sheet."""
    sheet = await working_sheet(session.connection, head)
    links = [link for link in sheet.links if link.measure != target]
    if len(links) < len(sheet.links):
        rest = sheet.model_copy(update={"links": links})
        await store(session, Opened(head, sheet), rest, Step("unlink"))
    await views.remove_links(session.connection, head.id, target)


async def store(
    session: WriteSession,
    opened: Opened,
    sheet: Sheet,
    step: Step,
    columns: Values | None = None,
    *,
    new: bool = False,
) -> Head:
    """Write the sheet as the next revision of an opened measure, with the columns of its row that
    change, the editors' view of it and the audit row."""
    head, before = opened
    connection, subject = session.connection, session.principal.subject
    values = {**_columns(sheet), **(columns or {})}
    stored = await entities.update(connection, MEASURE, (head.id,), subject, values)
    document = sheet.model_dump(mode="json")
    state, made = (stored.phase, stored.editorial), (stored.changed_at, stored.changed_by)
    revision = Revision(head.id, stored.revision, *state, *step, *made, document)
    await sheets.add_revision(connection, revision)
    await lay_out(connection, stored, sheet, Audience.INTERNAL)
    old = {} if new else before.model_dump(mode="json")
    touched = [name for name, value in document.items() if old.get(name) != value]
    await session.record(
        step.action,
        MEASURE.name,
        head.id,
        region=stored.region,
        before=None if new else {"revision": head.revision, **{n: old.get(n) for n in touched}},
        after={
            "revision": stored.revision,
            "phase": stored.phase.value,
            "editorial": stored.editorial.value,
            "comment": step.comment,
            **{n: document[n] for n in touched},
        },
    )
    return stored


async def lay_out(
    connection: WriteConnection, head: Head, sheet: Sheet, audience: Audience
) -> None:
    """Lay the sheet out for lists and sums of an audience."""
    dates = await registers.concept_dates(connection, [sheet.concept])
    await views.put(connection, [views.View(head, audience, sheet, dates.get(sheet.concept))])


async def _lay_out_concept(connection: WriteConnection, concept: str) -> None:
    """The horizon of every measure of a concept is counted from its date: lay them out anew."""
    dates = await registers.concept_dates(connection, [concept])
    await views.put(connection, await views.of_concept(connection, concept, dates.get(concept)))


async def _users(writer: Writer, identity: UUID) -> Text | None:
    found = await sheets.using(writer.connection, identity)
    return references.numbers_for(writer.principal, found) if found else None


REGISTER_HOOKS = Hooks(users=_users, concept_changed=_lay_out_concept)


def number_taken(concept: str, number: str) -> Problem:
    return conflict(
        Text(
            "The number {number} is taken in the concept {concept}.", number=number, concept=concept
        )
    )


def _check_guards(sheet: Sheet, phase: Phase, *, superseded: bool) -> None:
    """A sheet keeps what its phase needs: a decided measure does not lose its decision."""
    lacking = missing(sheet, phase, superseded=superseded)
    if lacking:
        raise invalid(lacking[0], *(FieldError("/body", text) for text in lacking))


async def regions_after(connection: ReadConnection, identity: UUID, changes: Json) -> list[str]:
    """The region keys a sheet will have after these changes, as far as they are texts at all."""
    stated = changes.get("regions")
    if isinstance(stated, list):
        return [key for key in stated if isinstance(key, str)]
    head = await entities.find(connection, MEASURE, identity)
    return list(head.regions) if head else []
