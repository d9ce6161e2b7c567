"""Routes of the printed catalogue."""

from dataclasses import asdict
from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Request, Response
from pydantic import BaseModel, Field

from klima_measures.base.routes import context_of, regions_of, write_session
from klima_measures.base.rules import PUBLIC
from klima_measures.catalogue.actions.lists import check_regions
from klima_measures.catalogue.actions.printing import MOST, Printing, add_job, print_catalogue
from klima_measures.catalogue.pages import set_catalogue
from klima_measures.catalogue.queries import jobs, listing
from klima_measures.catalogue.queries.jobs import Job
from klima_measures.catalogue.routes.filters import AskedFilters
from klima_measures.registers.queries import no_entry
from klima_shared.database.connections import Read, ReadConnection, database_of
from klima_shared.http.auth import Editor
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import conflict, gone, invalid_at, problem_responses, serving
from klima_shared.language.text import Text

router = APIRouter(tags=["catalogue"])


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


def _answer(job: Job) -> CatalogueJob:
    address = f"/v1/catalogues/{job.id}.pdf" if job.state == "done" else None
    return CatalogueJob.model_validate({**asdict(job), "pdf": address})


async def _find(connection: ReadConnection, identity: UUID) -> Job:
    job = await jobs.find(connection, identity)
    if job is None:
        raise no_entry(identity)
    return job


@router.post(
    "/v1/catalogues",
    summary="Make the catalogue of the published sheets as a PDF",
    status_code=202,
    response_model=CatalogueJob,
    responses=problem_responses(401, 403, 409, 422),
)
async def create_catalogue(
    request: Request,
    tasks: BackgroundTasks,
    caller: Editor,
    lang: RequestLanguage,
    filters: AskedFilters,
    idempotency: Idempotency,
) -> Response:
    """It is made in the background; ask for its state at the address in `Location`. Filters as for
    lists."""
    context, database = context_of(request), database_of(request)
    regions = await regions_of(request, filters.regions)
    async with write_session(request, caller) as session:

        async def action() -> Created:
            check_regions(regions, filters)
            total = await listing.count(session.connection, filters, PUBLIC)
            if not 0 < total <= MOST:
                text = Text(
                    "A catalogue has 1 to {most} measures; {total} were found.",
                    most=MOST,
                    total=total,
                )
                raise invalid_at("/query", text)
            job = await add_job(session, total, filters)
            printing = Printing(database, context, filters, set_catalogue, lang)
            tasks.add_task(print_catalogue, printing, job.id)
            return Created(_answer(job), location=f"/v1/catalogues/{job.id}", status=202)

        return await idempotency.run(session.connection, action)


@router.get(
    "/v1/catalogues/{catalogue_id}.pdf",
    summary="A finished catalogue",
    **serving("application/pdf", 404, 409, 410, 422, format="binary"),
)
async def get_catalogue_pdf(connection: Read, catalogue_id: UUID) -> Response:
    job = await _find(connection, catalogue_id)
    if job.state != "done":
        raise conflict(Text("The catalogue is not finished yet."))
    if await jobs.withdrawn_since(connection, job):
        raise gone(
            Text("A sheet was withdrawn after this catalogue was made. Please make it anew.")
        )
    headers = {"Content-Disposition": 'inline; filename="massnahmenkatalog.pdf"'}
    content = await jobs.content(connection, catalogue_id)
    return Response(content, headers=headers, media_type="application/pdf")


@router.get(
    "/v1/catalogues/{catalogue_id}",
    summary="How far a catalogue is",
    responses=problem_responses(404, 422),
)
async def get_catalogue(connection: Read, response: Response, catalogue_id: UUID) -> CatalogueJob:
    response.headers["Cache-Control"] = "no-store"
    return _answer(await _find(connection, catalogue_id))
