"""Organisations: administrations with a boundary of their own beside the territory; their holdings
with dated shares, inside it while above 50 %."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from klima_balance.organisation import model, queries
from klima_balance.organisation.actions import registers as actions
from klima_balance.organisation.model import Company, Share
from klima_balance.organisation.queries import HOLDINGS, ORGANISATIONS
from klima_balance.organisation.routes.common import (
    CHANGE,
    CREATE,
    ONE,
    REMOVE,
    Listing,
    created,
    path_of_parts,
)
from klima_balance.organisation.shapes import (
    Holding,
    HoldingContent,
    Organisation,
    OrganisationContent,
    holding_of,
)
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.paging import ModifiedSince, Page
from klima_shared.http.problems import problem_responses
from klima_shared.revisions import entities
from klima_shared.revisions.dependencies import EditorChange, EditorWriter

router = APIRouter(prefix="/v1/organisations", tags=["organisations"])


@router.get("", summary="List organisations", responses=problem_responses(422))
async def list_organisations(
    listing: Listing,
    region: Annotated[
        Ags | None, Query(description="only of this territory", examples=["05974"])
    ] = None,
    modified_since: ModifiedSince = None,
) -> Page[Organisation]:
    """Administrations with a boundary of their own. What they use is not public; their published
    balances are."""
    where = queries.conditions(ORGANISATIONS, modified_since, region=region)
    rows, cursor = await listing.rows(ORGANISATIONS, where)
    return Page(items=[Organisation.model_validate(row) for row in rows], next=cursor)


@router.post(
    "", summary="Create an organisation", **creating(Organisation, 400, 401, 403, 409, 413, 422)
)
async def create_organisation(
    body: OrganisationContent, writer: EditorWriter, idempotency: Idempotency
) -> Response:
    async def action() -> Created:
        row = await actions.create_organisation(writer, body.model_dump())
        answer = Organisation.model_validate(row)
        return created(ORGANISATIONS, "/v1/organisations", row, answer)

    return await idempotency.run(writer.connection, action)


@router.get(ONE, summary="One organisation", responses=problem_responses(404, 422))
async def get_organisation(response: Response, organisation_id: UUID, read: Read) -> Organisation:
    row = await entities.get(read, ORGANISATIONS, organisation_id)
    response.headers["ETag"] = ORGANISATIONS.etag(row)
    return Organisation.model_validate(row)


@router.put(ONE, summary="Change an organisation", responses=CHANGE)
async def replace_organisation(
    response: Response, organisation_id: UUID, body: OrganisationContent, writer: EditorChange
) -> Organisation:
    row = await actions.change_organisation(writer, organisation_id, body.model_dump())
    response.headers["ETag"] = ORGANISATIONS.etag(row)
    return Organisation.model_validate(row)


@router.delete(ONE, summary="Remove an organisation", status_code=204, responses=REMOVE)
async def delete_organisation(organisation_id: UUID, writer: EditorChange) -> None:
    """Only an empty one without published balances; one that has ended gets a last year
    (`to_year`)."""
    await actions.remove_organisation(writer, organisation_id)


async def _holdings(read: ReadConnection, rows: Sequence[model.Holding]) -> list[Holding]:
    shares = await queries.shares(read, [row.id for row in rows])
    return [holding_of(Company(row, shares[row.id])) for row in rows]


@router.get(ONE + "/holdings", summary="List holdings", responses=problem_responses(404, 422))
async def list_holdings(
    organisation_id: UUID, listing: Listing, modified_since: ModifiedSince = None
) -> Page[Holding]:
    """Companies with their dated shares, and from when they are inside or outside the boundary."""
    await entities.get(listing.read, ORGANISATIONS, organisation_id)
    where = queries.conditions(HOLDINGS, modified_since, organisation_id=organisation_id)
    rows, cursor = await listing.rows(HOLDINGS, where)
    return Page(items=await _holdings(listing.read, rows), next=cursor)


def _shares(body: HoldingContent) -> list[Share]:
    return [Share(s.from_year, Decimal(str(s.share_percent)), s.source) for s in body.shares]


@router.post(ONE + "/holdings", summary="Add a holding", **creating(Holding, *CREATE))
async def create_holding(
    organisation_id: UUID, body: HoldingContent, writer: EditorWriter, idempotency: Idempotency
) -> Response:
    """Inside the boundary while its share is above 50 %: 50.0 is out, 50.1 is in, from the year of
    the share."""

    async def action() -> Created:
        content, shares = body.model_dump(exclude={"shares"}), _shares(body)
        company = await actions.put_holding(writer, organisation_id, content, shares)
        path = path_of_parts(organisation_id, "holdings")
        return created(HOLDINGS, path, company.holding, holding_of(company))

    return await idempotency.run(writer.connection, action)


@router.get(
    ONE + "/holdings/{holding_id}", summary="One holding", responses=problem_responses(404, 422)
)
async def get_holding(
    response: Response, organisation_id: UUID, holding_id: UUID, read: Read
) -> Holding:
    row = await actions.get_part(read, HOLDINGS, organisation_id, holding_id)
    response.headers["ETag"] = HOLDINGS.etag(row)
    return (await _holdings(read, [row]))[0]


@router.put(
    ONE + "/holdings/{holding_id}", summary="Change a holding and its shares", responses=CHANGE
)
async def replace_holding(
    response: Response,
    organisation_id: UUID,
    holding_id: UUID,
    body: HoldingContent,
    writer: EditorChange,
) -> Holding:
    """The shares are replaced as a whole; published balances stay as they are."""
    content = body.model_dump(exclude={"shares"})
    company = await actions.put_holding(writer, organisation_id, content, _shares(body), holding_id)
    response.headers["ETag"] = HOLDINGS.etag(company.holding)
    return holding_of(company)


@router.delete(
    ONE + "/holdings/{holding_id}", summary="Remove a holding", status_code=204, responses=REMOVE
)
async def delete_holding(organisation_id: UUID, holding_id: UUID, writer: EditorChange) -> None:
    """Only one without properties and consumption; one that was sold gets a share of 0 % from that
    year."""
    await actions.remove_holding(writer, organisation_id, holding_id)
