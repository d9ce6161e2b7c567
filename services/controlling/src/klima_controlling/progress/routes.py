"""Progress reports and evaluations of a measure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from klima_controlling.context import frame_of
from klima_controlling.progress import actions as usecases
from klima_controlling.progress import queries
from klima_controlling.progress.shapes import (
    EvaluationAnswer,
    NewEvaluation,
    NewProgressReport,
    ProgressReportAnswer,
    evaluation_answer,
    report_answer,
)
from klima_controlling.records import evaluation, progress_report
from klima_controlling.shapes import CHECKED
from klima_shared.database.connections import Read, database_of
from klima_shared.http.auth import Caller, Editor, Manager
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import Page, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses

router = APIRouter(prefix="/v1/measures/{measure_id}", tags=["progress"], dependencies=CHECKED)


@router.get(
    "/progress-reports",
    summary="Progress reports, newest first",
    responses=problem_responses(401, 404, 422, 503),
)
async def list_progress_reports(
    request: Request, response: Response, measure_id: UUID, read: Read, caller: Caller, page: Paging
) -> Page[ProgressReportAnswer]:
    """Obstacles and needed decisions are internal: viewers of the region see them."""
    await usecases.measure_of(frame_of(request), measure_id)
    after = check_key(page.after, datetime, UUID)
    rows = await queries.of_measure(
        read, progress_report, measure_id, limit=page.limit + 1, after=after
    )
    shown, cursor = page.cut(rows, ["created_at", "id"])
    link_next(request, response, cursor)
    return Page(items=[report_answer(row, caller) for row in shown], next=cursor)


@router.post(
    "/progress-reports",
    summary="Report on a period",
    status_code=201,
    response_model=ProgressReportAnswer,
    responses=problem_responses(400, 401, 403, 404, 409, 422, 503),
)
async def create_progress_report(
    request: Request,
    measure_id: UUID,
    body: NewProgressReport,
    editor: Editor,
    idempotency: Idempotency,
) -> Response:
    """One report a period. The measures service is told the assessment after the report is
    stored."""
    frame, database = frame_of(request), database_of(request)
    made: list[dict[str, Any]] = []

    def created(row: dict[str, Any]) -> Created:
        location = f"/v1/measures/{measure_id}/progress-reports"
        return Created(report_answer(row, editor), location=location, etag=usecases.etag_of(row))

    # Committed before it is told: what was told can't be taken back.
    async with database.write() as write:

        async def action() -> Created:
            made.append(
                await usecases.report(
                    write, editor, frame, measure_id, body.model_dump(mode="json")
                )
            )
            return created(made[0])

        response = await idempotency.run(write, action)
    for row in made:
        if await usecases.tell(database, frame, progress_report, row):
            response = created(row | {"told_at": frame.now()}).response()
    return response


@router.get(
    "/progress-reports/{report_id}",
    summary="One progress report",
    responses=problem_responses(401, 404, 422),
)
async def get_progress_report(
    response: Response, measure_id: UUID, report_id: UUID, read: Read, caller: Caller
) -> ProgressReportAnswer:
    row = await queries.find(read, progress_report, report_id)
    if row is None or row["measure_id"] != measure_id:
        raise usecases.no_report()
    answer = report_answer(row, caller)
    inside = caller.may_read_drafts(row["region"])
    response.headers["ETag"] = (
        usecases.etag_of(row) if inside else usecases.etag_of(row)[:-1] + ';public"'
    )
    return answer


@router.put(
    "/progress-reports/{report_id}",
    summary="Correct a progress report",
    responses=problem_responses(400, 401, 403, 404, 412, 422, 428),
)
async def replace_progress_report(
    request: Request,
    response: Response,
    measure_id: UUID,
    report_id: UUID,
    body: NewProgressReport,
    editor: Editor,
    if_match: RequiredIfMatch,
) -> ProgressReportAnswer:
    frame, database = frame_of(request), database_of(request)
    async with database.write() as write:
        values = body.model_dump(mode="json")
        row = await usecases.change_report(write, editor, measure_id, report_id, values, if_match)
    if await usecases.tell(database, frame, progress_report, row):
        row = row | {"told_at": frame.now()}
    response.headers["ETag"] = usecases.etag_of(row)
    return report_answer(row, editor)


@router.get(
    "/evaluations",
    summary="Evaluations, newest first",
    responses=problem_responses(401, 404, 422, 503),
)
async def list_evaluations(
    request: Request, response: Response, measure_id: UUID, read: Read, page: Paging
) -> Page[EvaluationAnswer]:
    await usecases.measure_of(frame_of(request), measure_id)
    after = check_key(page.after, datetime, UUID)
    rows = await queries.of_measure(read, evaluation, measure_id, limit=page.limit + 1, after=after)
    shown, cursor = page.cut(rows, ["created_at", "id"])
    link_next(request, response, cursor)
    return Page(items=[evaluation_answer(row) for row in shown], next=cursor)


@router.post(
    "/evaluations",
    summary="Evaluate a measure",
    status_code=201,
    response_model=EvaluationAnswer,
    responses=problem_responses(400, 401, 403, 404, 409, 422, 503),
)
async def create_evaluation(
    request: Request,
    measure_id: UUID,
    body: NewEvaluation,
    manager: Manager,
    idempotency: Idempotency,
) -> Response:
    """Planned against actual, with evidence and a conclusion. The measures service is told, and
    lets the measure be completed; while it can't be asked, `told` is false and it is told later.
    """
    frame, database = frame_of(request), database_of(request)
    made: list[dict[str, Any]] = []

    def created(row: dict[str, Any]) -> Created:
        return Created(evaluation_answer(row), location=f"/v1/measures/{measure_id}/evaluations")

    async with database.write() as write:

        async def action() -> Created:
            made.append(
                await usecases.evaluate(
                    write, manager, frame, measure_id, body.model_dump(mode="json")
                )
            )
            return created(made[0])

        response = await idempotency.run(write, action)
    for row in made:
        if await usecases.tell(database, frame, evaluation, row):
            response = created(row | {"told_at": frame.now()}).response()
    return response
