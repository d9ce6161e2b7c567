"""Organisations: administrations with a boundary of their own beside the territory."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.organisation import queries
from klima_balance.organisation.actions import registers as usecases
from klima_shared.codes.fields import Ags, Year
from klima_shared.database.connections import Read, Write
from klima_shared.http.auth import Editor
from klima_shared.http.etags import RequiredIfMatch, revision_etag
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses

router = APIRouter(prefix="/v1/organisations", tags=["organisations"])
Name = Annotated[str, Field(min_length=2, max_length=200)]


class OrganisationContent(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Kreisverwaltung Soest", "region": "05974", "target_year": 2030}]
        },
    )

    name: Name
    region: Ags = Field(
        description="the territory whose administration it is; editors of it may write"
    )
    description: str | None = Field(default=None, max_length=2000)
    target_year: Year | None = Field(
        default=None, description="when it wants to be climate-neutral"
    )
    to_year: Year | None = Field(
        default=None, description="the last year of its balance, where it has ended"
    )


class Organisation(OrganisationContent):
    id: UUID
    revision: int = Field(examples=[1])
    created_at: datetime
    changed_at: datetime


def etag_of(row: Any) -> str:
    return revision_etag(f"organisation {row['id']}", row["revision"])


def _organisation(row: Any) -> Organisation:
    return Organisation(**{name: row[name] for name in Organisation.model_fields})


@router.get("", summary="List organisations", responses=problem_responses(422))
async def list_organisations(
    request: Request,
    response: Response,
    read: Read,
    page: Paging,
    region: Annotated[
        Ags | None, Query(description="only of this territory", examples=["05974"])
    ] = None,
    modified_since: ModifiedSince = None,
) -> Page[Organisation]:
    """Administrations with a boundary of their own. What they use is not public; their published
    balances are."""
    after = check_key(page.after, UUID)
    rows = await queries.listing(
        read,
        "organisation",
        limit=page.limit + 1,
        after=after,
        region=region,
        modified_since=modified_since,
    )
    rows, cursor = page.cut(rows, ["id"])
    link_next(request, response, cursor)
    return Page(items=[_organisation(row) for row in rows], next=cursor)


@router.post(
    "",
    summary="Create an organisation",
    status_code=201,
    response_model=Organisation,
    responses=problem_responses(400, 401, 403, 409, 413, 422),
)
async def create_organisation(
    body: OrganisationContent, write: Write, editor: Editor, idempotency: Idempotency
) -> Response:
    async def action() -> Created:
        row = await usecases.create_organisation(write, editor, body.model_dump())
        return Created(
            _organisation(row), location=f"/v1/organisations/{row['id']}", etag=etag_of(row)
        )

    return await idempotency.run(write, action)


@router.get("/{organisation_id}", summary="One organisation", responses=problem_responses(404, 422))
async def get_organisation(response: Response, organisation_id: UUID, read: Read) -> Organisation:
    row = await usecases.find(read, "organisation", organisation_id)
    response.headers["ETag"] = etag_of(row)
    return _organisation(row)


@router.put(
    "/{organisation_id}",
    summary="Change an organisation",
    responses=problem_responses(400, 401, 403, 404, 409, 412, 422, 428),
)
async def put_organisation(
    response: Response,
    organisation_id: UUID,
    body: OrganisationContent,
    write: Write,
    editor: Editor,
    if_match: RequiredIfMatch,
) -> Organisation:
    row = await usecases.change_organisation(
        write, editor, organisation_id, body.model_dump(), if_match, etag_of
    )
    response.headers["ETag"] = etag_of(row)
    return _organisation(row)


@router.delete(
    "/{organisation_id}",
    summary="Remove an organisation",
    status_code=204,
    responses=problem_responses(401, 403, 404, 409, 412, 422, 428),
)
async def delete_organisation(
    organisation_id: UUID, write: Write, editor: Editor, if_match: RequiredIfMatch
) -> None:
    """Only an empty one without published balances; one that has ended gets a last year
    (`to_year`)."""
    await usecases.remove_organisation(write, editor, organisation_id, if_match, etag_of)
