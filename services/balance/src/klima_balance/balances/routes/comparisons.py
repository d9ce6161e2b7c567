"""Published balances of several regions side by side."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from klima_balance.balances.files import comparison_table
from klima_balance.balances.routes.documents import public_meta
from klima_balance.balances.routes.series import (
    BLOCK_TOTALS,
    TOTAL_OF,
    UNIT_OF,
    Metric,
    Per,
    RegionName,
    documents_of,
)
from klima_balance.regions import queries as regions
from klima_balance.regions.routes.common import TableBlock, YearQuery, region_or_404
from klima_shared.codes.energy import Block
from klima_shared.codes.regions import canonical_ags
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.formats import Format, RequestedFormat, table_response, tabular
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1", tags=["series"])

MOST_REGIONS = 500


class Compared(BaseModel):
    region: RegionName
    population: int | None
    value: float | None = Field(description="of the whole region")
    divided: float | None = Field(description="the value divided as asked")
    per: float | None = Field(deprecated=True, description="former name of `divided`")
    sectors: dict[str, float | None] = Field(description="divided as asked, by sector")
    beside: dict[str, float | None] = Field(
        description="emissions of the blocks beside BISKO, divided as asked; never in `value`"
    )
    data_quality: float | None


class Comparison(BaseModel):
    year: int
    provisional: bool = Field(description="figures of the year are still to come")
    metric: Metric
    unit: str = Field(examples=["t CO2e per inhabitant"])
    per: str
    items: list[Compared]
    missing: list[str] = Field(description="asked regions without a published balance for the year")
    meta: Meta | None


def _asked_regions(texts: list[str]) -> list[str]:
    found: list[str] = []
    for position, text in enumerate(
        part for item in texts for part in item.split(",") if part.strip()
    ):
        try:
            found.append(canonical_ags(text))
        except InputError as error:
            raise invalid_at(f"/query/regions/{position}", error.text) from error
    if not 1 <= len(found) <= MOST_REGIONS:
        raise invalid_at(
            "/query/regions",
            Text("1 to {most_regions} keys are expected.", most_regions=MOST_REGIONS),
        )
    return list(dict.fromkeys(found))


@router.get("/comparisons", summary="Regions side by side", **tabular(Comparison, 404, 422))
async def compare_regions(
    read: Read,
    lang: RequestLanguage,
    form: RequestedFormat,
    year: YearQuery,
    regions_: Annotated[
        list[str],
        Query(
            alias="regions",
            description="AGS, repeated or with commas",
            examples=[["05974040,05974028"]],
        ),
    ],
    per: Per = "inhabitant",
    metric: Metric = "emissions_t_co2e",
    block: TableBlock = Block.BISKO,
) -> Comparison | Response:
    """Published balances of one year, per inhabitant, per km² or as totals, in the order asked
    for. As a table: the sectors of BISKO with their total, or one block beside them; in Excel all
    of them, a sheet for each."""
    answer = await _compared(read, lang, year, _asked_regions(regions_), (per, metric))
    if form is Format.JSON:
        return answer
    table = comparison_table(answer.model_dump(), lang, block)
    return await table_response(table, form, lang)


async def _compared(
    read: ReadConnection, lang: Lang, year: int, wanted: list[str], asked: tuple[Per, Metric]
) -> Comparison:
    per, metric = asked
    documents = {d["region"]["ags"]: d for d in await documents_of(read, wanted, year, lang)}
    for ags in wanted:
        if ags not in documents:
            await region_or_404(read, ags)
    areas: dict[str, float] = {}
    if per == "area":
        figures = await regions.figures(read, wanted, ["land_area_ha"])
        areas = {
            f.region: f.value / 100 for f in sorted(figures, key=lambda f: f.year) if f.year <= year
        }
        areas = {f.region: f.value / 100 for f in figures} | areas
    items = []
    for ags in wanted:
        if ags not in documents:
            continue
        d = documents[ags]
        by = {"inhabitant": d["region"]["population"], "area": areas.get(ags), "total": 1.0}[per]
        value = d["totals"][TOTAL_OF[metric]]
        items.append(
            Compared(
                region=RegionName(**{n: d["region"][n] for n in RegionName.model_fields}),
                population=d["region"]["population"],
                value=value,
                divided=_ratio(value, by),
                per=_ratio(value, by),
                sectors={row["sector"]: _ratio(row[metric], by) for row in d["sectors"]},
                beside=_beside(d, by) if metric == "emissions_t_co2e" else {},
                data_quality=d["data_quality"],
            )
        )
    unit = UNIT_OF[metric] + {"inhabitant": " per inhabitant", "area": " per km2", "total": ""}[per]
    missing = [ags for ags in wanted if ags not in documents]
    meta = public_meta(list(documents.values())) if documents else None
    return Comparison(
        year=year,
        provisional=any(d.get("provisional", False) for d in documents.values()),
        metric=metric,
        unit=unit,
        per=per,
        items=items,
        missing=missing,
        meta=meta,
    )


def _beside(document: JsonObject, by: float | None) -> dict[str, float | None]:
    return {
        block: _ratio(document["totals"].get(name), by)
        for block, (name, _) in BLOCK_TOTALS.items()
        if block != "bisko"
    }


def _ratio(value: float | None, by: float | None) -> float | None:
    return None if value is None or not by else value / by
