"""The register of an organisation's buildings and facilities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.organisation import queries
from klima_balance.organisation.actions import registers as usecases
from klima_balance.organisation.routes.organisations import etag_of
from klima_balance.organisation.rules import per_area
from klima_shared.codes.fields import Ags, Year
from klima_shared.codes.lists import Carrier, Role
from klima_shared.database.connections import Read, Write
from klima_shared.http.auth import Editor, Viewer
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses

router = APIRouter(prefix="/v1/organisations/{organisation_id}", tags=["organisations"])
CHANGE = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)


class Meter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=1, max_length=60, examples=["1ESY1161234567 (Beispiel)"])
    carrier: Carrier = Field(examples=["electricity"])
    unit: str = Field(min_length=1, max_length=20, examples=["kWh"])


class PropertyContent(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Rathaus (Beispiel)", "region": "05974040", "area_m2": 4200.0}]
        },
    )

    name: str = Field(min_length=2, max_length=200)
    region: Ags = Field(description="the municipality it stands in")
    kind: Literal["building", "street_lighting", "water", "infrastructure"] = "building"
    holding_id: UUID | None = Field(default=None, description="null: the administration itself")
    purpose: str | None = Field(default=None, max_length=200, examples=["Schule"])
    address: str | None = Field(default=None, max_length=300)
    area_m2: float | None = Field(
        default=None, gt=0, le=1e7, strict=True, description="heated net area"
    )
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
    kwh_per_m2: dict[str, float] = Field(
        default={}, description="by carrier, where the area is known"
    )


def _property(row: Any, year: int | None = None, uses: Sequence[Any] = ()) -> Property:
    own = [use for use in uses if use["property_id"] == row["id"]]
    total: dict[str, float] = {}
    for use in own:
        total[use["carrier"]] = total.get(use["carrier"], 0.0) + use["quantity_mwh"]
    fields = {n: row[n] for n in Property.model_fields if n in row}
    return Property(
        **fields, year=year, consumption_mwh=total, kwh_per_m2=per_area(own, row["area_m2"])
    )


async def readable(read: Any, viewer: Any, organisation_id: UUID) -> None:
    viewer.require(
        Role.VIEWER, (await usecases.find(read, "organisation", organisation_id))["region"]
    )


@router.get(
    "/properties", summary="The property register", responses=problem_responses(401, 403, 404, 422)
)
async def list_properties(
    organisation_id: UUID,
    request: Request,
    response: Response,
    read: Read,
    viewer: Viewer,
    page: Paging,
    year: Annotated[
        int | None, Query(ge=1990, le=2100, description="with the consumption of this year")
    ] = None,
    modified_since: ModifiedSince = None,
) -> Page[Property]:
    """Buildings and facilities with area, meters and, for a year, consumption and kWh per m2."""
    await readable(read, viewer, organisation_id)
    after = check_key(page.after, UUID)
    rows = await queries.listing(
        read,
        "property",
        limit=page.limit + 1,
        after=after,
        organisation_id=organisation_id,
        modified_since=modified_since,
    )
    rows, cursor = page.cut(rows, ["id"])
    link_next(request, response, cursor)
    uses = await queries.uses(read, organisation_id, year) if year is not None else ()
    return Page(items=[_property(row, year, uses) for row in rows], next=cursor)


@router.post(
    "/properties",
    summary="Add a property",
    status_code=201,
    response_model=Property,
    responses=problem_responses(400, 401, 403, 404, 409, 413, 422),
)
async def create_property(
    organisation_id: UUID,
    body: PropertyContent,
    write: Write,
    editor: Editor,
    idempotency: Idempotency,
) -> Response:
    async def action() -> Created:
        row = await usecases.put_property(write, editor, organisation_id, body.model_dump())
        place = f"/v1/organisations/{organisation_id}/properties/{row['id']}"
        return Created(_property(row), location=place, etag=etag_of(row))

    return await idempotency.run(write, action)


@router.get(
    "/properties/{property_id}",
    summary="One property",
    responses=problem_responses(401, 403, 404, 422),
)
async def get_property(
    response: Response,
    organisation_id: UUID,
    property_id: UUID,
    read: Read,
    viewer: Viewer,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
) -> Property:
    await readable(read, viewer, organisation_id)
    row = await usecases.find(read, "property", property_id, organisation_id)
    uses = await queries.uses(read, organisation_id, year) if year is not None else ()
    response.headers["ETag"] = etag_of(row)
    return _property(row, year, uses)


@router.put("/properties/{property_id}", summary="Change a property", responses=CHANGE)
async def put_property(
    response: Response,
    organisation_id: UUID,
    property_id: UUID,
    body: PropertyContent,
    write: Write,
    editor: Editor,
    if_match: RequiredIfMatch,
) -> Property:
    row = await usecases.put_property(
        write, editor, organisation_id, body.model_dump(), property_id, if_match, etag_of
    )
    response.headers["ETag"] = etag_of(row)
    return _property(row)


@router.delete(
    "/properties/{property_id}", summary="Remove a property", status_code=204, responses=CHANGE
)
async def delete_property(
    organisation_id: UUID,
    property_id: UUID,
    write: Write,
    editor: Editor,
    if_match: RequiredIfMatch,
) -> None:
    """Only one without consumption; what was sold gets a last year."""
    await usecases.remove(
        write, editor, "property", organisation_id, property_id, if_match, etag_of
    )
