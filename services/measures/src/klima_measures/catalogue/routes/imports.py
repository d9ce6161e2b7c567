"""The route that brings in a catalogue."""

import hashlib
from typing import Annotated, Literal
from uuid import UUID

import anyio.to_thread
from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field

from klima_measures.base.routes import balance_of, context_of, write_session
from klima_measures.catalogue.actions.files import bring_in, look_up_regions
from klima_measures.catalogue.files.uploads import detect_kind, read_upload
from klima_measures.catalogue.model import Result
from klima_measures.sheets.shapes import FieldChange
from klima_shared.codes.access import Role
from klima_shared.database.connections import database_of
from klima_shared.formats.sheets import answered, line_pointer
from klima_shared.http.auth import Editor
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import FieldError, Problem, invalid_at
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text

router = APIRouter(prefix="/v1/measures", tags=["imports"])


class ImportedMeasure(BaseModel):
    line: int = Field(description="line of the table, or place in the list")
    number: str
    state: Literal["created", "changed", "unchanged", "error"]
    id: UUID | None = Field(description="null for a new one in a preview")
    differences: list[FieldChange]


class ImportFault(BaseModel):
    line: int
    column: str | None
    message: str


class ImportResult(BaseModel):
    """What the file changes, measure by measure."""

    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    measures: list[ImportedMeasure]
    errors: list[ImportFault]
    notices: list[ImportFault] = Field(
        description="what the file says and what is not taken over; no error"
    )


@router.post(
    "/imports",
    summary="Import a catalogue: an edited export (Excel, CSV), or YAML/JSON",
    **creating(ImportResult, 401, 403, 413, 415, 422, unstored="preview"),
)
async def import_measures(
    request: Request,
    caller: Editor,
    lang: RequestLanguage,
    idempotency: Idempotency,
    file: Annotated[UploadFile, File(description="xlsx, csv, yaml or json")],
    dry_run: Annotated[bool, Query(description="only show the differences")] = True,
    publish: Annotated[bool, Query(description="publish what is imported (role manager)")] = False,
    confirm: Annotated[
        list[UUID],
        Query(
            max_length=200, description="ids of measures that are to get another number and title"
        ),
    ] = [],  # noqa: B006  (FastAPI copies it)
) -> Response:
    """Measures are found by id or by concept and number, so importing a file twice changes nothing.

    A row with the id of a measure whose number and title are both others is a question (a copied
    row?), answered with `confirm`; two rows with one id are a fault.

    A table changes only the columns it has; a row made from an older revision is refused. With any
    error nothing is stored. An Excel file also holds the rows of the sheets (steps, costs, savings
    ...) on further sheets; one that is there replaces those rows of every measure on the first
    sheet. Derived columns (phase, status, sums) are not taken; where they were changed, and where a
    row or sheet belongs nowhere, `notices` says so.
    """
    if publish:
        caller.require(Role.MANAGER)
    data = await file.read()
    kind = detect_kind(file.filename or "", data)
    if kind is None:
        raise invalid_at("/body/file", Text("The file is empty."))
    context, database = context_of(request), database_of(request)
    upload = await anyio.to_thread.run_sync(read_upload, data, kind)
    regions = await look_up_regions(database, balance_of(request), context.county, upload)
    async with write_session(request, caller) as session:

        async def action() -> Created:
            found = await bring_in(
                session,
                upload,
                regions,
                dry_run=dry_run,
                publish=publish,
                confirmed=frozenset(confirm),
            )
            if found.faults and not dry_run:
                raise _refused(found, lang)
            return Created(_result(found, dry_run, lang), status=200 if dry_run else 201)

        digest = await anyio.to_thread.run_sync(hashlib.sha256, data)
        return await idempotency.run(session.connection, action, fingerprint=digest.hexdigest())


def _refused(found: Result, lang: Lang) -> Problem:
    """The faults of the file: as `errors` with pointers, and as `rows` in the form of a preview."""
    n = len(found.faults)
    text = Text("The file has {n} errors; nothing was stored.", n=n)
    title = Label("Ungültige Angaben", "Invalid content")
    errors = [FieldError(line_pointer(f), f.text) for f in found.faults]
    rows = [answered(fault, lang) for fault in found.faults]
    return Problem(422, "invalid-content", title, text, errors=errors, rows=rows)


def _result(found: Result, dry_run: bool, lang: Lang) -> ImportResult:
    states = [outcome.state for outcome in found.outcomes]
    return ImportResult(
        dry_run=dry_run,
        rows=found.rows,
        created=states.count("created"),
        changed=states.count("changed"),
        unchanged=states.count("unchanged"),
        measures=[
            ImportedMeasure(
                line=o.line,
                number=o.number,
                state=o.state,
                id=None if dry_run and o.state == "created" else o.id,
                differences=[FieldChange(**d._asdict()) for d in o.differences],
            )
            for o in found.outcomes
        ],
        errors=[ImportFault(**answered(f, lang)) for f in found.faults],
        notices=[ImportFault(**answered(f, lang)) for f in found.notices],
    )
