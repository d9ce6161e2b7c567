"""Recalculations: a new factor set for all years at once, with a report of the differences before
anything is published."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.balances.actions import recalculations as usecases
from klima_balance.balances.queries import recalculations
from klima_balance.regions.routes.common import AgsPath, MethodTables, region_or_404
from klima_shared.codes.access import Role
from klima_shared.codes.quantities import Year
from klima_shared.database.connections import Read
from klima_shared.http.auth import Viewer
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.paging import Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.revisions.dependencies import EditorWriter, ManagerWriter
from klima_shared.wire.json import JsonObject

region_router = APIRouter(prefix="/v1/regions/{ags}/recalculations", tags=["corrections"])
router = APIRouter(prefix="/v1/recalculations", tags=["corrections"])


class NewRecalculation(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"factor_set": "bisko-2026.1", "reason": "Neue Emissionsfaktoren"}]
        },
    )

    factor_set: str = Field(min_length=1, max_length=60)
    years: list[Year] | None = Field(
        default=None, max_length=60, description="all published years where none is named"
    )
    reason: str = Field(
        min_length=3,
        max_length=1000,
        description="stands on every balance that is published with it",
    )


class RecalculationHead(BaseModel):
    id: UUID
    region: str = Field(examples=["05974000"])
    factor_set: str = Field(examples=["bisko-2026.1"])
    years: list[int]
    reason: str
    created_at: datetime
    created_by: str
    published_at: datetime | None
    published_by: str | None


class Recalculation(RecalculationHead):
    items: list[JsonObject] = Field(
        description="per region and year: totals before and after, cells that moved most"
    )
    changed_figures: list[JsonObject] = Field(
        description="regions whose own figures changed since they were published"
    )


def _head(row: recalculations.Recalculation) -> RecalculationHead:
    return RecalculationHead.model_validate(row, from_attributes=True)


def _recalculation(row: recalculations.Recalculation) -> Recalculation:
    return Recalculation(**vars(_head(row)), **row.report)


@region_router.post(
    "",
    summary="Recalculate all years with another factor set",
    **creating(Recalculation, 400, 401, 403, 404, 409, 413, 422),
)
async def create_recalculation(
    ags: AgsPath,
    body: NewRecalculation,
    writer: EditorWriter,
    method: MethodTables,
    idempotency: Idempotency,
) -> Response:
    """Drafts and the report of the differences; nothing is published yet."""

    async def action() -> Created:
        row = await usecases.recalculate(writer, method, ags, **body.model_dump())
        return Created(_recalculation(row), location=f"/v1/recalculations/{row.id}")

    return await idempotency.run(writer.connection, action)


@region_router.get(
    "", summary="List recalculations", responses=problem_responses(401, 403, 404, 422)
)
async def list_recalculations(
    ags: AgsPath, read: Read, viewer: Viewer, page: Paging
) -> Page[RecalculationHead]:
    await region_or_404(read, ags)
    viewer.require(Role.VIEWER, ags)
    rows = await recalculations.recalculations_of(
        read, ags, limit=page.limit + 1, after=check_key(page.after, datetime, UUID)
    )
    return page.answer(rows, ["created_at", "id"], _head)


@router.get(
    "/{recalculation_id}",
    summary="The difference report",
    responses=problem_responses(401, 403, 404, 422),
)
async def get_recalculation(recalculation_id: UUID, read: Read, viewer: Viewer) -> Recalculation:
    return _recalculation(await usecases.find(read, viewer, recalculation_id))


@router.post(
    "/{recalculation_id}/publish",
    summary="Publish a recalculation",
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def publish_recalculation(
    recalculation_id: UUID, writer: ManagerWriter, method: MethodTables
) -> RecalculationHead:
    """All its drafts become the next versions, with its reason; all or none. Published sums above
    them follow."""
    return _head(await usecases.publish(writer, method, recalculation_id))
