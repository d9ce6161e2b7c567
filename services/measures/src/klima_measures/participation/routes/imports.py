"""The route that brings in ideas from elsewhere."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated
from uuid import UUID

import anyio
from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field

from klima_measures.base.routes import context_of, regions_of
from klima_measures.participation.actions.imports import Outcome
from klima_measures.participation.actions.imports import import_ideas as store_ideas
from klima_measures.participation.files import read_ideas
from klima_measures.participation.routes.context import ParticipationOf
from klima_shared.codes.regions import covers
from klima_shared.database.connections import database_of
from klima_shared.formats.sheets import answered, line_pointer
from klima_shared.http.auth import Editor
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import FieldError, Problem, invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.revisions.writing import Writer

router = APIRouter(prefix="/v1/ideas", tags=["ideas"])


ListName = Annotated[
    str,
    Query(
        alias="list",
        max_length=100,
        description="the list that the ids in source_id belong to, if there is more than one",
        examples=["Werkstatt 2026"],
    ),
]


class IdeaImportFault(BaseModel):
    line: int = Field(description="line of a CSV file, place in a JSON list", examples=[3])
    column: str | None
    message: str


class ChangedIdea(BaseModel):
    line: int = Field(examples=[4])
    reference: str
    before: str = Field(description="the text that is stored, and stays")
    after: str = Field(description="the text of the file")


class IdeaImport(BaseModel):
    import_id: UUID | None = Field(description="null in a dry run: nothing is stored")
    dry_run: bool
    rows: int = Field(examples=[120])
    accepted: int = Field(
        examples=[118], description="new ones; those that were there already are not among them"
    )
    known: int
    references: list[str] = Field(description="of the stored ideas, in the order of the file")
    changes: list[ChangedIdea] = Field(
        description="ideas that were there already with another text; it is not taken over"
    )
    errors: list[IdeaImportFault]


@router.post(
    "/imports",
    summary="Import ideas from CSV or JSON",
    **creating(IdeaImport, 400, 401, 403, 409, 413, 422, unstored="preview"),
)
async def import_ideas(
    request: Request,
    editor: Editor,
    lang: RequestLanguage,
    settings: ParticipationOf,
    idempotency: Idempotency,
    file: Annotated[
        UploadFile,
        File(
            description=(
                "columns region, text and optionally field, group, topic, source_id, received_on;"
                " UTF-8"
            )
        ),
    ],
    consent: Annotated[
        bool, Query(description="the authors agreed to their ideas being stored")
    ] = False,
    dry_run: Annotated[bool, Query(description="only look for faults")] = True,
    list_name: ListName = "",
) -> Response:
    """All or nothing: with any fault nothing is stored. A file may be sent again; what is there
    already is passed over, and a changed text shown in `changes`. An idea is known by `source_id`,
    which counts within its municipality and `list`, or by its text; twice in one file is a fault.

    Imported ideas are new and wait for moderation like all others.
    """
    if not consent:
        raise invalid_at(
            "/query/consent",
            Text("Without the authors' consent (consent=true) nothing is imported."),
        )
    data = await file.read()
    content = await anyio.to_thread.run_sync(read_ideas, data)
    content = replace(content, list_name=list_name.strip())

    database, context = database_of(request), context_of(request)
    # Asked before the transaction begins, of the regions in the county.
    stated = sorted({row.region for _, row in content.rows if covers(context.county, row.region)})
    regions = await regions_of(request, stated)

    async def action(writer: Writer) -> Created:
        outcome = await store_ideas(
            writer,
            content,
            settings.idea_consent_version,
            regions=regions,
            fields=context.fields,
            dry_run=dry_run,
        )
        return _created(outcome, lang, dry_run=dry_run)

    digest = await anyio.to_thread.run_sync(hashlib.sha256, data)
    async with database.write() as write:
        run = partial(action, Writer(write, editor, database.metadata))
        return await idempotency.run(write, run, fingerprint=digest.hexdigest())


def _created(outcome: Outcome, lang: Lang, *, dry_run: bool) -> Created:
    """What came of a file; 422 with every fault when it should have been stored."""
    faults = [IdeaImportFault(**answered(one, lang)) for one in outcome.faults]
    if faults and not dry_run:
        raise _refused(outcome.faults, [fault.model_dump() for fault in faults])
    return Created(
        IdeaImport(
            import_id=None if dry_run else outcome.id,
            dry_run=dry_run,
            rows=outcome.rows,
            accepted=0 if faults else outcome.rows - outcome.known,
            known=outcome.known,
            references=list(outcome.references),
            changes=[ChangedIdea(**one._asdict()) for one in outcome.changes],
            errors=faults,
        ),
        status=200 if dry_run else 201,
    )


def _refused(faults: Sequence[InputError], rows: list[dict[str, object]]) -> Problem:
    n = len(rows)
    text = Text("The file has {n} faults; nothing was stored.", n=n)
    title = Label("Ungültige Angaben", "Invalid content")
    errors = [FieldError(line_pointer(f), f.text) for f in faults]
    return Problem(422, "invalid-content", title, text, errors=errors, rows=rows)
