"""A yearly report as HTML, PDF, CSV and JSON, with the same digits."""

import json
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, JSONResponse

from klima_controlling.base.model import ReportState
from klima_controlling.base.queries import Row
from klima_controlling.base.routes import CHECKED
from klima_controlling.reports import actions
from klima_controlling.reports.files import csv_of, json_of, pdf_of, shown, word
from klima_controlling.reports.model import Content, Report, emissions_by_year
from klima_controlling.reports.queries import REPORT
from klima_controlling.website.charts.region import sector_pictures
from klima_controlling.website.pages import page_css, render_page
from klima_shared.codes.access import Role
from klima_shared.codes.energy import Sector
from klima_shared.database.connections import database_of
from klima_shared.http.auth import Caller
from klima_shared.http.etags import none_match
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.http.ranges import Ranged, RangedBytes
from klima_shared.language.numbers import Lang
from klima_shared.look.design import page_policy
from klima_shared.look.digits import worst_grade
from klima_shared.look.pdf import typeset
from klima_shared.wire.json import JsonObject

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


class ReportDocument(BaseModel):
    """A report with its frozen content."""

    id: UUID
    region: str
    year: int
    version: int
    reason: str | None
    title: str
    state: ReportState
    state_label: str
    approved: str | None = Field(description="in which role it was approved, in words")
    four_eyes: bool | None
    digest: str
    narrative: list[JsonObject]
    decisions: list[str]
    used: JsonObject
    content: Content


# A text after the id belongs to the address of the report itself.
_ADDRESS: Final = "/{report_id:uuid}"


def _described(form: Form) -> dict[int | str, JsonObject]:
    binary = {"type": "string", "format": "binary"}
    schema = binary if form is Form.PDF else {"type": "string"}
    media = {} if form is Form.JSON else {"content": {_MEDIA[form]: {"schema": schema}}}
    return {200: media, **problem_responses(401, 404, 422)}


def _add_route(form: Form) -> None:
    async def file(
        request: Request,
        report_id: UUID,
        caller: Caller,
        reader: RequestLanguage,
        lang: LangQuery = None,
    ) -> Response:
        """All four forms print the same digits and are the same bytes every time."""
        async with database_of(request).read() as read:
            row = await actions.readable(read, caller, report_id)
        return await _file(request, row, form, lang or reader)  # setting takes its time

    router.add_api_route(
        f"{_ADDRESS}.{form.value}",
        file,
        methods=["GET"],
        name=f"get_report_{form.value}",
        summary=f"A report as {form.name}",
        response_class=JSONResponse if form is Form.JSON else Response,
        response_model=ReportDocument if form is Form.JSON else None,
        responses=_described(form),
        dependencies=[] if form is Form.HTML else [Ranged],
    )


for _form in Form:
    _add_route(_form)


async def _file(request: Request, row: Report, form: Form, language: Lang) -> Response:
    etag = REPORT.etag(row, f"{form.value}.{language}")
    headers = {"ETag": etag, "Content-Language": language}
    if none_match(request.headers, etag):
        return Response(status_code=304, headers=headers)
    content: Content = json.loads(row.content)
    about = _about(row, language)
    if form is Form.HTML:
        headers["Content-Security-Policy"] = page_policy(page_css(), frame_ancestors=())
        return HTMLResponse(_html(about, content, language), headers=headers)
    name = f"klimabericht-{row.region}-{row.year}-v{row.version}.{form.value}"
    if form is Form.PDF:
        headers["Content-Disposition"] = f'inline; filename="{name}"'
        body = await typeset(lambda: pdf_of(about, content, language, row.created_at))
    elif form is Form.CSV:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        body = csv_of(content, language)
    else:
        body = json_of(about, content)
    return RangedBytes(body, headers, _MEDIA[form])


def _about(row: Report, lang: Lang) -> Row:
    names = ("version", "reason", "title", "digest", "year", "region", "state")
    return {
        **{name: getattr(row, name) for name in (*names, "narrative", "decisions", "used")},
        "id": str(row.id),
        "state_label": ReportState(row.state).label(lang),
        "approved": Role(row.approved_role).label(lang) if row.approved_role else None,
        "four_eyes": row.four_eyes,
    }


def _html(report: Row, content: Content, lang: Lang) -> str:
    return render_page(
        "report.html",
        lang,
        report=report,
        content=content,
        chart=sector_pictures(_documents(content), lang, "r"),
        word=lambda cell: word(cell, lang),
        shown=lambda row, columns, at: shown(row, columns, at, lang),
    )


def _documents(content: Content) -> list[Row]:
    """The sectors of the frozen content in the shape that the chart draws; none when the content
    names a sector as no one is named today, for then the table alone tells all."""
    codes = {sector.en: sector.value for sector in Sector}
    years = emissions_by_year(content)
    if any(sector["en"] not in codes for parts in years.values() for sector, _, _ in parts):
        return []
    return [
        {
            "year": year,
            "sectors": [
                {"sector": codes[sector["en"]], "emissions_t_co2e": tonnes, "data_quality": letter}
                for sector, tonnes, letter in parts
            ],
            "region": content["region"],
            "totals": {"bisko_t_co2e": sum(tonnes for _, tonnes, _ in parts)},
            "data_quality": worst_grade({"grade": letter} for _, _, letter in parts),
        }
        for year, parts in years.items()
    ]
