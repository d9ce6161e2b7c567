"""Routes of one measure: reading, writing, its page as HTML and PDF.

What the balance service has to say is asked before a transaction is opened or after it was
committed: it is a question that may take seconds, and rows are locked in between.
"""

from dataclasses import replace
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from klima_measures.base.model.context import beginning
from klima_measures.base.routes import (
    Editing,
    balance_of,
    context_of,
    read_session,
    regions_of,
    write_session,
)
from klima_measures.base.rules import content_variant
from klima_measures.sheets.actions import reading, writing
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.pages.blocks import SheetPage
from klima_measures.sheets.pages.rendering import security_policy, sheet_html, sheet_pdf
from klima_measures.sheets.pages.sheet_page import sheet_page
from klima_measures.sheets.queries.reading import Reading as MeasureReading
from klima_measures.sheets.queries.sheets import MEASURE
from klima_measures.sheets.rules.workflow import with_evidence
from klima_measures.sheets.shapes import EXAMPLES, MeasureAnswer, answer
from klima_shared.database.connections import database_of
from klima_shared.http.auth import Caller, Editor
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses, serving
from klima_shared.look.pdf import typeset

VersionParam = Annotated[
    reading.Version | None,
    Query(
        description="`published` for what the public sees; default: the working revision for those "
        "who may read it"
    ),
]
router = APIRouter(prefix="/v1/measures", tags=["measures"])
page_router = APIRouter(prefix="/v1/measures/{measure_id}", tags=["sheets"])
_WRITE = problem_responses(401, 403, 404, 409, 412, 413, 422, 428)
_SHEET = Body(openapi_examples={"sheet": {"value": EXAMPLES["sheet"]}})
_CHANGES = Body(openapi_examples={"changes": {"value": EXAMPLES["patch"]}})


@router.post(
    "",
    summary="Create a measure (a draft, phase idea)",
    **creating(MeasureAnswer, 401, 403, 409, 413, 422),
)
async def create_measure(
    request: Request,
    caller: Editor,
    lang: RequestLanguage,
    idempotency: Idempotency,
    sheet: Annotated[Sheet, _SHEET],
    template: Annotated[
        UUID | None,
        Query(description="a template whose steps and roles fill what the body leaves empty"),
    ] = None,
) -> Response:
    regions = await regions_of(request, sheet.regions)
    async with write_session(request, caller) as session:

        async def action() -> Created:
            filled = await writing.filled(session, sheet, template)
            head = await writing.create(session, filled, regions)
            found = await reading.read(session, head.id, "working")
            location, etag = f"/v1/measures/{head.id}", MEASURE.etag(head)
            body = answer(found, session.context, lang)
            return Created(body, location=location, etag=etag)

        return await idempotency.run(session.connection, action)


async def _checked(request: Request, found: MeasureReading) -> MeasureReading:
    return await reading.with_checks(found, balance_of(request), context_of(request).county)


async def _answered(request: Request, found: MeasureReading, lang: RequestLanguage) -> Response:
    found = await _checked(request, found)
    body = answer(found, context_of(request), lang).model_dump_json().encode()
    return _response(found, body, "application/json", lang)


def _response(
    found: MeasureReading, body: bytes, media: str, lang: str, **headers: str
) -> Response:
    """`media` other than JSON is a variant of its own."""
    form = "" if media == "application/json" else media.split(";")[0].rpartition("/")[2] + "."
    read = replace(found.head, revision=found.revision)
    etag = MEASURE.etag(read, form + content_variant(lang, body))
    return Response(
        body, headers={"ETag": etag, "Content-Language": lang, **headers}, media_type=media
    )


@router.get(
    "/{measure_id}",
    summary="One measure with everything that follows from it",
    response_model=MeasureAnswer,
    responses=problem_responses(401, 404, 422),
)
async def get_measure(
    request: Request,
    caller: Caller,
    lang: RequestLanguage,
    measure_id: UUID,
    version: VersionParam = None,
) -> Response:
    async with read_session(request, caller) as session:
        found = await reading.read(session, measure_id, version)
    return await _answered(request, found, lang)


@router.put(
    "/{measure_id}", summary="Replace the sheet", response_model=MeasureAnswer, responses=_WRITE
)
async def replace_measure(
    request: Request,
    caller: Editor,
    lang: RequestLanguage,
    measure_id: UUID,
    if_match: RequiredIfMatch,
    sheet: Annotated[Sheet, _SHEET],
) -> Response:
    """The published revision stays as it is until the sheet is published again.

    `evaluations` and `status_reports` come from the controlling service: left out they stay,
    changed they are refused.
    """
    regions = await regions_of(request, sheet.regions)
    async with write_session(request, caller, if_match) as session:
        opened = await writing.open_measure(session, measure_id)
        await writing.change(session, opened, with_evidence(sheet, opened.sheet), regions)
        found = await reading.read(session, measure_id, "working")
    return await _answered(request, found, lang)


@router.patch(
    "/{measure_id}",
    summary="Change some fields of the sheet",
    response_model=MeasureAnswer,
    responses=_WRITE,
)
async def update_measure(
    request: Request,
    caller: Editor,
    lang: RequestLanguage,
    measure_id: UUID,
    if_match: RequiredIfMatch,
    changes: Annotated[dict[str, Any], _CHANGES],
) -> Response:
    """JSON merge patch (RFC 7396) at the top level: a field that is named is replaced whole, null
    resets it."""
    async with database_of(request).read() as reader:
        keys = await writing.regions_after(reader, measure_id, changes)
    regions = await regions_of(request, keys)
    async with write_session(request, caller, if_match) as session:
        opened = await writing.open_measure(session, measure_id)
        merged = {**opened.sheet.model_dump(mode="json"), **changes}
        removed = {name for name, value in changes.items() if value is None}
        content = {name: value for name, value in merged.items() if name not in removed}
        await writing.change(session, opened, writing.validated(content), regions)
        found = await reading.read(session, measure_id, "working")
    return await _answered(request, found, lang)


@router.delete(
    "/{measure_id}",
    summary="Delete a measure that was never published",
    status_code=204,
    responses=problem_responses(401, 403, 404, 409, 412, 428),
)
async def delete_measure(session: Editing, measure_id: UUID) -> None:
    await writing.remove(session, await writing.open_measure(session, measure_id))


class _ReadSheet(NamedTuple):
    """A measure, and its sheet ready to be set."""

    found: MeasureReading
    page: SheetPage


async def _read_sheet(
    request: Request,
    caller: Caller,
    lang: RequestLanguage,
    measure_id: UUID,
    version: VersionParam = None,
) -> _ReadSheet:
    async with read_session(request, caller) as session:
        found = await reading.read(session, measure_id, version)
    found = await _checked(request, found)
    label = session.context.fields.label(found.sheet.field, lang)
    return _ReadSheet(found, sheet_page(found, lang, label))


ReadSheet = Annotated[_ReadSheet, Depends(_read_sheet)]


@page_router.get(
    "/sheet", summary="The sheet as a page to read and print", **serving("text/html", 401, 404, 422)
)
async def get_sheet_page(request: Request, measure_id: UUID, sheet: ReadSheet) -> Response:
    links = [("PDF", "sheet.pdf"), ("JSON", f"../{measure_id}")]
    body = sheet_html(sheet.page, links).encode()
    policy = security_policy(request.app.state.settings.frame_ancestors)
    headers = {"Content-Security-Policy": policy}
    return _response(sheet.found, body, "text/html; charset=utf-8", sheet.page.lang, **headers)


@page_router.get(
    "/sheet.pdf",
    summary="The sheet as a tagged PDF",
    **serving("application/pdf", 401, 404, 422, format="binary"),
)
async def get_sheet_pdf(sheet: ReadSheet) -> Response:
    found = sheet.found
    body = await typeset(lambda: sheet_pdf(sheet.page, beginning(found.today)))
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in found.sheet.number)
    headers = {"Content-Disposition": f'inline; filename="steckbrief-{name}.pdf"'}
    return _response(found, body, "application/pdf", sheet.page.lang, **headers)
