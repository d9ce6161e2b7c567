"""Routes of the printed sheet: HTML and PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import anyio.to_thread
from fastapi import APIRouter, Request, Response

from klima_measures.base.actions.context import beginning, frame_of
from klima_measures.catalogue.routes.filters import VersionParam
from klima_measures.sheets.actions import reading
from klima_measures.sheets.actions import writing as measures
from klima_measures.sheets.actions.pages import page_of
from klima_measures.sheets.pages.rendering import security_policy, sheet_html, sheet_pdf
from klima_shared.database.connections import Read
from klima_shared.http.auth import Caller
from klima_shared.http.problems import problem_responses
from klima_shared.language.reader import ReaderLang

router = APIRouter(prefix="/v1/measures/{measure_id}", tags=["sheets"])
Responses = dict[int | str, dict[str, Any]]
_PROBLEMS = problem_responses(401, 404, 422)
_PDF: Responses = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}
_HTML: Responses = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}


@router.get(
    "/sheet",
    summary="The sheet as a page to read and print",
    response_class=Response,
    responses={**_PROBLEMS, **_HTML},
)
async def get_sheet_page(
    request: Request,
    connection: Read,
    caller: Caller,
    lang: ReaderLang,
    measure_id: UUID,
    version: VersionParam = None,
) -> Response:
    frame = frame_of(request)
    found = await reading.read(connection, caller, frame, measure_id, version)
    links = [("PDF", "sheet.pdf"), ("JSON", f"../{measure_id}")]
    body = sheet_html(page_of(found, frame, lang), links).encode()
    headers = {
        "ETag": measures.etag_of(
            found.head, found.revision, "html." + measures.variant_of(lang, body)
        ),
        "Content-Language": lang,
        "Content-Security-Policy": security_policy(request.app.state.settings.frame_ancestors),
    }
    return Response(body, headers=headers, media_type="text/html; charset=utf-8")


@router.get(
    "/sheet.pdf",
    summary="The sheet as a tagged PDF",
    response_class=Response,
    responses={**_PROBLEMS, **_PDF},
)
async def get_sheet_pdf(
    request: Request,
    connection: Read,
    caller: Caller,
    lang: ReaderLang,
    measure_id: UUID,
    version: VersionParam = None,
) -> Response:
    frame = frame_of(request)
    found = await reading.read(connection, caller, frame, measure_id, version)
    page = page_of(found, frame, lang)
    body = await anyio.to_thread.run_sync(sheet_pdf, page, beginning(found.today))
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in found.sheet.number)
    headers = {
        "ETag": measures.etag_of(
            found.head, found.revision, "pdf." + measures.variant_of(lang, body)
        ),
        "Content-Language": lang,
        "Content-Disposition": f'inline; filename="steckbrief-{name}.pdf"',
    }
    return Response(body, headers=headers, media_type="application/pdf")
