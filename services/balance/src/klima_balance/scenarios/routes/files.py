"""Pictures of scenarios and balances, and their files for exchange: IAMC and Frictionless data
package."""

from typing import Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Depends, Query, Request, Response

from klima_balance.balances.charts.flow import energy_flow
from klima_balance.regions.routes.common import AgsPath, MethodTables, PictureLanguage, YearPath
from klima_balance.scenarios.actions import scenarios as actions
from klima_balance.scenarios.actions import views
from klima_balance.scenarios.actions.start import load_start
from klima_balance.scenarios.charts.scenarios import stacked_years, target_paths, wedges
from klima_balance.scenarios.files.datapackage import package
from klima_balance.scenarios.files.iamc import to_csv, to_xlsx
from klima_balance.scenarios.routes.context import Reading, ScenarioId, svg_response
from klima_balance.scenarios.routes.views import compute_both
from klima_balance.scenarios.rules.targets import TargetOptions
from klima_balance.scenarios.rules.uncertainty import Sampling
from klima_shared.database.connections import Read
from klima_shared.http.deprecation import FORMER_NAME
from klima_shared.http.language import RequestLanguage
from klima_shared.http.more_headers import add_headers
from klima_shared.http.problems import problem_responses, serving

router = APIRouter(prefix="/v1/scenarios/{scenario_id}", tags=["scenarios"])
balance_router = APIRouter(prefix="/v1/regions/{ags}/balances/{year}", tags=["charts"])

Responses = dict[int | str, dict[str, Any]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEXT = {"schema": {"type": "string"}}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
IAMC: Responses = {200: {"content": {"text/csv": _TEXT, XLSX: _BINARY}}}


@balance_router.get(
    "/flow.svg", summary="Energy flow of a balance", **serving("image/svg+xml", 404, 422)
)
async def get_energy_flow(
    ags: AgsPath, year: YearPath, read: Read, lang: PictureLanguage, method: MethodTables
) -> Response:
    """Carriers left, sectors right, width by MWh; the whole matrix as a table under it."""
    start = await load_start(read, method, ags, year)
    flow = await anyio.to_thread.run_sync(energy_flow, start.document, lang)
    return svg_response(flow, lang)


Picture = Literal["sectors", "wedges", "targets"]


async def _picture(
    request: Request,
    by: Annotated[Picture | None, Query(description="which picture; sectors by default")] = None,
    show: Annotated[
        Picture | None, Query(deprecated=True, description="former name of `by`")
    ] = None,
) -> Picture:
    if show is not None:
        add_headers(request, FORMER_NAME)
    return by or show or "sectors"


@router.get(
    "/chart.svg", summary="Picture of a scenario", **serving("image/svg+xml", 401, 403, 404, 422)
)
async def get_scenario_chart(
    scenario_id: ScenarioId,
    context: Reading,
    lang: PictureLanguage,
    shown: Annotated[Picture, Depends(_picture)],
    against: Annotated[
        str | None, Query(max_length=80, description="a second scenario beside it (targets)")
    ] = None,
) -> Response:
    """Sectors stacked over the years, wedges by lever, or the path against its targets; each with
    its numbers."""
    _, content = await actions.results(context, scenario_id, lang)
    if shown == "sectors":
        picture = await anyio.to_thread.run_sync(stacked_years, content, lang)
        return svg_response(picture, lang)
    one, other = await compute_both(context, scenario_id, against)
    if shown == "wedges":
        levers = await anyio.to_thread.run_sync(views.contributions_of, one, None, lang)
        picture = await anyio.to_thread.run_sync(wedges, content, levers, lang)
        return svg_response(picture, lang)
    others = []
    if other is not None and against is not None:
        others.append((await actions.results(context, against, lang))[1])
    certainty = await views.certainties(context.connection, one.model.start)

    def draw() -> str:
        targets = views.targets_of(one, TargetOptions(), lang)
        first, last = one.model.start.year, one.scenario.horizon
        years = sorted({*range(first, last + 1, 4), *range(-(-first // 5) * 5, last + 1, 5), last})
        bands = views.scenario_uncertainty(one, certainty, Sampling(1000, 1), years, lang)
        spread = {}
        for row in bands["years"]:
            emissions = row["totals"]["emissions_t_co2e"]
            spread[row["year"]] = emissions["p5"], emissions["p95"]
        return target_paths(content, targets, lang, others=others, bands=spread)

    return svg_response(await anyio.to_thread.run_sync(draw), lang)


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


@router.get(
    "/iamc.{form}",
    summary="Results in IAMC format",
    response_class=Response,
    responses={**IAMC, **problem_responses(401, 403, 404, 422)},
)
async def get_scenario_iamc(
    scenario_id: ScenarioId,
    form: Literal["csv", "xlsx"],
    context: Reading,
    against: Annotated[
        list[str] | None, Query(max_length=10, description="further scenarios in the same file")
    ] = None,
) -> Response:
    """Model, scenario, region, variable, unit, years: what `pyam` reads."""
    wanted = [scenario_id, *(against or ())]
    results = [(await actions.results(context, one, "en"))[1] for one in wanted]
    name = f"iamc-{results[0]['region']['ags']}-{results[0]['scenario']['kind']}.{form}"
    if form == "csv":
        table = await anyio.to_thread.run_sync(to_csv, results)
        return _download(table, "text/csv; charset=utf-8", name)
    return _download(await anyio.to_thread.run_sync(to_xlsx, results), XLSX, name)


@router.get(
    "/datapackage.zip",
    summary="A scenario as a Frictionless data package",
    **serving("application/zip", 401, 403, 404, 422, format="binary"),
)
async def get_scenario_datapackage(
    scenario_id: ScenarioId, context: Reading, lang: RequestLanguage
) -> Response:
    """Yearly totals, cells, levers, assumptions and contributions as CSV, with a descriptor of
    every column."""
    scenario, results = await actions.results(context, scenario_id, lang)
    document = await actions.described(context, scenario, lang)
    packed = await anyio.to_thread.run_sync(package, document, results)
    name = f"szenario-{results['region']['ags']}-{document['kind']}.zip"
    return _download(packed, "application/zip", name)
