"""Time series, side-by-side comparisons, renewables: all read from published balances."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from klima_balance.balances.files import comparison_table
from klima_balance.balances.queries import balances
from klima_balance.balances.routes.documents import loaded, no_balance, public_meta
from klima_balance.balances.rules.breaks import breaks
from klima_balance.balances.shapes import SeriesBreak
from klima_balance.regions import queries as regions
from klima_balance.regions.routes.common import AgsPath, TableBlock, YearQuery, region_or_404
from klima_shared.codes.energy import Block
from klima_shared.codes.regions import canonical_ags
from klima_shared.county import served_county
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.formats import (
    Column,
    Format,
    Kind,
    RequestedFormat,
    Table,
    table_response,
    tabular,
)
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1", tags=["series"])

Per = Literal["inhabitant", "area", "total"]
Metric = Literal["emissions_t_co2e", "final_energy_mwh"]
TOTAL_OF = {"emissions_t_co2e": "bisko_t_co2e", "final_energy_mwh": "final_energy_mwh"}
UNIT_OF = {"emissions_t_co2e": "t CO2e", "final_energy_mwh": "MWh"}
MOST_REGIONS = 500


class Point(BaseModel):
    year: int = Field(examples=[2021])
    value: float | None = Field(description="null: unknown, which is not zero", examples=[251034.5])
    provisional: bool = Field(default=False, description="figures of the year are still to come")


class Series(BaseModel):
    key: str = Field(examples=["households"])
    label: str = Field(examples=["Private Haushalte"])
    values: list[Point]


class RegionName(BaseModel):
    ags: str = Field(examples=["05974040"])
    name: str = Field(examples=[served_county().town])
    kind: str = Field(examples=["municipality"])


class Timeseries(BaseModel):
    region: RegionName
    metric: Metric
    unit: str = Field(examples=["t CO2e"])
    by: str = Field(examples=["sector"])
    years: list[int]
    series: list[Series]
    breaks: list[SeriesBreak] = Field(
        description="years that can't be compared with the one before"
    )
    meta: Meta


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


def name_of(region: regions.Region) -> RegionName:
    """A region as series and comparisons name it."""
    return RegionName(ags=region.ags, name=region.name, kind=region.kind)


async def _documents(
    read: ReadConnection, ags: list[str], year: int | None, lang: Lang
) -> list[JsonObject]:
    rows = await balances.newest_documents(read, ags, year)
    return [loaded(row, lang) for row in rows]


@router.get(
    "/regions/{ags}/timeseries", summary="Figures over the years", **tabular(Timeseries, 404, 422)
)
async def get_timeseries(
    ags: AgsPath,
    read: Read,
    lang: RequestLanguage,
    form: RequestedFormat,
    metric: Metric = "emissions_t_co2e",
    by: Literal["total", "sector", "carrier", "block"] = "sector",
) -> Timeseries | Response:
    """The newest published balance of every year, as totals or by sector, carrier or block."""
    region = await region_or_404(read, ags)
    documents = await _documents(read, [ags], None, lang)
    if not documents:
        raise await no_balance(read, ags)
    found: dict[str, Series] = {}
    for document in documents:
        for key, label, value in _values(document, metric, by):
            series = found.setdefault(key, Series(key=key, label=label, values=[]))
            provisional = document.get("provisional", False)
            series.values.append(Point(year=document["year"], value=value, provisional=provisional))
    answer = Timeseries(
        region=name_of(region),
        metric=metric,
        unit=UNIT_OF[metric],
        by=by,
        years=[d["year"] for d in documents],
        series=list(found.values()),
        breaks=[SeriesBreak(**row) for row in breaks(documents, lang)],
        meta=public_meta(documents),
    )
    if form is Format.JSON:
        return answer
    columns = [
        Column("region", Label("AGS", "AGS")),
        Column("key", Label("Schlüssel", "Key")),
        Column("label", Label("Reihe", "Series")),
        Column("year", Label("Jahr", "Year"), Kind.INTEGER),
        Column(metric, Label("Wert", "Value"), Kind.NUMBER, UNIT_OF[metric]),
        Column("state", Label("Stand", "State")),
    ]
    rows = [
        [ags, s.key, s.label, p.year, p.value, _STATES[p.provisional].get(lang)]
        for s in answer.series
        for p in s.values
    ]
    title = Text("Time series {name}", name=region.name)
    return await table_response(
        Table(f"zeitreihe-{ags}-{metric}-{by}", title, columns, rows), form, lang
    )


_STATES = {False: Label("endgültig", "final"), True: Label("vorläufig", "provisional")}
_BLOCK_TOTALS = {
    "bisko": ("bisko_t_co2e", Label("BISKO", "BISKO")),
    "agriculture": ("agriculture_t_co2e", Label("Landwirtschaft", "Agriculture")),
    "land_use": ("land_use_t_co2e", Label("Landnutzung", "Land use")),
    "process_ets": (
        "process_ets_t_co2",
        Label("Prozesse und Emissionshandel", "Processes and emissions trading"),
    ),
}


def _values(document: JsonObject, metric: str, by: str) -> list[tuple[str, str, float | None]]:
    if by in {"sector", "carrier"}:
        rows = document["sectors" if by == "sector" else "carriers"]
        return [(row[by], row["label"], row[metric]) for row in rows]
    if by == "block":
        if metric == "final_energy_mwh":
            return [("bisko", "BISKO", document["totals"]["final_energy_mwh"])]
        return [
            (k, label.de, document["totals"][name]) for k, (name, label) in _BLOCK_TOTALS.items()
        ]
    return [("total", "BISKO", document["totals"][TOTAL_OF[metric]])]


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
    documents = {d["region"]["ags"]: d for d in await _documents(read, wanted, year, lang)}
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
        block: _ratio(document["totals"][name], by)
        for block, (name, _) in _BLOCK_TOTALS.items()
        if block != "bisko"
    }


def _ratio(value: float | None, by: float | None) -> float | None:
    return None if value is None or not by else value / by
