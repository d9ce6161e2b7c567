"""Yearly reports: compose, approve, publish, correct; and each as HTML, PDF, CSV and JSON with the same digits."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse

from klima_controlling.api.common import CHECKED
from klima_controlling.charts.sectors import sector_bars
from klima_controlling.domain.codes import ReportState
from klima_controlling.files.report import csv_of, json_of, local, pdf_of, word
from klima_controlling.pages import CSS, render
from klima_controlling.storage import reports as queries
from klima_controlling.usecases import reports as usecases
from klima_controlling.usecases.frame import frame_of
from klima_shared.auth import Caller, Editor, Manager
from klima_shared.codes import Role, Sector
from klima_shared.database import Read, Write
from klima_shared.design import page_policy
from klima_shared.etags import RequiredIfMatch, none_match
from klima_shared.i18n import Lang
from klima_shared.idempotency import Created, Idempotency
from klima_shared.pages import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.problems import problem_responses
from klima_shared.reader import ReaderLang
from klima_shared.types import Ags, Year, YearParam

router = APIRouter(prefix="/v1/reports", tags=["reports"], dependencies=CHECKED)
_WRITE = problem_responses(400, 401, 403, 404, 409, 412, 422, 428, 503)
_EXAMPLE: dict[str, Any] = {
    "region": "05974", "year": 2021, "title": "Klimabericht 2021 des Kreises Soest (Beispiel)",
    "narrative": [{"heading": "Worum es geht", "text": "Die Bilanz sinkt, aber langsamer als der Pfad (Beispiel)."}],
    "decisions": ["Der Kreistag nimmt den Bericht zur Kenntnis (Beispiel)."],
}  # fmt: skip


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    heading: str = Field(min_length=1, max_length=200, examples=["Was das Jahr gebracht hat"])
    text: str = Field(min_length=1, max_length=20_000)


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200, examples=["Klimabericht 2021 (Beispiel)"])
    narrative: list[Part] = Field(default_factory=list, max_length=40)
    decisions: list[Annotated[str, Field(min_length=1, max_length=2000)]] = Field(default_factory=list, max_length=100)


class NewReport(Words):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    region: Ags
    year: Year = Field(description="figures up to this year")


class Correction(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Nachgelieferte Gasdaten (Beispiel)"}]}
    )

    reason: str = Field(min_length=1, max_length=2000)
    title: str | None = Field(default=None, min_length=1, max_length=200)
    narrative: list[Part] | None = Field(default=None, max_length=40)
    decisions: list[Annotated[str, Field(min_length=1, max_length=2000)]] | None = Field(default=None, max_length=100)


class ReportHead(BaseModel):
    id: UUID
    region: str = Field(examples=["05974000"])
    year: int = Field(examples=[2021])
    version: int
    corrects: UUID | None
    reason: str | None
    title: str
    state: ReportState
    digest: str = Field(description="sha256 of the frozen content")
    revision: int
    created_at: datetime
    approved_at: datetime | None
    published_at: datetime | None


class ReportAnswer(ReportHead):
    narrative: list[Part]
    decisions: list[str]
    content: dict[str, Any] = Field(description="sections of columns and rows; figures are text with a point")
    used: dict[str, Any] = Field(description="ids and revisions of everything the figures come from")


class Verification(BaseModel):
    """Whether the report still is what it was made of."""

    identical: bool = Field(examples=[True])
    findings: list[str]
    digest: str


class Form(StrEnum):
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


_MEDIA = {
    Form.HTML: "text/html; charset=utf-8", Form.PDF: "application/pdf", Form.CSV: "text/csv; charset=utf-8",
    Form.JSON: "application/json",
}  # fmt: skip
LangQuery = Annotated[Literal["de", "en"] | None, Query(description="language, before Accept-Language")]


def _head(row: dict[str, Any]) -> dict[str, Any]:
    return {n: row[n] for n in ReportHead.model_fields}


def _answer(row: dict[str, Any]) -> ReportAnswer:
    rest = {n: row[n] for n in ("narrative", "decisions", "used")}
    return ReportAnswer(**_head(row), **rest, content=json.loads(row["content"]))


def _changed(response: Response, row: dict[str, Any]) -> ReportAnswer:
    response.headers["ETag"] = usecases.etag_of(row)
    return _answer(row)


@router.get("", summary="Reports, newest first", responses=problem_responses(401, 422))
async def list_reports(
    request: Request, response: Response, read: Read, caller: Caller, page: Paging,
    region: Annotated[Ags | None, Query(examples=["05974"])] = None,
    year: Annotated[YearParam | None, Query(examples=[2021])] = None,
    modified_since: ModifiedSince = None,
) -> Page[ReportHead]:  # fmt: skip
    """Published ones; viewers see drafts of their regions too."""
    own = [r.rstrip("0") if r.endswith("000") else r for r in caller.regions] if caller.may(Role.VIEWER) else None
    rows = await queries.listing(
        read, region=region, year=year, drafts_of=own, limit=page.limit + 1,
        after=check_key(page.after, datetime, UUID), modified_since=modified_since,
    )  # fmt: skip
    shown, cursor = page.cut(rows, ["created_at", "id"])
    link_next(request, response, cursor)
    return Page(items=[ReportHead(**_head(row)) for row in shown], next=cursor)


@router.post("", summary="Compose a report", status_code=201, response_model=ReportAnswer, responses=_WRITE)
async def create_report(
    request: Request, body: NewReport, write: Write, editor: Editor, idempotency: Idempotency
) -> Response:
    """A draft out of what is published now. Not out of copies that can't be confirmed."""

    async def action() -> Created:
        row = await usecases.create(write, editor, frame_of(request), body.model_dump(mode="json"))
        return Created(_answer(row), location=f"/v1/reports/{row['id']}", etag=usecases.etag_of(row))

    return await idempotency.run(write, action)


_FILES: dict[str, Any] = {
    media: {"schema": {"type": "object" if media == "application/json" else "string"}} for media in _MEDIA.values()
}


@router.get("/{report_id}.{form}", summary="A report as HTML, PDF, CSV or JSON", response_class=Response,
            responses={200: {"content": _FILES}, **problem_responses(401, 404, 422)})  # fmt: skip
async def get_report_file(
    request: Request,
    report_id: UUID,
    form: Form,
    read: Read,
    caller: Caller,
    reader: ReaderLang,
    lang: LangQuery = None,
) -> Response:
    """All four print the same digits and are the same bytes every time."""
    row = await usecases.readable(read, caller, report_id)
    language: Lang = lang or reader
    etag = usecases.etag_of(row)[:-1] + f';{form.value}.{language}"'
    headers = {"ETag": etag, "Content-Language": language}
    if none_match(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    content = json.loads(row["content"])
    about = _about(row, language)
    if form is Form.HTML:
        headers["Content-Security-Policy"] = page_policy(CSS, frame_ancestors=())
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
        "id": str(row["id"]), "state": row["state"], "state_label": ReportState(row["state"]).label(lang),
        "narrative": row["narrative"], "decisions": row["decisions"], "used": row["used"], **{n: row[n] for n in names},
    }  # fmt: skip


def _html(report: dict[str, Any], content: dict[str, Any], lang: Lang) -> str:
    documents = _documents(content)
    chart = None
    if documents:
        chart = {
            "wide": sector_bars(documents, lang, width=660, identity="rw"),
            "narrow": sector_bars(documents, lang, width=330, identity="rn"),
        }
    return render(
        "report.html", lang, css=CSS, report=report, content=content, chart=chart,
        word=lambda cell: word(cell, lang), local=lambda digits: local(digits, lang),
    )  # fmt: skip


def _documents(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The sectors of the frozen content in the shape that the chart draws."""
    codes = {s.en: s.value for s in Sector}
    years: dict[str, list[dict[str, Any]]] = {}
    for year, sector, _, tonnes in next(s for s in content["sections"] if s["id"] == "sectors")["rows"]:
        if tonnes is not None:
            years.setdefault(year, []).append({"sector": codes[sector["en"]], "emissions_t_co2e": float(tonnes)})
    return [
        {"year": year, "sectors": rows, "region": content["region"],
         "totals": {"bisko_t_co2e": sum(r["emissions_t_co2e"] for r in rows)}}
        for year, rows in years.items()
    ]  # fmt: skip


@router.get("/{report_id}", summary="A report with its content and what it was made of",
            responses=problem_responses(401, 404, 422))  # fmt: skip
async def get_report(response: Response, report_id: UUID, read: Read, caller: Caller) -> ReportAnswer:
    return _changed(response, await usecases.readable(read, caller, report_id))


@router.get("/{report_id}/verification", summary="Is the report what it was made of?",
            responses=problem_responses(401, 404, 422))  # fmt: skip
async def verify_report(request: Request, report_id: UUID, read: Read, caller: Caller) -> Verification:
    """The content against its digest, and the balance versions against those that are published."""
    row = await usecases.readable(read, caller, report_id)
    findings = list(await usecases.doubts(frame_of(request), row))
    return Verification(identical=not findings, findings=findings, digest=row["digest"])


@router.put("/{report_id}", summary="Change the words of a draft, and compose its figures anew", responses=_WRITE)
async def replace_report(
    request: Request, response: Response, report_id: UUID, body: Words, write: Write, editor: Editor,
    if_match: RequiredIfMatch,
) -> ReportAnswer:  # fmt: skip
    frame = frame_of(request)
    row = await usecases.change(write, editor, frame, report_id, body.model_dump(mode="json"), if_match)
    return _changed(response, row)


@router.post("/{report_id}/approve", summary="Approve a draft", responses=_WRITE)
async def approve_report(
    request: Request, response: Response, report_id: UUID, write: Write, manager: Manager, if_match: RequiredIfMatch
) -> ReportAnswer:
    """From here on nothing of it changes."""
    return _changed(response, await usecases.approve(write, manager, frame_of(request), report_id, if_match))


@router.post("/{report_id}/publish", summary="Publish an approved report", responses=_WRITE)
async def publish_report(
    request: Request, response: Response, report_id: UUID, write: Write, manager: Manager, if_match: RequiredIfMatch
) -> ReportAnswer:
    return _changed(response, await usecases.publish(write, manager, frame_of(request), report_id, if_match))


@router.post("/{report_id}/corrections", summary="Correct a published report", status_code=201,
             response_model=ReportAnswer, responses=_WRITE)  # fmt: skip
async def create_correction(
    request: Request, report_id: UUID, body: Correction, write: Write, editor: Editor, idempotency: Idempotency
) -> Response:
    """A new version with a reason; the published one stays as it is."""

    async def action() -> Created:
        values = body.model_dump(mode="json")
        row = await usecases.correct(write, editor, frame_of(request), report_id, values)
        return Created(_answer(row), location=f"/v1/reports/{row['id']}", etag=usecases.etag_of(row))

    return await idempotency.run(write, action)
