"""Routes of the workflow: phases, review, publication, history; and what the controlling service
reports about a measure (role `service`)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Response

from klima_measures.base.routes import Editing, Managing, Reading, Reporting
from klima_measures.sheets.actions import history, workflow
from klima_measures.sheets.actions.writing import Step, open_measure
from klima_measures.sheets.model.codes import Editorial
from klima_measures.sheets.model.rows import Evaluation, StatusReport
from klima_measures.sheets.queries.sheets import MEASURE, Head, HistoryPage
from klima_measures.sheets.queries.sheets import Revision as StoredRevision
from klima_measures.sheets.shapes import (
    EXAMPLES,
    EditorialComment,
    FieldChange,
    HistoryEntry,
    PhaseMove,
    Published,
    Revision,
    RevisionDocument,
    Transition,
    Transitions,
    published_state,
)
from klima_shared.codes.access import Role
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, PageRequest, Paging, check_key
from klima_shared.http.problems import problem_responses

router = APIRouter(prefix="/v1/measures/{measure_id}", tags=["workflow"])
_WRITE = problem_responses(401, 403, 404, 409, 412, 422, 428)
_READ = problem_responses(401, 403, 404, 422)
_COMMENT = Body(openapi_examples={"comment": {"value": {"comment": "Zahlen abgestimmt"}}})
_MOVE = Body(openapi_examples={"examined": {"value": {"to": "examined"}}})


@router.post(
    "/transitions",
    summary="Move a measure to another phase",
    **creating(Published, 401, 403, 404, 409, 412, 422, 428),
)
async def create_transition(
    idempotency: Idempotency, session: Managing, measure_id: UUID, move: Annotated[PhaseMove, _MOVE]
) -> Response:
    """The move becomes visible to the public when the sheet is published the next time."""

    async def action() -> Created:
        opened = await open_measure(session, measure_id, Role.MANAGER)
        moved = await workflow.move_phase(session, opened, move.to, move.reason, move.effective_on)
        location = f"/v1/measures/{measure_id}/transitions"
        return Created(published_state(moved), location=location, etag=MEASURE.etag(moved))

    return await idempotency.run(session.connection, action)


@router.get("/transitions", summary="The phases a measure went through", responses=_READ)
async def list_transitions(
    session: Reading, lang: RequestLanguage, measure_id: UUID
) -> Transitions:
    rows, public = await history.transitions(session, measure_id)
    hidden = {"by": None, "reason": None} if public else {}
    return Transitions(
        items=[
            Transition(**{**row._asdict(), **hidden}, label=row.to_phase.label(lang))
            for row in rows
        ]
    )


class _EditorialStep:
    """A step on the way to publication, with its comment."""

    def __init__(
        self,
        response: Response,
        measure_id: UUID,
        comment: Annotated[EditorialComment | None, _COMMENT] = None,
    ) -> None:
        self.response, self.measure_id = response, measure_id
        self.comment = comment.comment if comment else None

    async def take(self, session: Editing, action: str, wanted: Editorial) -> Published:
        role = Role.MANAGER if wanted in {Editorial.PUBLISHED, Editorial.ARCHIVED} else Role.EDITOR
        opened = await open_measure(session, self.measure_id, role)
        step = Step(action, self.comment)
        head = await workflow.take_editorial_step(session, opened, wanted, step)
        self.response.headers["ETag"] = MEASURE.etag(head)
        self.response.headers["Cache-Control"] = "no-store"
        return published_state(head)


EditorialStep = Annotated[_EditorialStep, Depends()]


@router.post("/review", summary="Hand a draft in for review", responses=_WRITE)
async def submit_measure(session: Editing, step: EditorialStep) -> Published:
    return await step.take(session, "review", Editorial.IN_REVIEW)


@router.post(
    "/withdraw",
    summary="Make a sheet in review, or an archived one, a draft again",
    responses=_WRITE,
)
async def withdraw_measure(session: Editing, step: EditorialStep) -> Published:
    return await step.take(session, "withdraw", Editorial.DRAFT)


@router.post("/publish", summary="Publish the working revision", responses=_WRITE)
async def publish_measure(session: Managing, step: EditorialStep) -> Published:
    """From now on the public reads this revision; later edits stay invisible until the next
    publication."""
    return await step.take(session, "publish", Editorial.PUBLISHED)


@router.post("/archive", summary="Take a sheet out of the catalogue", responses=_WRITE)
async def archive_measure(session: Managing, step: EditorialStep) -> Published:
    """The public no longer finds it; it can be withdrawn to a draft and published again."""
    return await step.take(session, "archive", Editorial.ARCHIVED)


def _history_page(paging: PageRequest, since: ModifiedSince) -> HistoryPage:
    before = check_key(paging.after, int)
    return HistoryPage(paging.limit + 1, before[0] if before else None, since)


def _revision(row: StoredRevision, *, public: bool) -> Revision:
    """Who made it and why is internal."""
    hidden = {"by": None, "comment": None} if public else {}
    return Revision(**{**row._asdict(), **hidden})


@router.get("/revisions", summary="The revisions of a sheet, newest first", responses=_READ)
async def list_revisions(
    session: Reading, paging: Paging, measure_id: UUID, modified_since: ModifiedSince = None
) -> Page[Revision]:
    """The public sees those that were published, without who made them."""
    page = _history_page(paging, modified_since)
    rows, public = await history.revisions(session, measure_id, page)
    return paging.answer(rows, ["revision"], lambda row: _revision(row, public=public))


@router.get("/revisions/{revision}", summary="The sheet as it was in a revision", responses=_READ)
async def get_revision(session: Reading, measure_id: UUID, revision: int) -> RevisionDocument:
    found = await history.revision(session, measure_id, revision)
    head = _revision(found.revision, public=found.public)
    return RevisionDocument(**vars(head), sheet=found.sheet)


@router.get("/history", summary="Who changed what, newest first", responses=_READ)
async def list_history(
    session: Reading, paging: Paging, measure_id: UUID, modified_since: ModifiedSince = None
) -> Page[HistoryEntry]:
    """The public sees when the sheet was published, not what changed or who changed it."""
    page = _history_page(paging, modified_since)
    rows, public = await history.changes(session, measure_id, page)
    entries = [
        HistoryEntry(
            **vars(_revision(row, public=public)),
            changes=[FieldChange(**difference._asdict()) for difference in differences],
        )
        for row, differences in rows
    ]
    return paging.answer(entries, ["revision"], lambda entry: entry)


@router.post(
    "/evaluations",
    summary="Note that a measure was evaluated",
    **creating(Published, 401, 403, 404, 409, 422),
)
async def note_evaluation(
    session: Reporting,
    idempotency: Idempotency,
    measure_id: UUID,
    evaluation: Annotated[
        Evaluation, Body(openapi_examples={"evaluation": {"value": EXAMPLES["evaluation"]}})
    ],
) -> Response:
    """The evaluation itself is in the controlling service; `completed` needs the note. Repeating it
    changes nothing."""

    async def action() -> Created:
        return _noted(await workflow.add_evaluation(session, measure_id, evaluation))

    return await idempotency.run(session.connection, action)


@router.post(
    "/status-reports",
    summary="Note how a measure is judged to go",
    **creating(Published, 401, 403, 404, 409, 422),
)
async def note_status_report(
    session: Reporting,
    idempotency: Idempotency,
    measure_id: UUID,
    report: Annotated[
        StatusReport, Body(openapi_examples={"report": {"value": EXAMPLES["report"]}})
    ],
) -> Response:
    """The progress report itself is in the controlling service; the status of the measure follows
    from the note."""

    async def action() -> Created:
        return _noted(await workflow.add_status_report(session, measure_id, report))

    return await idempotency.run(session.connection, action)


def _noted(head: Head) -> Created:
    location = f"/v1/measures/{head.id}"
    return Created(published_state(head), location=location, etag=MEASURE.etag(head))
