"""The register of an organisation's buildings and facilities, and what they, the fleet and the rest use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.api.common import MethodTables
from klima_balance.api.organisations import etag_of
from klima_balance.domain.organisation import Area, per_area
from klima_balance.storage import organisations as queries
from klima_balance.usecases import organisations as usecases
from klima_shared.auth import Editor, Viewer
from klima_shared.codes import Carrier, Grade, Role
from klima_shared.database import Read, Write
from klima_shared.etags import RequiredIfMatch
from klima_shared.idempotency import Created, Idempotency
from klima_shared.pages import Page, Paging, check_key, link_next
from klima_shared.problems import problem_responses
from klima_shared.types import Ags, Year

router = APIRouter(prefix="/v1/organisations/{organisation_id}", tags=["organisations"])
_CHANGE = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)


class Meter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=1, max_length=60, examples=["1ESY1161234567 (Beispiel)"])
    carrier: Carrier = Field(examples=["electricity"])
    unit: str = Field(min_length=1, max_length=20, examples=["kWh"])


class PropertyContent(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Rathaus (Beispiel)", "region": "05974040", "area_m2": 4200.0}]},
    )

    name: str = Field(min_length=2, max_length=200)
    region: Ags = Field(description="the municipality it stands in")
    kind: Literal["building", "street_lighting", "water", "infrastructure"] = "building"
    holding_id: UUID | None = Field(default=None, description="null: the administration itself")
    purpose: str | None = Field(default=None, max_length=200, examples=["Schule"])
    address: str | None = Field(default=None, max_length=300)
    area_m2: float | None = Field(default=None, gt=0, le=1e7, strict=True, description="heated net area")
    from_year: Year | None = None
    to_year: Year | None = None
    meters: list[Meter] = Field(default=[], max_length=200)
    note: str | None = Field(default=None, max_length=1000)


class Property(PropertyContent):
    id: UUID
    organisation_id: UUID
    revision: int = Field(examples=[1])
    changed_at: datetime
    year: int | None = Field(default=None, description="of the consumption below")
    consumption_mwh: dict[str, float] = Field(default={}, examples=[{"natural_gas": 310.5}])
    kwh_per_m2: dict[str, float] = Field(default={}, description="by carrier, where the area is known")


class UseContent(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"year": 2023, "area": "fleet", "carrier": "diesel", "vehicle": "car", "quantity": 120000.0,
                 "unit": "Fzkm", "status": "measured", "grade": "A", "source": "Fahrtenbuch (Beispiel)"}
            ]
        },
    )  # fmt: skip

    year: Year
    area: Area = Field(examples=["buildings"])
    carrier: Carrier = Field(examples=["natural_gas"])
    vehicle: str = Field(default="", max_length=40, description="fleet: car, light_duty, heavy_duty, line_bus, tram")
    meter: str = Field(default="", max_length=60)
    holding_id: UUID | None = Field(default=None, description="null: the administration, or the owner of the property")
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


def _property(row: Any, year: int | None = None, uses: Sequence[Any] = ()) -> Property:
    own = [use for use in uses if use["property_id"] == row["id"]]
    total: dict[str, float] = {}
    for use in own:
        total[use["carrier"]] = total.get(use["carrier"], 0.0) + use["quantity_mwh"]
    fields = {n: row[n] for n in Property.model_fields if n in row}
    return Property(**fields, year=year, consumption_mwh=total, kwh_per_m2=per_area(own, row["area_m2"]))


def _use(row: Any) -> Use:
    return Use(**{name: row[name] for name in Use.model_fields})


async def _readable(read: Any, viewer: Any, organisation_id: UUID) -> None:
    viewer.require(Role.VIEWER, (await usecases.find(read, "organisation", organisation_id))["region"])


@router.get("/properties", summary="The property register", responses=problem_responses(401, 403, 404, 422))
async def list_properties(
    organisation_id: UUID,
    request: Request,
    response: Response,
    read: Read,
    viewer: Viewer,
    page: Paging,
    year: Annotated[int | None, Query(ge=1990, le=2100, description="with the consumption of this year")] = None,
) -> Page[Property]:
    """Buildings and facilities with area, meters and, for a year, consumption and kWh per m2."""
    await _readable(read, viewer, organisation_id)
    after = check_key(page.after, UUID)
    rows = await queries.listing(read, "property", limit=page.limit + 1, after=after, organisation_id=organisation_id)
    rows, cursor = page.cut(rows, ["id"])
    link_next(request, response, cursor)
    uses = await queries.uses(read, organisation_id, year) if year is not None else ()
    return Page(items=[_property(row, year, uses) for row in rows], next=cursor)


@router.post("/properties", summary="Add a property", status_code=201, response_model=Property,
             responses=problem_responses(400, 401, 403, 404, 409, 413, 422))  # fmt: skip
async def create_property(
    organisation_id: UUID, body: PropertyContent, write: Write, editor: Editor, idempotency: Idempotency
) -> Response:
    async def action() -> Created:
        row = await usecases.put_property(write, editor, organisation_id, body.model_dump())
        place = f"/v1/organisations/{organisation_id}/properties/{row['id']}"
        return Created(_property(row), location=place, etag=etag_of(row))

    return await idempotency.run(write, action)


@router.get("/properties/{property_id}", summary="One property", responses=problem_responses(401, 403, 404, 422))
async def get_property(
    response: Response,
    organisation_id: UUID,
    property_id: UUID,
    read: Read,
    viewer: Viewer,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
) -> Property:
    await _readable(read, viewer, organisation_id)
    row = await usecases.find(read, "property", property_id, organisation_id)
    uses = await queries.uses(read, organisation_id, year) if year is not None else ()
    response.headers["ETag"] = etag_of(row)
    return _property(row, year, uses)


@router.put("/properties/{property_id}", summary="Change a property", responses=_CHANGE)
async def put_property(
    response: Response,
    organisation_id: UUID,
    property_id: UUID,
    body: PropertyContent,
    write: Write,
    editor: Editor,
    if_match: RequiredIfMatch,
) -> Property:
    row = await usecases.put_property(write, editor, organisation_id, body.model_dump(), property_id, if_match, etag_of)
    response.headers["ETag"] = etag_of(row)
    return _property(row)


@router.delete("/properties/{property_id}", summary="Remove a property", status_code=204, responses=_CHANGE)
async def delete_property(
    organisation_id: UUID, property_id: UUID, write: Write, editor: Editor, if_match: RequiredIfMatch
) -> None:
    """Only one without consumption; what was sold gets a last year."""
    await usecases.remove(write, editor, "property", organisation_id, property_id, if_match, etag_of)


@router.get("/activities", summary="What the organisation uses", responses=problem_responses(401, 403, 404, 422))
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
) -> Page[Use]:
    """Buildings, fleet, street lighting, water, infrastructure: quantities as delivered and in MWh."""
    await _readable(read, viewer, organisation_id)
    rows = await queries.listing(
        read, "activity", limit=page.limit + 1, after=check_key(page.after, UUID), organisation_id=organisation_id,
        year=year, area=area and area.value, property_id=property_id,
    )  # fmt: skip
    rows, cursor = page.cut(rows, ["id"])
    link_next(request, response, cursor)
    return Page(items=[_use(row) for row in rows], next=cursor)


@router.post("/activities", summary="Add a use", status_code=201, response_model=Use,
             responses=problem_responses(400, 401, 403, 404, 409, 413, 422))  # fmt: skip
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


@router.put("/activities/{activity_id}", summary="Change a use", responses=_CHANGE)
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
    row = await usecases.put_activity(write, editor, method, organisation_id, content, activity_id, if_match, etag_of)
    response.headers["ETag"] = etag_of(row)
    return _use(row)


@router.delete("/activities/{activity_id}", summary="Remove a use", status_code=204, responses=_CHANGE)
async def delete_organisation_activity(
    organisation_id: UUID, activity_id: UUID, write: Write, editor: Editor, if_match: RequiredIfMatch
) -> None:
    await usecases.remove(write, editor, "activity", organisation_id, activity_id, if_match, etag_of)
