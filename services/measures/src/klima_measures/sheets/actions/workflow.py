"""Moves on the two axes that people move by hand (the phase, and the way to publication), and what
the controlling service reports about a measure.

Each report becomes a row of the working sheet, in a revision of its own, and is public when the
sheet is published the next time. What was reported before (same reference, same day) is not written
twice, so that reporting may be repeated.
"""

from datetime import date
from uuid import UUID

from klima_measures.base.actions.session import WriteSession
from klima_measures.sheets.actions.writing import (
    Opened,
    Step,
    add_transition,
    lay_out,
    open_measure,
    store,
)
from klima_measures.sheets.model.codes import Audience, Editorial
from klima_measures.sheets.model.rows import Evaluation, StatusReport
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import sheets, views
from klima_measures.sheets.queries.sheets import Head
from klima_measures.sheets.rules.workflow import Move, editorial_refusal, refusals
from klima_shared.codes.access import Role
from klima_shared.codes.action import Phase
from klima_shared.http.problems import FieldError, conflict, invalid, invalid_at
from klima_shared.language.text import Text
from klima_shared.revisions.entities import Values


async def move_phase(
    session: WriteSession, opened: Opened, phase: Phase, reason: str | None, day: date | None
) -> Head:
    """Move an opened measure to another phase, with a history row. 409 with everything that stands
    against it."""
    head, sheet = opened
    today = session.context.today()
    day = day or today
    if day > today:
        raise invalid_at("/body/effective_on", Text("The date lies in the future."))
    if head.editorial is Editorial.ARCHIVED:
        refused = editorial_refusal(Editorial.ARCHIVED, Editorial.IN_REVIEW)
        assert refused is not None  # noqa: S101
        raise conflict(refused)
    superseded = await sheets.is_superseded(session.connection, head.id)
    against = refusals(sheet, Move(head.phase, phase, reason, day, superseded))
    if against:
        raise invalid(against[0], *(FieldError("/body/to", text) for text in against))
    columns = {"phase": phase, "editorial": Editorial.DRAFT}
    stored = await store(session, opened, sheet, Step("transition", reason), columns)
    await add_transition(session, stored, head.phase, reason, day)
    return stored


async def take_editorial_step(
    session: WriteSession, opened: Opened, wanted: Editorial, step: Step
) -> Head:
    """Review, withdraw, publish or archive an opened measure. 409 when its present state does not
    allow it."""
    head, sheet = opened
    refused = editorial_refusal(head.editorial, wanted)
    if refused is not None:
        raise conflict(refused)
    columns: dict[str, object] = {"editorial": wanted}
    if wanted is Editorial.PUBLISHED:
        columns |= sheets.publication(head, session.principal.subject)
    if wanted is Editorial.ARCHIVED:
        columns["published_revision"] = None
    stored = await store(session, opened, sheet, step, columns)
    if wanted is Editorial.PUBLISHED:
        await lay_out(session.connection, stored, sheet, Audience.PUBLIC)
    if wanted is Editorial.ARCHIVED:
        await views.remove(session.connection, head.id, Audience.PUBLIC)
    return stored


async def add_evaluation(session: WriteSession, identity: UUID, evaluation: Evaluation) -> Head:
    """The measure's head afterwards. 403 without the role service, 404 for an unknown measure."""
    opened = await open_measure(session, identity, Role.SERVICE)
    there = opened.sheet.evaluations
    if evaluation.reference and any(e.reference == evaluation.reference for e in there):
        return opened.head
    return await _report(session, opened, "evaluation", {"evaluations": [*there, evaluation]})


async def add_status_report(session: WriteSession, identity: UUID, report: StatusReport) -> Head:
    """A report of the same day takes the place of the one before it."""
    opened = await open_measure(session, identity, Role.SERVICE)
    there = opened.sheet.status_reports
    if report in there:
        return opened.head
    others = [other for other in there if other.reported_on != report.reported_on]
    return await _report(session, opened, "status_report", {"status_reports": [*others, report]})


async def _report(
    session: WriteSession, opened: Opened, action: str, rows: dict[str, object]
) -> Head:
    head, before = opened
    changed = before.model_copy(update=rows)
    checked = Sheet.model_validate(changed.model_dump())
    archived = head.editorial is Editorial.ARCHIVED
    columns: Values = {} if archived else {"editorial": Editorial.DRAFT}
    return await store(session, opened, checked, Step(action), columns)
