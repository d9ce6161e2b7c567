"""A yearly report as HTML, PDF, CSV and JSON, with the same digits."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import HTMLResponse

from klima_controlling.codes import ReportState
from klima_controlling.reports import actions
from klima_controlling.reports.files import csv_of, json_of, local, pdf_of, word
from klima_controlling.shapes import CHECKED
from klima_controlling.website.charts.region import sector_pictures
from klima_controlling.website.pages import page_css, render_page
from klima_shared.codes.energy import Sector
from klima_shared.database.connections import Read
from klima_shared.http.auth import Caller
from klima_shared.http.etags import none_match
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.look.design import page_policy

router = APIRouter(prefix="/v1/reports", tags=["reports"], dependencies=CHECKED)


class Form(StrEnum):
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


_MEDIA = {
    Form.HTML: "text/html; charset=utf-8",
    Form.PDF: "application/pdf",
    Form.CSV: "text/csv; charset=utf-8",
    Form.JSON: "application/json",
}
LangQuery = Annotated[
    Literal["de", "en"] | None, Query(description="language, before Accept-Language")
]


_FILES: dict[str, Any] = {
    media: {"schema": {"type": "object" if media == "application/json" else "string"}}
    for media in _MEDIA.values()
}


@router.get(
    "/{report_id}.{form}",
    summary="A report as HTML, PDF, CSV or JSON",
    response_class=Response,
    responses={200: {"content": _FILES}, **problem_responses(401, 404, 422)},
)
async def get_report_file(
    request: Request,
    report_id: UUID,
    form: Form,
    read: Read,
    caller: Caller,
    reader: RequestLanguage,
    lang: LangQuery = None,
) -> Response:
    """All four print the same digits and are the same bytes every time."""
    row = await actions.readable(read, caller, report_id)
    language: Lang = lang or reader
    etag = actions.etag_of(row)[:-1] + f';{form.value}.{language}"'
    headers = {"ETag": etag, "Content-Language": language}
    if none_match(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    content = json.loads(row["content"])
    about = _about(row, language)
    if form is Form.HTML:
        headers["Content-Security-Policy"] = page_policy(page_css(), frame_ancestors=())
        return HTMLResponse(_html(about, content, language), headers=headers)
    name = f"klimabericht-{row['region']}-{row['year']}-v{row['version']}.{form.value}"
    if form is Form.PDF:
        headers["Content-Disposition"] = f'inline; filename="{name}"'
        made = await anyio.to_thread.run_sync(pdf_of, about, content, language, row["created_at"])
    elif form is Form.CSV:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        made = csv_of(content, language)
    else:
        made = json_of(about, content)
    return Response(made, media_type=_MEDIA[form], headers=headers)


def _about(row: dict[str, Any], lang: Lang) -> dict[str, Any]:
    names = ("version", "reason", "title", "digest", "year", "region")
    return {
        "id": str(row["id"]),
        "state": row["state"],
        "state_label": ReportState(row["state"]).label(lang),
        "narrative": row["narrative"],
        "decisions": row["decisions"],
        "used": row["used"],
        **{n: row[n] for n in names},
    }


def _html(report: dict[str, Any], content: dict[str, Any], lang: Lang) -> str:
    return render_page(
        "report.html",
        lang,
        report=report,
        content=content,
        chart=sector_pictures(_documents(content), lang, "r"),
        word=lambda cell: word(cell, lang),
        local=lambda digits: local(digits, lang),
    )


def _documents(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The sectors of the frozen content in the shape that the chart draws."""
    codes = {s.en: s.value for s in Sector}
    years: dict[str, list[dict[str, Any]]] = {}
    for year, sector, _, tonnes in next(s for s in content["sections"] if s["id"] == "sectors")[
        "rows"
    ]:
        if tonnes is not None:
            years.setdefault(year, []).append(
                {"sector": codes[sector["en"]], "emissions_t_co2e": float(tonnes)}
            )
    return [
        {
            "year": year,
            "sectors": rows,
            "region": content["region"],
            "totals": {"bisko_t_co2e": sum(r["emissions_t_co2e"] for r in rows)},
        }
        for year, rows in years.items()
    ]
