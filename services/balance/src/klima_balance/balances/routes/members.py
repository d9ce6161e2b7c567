"""A region and those directly below it in one answer: what a county's page needs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.queries import balances as queries
from klima_balance.balances.routes.documents import loaded, public_meta
from klima_balance.balances.rules.ranking import Position, by_figure, by_key
from klima_balance.balances.shapes import BalanceRegion, Totals
from klima_balance.regions import queries as regions
from klima_balance.regions.routes.common import YearQuery, region_or_404
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.http.sorting import Order, sorting
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1/balances", tags=["balances"])
_ORDER = sorting(
    "region",
    {
        "region": "the key",
        "final_energy_mwh": "final energy, regions without a balance last",
        "bisko_t_co2e": "emissions",
        "bisko_t_co2e_per_inhabitant": "emissions per inhabitant",
        "data_quality": "share of figures that were metered",
    },
)


class BalanceFigures(BaseModel):
    """The newest published balance of a region and year, without its cells."""

    region: BalanceRegion
    year: int = Field(examples=[2021])
    provisional: bool = Field(default=False, description="figures of the year are still to come")
    version: int = Field(examples=[1])
    published_at: datetime
    totals: Totals
    data_quality: float | None = Field(description="0 to 1", examples=[0.42])
    url: str = Field(
        description="the balance itself", examples=["/v1/regions/05974040/balances/2021"]
    )


class BalancesBelow(Page[BalanceFigures]):
    """In the asked order, the region itself among them."""

    missing: list[str] = Field(
        description="regions of this page without a published balance of the year; never zero",
        examples=[["05974044"]],
    )
    meta: Meta | None = Field(description="null when there is no balance at all")


@router.get(
    "",
    summary="The balances of a region and of those below it",
    responses=problem_responses(404, 422),
)
async def list_published_balances(
    read: Read,
    lang: RequestLanguage,
    paging: Paging,
    year: YearQuery,
    parent: Annotated[
        Ags, Query(description="county, state or DG for Germany", examples=["05974"])
    ],
    order: Annotated[Order, _ORDER],
) -> BalancesBelow:
    """A county and its municipalities in one call, each with the totals of its newest version."""
    await region_or_404(read, parent)
    keys = await regions.with_children(read, parent, year)
    key = check_key(paging.after, int, float, str)
    after = Position(*key) if key else None
    if order.name == "region":
        positions = by_key(keys, after, descending=order.descending)
    else:
        figures = await _figures_of(read, keys, year, order.name)
        positions = by_figure(figures, after, descending=order.descending)
    page, cursor = paging.cut(positions[: paging.limit + 1], Position._fields)
    shown = [one.ags for one in page]
    rows = {row.region: row for row in await queries.newest_documents(read, shown, year)}
    found = [loaded(rows[ags], lang) for ags in shown if ags in rows]
    return BalancesBelow(
        items=[_figures(document) for document in found],
        next=cursor,
        missing=[ags for ags in shown if ags not in rows],
        meta=public_meta(found) if found else None,
    )


async def _figures_of(
    read: AsyncConnection, keys: Sequence[str], year: int, name: str
) -> dict[str, float | None]:
    """A figure of each region's newest balance of the year; None without one."""
    figures: dict[str, float | None] = dict.fromkeys(keys)
    for row in await queries.newest_documents(read, keys, year):
        document = orjson.loads(row.document)
        figures[row.region] = document["totals"].get(name, document.get(name))
    return figures


def _figures(document: JsonObject) -> BalanceFigures:
    region = BalanceRegion.model_validate(document["region"])
    url = f"/v1/regions/{region.ags}/balances/{document['year']}"
    return BalanceFigures.model_validate({**document, "region": region, "url": url})
