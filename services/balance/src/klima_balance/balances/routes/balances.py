"""Balances: compute a draft, publish it, read the published one, and have every figure
explained."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from klima_balance.balances.actions import drafts as usecases
from klima_balance.balances.actions import publishing
from klima_balance.balances.files import table_of
from klima_balance.balances.queries import balances as queries
from klima_balance.balances.routes.documents import loaded, no_balance
from klima_balance.balances.rules.explanations import explain
from klima_balance.balances.rules.local_explanations import category_labels
from klima_balance.balances.shapes import BalanceDocument, Explanation
from klima_balance.regions.routes.common import (
    AgsPath,
    AsOf,
    MethodTables,
    TableBlock,
    YearPath,
    region_or_404,
)
from klima_shared.codes.energy import Block, Carrier, Sector
from klima_shared.database.connections import Read
from klima_shared.formats import Format, RequestedFormat, table_response, tabular
from klima_shared.http.auth import Caller
from klima_shared.http.etags import OptionalIfMatch, digest_etag, none_match, with_variant
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key
from klima_shared.http.problems import invalid_at, not_found, problem_responses
from klima_shared.http.sorting import Order, sorting
from klima_shared.language.text import Text
from klima_shared.revisions.dependencies import EditorWriter, ManagerWriter
from klima_shared.wire.json import JsonObject

region_router = APIRouter(prefix="/v1/regions/{ags}/balances", tags=["balances"])
router = APIRouter(prefix="/v1/balances", tags=["balances"])
_ORDER = sorting(
    "-created_at", {"created_at": "when it was computed", "year": "the balance's year"}
)


class NewBalance(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"year": 2021},
                {"year": 2021, "options": {"forest_factor": "inventory_2018"}},
            ]
        },
    )

    year: int = Field(ge=1990, le=2100, strict=True)
    factor_set: str | None = Field(
        default=None, max_length=60, description="the default set where none is named"
    )
    options: JsonObject | None = Field(
        default=None,
        description=(
            "industrial_sites, forest_factor, heat_pump_split, gwp_set, inventory_submission,"
            " edition (of the national tables), airports, inland_ports"
        ),
    )


class BalanceHead(BaseModel):
    id: UUID
    region: str
    year: int
    state: Literal["draft", "published"]
    version: int | None
    provisional: bool = Field(description="figures of the year are still to come")
    digest: str
    factor_set: str
    options: JsonObject
    created_at: datetime
    published_at: datetime | None
    reason: str | None = Field(default=None, description="why it corrects the version before")


class Publication(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Gaszähler falsch zugeordnet"}]}
    )

    reason: str | None = Field(
        default=None,
        max_length=1000,
        description="of a correction; without one it says which cells changed",
    )


@region_router.get(
    "", summary="List balances of a region", responses=problem_responses(401, 404, 422)
)
async def list_balances(
    ags: AgsPath,
    read: Read,
    caller: Caller,
    page: Paging,
    order: Annotated[Order, _ORDER],
    modified_since: ModifiedSince = None,
) -> Page[BalanceHead]:
    """All published versions, newest first; viewers of the region see its drafts too."""
    await region_or_404(read, ags)
    after = check_key(page.after, int if order.name == "year" else datetime, UUID)
    rows = await queries.listing(
        read,
        ags,
        drafts=caller.may_read_drafts(ags),
        order=order,
        limit=page.limit + 1,
        after=after,
        modified_since=modified_since,
    )
    return page.answer(rows, [order.name, "id"], lambda row: BalanceHead(**row._asdict()))


@region_router.post(
    "", summary="Compute a draft", **creating(BalanceDocument, 400, 401, 403, 404, 409, 413, 422)
)
async def create_balance(
    ags: AgsPath,
    body: NewBalance,
    writer: EditorWriter,
    method: MethodTables,
    idempotency: Idempotency,
) -> Response:
    """From official figures and local activities; for a county from its municipalities' published
    balances."""

    async def action() -> Created:
        row = await usecases.draft(
            writer, method, ags, body.year, factor_set=body.factor_set, options=body.options
        )
        return Created(row.document, location=f"/v1/balances/{row.id}", etag=row.etag)

    return await idempotency.run(writer.connection, action)


@region_router.get("/{year}", summary="The published balance", **tabular(BalanceDocument, 404, 422))
async def get_published_balance(
    request: Request,
    ags: AgsPath,
    year: YearPath,
    read: Read,
    lang: RequestLanguage,
    form: RequestedFormat,
    version: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="the newest by default")
    ] = None,
    as_of: AsOf = None,
    block: TableBlock = Block.BISKO,
) -> Response:
    """Totals of every block, sectors, carriers, cells, data quality, conformity; with `version` it
    never changes. As a table: the cells of BISKO with their total, in Excel with a sheet for each
    block beside them."""
    row = await queries.published(read, ags, year, version, as_of)
    if row is None:
        raise await no_balance(read, ags, year, version=version, as_of=as_of)
    if form is not Format.JSON:
        return await table_response(
            table_of([loaded(row, lang)], lang, block, totals=True), form, lang
        )
    headers = {"ETag": row.etag, "Content-Language": lang, "Vary": "Accept"}
    if version is not None:
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    content: bytes = row.document
    if lang != "de":
        content = orjson.dumps(loaded(row, lang))
        headers["ETag"] = digest_etag(content)
    if none_match(request.headers, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


@region_router.get(
    "/{year}/explain",
    summary="The rows and the arithmetic behind a figure",
    responses=problem_responses(404, 422),
)
async def explain_balance(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    lang: RequestLanguage,
    method: MethodTables,
    sector: Annotated[Sector | None, Query(description="only this sector")] = None,
    carrier: Annotated[Carrier | None, Query(description="only this carrier")] = None,
    block: Annotated[
        Block, Query(description="another block than the BISKO balance")
    ] = Block.BISKO,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Explanation:
    """Activity rows with source and grade, factor rows with source and certainty; the rows sum to
    the value."""
    if block is not Block.BISKO and (sector or carrier):
        raise invalid_at("/query/block", Text("Only the BISKO block has sectors."))
    row = await queries.published(read, ags, year, version)
    if row is None:
        raise await no_balance(read, ags, year, version=version)
    run, record = await queries.records(read, row.id)
    found = explain(
        run,
        record,
        sector=sector and sector.value,
        carrier=carrier and carrier.value,
        block=block.value,
        language=lang,
        categories=category_labels(method),
    )
    if not (found["rows"] or found["missing"] or found["superseded"] or found["memo"]):
        raise not_found(Text("This balance has no row here."))
    document = loaded(row, lang)
    return Explanation(**found, version=row.version, meta=document["meta"])


@router.get(
    "/{balance_id}",
    summary="One balance, draft or published",
    responses=problem_responses(401, 404, 422),
)
async def get_balance(
    balance_id: UUID, read: Read, caller: Caller, lang: RequestLanguage, response: Response
) -> BalanceDocument:
    """A published one for everybody, a draft for the viewers of its region."""
    row = await queries.find(read, balance_id)
    if row is None or (row.state == "draft" and not caller.may_read_drafts(row.region)):
        raise not_found(Text("There is no such balance."))
    response.headers["ETag"] = row.etag if lang == "de" else with_variant(row.etag, lang)
    return BalanceDocument.model_validate(loaded(row, lang))


@router.post(
    "/{balance_id}/publish",
    summary="Publish a draft",
    responses=problem_responses(401, 403, 404, 409, 412, 422),
)
async def publish_balance(
    balance_id: UUID,
    writer: ManagerWriter,
    response: Response,
    if_match: OptionalIfMatch,
    method: MethodTables,
    body: Publication | None = None,
) -> BalanceDocument:
    """It becomes the newest version of its region and year, and never changes again. A correction
    says why. The published sums that a municipality is a member of (county, state, Germany) get
    their next version with it.

    A draft whose figures have changed since it was computed, or after which a newer version was
    published, is refused (409): compute it anew. A draft has no revisions, so `If-Match` is not
    required; it is honoured where it is sent.
    """
    changing = replace(writer, if_match=if_match)
    reason = body.reason if body else None
    row = await publishing.publish(changing, balance_id, reason=reason, method=method)
    response.headers["ETag"] = row.etag
    response.headers["Location"] = (
        f"/v1/regions/{row.region}/balances/{row.year}?version={row.version}"
    )
    return BalanceDocument.model_validate(orjson.loads(row.document))
