"""Why two years differ, in parts that sum."""

from collections.abc import Iterable
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from klima_balance.balances.charts.waterfall import waterfall
from klima_balance.balances.queries import balances
from klima_balance.balances.routes.documents import loaded, no_balance, public_meta
from klima_balance.balances.rules.breaks import breaks
from klima_balance.balances.rules.changes import Part, changes, of_document
from klima_balance.balances.rules.standing import year_of
from klima_balance.balances.rules.views import heating_of
from klima_balance.balances.shapes import BalanceRegion, SeriesBreak
from klima_balance.method.model import Method
from klima_balance.regions.routes.common import (
    AgsPath,
    MethodTables,
    PictureLanguage,
    region_or_404,
)
from klima_balance.weather.actions import serving
from klima_shared.codes.energy import Sector
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import conflict, invalid_at, problem_responses
from klima_shared.http.problems import serving as answering
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1/regions/{ags}/changes-explained", tags=["series"])

From = Annotated[
    int, Query(alias="from", ge=1990, le=2100, description="year of a published balance")
]
To = Annotated[int, Query(ge=1990, le=2100, description="year of a later one")]


class ExplainedYear(BaseModel):
    year: int = Field(examples=[2018])
    version: int = Field(examples=[1])
    provisional: bool
    emissions_t_co2e: float | None


class ChangePart(BaseModel):
    part: Part
    label: str = Field(examples=["Einwohnerzahl"])
    change_t_co2e: float


class SectorChange(BaseModel):
    sector: Sector
    label: str
    change_t_co2e: float
    parts: list[ChangePart]


class ChangesExplained(BaseModel):
    """The parts sum to the difference, of the region and of each sector."""

    region: BalanceRegion
    from_: ExplainedYear = Field(alias="from")
    to: ExplainedYear
    change_t_co2e: float
    parts: list[ChangePart]
    sectors: list[SectorChange]
    breaks: list[SeriesBreak] = Field(description="why the years are not fully comparable")
    weather_known: bool = Field(description="whether degree days of both years are known")
    method: str
    meta: Meta


class _Pair(NamedTuple):
    """Two published balances and what lies between them by sector."""

    documents: list[JsonObject]
    parts: dict[str, dict[Part, float]]
    weather_known: bool


async def _pair(
    read: ReadConnection, method: Method, ags: str, years: tuple[int, int], lang: Lang
) -> _Pair:
    if years[0] >= years[1]:
        text = Text("A year after {year} is expected.", year=years[0])
        raise invalid_at("/query/to", text)
    await region_or_404(read, ags)
    documents = []
    for year in years:
        row = await balances.published(read, ags, year)
        if row is None:
            raise await no_balance(read, ags, year)
        documents.append(loaded(row, lang))
    series = await serving(read, ags, years[0])
    known = series is not None and years[1] in series.years
    heated = [
        heating_of(method, series.mean, series.years[year]) if series and known else {}
        for year in years
    ]
    before, after = map(of_document, documents, heated)
    if before is None or after is None:
        text = Text("The population of one of the two years is not known.")
        raise conflict(text)
    found = changes(
        before,
        after,
        same_factors=_same(document["factor_set"] for document in documents),
        same_edition=_same(document["meta"].get("edition") for document in documents),
    )
    parts = {sector.value: found[sector.value] for sector in Sector if sector.value in found}
    return _Pair(documents, parts, known)


def _same(references: Iterable[JsonObject | None]) -> bool:
    """Whether two documents name the same, or both none (an earlier release had no editions)."""
    one, other = (reference["digest"] if reference else None for reference in references)
    return one == other


@router.get("", summary="Why two years differ", responses=problem_responses(404, 409, 422))
async def explain_changes(
    ags: AgsPath, from_: From, to: To, read: Read, lang: RequestLanguage, method: MethodTables
) -> ChangesExplained:
    """The difference of the BISKO emissions of two published balances, split into population, use
    per inhabitant, weather, mix of carriers, electricity factor, other factors, and data and
    method. Independent of any order: each part is its mean effect over all of them.
    """
    pair = await _pair(read, method, ags, (from_, to), lang)
    before, after = pair.documents
    sums = {part: sum(parts[part] for parts in pair.parts.values()) for part in Part}
    return ChangesExplained(
        region=BalanceRegion.model_validate(after["region"]),
        **{"from": _year(before)},
        to=_year(after),
        change_t_co2e=sum(sums.values()),
        parts=_parts(sums, lang),
        sectors=[
            SectorChange(
                sector=Sector(name),
                label=Sector(name).label(lang),
                change_t_co2e=sum(parts.values()),
                parts=_parts(parts, lang),
            )
            for name, parts in pair.parts.items()
        ],
        breaks=[SeriesBreak(**row) for row in breaks(pair.documents, lang)],
        weather_known=pair.weather_known,
        method="Shapley",
        meta=public_meta(pair.documents),
    )


@router.get(
    "/chart.svg", summary="Picture of a change", **answering("image/svg+xml", 404, 409, 422)
)
async def get_changes_chart(
    ags: AgsPath, from_: From, to: To, read: Read, lang: PictureLanguage, method: MethodTables
) -> Response:
    """A waterfall from one year to the other."""
    pair = await _pair(read, method, ags, (from_, to), lang)
    before, after = pair.documents
    sums = {part: sum(parts[part] for parts in pair.parts.values()) for part in Part}
    picture = waterfall(
        after["region"]["name"],
        (year_of(before, lang), before["totals"]["bisko_t_co2e"]),
        [(part.label.get(lang), tonnes) for part, tonnes in sums.items() if tonnes],
        (year_of(after, lang), after["totals"]["bisko_t_co2e"]),
        lang,
        min(after["data_quality"] or 0.0, before["data_quality"] or 0.0),
    )
    return Response(picture, media_type="image/svg+xml", headers={"Content-Language": lang})


def _year(document: JsonObject) -> ExplainedYear:
    return ExplainedYear(
        year=document["year"],
        version=document["version"],
        provisional=document.get("provisional", False),
        emissions_t_co2e=document["totals"]["bisko_t_co2e"],
    )


def _parts(found: dict[Part, float], lang: Lang) -> list[ChangePart]:
    return [
        ChangePart(part=part, label=part.label.get(lang), change_t_co2e=tonnes)
        for part, tonnes in found.items()
    ]
