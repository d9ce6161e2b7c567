"""Routes of the printed catalogue."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Request, Response
from pydantic import BaseModel, Field

from klima_measures.base.actions.context import frame_of
from klima_measures.catalogue.actions import lists
from klima_measures.catalogue.actions import printing as catalogues
from klima_measures.catalogue.queries import listing
from klima_measures.catalogue.queries.listing import PUBLIC
from klima_measures.catalogue.routes.filters import AskedFilters
from klima_measures.registers import queries as registers
from klima_measures.registers.actions import no_entry
from klima_shared.database.connections import Read, Write, database_of
from klima_shared.http.auth import Editor
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.problems import conflict, invalid_at, problem_responses
from klima_shared.language.reader import ReaderLang
from klima_shared.language.text import Text

router = APIRouter(tags=["catalogue"])
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}
_HTML: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}


class CatalogueJob(BaseModel):
    """A catalogue being made; `done` of `total` sheets are ready."""

    id: UUID
    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int
    message: str | None
    created_at: datetime
    finished_at: datetime | None
    pdf: str | None = Field(description="address of the finished catalogue")


def _job(row: dict[str, Any]) -> CatalogueJob:
    ready = row["state"] == "done"
    address = f"/v1/catalogues/{row['id']}.pdf" if ready else None
    return CatalogueJob(**{n: row[n] for n in CatalogueJob.model_fields if n != "pdf"}, pdf=address)


@router.post(
    "/v1/catalogues",
    summary="Make the catalogue of the published sheets as a PDF",
    status_code=202,
    response_model=CatalogueJob,
    responses=problem_responses(401, 403, 409, 422),
)
async def create_catalogue(
    request: Request,
    connection: Write,
    tasks: BackgroundTasks,
    caller: Editor,
    lang: ReaderLang,
    filters: AskedFilters,
    idempotency: Idempotency,
) -> Response:
    """It is made in the background; ask for its state at the address in `Location`. Filters as for
    lists."""
    frame, database = frame_of(request), database_of(request)

    async def action() -> Created:
        await lists.check_regions(connection, frame, filters)
        total = await listing.count(connection, filters, PUBLIC)
        if not 0 < total <= catalogues.MOST:
            raise invalid_at(
                "/query",
                Text(
                    "A catalogue has 1 to {most} measures; {total} were found.",
                    most=catalogues.MOST,
                    total=total,
                ),
            )
        chosen = {
            name: str(value) for name, value in asdict(filters).items() if value not in (None, ())
        }
        job = await catalogues.begin(connection, caller, total, chosen)
        tasks.add_task(catalogues.make, database, frame, filters, lang, job["id"])
        return Created(_job(job), location=f"/v1/catalogues/{job['id']}", status=202)

    return await idempotency.run(connection, action)


@router.get(
    "/v1/catalogues/{catalogue_id}.pdf",
    summary="A finished catalogue",
    response_class=Response,
    responses={**problem_responses(404, 409, 422), **_PDF},
)
async def get_catalogue_pdf(connection: Read, catalogue_id: UUID) -> Response:
    row = await registers.find_job(connection, catalogue_id, content=True)
    if row is None:
        raise no_entry(catalogue_id)
    if row["state"] != "done":
        raise conflict(Text("The catalogue is not finished yet."))
    headers = {"Content-Disposition": 'inline; filename="massnahmenkatalog.pdf"'}
    return Response(bytes(row["content"]), headers=headers, media_type="application/pdf")


@router.get(
    "/v1/catalogues/{catalogue_id}",
    summary="How far a catalogue is",
    responses=problem_responses(404, 422),
)
async def get_catalogue(connection: Read, response: Response, catalogue_id: UUID) -> CatalogueJob:
    row = await registers.find_job(connection, catalogue_id)
    if row is None:
        raise no_entry(catalogue_id)
    response.headers["Cache-Control"] = "no-store"
    return _job(row)
