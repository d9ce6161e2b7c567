"""The register of an organisation's buildings and facilities, and what it uses."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from klima_balance.organisation import queries
from klima_balance.organisation.actions import registers as actions
from klima_balance.organisation.model import Area, PlacedUse
from klima_balance.organisation.queries import ORGANISATIONS, PROPERTIES, USES
from klima_balance.organisation.routes.common import (
    CHANGE,
    CREATE,
    ONE,
    Listing,
    created,
    path_of_parts,
)
from klima_balance.organisation.shapes import (
    Property,
    PropertyContent,
    Use,
    UseContent,
    property_of,
)
from klima_balance.regions.routes.common import MethodTables
from klima_shared.codes.access import Role
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.http.auth import Principal, Viewer
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.paging import ModifiedSince, Page
from klima_shared.http.problems import problem_responses
from klima_shared.revisions import entities
from klima_shared.revisions.dependencies import EditorChange, EditorWriter
from klima_shared.revisions.stored import read_stored

router = APIRouter(prefix="/v1/organisations", tags=["organisations"])


async def _check_readable(read: ReadConnection, viewer: Principal, organisation: UUID) -> None:
    row = await entities.get(read, ORGANISATIONS, organisation)
    viewer.require(Role.VIEWER, row.region)


async def _uses(read: ReadConnection, organisation: UUID, year: int | None) -> Sequence[PlacedUse]:
    return () if year is None else await queries.uses(read, organisation, year)


@router.get(
    ONE + "/properties",
    summary="The property register",
    responses=problem_responses(401, 403, 404, 422),
)
async def list_properties(
    organisation_id: UUID,
    listing: Listing,
    viewer: Viewer,
    year: Annotated[
        int | None, Query(ge=1990, le=2100, description="with the consumption of this year")
    ] = None,
    modified_since: ModifiedSince = None,
) -> Page[Property]:
    """Buildings and facilities with area, meters and, for a year, consumption and kWh per m2."""
    await _check_readable(listing.read, viewer, organisation_id)
    where = queries.conditions(PROPERTIES, modified_since, organisation_id=organisation_id)
    rows, cursor = await listing.rows(PROPERTIES, where)
    uses = await _uses(listing.read, organisation_id, year)
    return Page(items=[property_of(row, year, uses) for row in rows], next=cursor)


@router.post(ONE + "/properties", summary="Add a property", **creating(Property, *CREATE))
async def create_property(
    organisation_id: UUID, body: PropertyContent, writer: EditorWriter, idempotency: Idempotency
) -> Response:
    async def action() -> Created:
        row = await actions.put_property(writer, organisation_id, body.model_dump())
        path = path_of_parts(organisation_id, "properties")
        return created(PROPERTIES, path, row, property_of(row))

    return await idempotency.run(writer.connection, action)


@router.get(
    ONE + "/properties/{property_id}",
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
    await _check_readable(read, viewer, organisation_id)
    row = await actions.get_part(read, PROPERTIES, organisation_id, property_id)
    response.headers["ETag"] = PROPERTIES.etag(row)
    return property_of(row, year, await _uses(read, organisation_id, year))


@router.put(ONE + "/properties/{property_id}", summary="Change a property", responses=CHANGE)
async def replace_property(
    response: Response,
    organisation_id: UUID,
    property_id: UUID,
    body: PropertyContent,
    writer: EditorChange,
) -> Property:
    content = body.model_dump()
    row = await actions.put_property(writer, organisation_id, content, property_id)
    response.headers["ETag"] = PROPERTIES.etag(row)
    return property_of(row)


@router.delete(
    ONE + "/properties/{property_id}",
    summary="Remove a property",
    status_code=204,
    responses=CHANGE,
)
async def delete_property(organisation_id: UUID, property_id: UUID, writer: EditorChange) -> None:
    """Only one without consumption; what was sold gets a last year."""
    await actions.remove_property(writer, organisation_id, property_id)


@router.get(
    ONE + "/activities",
    summary="What the organisation uses",
    responses=problem_responses(401, 403, 404, 422),
)
async def list_organisation_activities(
    organisation_id: UUID,
    listing: Listing,
    viewer: Viewer,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None,
    area: Area | None = None,
    property_id: UUID | None = None,
    modified_since: ModifiedSince = None,
) -> Page[Use]:
    """Buildings, fleet, street lighting, water, infrastructure: quantities as delivered and in
    MWh."""
    await _check_readable(listing.read, viewer, organisation_id)
    own = {"organisation_id": organisation_id, "year": year, "property_id": property_id}
    where = queries.conditions(USES, modified_since, **own, area=area and area.value)
    rows, cursor = await listing.rows(USES, where)
    return Page(items=[read_stored(Use, row) for row in rows], next=cursor)


@router.post(ONE + "/activities", summary="Add a use", **creating(Use, *CREATE))
async def create_organisation_activity(
    organisation_id: UUID,
    body: UseContent,
    writer: EditorWriter,
    method: MethodTables,
    idempotency: Idempotency,
) -> Response:
    async def action() -> Created:
        row = await actions.put_use(writer, method, organisation_id, body.model_dump())
        path = path_of_parts(organisation_id, "activities")
        return created(USES, path, row, read_stored(Use, row))

    return await idempotency.run(writer.connection, action)


@router.get(
    ONE + "/activities/{activity_id}",
    summary="One use",
    responses=problem_responses(401, 403, 404, 422),
)
async def get_organisation_activity(
    response: Response, organisation_id: UUID, activity_id: UUID, read: Read, viewer: Viewer
) -> Use:
    await _check_readable(read, viewer, organisation_id)
    row = await actions.get_part(read, USES, organisation_id, activity_id)
    response.headers["ETag"] = USES.etag(row)
    return read_stored(Use, row)


@router.put(ONE + "/activities/{activity_id}", summary="Change a use", responses=CHANGE)
async def replace_organisation_activity(
    response: Response,
    organisation_id: UUID,
    activity_id: UUID,
    body: UseContent,
    writer: EditorChange,
    method: MethodTables,
) -> Use:
    content = body.model_dump()
    row = await actions.put_use(writer, method, organisation_id, content, activity_id)
    response.headers["ETag"] = USES.etag(row)
    return read_stored(Use, row)


@router.delete(
    ONE + "/activities/{activity_id}", summary="Remove a use", status_code=204, responses=CHANGE
)
async def delete_organisation_activity(
    organisation_id: UUID, activity_id: UUID, writer: EditorChange
) -> None:
    await actions.remove_use(writer, organisation_id, activity_id)
