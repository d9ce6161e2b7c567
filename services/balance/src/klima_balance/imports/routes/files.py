"""Imports: files of local figures, previewed, stored whole or not at all, and taken back whole."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, UploadFile

from klima_balance.imports import actions, queries
from klima_balance.imports.model import ImportHead, OtherSource, Outcome, Replacement
from klima_balance.imports.shapes import (
    CellFigure,
    ImportedRow,
    ImportFault,
    ImportResult,
    ReplacedCell,
)
from klima_balance.regions.routes.common import AgsPath, MethodTables, YearQuery
from klima_shared.codes.access import Role
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read, database_of
from klima_shared.formats import Format
from klima_shared.formats.sheets import answered, line_pointer
from klima_shared.http.auth import Editor, Viewer
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import Page, Paging, check_key
from klima_shared.http.problems import Problem, invalid_at, problem_responses, serving
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.revisions.dependencies import EditorWriter
from klima_shared.revisions.writing import Writer, writing

router = APIRouter(prefix="/v1/imports", tags=["imports"])
_UNSTORED = "a dry run, or nothing to change"
form_router = APIRouter(prefix="/v1/regions/{ags}/activities", tags=["activities"])


class OtherSources:
    """What becomes of figures of another source. 422 for replacing and adding at once."""

    def __init__(
        self,
        replace: Annotated[bool, Query(description="replace figures of another source")] = False,
        add: Annotated[bool, Query(description="add to figures of another source")] = False,
    ) -> None:
        if replace and add:
            raise invalid_at("/query/add", Text("Either replace or add is meant, not both."))
        self.otherwise = (
            OtherSource.REPLACE if replace else OtherSource.ADD if add else OtherSource.ASK
        )


AskedOtherSources = Annotated[OtherSources, Depends()]


@router.post(
    "",
    summary="Import local figures from a file",
    **creating(
        ImportResult, 400, 401, 403, 409, 413, 422, unstored="a dry run, or nothing to change"
    ),
)
async def create_import(
    file: UploadFile,
    request: Request,
    editor: Editor,
    method: MethodTables,
    lang: RequestLanguage,
    idempotency: Idempotency,
    others: AskedOtherSources,
    dry_run: Annotated[
        bool, Query(description="only check, name every fault and every cell that changes")
    ] = False,
) -> Response:
    """The filled-in template, or CSV or XLSX with the columns region, year, sector, carrier,
    quantity, unit, status, grade, source[, note, category, contained_in_ghd]. All rows are stored
    or none; the same file again changes nothing. A cell with a figure of another source is a 409
    that names it, unless `replace` or `add` says what becomes of it.
    """
    data, database = await file.read(), database_of(request)
    try:
        read = await actions.read_file(database, method, data, file.filename or "")
    except Problem as problem:
        if (refused := problem.extra.pop("refused", None)) is not None:
            problem.extra["errors"] = _problem_errors([refused], lang)
        raise

    async def action(writer: Writer) -> Created:
        outcome = await actions.store_file(
            writer, read, dry_run=dry_run, otherwise=others.otherwise
        )
        if outcome.errors and not dry_run:
            raise _faulty(outcome, lang)
        location = f"/v1/imports/{outcome.changes.import_id}" if outcome.stored else None
        status = 201 if outcome.stored else 200
        return Created(_result(outcome, dry_run, lang), location=location, status=status)

    async with writing(database, editor) as writer:
        run, digest = partial(action, writer), read.source.digest
        return await idempotency.run(writer.connection, run, fingerprint=digest)


def _result(outcome: Outcome, dry_run: bool, lang: Lang) -> ImportResult:
    return ImportResult(
        **outcome.changes._replace(replaced=())._asdict()
        | {"replaced": [_replaced(one) for one in outcome.changes.replaced]},
        dry_run=dry_run,
        rows=outcome.source.rows,
        accepted=len(outcome.figures),
        kind=outcome.source.kind,
        digest=outcome.source.digest,
        regions=outcome.regions,
        years=outcome.years,
        errors=[ImportFault(**answered(e, lang)) for e in outcome.errors],
        notices=[ImportFault(**answered(e, lang)) for e in outcome.notices],
    )


def _replaced(one: Replacement) -> ReplacedCell:
    before, after = (
        CellFigure(
            quantity=figure.quantity,
            unit=figure.unit,
            quantity_mwh=figure.quantity_mwh,
            source=figure.source,
            changed_at=since,
        )
        for figure, since in ((one.before, one.changed_at), (one.after, None))
    )
    return ReplacedCell(
        line=one.line,
        region=one.after.region,
        year=one.after.year,
        key=one.after.key,
        before=before,
        after=after,
        other_source=one.other_source,
    )


def _problem_errors(errors: Sequence[InputError], lang: Lang) -> list[dict[str, object]]:
    """Faults of a file in the shape of an import's answer and, beside it, of a problem (pointer and
    detail)."""
    return [
        {"pointer": line_pointer(e), "detail": e.text.get(lang), **answered(e, lang)}
        for e in errors
    ]


def _faulty(outcome: Outcome, lang: Lang) -> Problem:
    problem = Problem(
        422,
        "import-faulty",
        Text("The file has faults; nothing was stored"),
        Text("{count} entries are faulty.", count=len(outcome.errors)),
        rows=outcome.source.rows,
        accepted=0,
        dry_run=False,
        import_id=None,
    )
    problem.extra["errors"] = _problem_errors(outcome.errors, lang)
    return problem


@router.get("", summary="List imports", responses=problem_responses(401, 403, 422))
async def list_imports(
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
    return page.answer(rows, ["created_at", "id"], lambda head: head)


@router.get("/{import_id}", summary="One import", responses=problem_responses(401, 403, 404, 422))
async def get_import(import_id: UUID, read: Read, viewer: Viewer) -> ImportHead:
    return await actions.find_import(read, viewer, import_id, Role.VIEWER)


@router.get(
    "/{import_id}/rows",
    summary="What an import changed",
    responses=problem_responses(401, 403, 404, 422),
)
async def list_import_rows(
    import_id: UUID, read: Read, viewer: Viewer, page: Paging
) -> Page[ImportedRow]:
    await actions.find_import(read, viewer, import_id, Role.VIEWER)
    rows = await queries.rows_of(
        read, import_id, limit=page.limit + 1, after=check_key(page.after, int, str)
    )
    return page.answer(rows, ["line", "key"], ImportedRow.model_validate)


@router.post(
    "/{import_id}/undo",
    summary="Take a whole import back",
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def undo_import(import_id: UUID, writer: EditorWriter) -> ImportHead:
    """Every cell as it stood before, as a new revision. Refused when one of them has been changed
    since."""
    return await actions.undo_import(writer, import_id)


@form_router.get(
    "/template.xlsx",
    summary="The form to fill in",
    **serving(Format.XLSX.media_type, 404, 422, format="binary"),
)
async def get_activity_template(
    ags: AgsPath, read: Read, method: MethodTables, year: YearQuery
) -> Response:
    """Every cell of a municipality (or of all of a county) and year with its units and drop-downs,
    in German."""
    content = await actions.make_form(read, method, ags, year)
    headers = {
        "Content-Disposition": f'attachment; filename="verbrauchsdaten-{ags}-{year}.xlsx"',
        "Cache-Control": "no-cache",
    }
    return Response(content, headers=headers, media_type=Format.XLSX.media_type)
