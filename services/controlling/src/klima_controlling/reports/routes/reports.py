"""Yearly reports: compose, approve, publish, correct."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from klima_controlling.base.routes import CHECKED, context_of, create_after_asking
from klima_controlling.reports import actions, queries
from klima_controlling.reports.actions import Composition
from klima_controlling.reports.model import Report
from klima_controlling.reports.queries import REPORT
from klima_controlling.reports.shapes import (
    Correction,
    NewReport,
    ReportAnswer,
    ReportHead,
    Verification,
    Words,
    report_answer,
)
from klima_shared.codes.quantities import YearParam
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read, database_of
from klima_shared.http.auth import Caller, Editor
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.revisions.dependencies import ManagerChange
from klima_shared.revisions.visibility import draft_regions
from klima_shared.revisions.writing import Writer, writing

router = APIRouter(prefix="/v1/reports", tags=["reports"], dependencies=CHECKED)
_CREATE = problem_responses(400, 401, 403, 404, 409, 422, 503)
_CHANGE = problem_responses(400, 401, 403, 404, 409, 412, 422, 428, 503)


def _changed(response: Response, row: Report) -> ReportAnswer:
    response.headers["ETag"] = REPORT.etag(row)
    return report_answer(row)


@router.get("", summary="Reports, newest first", responses=problem_responses(401, 422))
async def list_reports(
    read: Read,
    caller: Caller,
    page: Paging,
    region: Annotated[Ags | None, Query(examples=["05974"])] = None,
    year: Annotated[YearParam | None, Query(examples=[2021])] = None,
    modified_since: ModifiedSince = None,
) -> Page[ReportHead]:
    """Published ones; viewers see drafts of their regions too."""
    wanted = queries.ReportFilter(region, year, draft_regions(caller), modified_since)
    after = check_key(page.after, datetime, UUID)
    rows = await queries.listing(read, wanted, limit=page.limit + 1, after=after)
    return page.answer(rows, ["created_at", "id"], lambda row: ReportHead(**row))


@router.post(
    "", summary="Compose a report", status_code=201, response_model=ReportAnswer, responses=_CREATE
)
async def create_report(
    request: Request, body: NewReport, editor: Editor, idempotency: Idempotency
) -> Response:
    """A draft out of what is published now. Not out of copies that can't be confirmed."""
    context, database = context_of(request), database_of(request)
    values = body.model_dump(mode="json")

    async def store(writer: Writer, new: Composition) -> Created:
        return _created(await actions.add(writer, {**values, "version": 1}, new))

    ask = partial(actions.compose_new, database, context, editor, values)
    return await create_after_asking(database, editor, idempotency, ask=ask, store=store)


def _created(row: Report) -> Created:
    location = f"/v1/reports/{row.id}"
    return Created(report_answer(row), location=location, etag=REPORT.etag(row))


@router.get(
    "/{report_id:uuid}",
    summary="A report with its content and what it was made of",
    responses=problem_responses(401, 404, 422),
)
async def get_report(
    response: Response, report_id: UUID, read: Read, caller: Caller
) -> ReportAnswer:
    return _changed(response, await actions.readable(read, caller, report_id))


@router.get(
    "/{report_id:uuid}/verification",
    summary="Is the report what it was made of?",
    responses=problem_responses(401, 404, 422),
)
async def verify_report(
    request: Request, report_id: UUID, read: Read, caller: Caller
) -> Verification:
    """The content against its digest, and the balance versions against those that are published."""
    row = await actions.readable(read, caller, report_id)
    findings = await actions.doubts(context_of(request), row)
    return Verification(identical=not findings, findings=findings, digest=row.digest)


@router.put(
    "/{report_id:uuid}",
    summary="Change the words of a draft, and compose its figures anew",
    responses=_CHANGE,
)
async def replace_report(
    request: Request,
    response: Response,
    report_id: UUID,
    body: Words,
    editor: Editor,
    if_match: RequiredIfMatch,
) -> ReportAnswer:
    database, context = database_of(request), context_of(request)
    new = await actions.compose_again(database, context, editor, report_id, match=if_match)
    async with writing(database, editor, if_match) as writer:
        row = await actions.replace_words(writer, report_id, body.model_dump(mode="json"), new)
    return _changed(response, row)


@router.post("/{report_id:uuid}/approve", summary="Approve a draft", responses=_CHANGE)
async def approve_report(
    request: Request, response: Response, report_id: UUID, writer: ManagerChange
) -> ReportAnswer:
    """From here on nothing of it changes."""
    return _changed(response, await actions.approve(writer, context_of(request), report_id))


@router.post("/{report_id:uuid}/publish", summary="Publish an approved report", responses=_CHANGE)
async def publish_report(
    request: Request, response: Response, report_id: UUID, writer: ManagerChange
) -> ReportAnswer:
    return _changed(response, await actions.publish(writer, context_of(request), report_id))


@router.post(
    "/{report_id:uuid}/corrections",
    summary="Correct a published report",
    status_code=201,
    response_model=ReportAnswer,
    responses=_CREATE,
)
async def create_correction(
    request: Request, report_id: UUID, body: Correction, editor: Editor, idempotency: Idempotency
) -> Response:
    """A new version with a reason; the published one stays as it is."""
    context, database = context_of(request), database_of(request)

    async def store(writer: Writer, new: Composition) -> Created:
        values = body.model_dump(mode="json")
        return _created(await actions.correct(writer, report_id, values, new))

    ask = partial(actions.compose_correction, database, context, editor, report_id)
    return await create_after_asking(database, editor, idempotency, ask=ask, store=store)
