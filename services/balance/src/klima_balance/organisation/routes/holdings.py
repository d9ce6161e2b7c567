"""Holdings of an organisation: companies with dated shares, inside its boundary while above 50
%."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.organisation import queries
from klima_balance.organisation.actions import registers as usecases
from klima_balance.organisation.routes.organisations import Name, etag_of
from klima_balance.organisation.rules import Share, is_inside
from klima_shared.codes.fields import Year
from klima_shared.database.connections import Read, ReadConnection, Write
from klima_shared.http.auth import Editor
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses

router = APIRouter(prefix="/v1/organisations/{organisation_id}/holdings", tags=["organisations"])


class HoldingShare(BaseModel):
    model_config = ConfigDict(extra="forbid")

    from_year: Year = Field(description="holds from this year until the next share")
    share_percent: float = Field(ge=0, le=100, strict=True, allow_inf_nan=False, examples=[50.1])
    source: str | None = Field(default=None, max_length=500)


class HoldingContent(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Entsorgung GmbH (Beispiel)",
                    "shares": [{"from_year": 2018, "share_percent": 51.0}],
                }
            ]
        },
    )

    name: Name
    legal_form: str | None = Field(default=None, max_length=60, examples=["GmbH"])
    purpose: str | None = Field(default=None, max_length=500)
    shares: list[HoldingShare] = Field(default=[], max_length=100)


class Holding(HoldingContent):
    id: UUID
    organisation_id: UUID
    inside_from: list[int] = Field(
        description="years from which it is inside (share above 50 %)", examples=[[2018]]
    )
    outside_from: list[int] = Field(
        description="years from which it is outside again", examples=[[2026]]
    )
    revision: int = Field(examples=[1])
    changed_at: datetime


async def _holding(read: ReadConnection | Any, row: Any) -> Holding:
    return (await _holdings(read, [row]))[0]


async def _holdings(read: ReadConnection | Any, rows: Any) -> list[Holding]:
    shares = await queries.shares(read, [row["id"] for row in rows])
    found = []
    for row in rows:
        own = shares[row["id"]]
        dated = [Share(s["from_year"], s["share_percent"]) for s in own]
        turns = [
            (s.from_year, is_inside(dated, s.from_year), is_inside(dated, s.from_year - 1))
            for s in dated
        ]
        found.append(
            Holding(
                **{
                    n: row[n]
                    for n in (
                        "id",
                        "organisation_id",
                        "name",
                        "legal_form",
                        "purpose",
                        "revision",
                        "changed_at",
                    )
                },
                shares=[
                    HoldingShare(
                        from_year=s["from_year"],
                        share_percent=float(s["share_percent"]),
                        source=s["source"],
                    )
                    for s in own
                ],
                inside_from=[year for year, now, before in turns if now and not before],
                outside_from=[year for year, now, before in turns if before and not now],
            )
        )
    return found


@router.get("", summary="List holdings", responses=problem_responses(404, 422))
async def list_holdings(
    request: Request,
    response: Response,
    organisation_id: UUID,
    read: Read,
    page: Paging,
    modified_since: ModifiedSince = None,
) -> Page[Holding]:
    """Companies with their dated shares, and from when they are inside or outside the boundary."""
    await usecases.find(read, "organisation", organisation_id)
    rows = await queries.listing(
        read,
        "holding",
        limit=page.limit + 1,
        after=check_key(page.after, UUID),
        organisation_id=organisation_id,
        modified_since=modified_since,
    )
    rows, cursor = page.cut(rows, ["id"])
    link_next(request, response, cursor)
    return Page(items=await _holdings(read, rows), next=cursor)


@router.post(
    "",
    summary="Add a holding",
    status_code=201,
    response_model=Holding,
    responses=problem_responses(400, 401, 403, 404, 409, 413, 422),
)
async def create_holding(
    organisation_id: UUID,
    body: HoldingContent,
    write: Write,
    editor: Editor,
    idempotency: Idempotency,
) -> Response:
    """Inside the boundary while its share is above 50 %: 50.0 is out, 50.1 is in, from the year of
    the share."""

    async def action() -> Created:
        content, shares = body.model_dump(exclude={"shares"}), [s.model_dump() for s in body.shares]
        row = await usecases.put_holding(write, editor, organisation_id, content, shares)
        place = f"/v1/organisations/{organisation_id}/holdings/{row['id']}"
        return Created(await _holding(write, row), location=place, etag=etag_of(row))

    return await idempotency.run(write, action)


@router.get("/{holding_id}", summary="One holding", responses=problem_responses(404, 422))
async def get_holding(
    response: Response, organisation_id: UUID, holding_id: UUID, read: Read
) -> Holding:
    row = await usecases.find(read, "holding", holding_id, organisation_id)
    response.headers["ETag"] = etag_of(row)
    return await _holding(read, row)


@router.put(
    "/{holding_id}",
    summary="Change a holding and its shares",
    responses=problem_responses(400, 401, 403, 404, 409, 412, 422, 428),
)
async def put_holding(
    response: Response,
    organisation_id: UUID,
    holding_id: UUID,
    body: HoldingContent,
    write: Write,
    editor: Editor,
    if_match: RequiredIfMatch,
) -> Holding:
    """The shares are replaced as a whole; published balances stay as they are."""
    content, shares = body.model_dump(exclude={"shares"}), [s.model_dump() for s in body.shares]
    row = await usecases.put_holding(
        write, editor, organisation_id, content, shares, holding_id, if_match, etag_of
    )
    response.headers["ETag"] = etag_of(row)
    return await _holding(write, row)


@router.delete(
    "/{holding_id}",
    summary="Remove a holding",
    status_code=204,
    responses=problem_responses(401, 403, 404, 409, 412, 422, 428),
)
async def delete_holding(
    organisation_id: UUID, holding_id: UUID, write: Write, editor: Editor, if_match: RequiredIfMatch
) -> None:
    """Only one without properties and consumption; one that was sold gets a share of 0 % from that
    year."""
    await usecases.remove(write, editor, "holding", organisation_id, holding_id, if_match, etag_of)
