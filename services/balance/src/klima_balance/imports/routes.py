"""Imports: files of local figures, previewed, stored whole or not at all, and taken back whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field

from klima_balance.imports import queries
from klima_balance.imports.actions import imports as usecases
from klima_balance.regions.routes.common import MethodTables
from klima_shared.codes.fields import Ags
from klima_shared.codes.lists import Role
from klima_shared.database.connections import Read, Write
from klima_shared.formats import RowError
from klima_shared.http.auth import Editor, Viewer
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import Page, Paging, check_key, link_next
from klima_shared.http.problems import Problem, problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.reader import ReaderLang
from klima_shared.language.text import Text

router = APIRouter(prefix="/v1/imports", tags=["imports"])


class ImportFault(BaseModel):
    line: int = Field(description="as an editor or Excel counts", examples=[12])
    column: str | None = Field(examples=["quantity"])
    message: str = Field(examples=["„1.234“ ist zweideutig: Ist 1234 gemeint oder 1,234?"])


class ImportResult(BaseModel):
    import_id: UUID | None = Field(description="null in a dry run")
    dry_run: bool
    rows: int = Field(description="rows of the file with a figure", examples=[21])
    accepted: int = Field(description="of these without a fault", examples=[21])
    added: int = Field(description="cells that had no local figure", examples=[21])
    changed: int = Field(examples=[0])
    unchanged: int = Field(description="what stands there already", examples=[0])
    kind: str = Field(description="csv, csv-de or xlsx", examples=["xlsx"])
    digest: str = Field(description="sha256 of the file")
    regions: list[str]
    years: list[int]
    errors: list[ImportFault]
    notices: list[ImportFault] = Field(
        description="what was passed over: totals, footnotes, cells without a figure"
    )


class ImportHead(BaseModel):
    id: UUID
    kind: str
    file_name: str = Field(examples=["stadtwerk-2023.csv"])
    digest: str
    size_bytes: int
    rows: int
    added: int
    changed: int
    unchanged: int
    regions: list[str]
    years: list[int]
    created_at: datetime
    created_by: str
    undone_at: datetime | None
    undone_by: str | None


class ImportedRow(BaseModel):
    line: int = Field(examples=[2])
    region: str = Field(examples=["05974040"])
    year: int
    key: str
    revision: int = Field(description="of the activity, made by this import")
    before_revision: int | None = Field(description="what stood there before; null: nothing")


@router.post(
    "",
    summary="Import local figures from a file",
    response_model=ImportResult,
    status_code=201,
    responses={
        200: {"model": ImportResult, "description": "a dry run, or nothing to change"},
        **problem_responses(400, 401, 403, 409, 413, 422),
    },
)
async def create_import(
    file: UploadFile,
    write: Write,
    editor: Editor,
    method: MethodTables,
    lang: ReaderLang,
    idempotency: Idempotency,
    dry_run: Annotated[bool, Query(description="only check, and name every fault")] = False,
) -> Response:
    """The filled-in template, or CSV or XLSX with the columns region, year, sector, carrier,
    quantity, unit, status, grade, source[, note, category, contained_in_ghd]. All rows are stored
    or none; the same file again changes nothing.
    """
    data = await file.read()

    async def action() -> Created:
        try:
            outcome = await usecases.import_file(
                write, editor, method, data, file.filename or "", dry_run=dry_run
            )
        except Problem as problem:
            if (refused := problem.extra.pop("refused", None)) is not None:
                problem.extra["errors"] = _problem_errors([refused], lang)
            raise
        if outcome.errors and not dry_run:
            raise _faulty(outcome, lang)
        body = ImportResult(
            **{
                n: getattr(outcome, n)
                for n in ImportResult.model_fields
                if n not in {"dry_run", "errors", "notices"}
            },
            dry_run=dry_run,
            errors=[ImportFault(**e.as_dict(lang)) for e in outcome.errors],
            notices=[ImportFault(**e.as_dict(lang)) for e in outcome.notices],
        )
        location = f"/v1/imports/{outcome.import_id}" if outcome.stored else None
        return Created(body, location=location, status=201 if outcome.stored else 200)

    return await idempotency.run(write, action, fingerprint=usecases.fingerprint(data))


def _problem_errors(errors: Sequence[RowError], lang: Lang) -> list[dict[str, Any]]:
    """Faults of a file in the shape of an import's answer and, beside it, of a problem (pointer and
    detail)."""
    return [
        {
            "pointer": f"/line/{e.line}" + (f"/{e.column}" if e.column else ""),
            "detail": e.message.get(lang),
            **e.as_dict(lang),
        }
        for e in errors
    ]


def _faulty(outcome: usecases.Outcome, lang: Lang) -> Problem:
    count = len(outcome.errors)
    problem = Problem(
        422,
        "import-faulty",
        Text("The file has faults; nothing was stored"),
        Text("{count} entries are faulty.", count=count),
        rows=outcome.rows,
        accepted=0,
        dry_run=False,
        import_id=None,
    )
    problem.extra["errors"] = _problem_errors(outcome.errors, lang)
    return problem


@router.get("", summary="List imports", responses=problem_responses(401, 403, 422))
async def list_imports(
    request: Request,
    response: Response,
    read: Read,
    viewer: Viewer,
    page: Paging,
    region: Annotated[
        Ags | None, Query(description="only those with figures of this municipality")
    ] = None,
) -> Page[ImportHead]:
    """Who delivered which file when, newest first, as far as all its regions are the caller's."""
    after = check_key(page.after, datetime, UUID)
    rows = await queries.listing(
        read, viewer.regions, region=region, limit=page.limit + 1, after=after
    )
    rows, cursor = page.cut(rows, ["created_at", "id"])
    link_next(request, response, cursor)
    return Page(items=[_head(row) for row in rows], next=cursor)


def _head(row: Any) -> ImportHead:
    return ImportHead(**{name: row[name] for name in ImportHead.model_fields})


@router.get("/{import_id}", summary="One import", responses=problem_responses(401, 403, 404, 422))
async def get_import(import_id: UUID, read: Read, viewer: Viewer) -> ImportHead:
    return _head(await usecases.find_import(read, viewer, import_id, Role.VIEWER))


@router.get(
    "/{import_id}/rows",
    summary="What an import changed",
    responses=problem_responses(401, 403, 404, 422),
)
async def list_import_rows(
    import_id: UUID, request: Request, response: Response, read: Read, viewer: Viewer, page: Paging
) -> Page[ImportedRow]:
    await usecases.find_import(read, viewer, import_id, Role.VIEWER)
    rows = await queries.rows_of(
        read, import_id, limit=page.limit + 1, after=check_key(page.after, int, str)
    )
    rows, cursor = page.cut(rows, ["line", "key"])
    link_next(request, response, cursor)
    return Page(
        items=[ImportedRow(**{n: row[n] for n in ImportedRow.model_fields}) for row in rows],
        next=cursor,
    )


@router.post(
    "/{import_id}/undo",
    summary="Take a whole import back",
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def undo_import(import_id: UUID, write: Write, editor: Editor) -> ImportHead:
    """Every cell as it stood before, as a new revision. Refused when one of them has been changed
    since."""
    return _head(await usecases.undo_import(write, editor, import_id))
