"""What a scenario shows: contributions of its levers, gaps to target paths, uncertainty."""

from dataclasses import asdict
from typing import Annotated

import anyio
from fastapi import APIRouter, Query, Response

from klima_balance.regions.routes.common import AgsPath, MethodTables, YearPath, problem_of
from klima_balance.scenarios.actions import scenarios as actions
from klima_balance.scenarios.actions import views
from klima_balance.scenarios.actions.computation import Computed
from klima_balance.scenarios.actions.scenarios import Context
from klima_balance.scenarios.actions.start import load_start
from klima_balance.scenarios.routes.context import Reading, ScenarioId, Tables, json_response
from klima_balance.scenarios.rules.targets import TargetOptions
from klima_balance.scenarios.rules.uncertainty import Sampling
from klima_balance.scenarios.shapes.scenarios import ClimateTarget, ClimateTargets
from klima_balance.scenarios.shapes.views import (
    BalanceUncertainty,
    ScenarioContributions,
    ScenarioTargets,
    ScenarioUncertainty,
)
from klima_shared.database.connections import Read
from klima_shared.http.language import RequestLanguage
from klima_shared.http.problems import problem_responses
from klima_shared.language.errors import InputError

router = APIRouter(prefix="/v1/scenarios/{scenario_id}", tags=["scenarios"])
balance_router = APIRouter(prefix="/v1/regions/{ags}/balances/{year}", tags=["balances"])
targets_router = APIRouter(prefix="/v1/climate-targets", tags=["scenarios"])

Draws = Annotated[int, Query(ge=100, le=20_000, description="how many runs")]
Seed = Annotated[int, Query(ge=0, le=2**53, description="the same seed gives the same numbers")]
TargetYear = Annotated[
    int | None,
    Query(ge=1991, le=2100, description="of the straight line; the region's own by default"),
]
BudgetName = Annotated[
    str, Query(max_length=20, description="1.75_67, 1.5_50 or 1.5_67", examples=["1.75_67"])
]


async def compute_both(
    context: Context, scenario_id: str, against: str | None = None
) -> tuple[Computed, Computed | None]:
    """A scenario and the one it is compared with; 422 where they start from different balances."""
    one = await actions.compute(context, await actions.find(context, scenario_id))
    if against is None:
        return one, None
    other = await actions.compute(context, await actions.find(context, against))
    try:
        views.check_comparable(one, other)
    except InputError as error:
        raise problem_of(error, "/query") from error
    return one, other


@router.get(
    "/contributions",
    summary="What each lever contributes",
    response_model=ScenarioContributions,
    responses=problem_responses(401, 403, 404, 422),
)
async def get_scenario_contributions(
    scenario_id: ScenarioId,
    context: Reading,
    lang: RequestLanguage,
    against: Annotated[
        str | None, Query(max_length=80, description="id of another scenario; the base by default")
    ] = None,
) -> Response:
    """The difference to the base or to another scenario, split by lever (Shapley): the rows sum to
    it, in every year."""
    one, other = await compute_both(context, scenario_id, against)
    content = await anyio.to_thread.run_sync(views.contributions_of, one, other, lang)
    return json_response(content, lang)


@router.get(
    "/targets",
    summary="Target paths and the gap to them",
    response_model=ScenarioTargets,
    responses=problem_responses(401, 403, 404, 422),
)
async def get_scenario_targets(
    scenario_id: ScenarioId,
    context: Reading,
    lang: RequestLanguage,
    target_year: TargetYear = None,
    residual_share: Annotated[
        float | None, Query(ge=0, le=1, description="of the straight line")
    ] = None,
    budget: BudgetName = "1.75_67",
    bisko_share: Annotated[
        float, Query(gt=0, le=1, description="share of the budget that BISKO covers")
    ] = 1.0,
    local_1990_t_co2e: Annotated[
        float | None, Query(gt=0, description="instead of rebasing the federal law")
    ] = None,
) -> Response:
    """Straight line, federal law rebased to the balance, carbon budget with the year it is used up;
    each with its basis."""
    options = TargetOptions(target_year, residual_share, budget, bisko_share, local_1990_t_co2e)
    one, _ = await compute_both(context, scenario_id)
    try:
        content = await anyio.to_thread.run_sync(views.targets_of, one, options, lang)
    except InputError as error:
        raise problem_of(error, "/query") from error
    return json_response(content, lang)


@router.get(
    "/uncertainty",
    summary="How far a scenario may be off",
    response_model=ScenarioUncertainty,
    responses=problem_responses(401, 403, 404, 422),
)
async def get_scenario_uncertainty(
    scenario_id: ScenarioId,
    context: Reading,
    lang: RequestLanguage,
    years: Annotated[
        list[int] | None, Query(max_length=10, description="2030, 2040 and the horizon by default")
    ] = None,
    draws: Draws = 2000,
    seed: Seed = 1,
) -> Response:
    """5th, 50th and 95th percentile of totals and sectors, by seeded Monte-Carlo over inputs,
    factors and assumptions."""
    one, _ = await compute_both(context, scenario_id)
    first, last = one.model.start.year, one.scenario.horizon
    wanted = sorted(set(years or [y for y in (2030, 2040, last) if first < y <= last]))
    certainty = await views.certainties(context.connection, one.model.start)
    sampling = Sampling(draws, seed)
    try:
        content = await anyio.to_thread.run_sync(
            views.scenario_uncertainty, one, certainty, sampling, wanted, lang
        )
    except InputError as error:
        raise problem_of(error, "/query") from error
    return json_response(content, lang)


@balance_router.get(
    "/uncertainty",
    summary="How far a balance may be off",
    response_model=BalanceUncertainty,
    responses=problem_responses(404, 422),
)
async def get_balance_uncertainty(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    lang: RequestLanguage,
    method: MethodTables,
    tables: Tables,
    draws: Draws = 10_000,
    seed: Seed = 1,
) -> Response:
    """5th, 50th and 95th percentile of totals and sectors; every spread with its source."""
    start = await load_start(read, method, ags, year)
    certainty = await views.certainties(read, start)
    content = await anyio.to_thread.run_sync(
        views.balance_uncertainty, start, tables, certainty, Sampling(draws, seed), lang
    )
    return json_response(content, lang)


@targets_router.get(
    "", summary="National reduction, federal law, sinks and budgets", responses=problem_responses()
)
async def list_climate_targets(tables: Tables) -> ClimateTargets:
    """The table behind `/v1/scenarios/{id}/targets`, for services that draw paths of their own."""
    rows = (asdict(row) for row in tables.targets)
    items = [ClimateTarget(**{**row, "name": row["name"] or None}) for row in rows]
    return ClimateTargets(edition=tables.edition, items=items)
