"""Pictures of scenarios and balances, and their files for exchange: IAMC and Frictionless data
package."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import anyio
import orjson
from fastapi import APIRouter, Query, Response

from klima_balance.balances.charts.flow import energy_flow
from klima_balance.regions.routes.common import AgsPath, MethodTables, YearPath
from klima_balance.scenarios.actions import scenarios as usecases
from klima_balance.scenarios.actions import views
from klima_balance.scenarios.actions.answers import described
from klima_balance.scenarios.actions.inputs import load_start
from klima_balance.scenarios.charts import stacked_years, target_paths, wedges
from klima_balance.scenarios.files.datapackage import package
from klima_balance.scenarios.files.iamc import to_csv, to_xlsx
from klima_balance.scenarios.routes.scenarios import Tables, results_content
from klima_balance.scenarios.routes.views import both
from klima_shared.database.connections import Read
from klima_shared.http.auth import Caller
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.reader import ReaderLang

router = APIRouter(prefix="/v1/scenarios/{scenario_id}", tags=["scenarios"])
balance_router = APIRouter(prefix="/v1/regions/{ags}/balances/{year}", tags=["charts"])

LangQuery = Annotated[
    Literal["de", "en"] | None, Query(description="language of the picture, before Accept-Language")
]
SVG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}
}


def _picture(content: str, lang: Lang) -> Response:
    headers = {
        "Content-Language": lang,
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(content, media_type="image/svg+xml", headers=headers)


@balance_router.get(
    "/flow.svg",
    summary="Energy flow of a balance",
    response_class=Response,
    responses={**SVG, **problem_responses(404, 422)},
)
async def get_energy_flow(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    reader: ReaderLang,
    method: MethodTables,
    lang: LangQuery = None,
) -> Response:
    """Carriers left, sectors right, width by MWh; the whole matrix as a table under it."""
    start = await load_start(read, method, ags, year)
    language: Lang = lang or reader
    return _picture(await anyio.to_thread.run_sync(energy_flow, start.document, language), language)


@router.get(
    "/chart.svg",
    summary="Picture of a scenario",
    response_class=Response,
    responses={**SVG, **problem_responses(401, 403, 404, 422)},
)
async def get_scenario_chart(
    scenario_id: str,
    read: Read,
    caller: Caller,
    reader: ReaderLang,
    method: MethodTables,
    tables: Tables,
    show: Annotated[
        Literal["sectors", "wedges", "targets"], Query(description="which picture")
    ] = "sectors",
    against: Annotated[
        str | None, Query(max_length=80, description="a second scenario beside it (targets)")
    ] = None,
    lang: LangQuery = None,
) -> Response:
    """Sectors stacked over the years, wedges by lever, or the path against its targets; each with
    its numbers."""
    language: Lang = lang or reader
    _, content = await results_content(read, caller, language, method, tables, scenario_id)
    if show == "sectors":
        return _picture(await anyio.to_thread.run_sync(stacked_years, content, language), language)
    found, made, other = await both(read, caller, method, tables, scenario_id, against)
    if show == "wedges":
        moved = await anyio.to_thread.run_sync(
            views.contributions_of, found, made, None, tables, language
        )
        return _picture(await anyio.to_thread.run_sync(wedges, content, moved, language), language)
    others = []
    if other is not None and against is not None:
        others.append((await results_content(read, caller, language, method, tables, against))[1])
    certainty = await views.certainties(read, made.start)

    def draw() -> str:
        targets = views.targets_of(found, made, tables, language, {})
        first, last = made.start.year, found.horizon
        years = sorted({*range(first, last + 1, 4), *range(-(-first // 5) * 5, last + 1, 5), last})
        bands = views.scenario_uncertainty(found, made, tables, certainty, 1000, 1, years, language)
        spread = {
            y["year"]: (
                y["totals"]["emissions_t_co2e"]["p5"],
                y["totals"]["emissions_t_co2e"]["p95"],
            )
            for y in bands["years"]
        }
        return target_paths(content, targets, language, others=others, bands=spread)

    return _picture(await anyio.to_thread.run_sync(draw), language)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
IAMC: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}, XLSX: _BINARY}}
}
ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": _BINARY}}}


def _download(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get(
    "/iamc.{form}",
    summary="Results in IAMC format",
    response_class=Response,
    responses={**IAMC, **problem_responses(401, 403, 404, 422)},
)
async def get_scenario_iamc(
    scenario_id: str,
    form: Literal["csv", "xlsx"],
    read: Read,
    caller: Caller,
    method: MethodTables,
    tables: Tables,
    against: Annotated[
        list[str] | None, Query(max_length=10, description="further scenarios in the same file")
    ] = None,
) -> Response:
    """Model, scenario, region, variable, unit, years: what `pyam` reads."""
    wanted = [scenario_id, *(against or ())]
    results = [
        (await results_content(read, caller, "en", method, tables, one))[1] for one in wanted
    ]
    name = f"iamc-{results[0]['region']['ags']}-{results[0]['scenario']['kind']}.{form}"
    if form == "csv":
        return _download(
            await anyio.to_thread.run_sync(to_csv, results), "text/csv; charset=utf-8", name
        )
    return _download(await anyio.to_thread.run_sync(to_xlsx, results), XLSX, name)


@router.get(
    "/datapackage.zip",
    summary="A scenario as a Frictionless data package",
    response_class=Response,
    responses={**ZIP, **problem_responses(401, 403, 404, 422)},
)
async def get_scenario_datapackage(
    scenario_id: str,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    method: MethodTables,
    tables: Tables,
) -> Response:
    """Yearly totals, cells, levers, assumptions and contributions as CSV, with a descriptor of
    every column."""
    found, results = await results_content(read, caller, lang, method, tables, scenario_id)
    if found.row is not None and found.published:
        document = orjson.loads(found.row["document"])[lang]
    else:
        made = await usecases.computed(read, method, tables, found)
        document = await anyio.to_thread.run_sync(described, found, made, tables, lang)
    packed = await anyio.to_thread.run_sync(package, document, results)
    name = f"szenario-{results['region']['ags']}-{document['kind']}.zip"
    return _download(packed, "application/zip", name)
