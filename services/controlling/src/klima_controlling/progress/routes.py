"""Progress reports and evaluations of a measure."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from klima_controlling.base.routes import CHECKED, context_of, create_after_asking
from klima_controlling.base.shapes import row_of
from klima_controlling.progress import actions, queries
from klima_controlling.progress.queries import (
    EVALUATION,
    PROGRESS_REPORT,
    Evaluation,
    ProgressReport,
)
from klima_controlling.progress.shapes import (
    EvaluationAnswer,
    NewEvaluation,
    NewProgressReport,
    ProgressReportAnswer,
    evaluation_answer,
    report_answer,
)
from klima_controlling.upstream.actions import sheet_of
from klima_shared.database.connections import Read, database_of
from klima_shared.http.auth import Caller, Editor, Manager, Principal
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.paging import Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.revisions import entities
from klima_shared.revisions.writing import Writer, writing
from klima_shared.wire.measures import MeasureSheet

router = APIRouter(prefix="/v1/measures/{measure_id}", tags=["progress"], dependencies=CHECKED)


T = TypeVar("T", ProgressReport, Evaluation)


class _Creation:
    """Something is written about a measure, and the measures service is told of it."""

    def __init__(self, request: Request, measure_id: UUID, idempotency: Idempotency) -> None:
        self.context, self.database = context_of(request), database_of(request)
        self.measure_id, self.idempotency = measure_id, idempotency
        self.measure = f"/v1/measures/{measure_id}"

    async def run(
        self,
        principal: Principal,
        store: Callable[[Writer, MeasureSheet], Awaitable[T]],
        created: Callable[[T], Created],
    ) -> Response:
        stored: list[T] = []

        async def store_one(writer: Writer, sheet: MeasureSheet) -> Created:
            stored.append(await store(writer, sheet))
            return created(stored[0])

        response = await create_after_asking(
            self.database,
            principal,
            self.idempotency,
            ask=partial(sheet_of, self.context, self.measure_id),
            store=store_one,
        )
        # Committed before it is reported: a report can't be taken back.
        for row in stored:
            if await actions.report(self.database, self.context, row):
                response = created(replace(row, told_at=self.context.now())).response()
        return response


Creation = Annotated[_Creation, Depends()]


@router.get(
    "/progress-reports",
    summary="Progress reports, newest first",
    responses=problem_responses(401, 404, 422, 503),
)
async def list_progress_reports(
    request: Request, measure_id: UUID, read: Read, caller: Caller, page: Paging
) -> Page[ProgressReportAnswer]:
    """Obstacles and needed decisions are internal: viewers of the region see them."""
    await sheet_of(context_of(request), measure_id)
    after = check_key(page.after, datetime, UUID)
    limit = page.limit + 1
    rows = await queries.of_measure(read, PROGRESS_REPORT, measure_id, limit=limit, after=after)
    return page.answer(rows, ["created_at", "id"], lambda row: report_answer(row, caller))


@router.post(
    "/progress-reports",
    summary="Report on a period",
    **creating(ProgressReportAnswer, 400, 401, 403, 404, 409, 422, 503),
)
async def create_progress_report(
    body: NewProgressReport, editor: Editor, creation: Creation
) -> Response:
    """One report a period. The measures service is told the assessment after the report is
    stored."""
    today, values = creation.context.today(), row_of(body)

    def created(row: ProgressReport) -> Created:
        location, etag = f"{creation.measure}/progress-reports", PROGRESS_REPORT.etag(row)
        return Created(report_answer(row, editor), location=location, etag=etag)

    async def store(writer: Writer, sheet: MeasureSheet) -> ProgressReport:
        return await actions.create_report(writer, today, sheet, values)

    return await creation.run(editor, store, created)


@router.get(
    "/progress-reports/{report_id}",
    summary="One progress report",
    responses=problem_responses(401, 404, 422, 503),
)
async def get_progress_report(
    request: Request,
    response: Response,
    measure_id: UUID,
    report_id: UUID,
    read: Read,
    caller: Caller,
) -> ProgressReportAnswer:
    """With a measure that was withdrawn its reports are: viewers of the region still see them."""
    row = await entities.get(read, PROGRESS_REPORT, report_id)
    if row.measure_id != measure_id:
        raise PROGRESS_REPORT.missing(report_id)
    inside = caller.may_read_drafts(row.region)
    if not inside:
        await sheet_of(context_of(request), measure_id)
    response.headers["ETag"] = PROGRESS_REPORT.etag(row, "" if inside else "public")
    return report_answer(row, caller)


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
    context, database = context_of(request), database_of(request)
    async with writing(database, editor, if_match) as writer:
        row = await actions.change_report(writer, measure_id, report_id, row_of(body))
    if await actions.report(database, context, row):
        row = replace(row, told_at=context.now())
    response.headers["ETag"] = PROGRESS_REPORT.etag(row)
    return report_answer(row, editor)


@router.get(
    "/evaluations",
    summary="Evaluations, newest first",
    responses=problem_responses(401, 404, 422, 503),
)
async def list_evaluations(
    request: Request, measure_id: UUID, read: Read, page: Paging
) -> Page[EvaluationAnswer]:
    await sheet_of(context_of(request), measure_id)
    after = check_key(page.after, datetime, UUID)
    rows = await queries.of_measure(read, EVALUATION, measure_id, limit=page.limit + 1, after=after)
    return page.answer(rows, ["created_at", "id"], evaluation_answer)


@router.post(
    "/evaluations",
    summary="Evaluate a measure",
    **creating(EvaluationAnswer, 400, 401, 403, 404, 409, 422, 503),
)
async def create_evaluation(body: NewEvaluation, manager: Manager, creation: Creation) -> Response:
    """Planned against actual, with evidence and a conclusion. The measures service is told, and
    lets the measure be completed; while it can't be asked, `told` is false and it is told later.
    """
    today, values = creation.context.today(), row_of(body)

    def created(row: Evaluation) -> Created:
        return Created(evaluation_answer(row), location=f"{creation.measure}/evaluations")

    async def store(writer: Writer, sheet: MeasureSheet) -> Evaluation:
        return await actions.create_evaluation(writer, today, sheet, values)

    return await creation.run(manager, store, created)
