"""Time series, read from published balances."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from klima_balance.balances.queries import balances
from klima_balance.balances.routes.documents import loaded, no_balance, public_meta
from klima_balance.balances.rules.breaks import breaks
from klima_balance.balances.rules.rebasing import Predecessor, series_of
from klima_balance.balances.shapes import SeriesBreak
from klima_balance.engine.territory import predecessors
from klima_balance.regions import queries as regions
from klima_balance.regions.routes.common import AgsPath, region_or_404
from klima_balance.territory import queries as territory
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
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json, JsonObject
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1", tags=["series"])

Per = Literal["inhabitant", "area", "total"]
Metric = Literal["emissions_t_co2e", "final_energy_mwh"]
TOTAL_OF = {"emissions_t_co2e": "bisko_t_co2e", "final_energy_mwh": "final_energy_mwh"}
UNIT_OF = {"emissions_t_co2e": "t CO2e", "final_energy_mwh": "MWh"}


class Point(BaseModel):
    year: int = Field(examples=[2021])
    value: float | None = Field(description="null: unknown, which is not zero", examples=[251034.5])
    provisional: bool = Field(default=False, description="figures of the year are still to come")
    rebased: bool = Field(
        default=False, description="the sum of the regions that became this one later"
    )


class Series(BaseModel):
    key: str = Field(examples=["households"])
    label: str = Field(examples=["Private Haushalte"])
    values: list[Point]


class RegionName(BaseModel):
    ags: str = Field(examples=["05974040"])
    name: str = Field(examples=[served_county().town])
    kind: str = Field(examples=["municipality"])


class IncompleteYear(BaseModel):
    """A year before a merger of which not all regions have a published balance."""

    year: int = Field(examples=[2018])
    missing: list[str] = Field(examples=[["03358004"]])


class Timeseries(BaseModel):
    region: RegionName
    successors: list[str] = Field(
        default_factory=list, description="of a region that ended: those on its territory"
    )
    predecessors: list[str] = Field(
        default_factory=list, description="regions that became this one, in the years before"
    )
    incomplete: list[IncompleteYear] = Field(
        default_factory=list, description="years left out, for a predecessor has no balance of them"
    )
    metric: Metric
    unit: str = Field(examples=["t CO2e"])
    by: str = Field(examples=["sector"])
    years: list[int]
    series: list[Series]
    breaks: list[SeriesBreak] = Field(
        description="years that can't be compared with the one before"
    )
    meta: Meta


def name_of(region: regions.Region) -> RegionName:
    """A region as series and comparisons name it."""
    return RegionName(ags=region.ags, name=region.name, kind=region.kind)


async def documents_of(
    read: ReadConnection, ags: list[str], year: int | None, lang: Lang
) -> list[JsonObject]:
    rows = await balances.newest_documents(read, ags, year)
    return [loaded(row, lang) for row in rows]


async def predecessors_of(read: ReadConnection, region: regions.Region) -> list[Predecessor]:
    """The regions on the territory that a region has now, or had at its end."""
    changes = await territory.successions(read)
    if not changes:
        return []
    last = region.valid_to.year if region.valid_to else _EVER
    since = {one.successor: one.since for one in changes}
    found = predecessors(changes, region.ags, last)
    return [Predecessor(ags, since.get(ags), until, share) for ags, (until, share) in found.items()]


_EVER = 9999


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
    """The newest published balance of every year, as totals or by sector, carrier or block.

    Of a region that others merged into, the years before are sums of their balances (`rebased`):
    the series is of one territory.
    """
    region = await region_or_404(read, ags)
    before = await predecessors_of(read, region)
    own = await documents_of(read, [ags, *(one.region for one in before)], None, lang)
    by_year = {(d["region"]["ags"], d["year"]): d for d in own}
    first = region.valid_from.year if region.valid_from else None
    on_territory = series_of(ags, first, before, by_year)
    documents = on_territory.documents
    if not documents:
        raise await no_balance(read, ags)
    found: dict[str, Series] = {}
    for document in documents:
        for key, label, value in _values(document, metric, by):
            series = found.setdefault(key, Series(key=key, label=label, values=[]))
            year, provisional = document["year"], document.get("provisional", False)
            summed = year in on_territory.rebased
            point = Point(year=year, value=value, provisional=provisional, rebased=summed)
            series.values.append(point)
    answer = Timeseries(
        region=name_of(region),
        successors=(await territory.successors(read, [ags])).get(ags, []),
        predecessors=sorted(one.region for one in before),
        incomplete=[
            IncompleteYear(year=year, missing=missing)
            for year, missing in on_territory.incomplete.items()
        ],
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
    return await table_response(_table(answer, lang), form, lang)


def _table(answer: Timeseries, lang: Lang) -> Table:
    region, metric = answer.region, answer.metric
    columns = [
        Column("region", Label("AGS", "AGS")),
        Column("key", Label("Schlüssel", "Key")),
        Column("label", Label("Reihe", "Series")),
        Column("year", Label("Jahr", "Year"), Kind.INTEGER),
        Column(metric, Label("Wert", "Value"), Kind.NUMBER, UNIT_OF[metric]),
        Column("territory", Label("Gebietsstand", "Territory")),
        Column("state", Label("Stand", "State")),
    ]
    rows = [
        [
            *(region.ags, s.key, s.label, p.year, p.value),
            _TERRITORY[p.rebased].get(lang),
            _STATES[p.provisional].get(lang),
        ]
        for s in answer.series
        for p in s.values
    ]
    name = f"zeitreihe-{region.ags}-{metric}-{answer.by}"
    return Table(name, Text("Time series {name}", name=region.name), columns, rows)


_STATES = {False: Label("endgültig", "final"), True: Label("vorläufig", "provisional")}
_TERRITORY = {
    False: Label("des Jahres", "of the year"),
    True: Label("umgerechnet auf heute", "rebased to now"),
}
BLOCK_TOTALS = {
    "bisko": ("bisko_t_co2e", Label("BISKO", "BISKO")),
    "agriculture": ("agriculture_t_co2e", Label("Landwirtschaft", "Agriculture")),
    "land_use": ("land_use_t_co2e", Label("Landnutzung", "Land use")),
    "process_ets": (
        "process_ets_t_co2",
        Label("Prozesse und Emissionshandel", "Processes and emissions trading"),
    ),
    "waste": ("waste_t_co2e", Label("Abfall und Abwasser", "Waste and waste water")),
}


def _values(document: Json, metric: str, by: str) -> list[tuple[str, str, float | None]]:
    if by in {"sector", "carrier"}:
        rows = document["sectors" if by == "sector" else "carriers"]
        return [(row[by], row["label"], row[metric]) for row in rows]
    if by == "block":
        if metric == "final_energy_mwh":
            return [("bisko", "BISKO", document["totals"]["final_energy_mwh"])]
        return [
            (k, label.de, document["totals"].get(name)) for k, (name, label) in BLOCK_TOTALS.items()
        ]
    return [("total", "BISKO", document["totals"][TOTAL_OF[metric]])]
