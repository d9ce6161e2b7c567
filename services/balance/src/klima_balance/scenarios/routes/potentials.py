"""Potentials: what a region could generate, save, switch and store, how much of it is used, and on
which assumptions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from klima_balance.regions.routes.common import AgsPath, MethodTables
from klima_balance.scenarios.actions.potentials import potentials_of
from klima_balance.scenarios.actions.start import load_start
from klima_balance.scenarios.charts.potentials import potential_bars
from klima_balance.scenarios.files.tables import potentials_table
from klima_balance.scenarios.model.assumptions import HORIZON
from klima_balance.scenarios.routes.context import Tables, svg_response
from klima_balance.scenarios.shapes.scenarios import Potentials
from klima_shared.database.connections import Read
from klima_shared.formats import Format, RequestedFormat, table_response, tabular
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import invalid_at, serving
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.wire.json import JsonObject

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
        examples=[["wind_land_share=1.8"]],
    ),
]


def overrides(texts: list[str] | None) -> dict[str, float]:
    """`name=value` of a query as numbers; 422 for anything else."""
    values: dict[str, float] = {}
    for position, text in enumerate(texts or ()):
        name, sign, value = text.partition("=")
        try:
            values[name.strip()] = float(value)
        except ValueError:
            sign = ""
        if not sign:
            raise invalid_at(
                f"/query/parameter/{position}",
                Text("“{text}”: expected name=number with a decimal point.", text=text[:80]),
            )
    return values


@router.get("", summary="Potentials of a region", **tabular(Potentials, 404, 422))
async def get_potentials(
    ags: AgsPath,
    read: Read,
    lang: RequestLanguage,
    form: RequestedFormat,
    method: MethodTables,
    tables: Tables,
    year: BaseYear = None,
    target_year: TargetYear = HORIZON,
    parameter: Overrides = None,
) -> JsonObject | Response:
    """Technical, realisable, used and remaining potential; never above what exists. All parameters
    can be overridden."""
    start = await load_start(read, method, ags, year)
    content = await potentials_of(start, tables, overrides(parameter), target_year, lang)
    if form is not Format.JSON:
        return await table_response(potentials_table(content), form, lang)
    return content


@router.get("/chart.svg", summary="Picture of the potentials", **serving("image/svg+xml", 404, 422))
async def get_potentials_chart(
    ags: AgsPath,
    read: Read,
    reader: RequestLanguage,
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
    content = await potentials_of(start, tables, overrides(parameter), target_year, language)
    return svg_response(potential_bars(content, language), language)
