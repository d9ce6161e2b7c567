"""Routes of the workflow: phases, review, publication, history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_measures.base.actions.context import frame_of
from klima_measures.base.model.texts import Reason
from klima_measures.sheets.actions import history, workflow
from klima_measures.sheets.actions import writing as measures
from klima_measures.sheets.model.codes import Editorial
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.shapes.measures import EditorialComment, Published
from klima_shared.codes.lists import Phase, Role
from klima_shared.database.connections import Read, Write
from klima_shared.http.auth import Caller, Editor, Manager
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses
from klima_shared.language.reader import ReaderLang

router = APIRouter(prefix="/v1/measures/{measure_id}", tags=["workflow"])
_WRITE = problem_responses(401, 403, 404, 409, 412, 422, 428)
_READ = problem_responses(401, 403, 404, 422)


class PhaseMove(BaseModel):
    """A move on the phase axis; what each phase needs is said in the problem when it is missing."""

    model_config = ConfigDict(extra="forbid")

    to: Phase
    reason: Reason | None = None
    effective_on: date | None = Field(default=None, description="default: today")


class Transition(BaseModel):
    """A row of the phase history. Who and why are internal."""

    revision: int
    from_phase: Phase | None
    to_phase: Phase
    label: str
    effective_on: date
    at: datetime
    reason: str | None = None
    by: str | None = None


class Transitions(BaseModel):
    items: list[Transition]
    next: None = None


class Change(BaseModel):
    pointer: str = Field(examples=["/goal"])
    before: Any
    after: Any


class HistoryEntry(BaseModel):
    """A revision: who made it, when, how, and what changed by it."""

    revision: int
    action: str
    editorial: Editorial
    phase: Phase
    at: datetime
    by: str | None = Field(description="null for the public")
    comment: str | None
    changes: list[Change] = Field(default_factory=list)


class Revision(BaseModel):
    revision: int
    action: str
    editorial: Editorial
    phase: Phase
    at: datetime
    by: str | None = None
    comment: str | None = None


class RevisionDocument(Revision):
    sheet: Sheet


def _state(head: dict[str, Any]) -> Published:
    names = ("id", "revision", "editorial", "phase", "published_revision", "published_at")
    return Published(**{name: head[name] for name in names})


def _answer(response: Response, head: dict[str, Any]) -> Published:
    response.headers["ETag"] = measures.etag_of(head)
    response.headers["Cache-Control"] = "no-store"
    return _state(head)


@router.post(
    "/transitions",
    summary="Move a measure to another phase",
    status_code=201,
    response_model=Published,
    responses=_WRITE,
)
async def create_transition(
    request: Request,
    connection: Write,
    caller: Manager,
    idempotency: Idempotency,
    measure_id: UUID,
    if_match: RequiredIfMatch,
    move: Annotated[PhaseMove, Body(openapi_examples={"examined": {"value": {"to": "examined"}}})],
) -> Response:
    """The move becomes visible to the public when the sheet is published the next time."""

    async def action() -> Created:
        head, sheet = await measures.open_for(
            connection, caller, measure_id, if_match, Role.MANAGER
        )
        moved = await workflow.transition(
            connection,
            caller,
            frame_of(request),
            head,
            sheet,
            to_phase=move.to,
            reason=move.reason,
            effective_on=move.effective_on,
        )
        return Created(
            _state(moved),
            location=f"/v1/measures/{measure_id}/transitions",
            etag=measures.etag_of(moved),
        )

    return await idempotency.run(connection, action)


@router.get("/transitions", summary="The phases a measure went through", responses=_READ)
async def list_transitions(
    connection: Read, caller: Caller, lang: ReaderLang, measure_id: UUID
) -> Transitions:
    rows = await history.transitions(connection, caller, measure_id)
    return Transitions(
        items=[Transition(**row, label=Phase(row["to_phase"]).label(lang)) for row in rows]
    )


_COMMENT = Body(openapi_examples={"comment": {"value": {"comment": "Zahlen abgestimmt"}}})


async def _step(
    connection: Write,
    caller: Any,
    measure_id: UUID,
    if_match: Any,
    response: Response,
    wanted: Editorial,
    action: str,
    role: Role,
    comment: EditorialComment | None,
) -> Published:
    head, sheet = await measures.open_for(connection, caller, measure_id, if_match, role)
    said = comment.comment if comment else None
    stored = await workflow.editorial_step(
        connection, caller, head, sheet, wanted, action=action, comment=said
    )
    return _answer(response, stored)


@router.post("/review", summary="Hand a draft in for review", responses=_WRITE)
async def submit_measure(
    connection: Write,
    caller: Editor,
    response: Response,
    measure_id: UUID,
    if_match: RequiredIfMatch,
    comment: Annotated[EditorialComment | None, _COMMENT] = None,
) -> Published:
    return await _step(
        connection,
        caller,
        measure_id,
        if_match,
        response,
        Editorial.IN_REVIEW,
        "review",
        Role.EDITOR,
        comment,
    )


@router.post(
    "/withdraw",
    summary="Make a sheet in review, or an archived one, a draft again",
    responses=_WRITE,
)
async def withdraw_measure(
    connection: Write,
    caller: Editor,
    response: Response,
    measure_id: UUID,
    if_match: RequiredIfMatch,
    comment: Annotated[EditorialComment | None, _COMMENT] = None,
) -> Published:
    return await _step(
        connection,
        caller,
        measure_id,
        if_match,
        response,
        Editorial.DRAFT,
        "withdraw",
        Role.EDITOR,
        comment,
    )


@router.post("/publish", summary="Publish the working revision", responses=_WRITE)
async def publish_measure(
    connection: Write,
    caller: Manager,
    response: Response,
    measure_id: UUID,
    if_match: RequiredIfMatch,
    comment: Annotated[EditorialComment | None, _COMMENT] = None,
) -> Published:
    """From now on the public reads this revision; later edits stay invisible until the next
    publication."""
    return await _step(
        connection,
        caller,
        measure_id,
        if_match,
        response,
        Editorial.PUBLISHED,
        "publish",
        Role.MANAGER,
        comment,
    )


@router.post("/archive", summary="Take a sheet out of the catalogue", responses=_WRITE)
async def archive_measure(
    connection: Write,
    caller: Manager,
    response: Response,
    measure_id: UUID,
    if_match: RequiredIfMatch,
    comment: Annotated[EditorialComment | None, _COMMENT] = None,
) -> Published:
    """The public no longer finds it; it can be withdrawn to a draft and published again."""
    return await _step(
        connection,
        caller,
        measure_id,
        if_match,
        response,
        Editorial.ARCHIVED,
        "archive",
        Role.MANAGER,
        comment,
    )


@router.get("/revisions", summary="The revisions of a sheet, newest first", responses=_READ)
async def list_revisions(
    request: Request,
    response: Response,
    connection: Read,
    caller: Caller,
    paging: Paging,
    measure_id: UUID,
    modified_since: ModifiedSince = None,
) -> Page[Revision]:
    """The public sees those that were published, without who made them."""
    before = check_key(paging.after, int)
    rows = await history.revisions(
        connection,
        caller,
        measure_id,
        paging.limit + 1,
        before[0] if before else None,
        modified_since,
    )
    shown, cursor = paging.cut(rows, ["revision"])
    link_next(request, response, cursor)
    return Page[Revision](items=[Revision(**row) for row in shown], next=cursor)


@router.get("/revisions/{revision}", summary="The sheet as it was in a revision", responses=_READ)
async def get_revision(
    connection: Read, caller: Caller, measure_id: UUID, revision: int
) -> RevisionDocument:
    return RevisionDocument(**await history.revision(connection, caller, measure_id, revision))


@router.get("/history", summary="Who changed what, newest first", responses=_READ)
async def list_history(
    request: Request,
    response: Response,
    connection: Read,
    caller: Caller,
    paging: Paging,
    measure_id: UUID,
    modified_since: ModifiedSince = None,
) -> Page[HistoryEntry]:
    """The public sees when the sheet was published, not what changed or who changed it."""
    before = check_key(paging.after, int)
    rows = await history.changes(
        connection,
        caller,
        measure_id,
        paging.limit + 1,
        before[0] if before else None,
        modified_since,
    )
    shown, cursor = paging.cut(rows, ["revision"])
    link_next(request, response, cursor)
    return Page[HistoryEntry](items=[HistoryEntry(**row) for row in shown], next=cursor)
