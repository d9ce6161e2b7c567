"""Potentials: what a region could generate, save, switch and store, how much of it is used, and on
which assumptions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from klima_balance.balances.shapes import BalanceRegion, Shape
from klima_balance.potentials.actions import answer
from klima_balance.potentials.charts import potential_bars
from klima_balance.regions.routes.common import AgsPath, MethodTables
from klima_balance.scenarios.actions.computation import HORIZON
from klima_balance.scenarios.actions.inputs import load_start
from klima_balance.scenarios.files.tables import potentials_table
from klima_balance.scenarios.routes.scenarios import Tables
from klima_balance.scenarios.shapes import ParameterRow
from klima_shared.database.connections import Read
from klima_shared.formats import Format, RequestedFormat, table_response, table_responses
from klima_shared.http.problems import invalid_at, problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.reader import ReaderLang

router = APIRouter(prefix="/v1/regions/{ags}/potentials", tags=["potentials"])

BaseYear = Annotated[
    int | None, Query(ge=1990, le=2100, description="of the balance; the newest by default")
]
TargetYear = Annotated[
    int, Query(ge=1991, le=2100, description="up to which the realisable part is assumed")
]
Overrides = Annotated[
    list[str] | None,
    Query(
        alias="parameter",
        description="`name=value`, repeated: overrides an assumption for this answer",
        max_length=100,
        examples=["wind_land_share=1.8"],
    ),
]


class PotentialRow(Shape):
    """null: not known, which is not zero."""

    potential: str = Field(examples=["pv_roof"])
    group: Literal["generation", "saving", "switch", "land"]
    sector: str | None
    label: str
    unit: str = Field(examples=["MWh/a"])
    technical: float | None
    realisable: float | None
    used: float | None
    remaining: float | None
    used_share: float | None = Field(description="used / realisable")
    emissions_t_co2e: float | None = Field(
        description="yearly effect of the realisable part, with today's factors"
    )
    exceeded_by: float | None = Field(description="more is there than was thought possible")
    formula: str
    parameters: list[str]


class Potentials(Shape):
    region: BalanceRegion
    base_year: int
    target_year: int
    note: str
    potentials: list[PotentialRow]
    parameters: list[ParameterRow] = Field(
        description="every assumption with range, source and certainty"
    )
    meta: dict[str, Any]


def overrides(texts: list[str] | None) -> dict[str, float]:
    """`name=value` of a query as numbers; 422 for anything else."""
    found: dict[str, float] = {}
    for position, text in enumerate(texts or ()):
        name, sign, value = text.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            sign = ""
        if not sign:
            raise invalid_at(
                f"/query/parameter/{position}",
                f"„{text[:80]}“: erwartet wird name=Zahl mit Dezimalpunkt.",
                f"“{text[:80]}”: expected name=number with a decimal point.",
            )
    return found


@router.get(
    "",
    summary="Potentials of a region",
    response_model=Potentials,
    responses={**table_responses(), **problem_responses(404, 422)},
)
async def get_potentials(
    ags: AgsPath,
    read: Read,
    lang: ReaderLang,
    form: RequestedFormat,
    method: MethodTables,
    tables: Tables,
    year: BaseYear = None,
    target_year: TargetYear = HORIZON,
    parameter: Overrides = None,
) -> dict[str, Any] | Response:
    """Technical, realisable, used and remaining potential; never above what exists. All parameters
    can be overridden."""
    start = await load_start(read, method, ags, year)
    content = await answer(start, tables, overrides(parameter), target_year, lang)
    if form is not Format.JSON:
        return await table_response(potentials_table(content), form, lang)
    return content


@router.get(
    "/chart.svg",
    summary="Picture of the potentials",
    response_class=Response,
    responses={
        200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}},
        **problem_responses(404, 422),
    },
)
async def get_potentials_chart(
    ags: AgsPath,
    read: Read,
    reader: ReaderLang,
    method: MethodTables,
    tables: Tables,
    year: BaseYear = None,
    target_year: TargetYear = HORIZON,
    parameter: Overrides = None,
    lang: Annotated[
        Literal["de", "en"] | None, Query(description="language of the picture")
    ] = None,
) -> Response:
    """Bars: used, still realisable, and beyond that technically possible; with the same numbers as
    a table."""
    language: Lang = lang or reader
    start = await load_start(read, method, ags, year)
    content = await answer(start, tables, overrides(parameter), target_year, language)
    headers = {
        "Content-Language": language,
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(potential_bars(content, language), media_type="image/svg+xml", headers=headers)
