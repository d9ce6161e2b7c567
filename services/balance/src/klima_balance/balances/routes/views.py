"""Views beside a balance: local mix, weather-corrected, other factors. Labelled, computed on the
way, never stored."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from klima_balance.balances.actions.inputs import method_with
from klima_balance.balances.queries import balances as queries
from klima_balance.balances.routes.documents import loaded, no_balance
from klima_balance.balances.rules import views
from klima_balance.balances.shapes import BalanceRegion
from klima_balance.regions.routes.common import AgsPath, MethodTables, YearPath, problem_of
from klima_balance.weather.actions import serving, unknown_year
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import invalid_at, problem_responses
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.wire.json import JsonObject
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1/regions/{ags}/balances/{year}/views", tags=["views"])

Version = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="of the balance; the newest by default")
]
DegreeDays = Annotated[
    float | None,
    Query(
        ge=100,
        le=10000,
        allow_inf_nan=False,
        examples=[3150],
        description="K d; by default from the region's series",
    ),
]


class ViewRow(BaseModel):
    key: str = Field(examples=["households"])
    label: str = Field(examples=["Private Haushalte"])
    final_energy_mwh: float
    emissions_t_co2e: float


class ViewTotals(BaseModel):
    final_energy_mwh: float
    emissions_t_co2e: float
    emissions_t_co2e_per_inhabitant: float | None


class BalanceTotals(BaseModel):
    final_energy_mwh: float | None
    emissions_t_co2e: float | None
    agriculture_t_co2e: float | None


class View(BaseModel):
    view: Literal["weather", "local_mix", "factors"]
    label: str = Field(examples=["nicht BISKO-konform"])
    conformant: Literal[False] = False
    region: BalanceRegion
    year: int
    version: int | None = Field(description="of the balance beside which it stands")
    parameters: JsonObject = Field(description="every assumption of the view")
    totals: ViewTotals
    balance: BalanceTotals = Field(description="the balance itself, for comparison")
    sectors: list[ViewRow]
    carriers: list[ViewRow]
    agriculture_t_co2e: float | None
    meta: Meta


async def published_document(
    read: ReadConnection, ags: str, year: int, version: int | None, lang: Lang
) -> tuple[Any, JsonObject]:
    """The row of a published balance and its document in the reader's language; 404 for none."""
    row = await queries.published(read, ags, year, version)
    if row is None:
        raise await no_balance(read, ags, year)
    return row, loaded(row, lang)


def _answer(found: JsonObject, document: JsonObject, lang: Lang) -> View:
    for rows, codes in ((found["sectors"], Sector), (found["carriers"], Carrier)):
        for row in rows:
            row["label"] = codes(row["key"]).label(lang)
    head = {name: document[name] for name in ("region", "year", "version", "meta")}
    return View(**found, **head, label=views.LABEL.get(lang))


@router.get(
    "/weather",
    summary="The balance with the heating of a mean year",
    responses=problem_responses(404, 422),
)
async def get_weather_view(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    lang: RequestLanguage,
    method: MethodTables,
    degree_days: DegreeDays = None,
    mean_degree_days: DegreeDays = None,
    version: Version = None,
) -> View:
    """Space heating x mean degree days / degree days of the year; a mild year goes up. Not BISKO.

    Both figures come from the request, or both from what the municipality entered for the year
    (`statistics.degree_days`), or from the nearest series that has it (`/degree-days`).
    """
    if (degree_days is None) != (mean_degree_days is None):
        raise invalid_at(
            "/query/mean_degree_days" if mean_degree_days is None else "/query/degree_days",
            Text(
                "Give both degree_days and mean_degree_days (from the same source), or neither of "
                "them."
            ),
        )
    row, document = await published_document(read, ags, year, version, lang)
    own: JsonObject = {}
    if degree_days is None:
        own = views.entered_degree_days((await queries.records(read, row.id))[1])
        degree_days, mean_degree_days = own.get("degree_days"), own.get("mean_degree_days")
    if degree_days is not None and mean_degree_days is not None:
        view = views.weather(document, method, mean_degree_days, degree_days)
        view["parameters"] |= own
        return _answer(view, document, lang)
    series = await serving(read, ags, year)
    if series is None:
        raise unknown_year(ags, year)
    view = views.weather(document, method, series.mean, series.years[year])
    names = ("region", "definition", "mean_period", "source", "certainty")
    view["parameters"]["series"] = {name: getattr(series, name) for name in names}
    return _answer(view, document, lang)


@router.get(
    "/local-mix",
    summary="The balance with the local electricity mix",
    responses=problem_responses(404, 422),
)
async def get_local_mix_view(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    lang: RequestLanguage,
    method: MethodTables,
    local_g_per_kwh: Annotated[
        float | None,
        Query(
            ge=0,
            le=2000,
            allow_inf_nan=False,
            description="of local generation; without it the upstream chains of its technologies",
        ),
    ] = None,
    version: Version = None,
) -> View:
    """Local generation serves local use first, the federal mix the rest. Not BISKO, which counts
    the federal mix."""
    _, document = await published_document(read, ags, year, version, lang)
    table = await method_with(read, method, document["factor_set"]["id"])
    try:
        return _answer(views.local_mix(document, table, local_g_per_kwh), document, lang)
    except InputError as error:
        raise problem_of(error, "/query") from error


@router.get(
    "/factors", summary="The balance with other factors", responses=problem_responses(404, 422)
)
async def get_factor_view(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    lang: RequestLanguage,
    method: MethodTables,
    factor_set: Annotated[
        str | None, Query(max_length=60, description="another factor set", examples=["gemis-4.95"])
    ] = None,
    gwp_set: Annotated[
        Literal["AR4", "AR5", "AR6"] | None, Query(description="for agriculture")
    ] = None,
    version: Version = None,
) -> View:
    """The same activities with another factor set or other global warming potentials. Sets are
    never mixed."""
    if factor_set is None and gwp_set is None:
        raise invalid_at("/query/factor_set", Text("Name factor_set or gwp_set."))
    row, document = await published_document(read, ags, year, version, lang)
    table = await method_with(read, method, document["factor_set"]["id"])
    if factor_set is not None:
        table = await method_with(read, table, factor_set, "/query/factor_set")
    run, record = await queries.records(read, row.id)
    found = views.other_factors(
        document, run, record, table, factor_set=factor_set, gwp_set=gwp_set
    )
    return _answer(found, document, lang)
