"""A region and those directly below it in one answer: what a county's page needs."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from klima_balance.balances.queries import balances as queries
from klima_balance.balances.routes.documents import loaded, public_meta
from klima_balance.balances.shapes import BalanceRegion, Totals
from klima_balance.regions import queries as regions
from klima_balance.regions.routes.common import YearQuery, region_or_404
from klima_shared.codes.regions import Ags
from klima_shared.database.connections import Read
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1/balances", tags=["balances"])


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
    """By key, the region itself among them."""

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
) -> BalancesBelow:
    """A county and its municipalities in one call, each with the totals of its newest version."""
    await region_or_404(read, parent)
    after = check_key(paging.after, str)
    keys, cursor = paging.cut(
        [
            {"ags": ags}
            for ags in await regions.with_children(
                read, parent, year, limit=paging.limit + 1, after=after[0] if after else None
            )
        ],
        ["ags"],
    )
    shown = [row["ags"] for row in keys]
    found = [loaded(row, lang) for row in await queries.newest_documents(read, shown, year)]
    items = [_figures(document) for document in found]
    there = {item.region.ags for item in items}
    return BalancesBelow(
        items=items,
        next=cursor,
        missing=[ags for ags in shown if ags not in there],
        meta=public_meta(found) if found else None,
    )


def _figures(document: JsonObject) -> BalanceFigures:
    region = BalanceRegion.model_validate(document["region"])
    url = f"/v1/regions/{region.ags}/balances/{document['year']}"
    return BalanceFigures.model_validate({**document, "region": region, "url": url})
