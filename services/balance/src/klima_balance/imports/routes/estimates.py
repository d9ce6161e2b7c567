"""Estimates for other years of a delivered figure: offered to read, stored only where a manager
accepts one."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.queries import balances
from klima_balance.balances.rules.data_requests import defaults_behind
from klima_balance.figures.actions import activities as usecases
from klima_balance.figures.queries import activities as queries
from klima_balance.imports.routes.activities import Activity, etag_of
from klima_balance.imports.rules.estimates import GRADE, Offer, offers
from klima_balance.regions.routes.common import AgsPath, MethodTables, region_or_404
from klima_shared.codes.access import Role
from klima_shared.codes.quality import Grade
from klima_shared.database.connections import Read
from klima_shared.http.auth import Viewer
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.problems import not_found, problem_responses
from klima_shared.http.validation import StrictBody
from klima_shared.language.text import Text
from klima_shared.revisions.dependencies import ManagerWriter
from klima_shared.wire.meta import NoNext

router = APIRouter(prefix="/v1/regions/{ags}/activities/estimates", tags=["activities"])
_MOST = 5000
Year = Annotated[int, Field(ge=1990, le=2100)]


class Estimate(BaseModel):
    """Default of the year x delivered figure / default of the year it was delivered for."""

    key: str = Field(examples=["households.natural_gas"])
    sector: str = Field(examples=["households"])
    carrier: str = Field(examples=["natural_gas"])
    year: int = Field(examples=[2018])
    from_year: int = Field(description="the year with the delivered figure", examples=[2021])
    delivered_mwh: float
    default_of_from_year_mwh: float
    default_mwh: float = Field(description="what counts in `year` as long as nobody accepts this")
    ratio: float = Field(description="delivered / default, of `from_year`", examples=[0.93])
    quantity_mwh: float
    grade: Grade = Field(description="what an accepted estimate is stored with", examples=[GRADE])
    source: str = Field(description="what an accepted estimate says of itself")


class Estimates(BaseModel):
    items: list[Estimate]
    next: NoNext = None


class AcceptedEstimate(StrictBody):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"key": "households.natural_gas", "year": 2018, "from_year": 2021}]
        },
    )

    key: str = Field(min_length=3, max_length=120, examples=["households.natural_gas"])
    year: Year = Field(examples=[2018])
    from_year: Year = Field(examples=[2021])


async def _offers(read: AsyncConnection, ags: str) -> list[Offer]:
    stored = await queries.listing(read, ags, limit=_MOST)
    defaults = {}
    for document in await balances.newest_documents(read, [ags]):
        defaults[document.year] = defaults_behind(*await balances.records(read, document.id))
    return offers((one.figure for one in stored), defaults)


def _estimate(offer: Offer) -> Estimate:
    return Estimate(
        **vars(offer) | {"source": str(offer.content()["source"])},
        ratio=offer.ratio,
        quantity_mwh=offer.quantity_mwh,
        grade=GRADE,
    )


@router.get(
    "",
    summary="What delivered figures say of other years",
    responses=problem_responses(401, 403, 404, 422),
)
async def list_estimates(ags: AgsPath, read: Read, viewer: Viewer) -> Estimates:
    """An offer for every year of a cell that has a default and no figure, from the nearest year
    with a measured one. Nothing of it enters a balance by itself."""
    await region_or_404(read, ags)
    viewer.require(Role.VIEWER, ags)
    return Estimates(items=[_estimate(offer) for offer in await _offers(read, ags)])


@router.post(
    "", summary="Accept an estimate", **creating(Activity, 400, 401, 403, 404, 409, 413, 422)
)
async def accept_estimate(
    ags: AgsPath,
    body: AcceptedEstimate,
    writer: ManagerWriter,
    method: MethodTables,
    idempotency: Idempotency,
) -> Response:
    """It becomes a figure of that year: estimated, grade C, and its source names the ratio. 404
    where it is not offered (any more)."""

    async def action() -> Created:
        writer.require(Role.MANAGER, ags)
        wanted = (body.key, body.year, body.from_year)
        found = await _offers(writer.connection, ags)
        offer = next((o for o in found if (o.key, o.year, o.from_year) == wanted), None)
        if offer is None:
            await region_or_404(writer.connection, ags)
            raise not_found(Text("There is no such offer of an estimate."))
        place = usecases.Place(ags, body.year, body.key)
        row, _ = await usecases.put(writer, method, place, offer.content(), etag=etag_of)
        address = f"/v1/regions/{ags}/activities/{body.year}/{body.key}"
        return Created(Activity(**row.as_row()), location=address, etag=etag_of(row))

    return await idempotency.run(writer.connection, action)
