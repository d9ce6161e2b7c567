"""What an organisation uses: its buildings, fleet, street lighting, water and infrastructure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.organisation import queries
from klima_balance.organisation.actions import registers as usecases
from klima_balance.organisation.routes.organisations import etag_of
from klima_balance.organisation.routes.properties import CHANGE, readable
from klima_balance.organisation.rules import Area
from klima_balance.regions.routes.common import MethodTables
from klima_shared.codes.fields import Year
from klima_shared.codes.lists import Carrier, Grade
from klima_shared.database.connections import Read, Write
from klima_shared.http.auth import Editor, Viewer
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses

router = APIRouter(prefix="/v1/organisations/{organisation_id}/activities", tags=["organisations"])


class UseContent(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "year": 2023,
                    "area": "fleet",
                    "carrier": "diesel",
                    "vehicle": "car",
                    "quantity": 120000.0,
                    "unit": "Fzkm",
                    "status": "measured",
                    "grade": "A",
                    "source": "Fahrtenbuch (Beispiel)",
                }
            ]
        },
    )

    year: Year
    area: Area = Field(examples=["buildings"])
    carrier: Carrier = Field(examples=["natural_gas"])
    vehicle: str = Field(
        default="", max_length=40, description="fleet: car, light_duty, heavy_duty, line_bus, tram"
    )
    meter: str = Field(default="", max_length=60)
    holding_id: UUID | None = Field(
        default=None, description="null: the administration, or the owner of the property"
    )
    property_id: UUID | None = None
    quantity: float = Field(ge=0, le=1e12, allow_inf_nan=False, strict=True)
    unit: str = Field(min_length=1, max_length=20, examples=["kWh (Hs)"])
    status: Literal["measured", "estimated", "confirmed_zero"]
    grade: Grade
    source: str = Field(min_length=3, max_length=500)
    note: str | None = Field(default=None, max_length=1000)


class Use(UseContent):
    id: UUID
    organisation_id: UUID
    quantity_mwh: float
    revision: int
    changed_at: datetime


def _use(row: Any) -> Use:
    return Use(**{name: row[name] for name in Use.model_fields})


@router.get(
    "", summary="What the organisation uses", responses=problem_responses(401, 403, 404, 422)
)
async def list_organisation_activities(
    organisation_id: UUID,
    request: Request,
    response: Response,
    read: Read,
    viewer: Viewer,
    page: Paging,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
    area: Area | None = None,
    property_id: UUID | None = None,
    modified_since: ModifiedSince = None,
) -> Page[Use]:
    """Buildings, fleet, street lighting, water, infrastructure: quantities as delivered and in
    MWh."""
    await readable(read, viewer, organisation_id)
    rows = await queries.listing(
        read,
        "activity",
        limit=page.limit + 1,
        after=check_key(page.after, UUID),
        organisation_id=organisation_id,
        year=year,
        area=area and area.value,
        property_id=property_id,
        modified_since=modified_since,
    )
    rows, cursor = page.cut(rows, ["id"])
    link_next(request, response, cursor)
    return Page(items=[_use(row) for row in rows], next=cursor)


@router.post(
    "",
    summary="Add a use",
    status_code=201,
    response_model=Use,
    responses=problem_responses(400, 401, 403, 404, 409, 413, 422),
)
async def create_organisation_activity(
    organisation_id: UUID,
    body: UseContent,
    write: Write,
    editor: Editor,
    method: MethodTables,
    idempotency: Idempotency,
) -> Response:
    async def action() -> Created:
        row = await usecases.put_activity(write, editor, method, organisation_id, body.model_dump())
        place = f"/v1/organisations/{organisation_id}/activities/{row['id']}"
        return Created(_use(row), location=place, etag=etag_of(row))

    return await idempotency.run(write, action)


@router.get("/{activity_id}", summary="One use", responses=problem_responses(401, 403, 404, 422))
async def get_organisation_activity(
    response: Response, organisation_id: UUID, activity_id: UUID, read: Read, viewer: Viewer
) -> Use:
    await readable(read, viewer, organisation_id)
    row = await usecases.find(read, "activity", activity_id, organisation_id)
    response.headers["ETag"] = etag_of(row)
    return _use(row)


@router.put("/{activity_id}", summary="Change a use", responses=CHANGE)
async def put_organisation_activity(
    response: Response,
    organisation_id: UUID,
    activity_id: UUID,
    body: UseContent,
    write: Write,
    editor: Editor,
    method: MethodTables,
    if_match: RequiredIfMatch,
) -> Use:
    content = body.model_dump()
    row = await usecases.put_activity(
        write, editor, method, organisation_id, content, activity_id, if_match, etag_of
    )
    response.headers["ETag"] = etag_of(row)
    return _use(row)


@router.delete("/{activity_id}", summary="Remove a use", status_code=204, responses=CHANGE)
async def delete_organisation_activity(
    organisation_id: UUID,
    activity_id: UUID,
    write: Write,
    editor: Editor,
    if_match: RequiredIfMatch,
) -> None:
    await usecases.remove(
        write, editor, "activity", organisation_id, activity_id, if_match, etag_of
    )
