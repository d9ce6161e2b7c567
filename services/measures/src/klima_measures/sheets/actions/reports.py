"""What the controlling service tells about a measure: that it was evaluated, and how it is judged
to go.

Each becomes a row of the working sheet, in a revision of its own, and is public when the sheet is
published the next time. What was told before (same reference, same day) is not written twice, so
that telling may be repeated.
"""

from __future__ import annotations

from uuid import UUID

from klima_measures.sheets.actions.writing import Row, no_measure, sheet_of, store
from klima_measures.sheets.model.codes import Editorial
from klima_measures.sheets.model.rows import Evaluation, StatusReport
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import measures
from klima_shared.codes.lists import Role
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal


async def add_evaluation(
    connection: WriteConnection, principal: Principal, identity: UUID, evaluation: Evaluation
) -> Row:
    """The measure's head afterwards. 403 without the role service, 404 for an unknown measure."""
    head, sheet = await _opened(connection, principal, identity)
    if evaluation.reference and any(e.reference == evaluation.reference for e in sheet.evaluations):
        return head
    changed = sheet.model_copy(update={"evaluations": [*sheet.evaluations, evaluation]})
    return await _stored(connection, principal, head, sheet, changed, "evaluation")


async def add_status_report(
    connection: WriteConnection, principal: Principal, identity: UUID, report: StatusReport
) -> Row:
    """A report of the same day takes the place of the one before it."""
    head, sheet = await _opened(connection, principal, identity)
    if report in sheet.status_reports:
        return head
    others = [r for r in sheet.status_reports if r.reported_on != report.reported_on]
    changed = sheet.model_copy(update={"status_reports": [*others, report]})
    return await _stored(connection, principal, head, sheet, changed, "status_report")


async def _opened(
    connection: WriteConnection, principal: Principal, identity: UUID
) -> tuple[Row, Sheet]:
    principal.require(Role.SERVICE)
    head = await measures.find(connection, identity, lock=True)
    if head is None:
        raise no_measure(identity)
    revision = await measures.revision(connection, identity, head["revision"])
    assert revision is not None  # noqa: S101
    return head, sheet_of(revision["document"])


async def _stored(
    connection: WriteConnection,
    principal: Principal,
    head: Row,
    before: Sheet,
    sheet: Sheet,
    action: str,
) -> Row:
    checked = Sheet.model_validate(sheet.model_dump())
    archived = head["editorial"] == Editorial.ARCHIVED.value
    changed = head if archived else {**head, "editorial": Editorial.DRAFT.value}
    return await store(connection, principal, changed, checked, action=action, before=before)
