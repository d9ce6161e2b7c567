"""Routes of the printed catalogue and of the list that other sites embed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Path, Request, Response
from pydantic import BaseModel, Field

from klima_measures.api.filters import AskedFilters
from klima_measures.pages.html import list_html, security_policy
from klima_measures.storage import listing, measures, registers
from klima_measures.storage.listing import PUBLIC, Filters
from klima_measures.usecases import catalogues, lists
from klima_measures.usecases.exports import EXAMPLES
from klima_measures.usecases.frame import frame_of
from klima_measures.usecases.registers import no_entry
from klima_shared.auth import Editor
from klima_shared.codes import MeasureStatus, Phase
from klima_shared.database import Read, database_of
from klima_shared.i18n import long_date
from klima_shared.messages import Text
from klima_shared.problems import conflict, invalid_at, problem_responses
from klima_shared.reader import ReaderLang
from klima_shared.types import Ags

router = APIRouter(tags=["catalogue"])
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}
_HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}


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


@router.post("/v1/catalogues", summary="Make the catalogue of the published sheets as a PDF", status_code=202,
             responses=problem_responses(401, 403, 422))  # fmt: skip
async def create_catalogue(
    request: Request,
    response: Response,
    tasks: BackgroundTasks,
    caller: Editor,
    lang: ReaderLang,
    filters: AskedFilters,
) -> CatalogueJob:
    """It is made in the background; ask for its state at the address in `Location`. Filters as for lists."""
    frame, database = frame_of(request), database_of(request)
    async with database.read() as connection:
        await lists.check_regions(connection, frame, filters)
        total = await listing.count(connection, filters, PUBLIC)
    if not 0 < total <= catalogues.MOST:
        raise invalid_at(
            "/query", f"Ein Katalog hat 1 bis {catalogues.MOST} Maßnahmen; gefunden wurden {total}.",
            f"A catalogue has 1 to {catalogues.MOST} measures; {total} were found.",
        )  # fmt: skip
    chosen = {name: str(value) for name, value in asdict(filters).items() if value not in (None, ())}
    identity = await catalogues.begin(database, caller, total, chosen)
    tasks.add_task(catalogues.make, database, frame, filters, lang, identity)
    response.headers["Location"] = f"/v1/catalogues/{identity}"
    async with database.read() as connection:
        row = await registers.find_job(connection, identity)
    assert row is not None  # noqa: S101
    return _job(row)


@router.get("/v1/catalogues/{catalogue_id}.pdf", summary="A finished catalogue", response_class=Response,
            responses={**problem_responses(404, 409, 422), **_PDF})  # fmt: skip
async def get_catalogue_pdf(connection: Read, catalogue_id: UUID) -> Response:
    row = await registers.find_job(connection, catalogue_id, content=True)
    if row is None:
        raise no_entry(catalogue_id)
    if row["state"] != "done":
        raise conflict(Text("Der Katalog ist noch nicht fertig.", "The catalogue is not finished yet."))
    headers = {"Content-Disposition": 'inline; filename="massnahmenkatalog.pdf"'}
    return Response(bytes(row["content"]), headers=headers, media_type="application/pdf")


@router.get("/v1/catalogues/{catalogue_id}", summary="How far a catalogue is", responses=problem_responses(404, 422))
async def get_catalogue(connection: Read, response: Response, catalogue_id: UUID) -> CatalogueJob:
    row = await registers.find_job(connection, catalogue_id)
    if row is None:
        raise no_entry(catalogue_id)
    response.headers["Cache-Control"] = "no-store"
    return _job(row)


@router.get("/embed/measures/{ags}", summary="The measures of a region as a page to embed", response_class=Response,
            responses={**problem_responses(404, 422), **_HTML})  # fmt: skip
async def get_measures_embed(
    request: Request, connection: Read, lang: ReaderLang, ags: Annotated[Ags, Path()]
) -> Response:
    """Published measures only; no script, no cookie, nothing from elsewhere."""
    frame = frame_of(request)
    filters = Filters(today=frame.today(), regions=(ags,))
    await lists.check_regions(connection, frame, filters)
    rows, _ = await listing.page(connection, filters, PUBLIC, order="field", descending=False, limit=lists.MOST)
    name = (await measures.region_names(connection)).get(ags, ags)
    groups = []
    for code, label in frame.fields.labels(lang).items():
        items = [_item(row, lang) for row in rows if row["field"] == code]
        if items:
            groups.append((label, items))
    title = Text(f"Klimaschutz-Maßnahmen: {name}", f"Climate action: {name}").get(lang)
    lead = Text(f"{len(rows)} Maßnahmen, auch gemeinsame mit anderen.", f"{len(rows)} measures, shared ones too.")
    day = long_date(frame.today(), lang)
    page = list_html(
        lang, title=title, lead=lead.get(lang), groups=groups, imprint=f"{day} · dl-de/by-2-0",
        example=EXAMPLES.get(lang) if any(row["example"] for row in rows) else None,
    )  # fmt: skip
    policy = security_policy(request.app.state.settings.frame_ancestors)
    headers = {"Content-Security-Policy": policy, "Content-Language": lang}
    return Response(page, headers=headers, media_type="text/html; charset=utf-8")


def _years(first: int | None, last: int | None, lang: Any) -> str | None:
    if first is None:
        return None
    if last is None:
        return Text(f"ab {first}", f"from {first}").get(lang)
    return str(first) if first == last else f"{first} – {last}"


def _item(row: Any, lang: Any) -> dict[str, Any]:
    years = _years(row["first_year"], row["last_year"], lang)
    together = Text("gemeinsam mit anderen", "together with others").get(lang) if row["intermunicipal"] else None
    parts = [Phase(row["phase"]).label(lang), years, together]
    return {
        "number": row["number"],
        "title": row["title"],
        "status": row["status"],
        "status_label": MeasureStatus(row["status"]).label(lang),
        "example": row["example"],
        "sub": " · ".join(part for part in parts if part),
        "address": f"../../v1/measures/{row['measure_id']}/sheet",
    }
