"""What a scenario shows: contributions of its levers, gaps to target paths, uncertainty."""

from __future__ import annotations

from typing import Annotated, Any

import anyio
import orjson
from fastapi import APIRouter, Query, Response

from klima_balance.method.errors import InputError
from klima_balance.regions.routes.common import AgsPath, MethodTables, YearPath
from klima_balance.scenarios.actions import scenarios as usecases
from klima_balance.scenarios.actions import views
from klima_balance.scenarios.actions.computation import Found, Model
from klima_balance.scenarios.actions.inputs import load_start
from klima_balance.scenarios.routes.scenarios import Tables
from klima_balance.scenarios.rules.lever_table import ScenarioTables
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.http.auth import Caller, Principal
from klima_shared.http.problems import FieldError, Problem, invalid, problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.reader import ReaderLang

router = APIRouter(prefix="/v1/scenarios/{scenario_id}", tags=["scenarios"])
balance_router = APIRouter(prefix="/v1/regions/{ags}/balances/{year}", tags=["balances"])

Draws = Annotated[int, Query(ge=100, le=20_000, description="how many runs")]
Seed = Annotated[int, Query(ge=0, le=2**53, description="the same seed gives the same numbers")]
TargetYear = Annotated[
    int | None,
    Query(ge=1991, le=2100, description="of the straight line; the region's own by default"),
]
BudgetName = Annotated[
    str, Query(max_length=20, description="1.75_67, 1.5_50 or 1.5_67", examples=["1.75_67"])
]


def _problem(error: InputError) -> Problem:
    return invalid(error.text, FieldError("/query/" + error.field.replace(".", "/"), error.text))


async def both(
    read: ReadConnection,
    caller: Principal,
    method: Any,
    tables: ScenarioTables,
    scenario_id: str,
    against: str | None,
) -> tuple[Found, Model, tuple[Found, Model] | None]:
    found = await usecases.find(read, caller, tables, scenario_id)
    made = await usecases.computed(read, method, tables, found)
    if against is None:
        return found, made, None
    second = await usecases.find(read, caller, tables, against)
    other = await usecases.computed(read, method, tables, second)
    try:
        views.comparable(made, other)
    except InputError as error:
        raise _problem(error) from error
    return found, made, (second, other)


def _answer(content: dict[str, Any], lang: Lang) -> Response:
    headers = {"Content-Language": lang, "Vary": "Accept-Language"}
    return Response(orjson.dumps(content), media_type="application/json", headers=headers)


@router.get(
    "/contributions",
    summary="What each lever contributes",
    responses=problem_responses(401, 403, 404, 422),
)
async def get_scenario_contributions(
    scenario_id: str,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    method: MethodTables,
    tables: Tables,
    against: Annotated[
        str | None, Query(max_length=80, description="id of another scenario; the base by default")
    ] = None,
) -> Response:
    """The difference to the base or to another scenario, split by lever (Shapley): the rows sum to
    it, in every year."""
    found, made, other = await both(read, caller, method, tables, scenario_id, against)
    return _answer(
        await anyio.to_thread.run_sync(views.contributions_of, found, made, other, tables, lang),
        lang,
    )


@router.get(
    "/targets",
    summary="Target paths and the gap to them",
    responses=problem_responses(401, 403, 404, 422),
)
async def get_scenario_targets(
    scenario_id: str,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    method: MethodTables,
    tables: Tables,
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
    found, made, _ = await both(read, caller, method, tables, scenario_id, None)
    options = {
        "target_year": target_year,
        "residual_share": residual_share,
        "budget": budget,
        "bisko_share": bisko_share,
        "local_1990_t_co2e": local_1990_t_co2e,
    }
    try:
        content = await anyio.to_thread.run_sync(
            views.targets_of, found, made, tables, lang, options
        )
    except InputError as error:
        raise _problem(error) from error
    return _answer(content, lang)


@router.get(
    "/uncertainty",
    summary="How far a scenario may be off",
    responses=problem_responses(401, 403, 404, 422),
)
async def get_scenario_uncertainty(
    scenario_id: str,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    method: MethodTables,
    tables: Tables,
    years: Annotated[
        list[int] | None, Query(max_length=10, description="2030, 2040 and the horizon by default")
    ] = None,
    draws: Draws = 2000,
    seed: Seed = 1,
) -> Response:
    """5th, 50th and 95th percentile of totals and sectors, by seeded Monte-Carlo over inputs,
    factors and assumptions."""
    found, made, _ = await both(read, caller, method, tables, scenario_id, None)
    wanted = sorted(
        set(
            years
            or [y for y in (2030, 2040, found.horizon) if made.start.year < y <= found.horizon]
        )
    )
    certainty = await views.certainties(read, made.start)
    try:
        content = await anyio.to_thread.run_sync(
            views.scenario_uncertainty, found, made, tables, certainty, draws, seed, wanted, lang
        )
    except InputError as error:
        raise _problem(error) from error
    return _answer(content, lang)


@balance_router.get(
    "/uncertainty", summary="How far a balance may be off", responses=problem_responses(404, 422)
)
async def get_balance_uncertainty(
    ags: AgsPath,
    year: YearPath,
    read: Read,
    lang: ReaderLang,
    method: MethodTables,
    tables: Tables,
    draws: Draws = 10_000,
    seed: Seed = 1,
) -> Response:
    """5th, 50th and 95th percentile of totals and sectors; every spread with its source."""
    start = await load_start(read, method, ags, year)
    certainty = await views.certainties(read, start)

    def compute() -> dict[str, Any]:
        base = start.base(tables.parameters)
        return views.balance_uncertainty(start, base, tables, certainty, draws, seed, lang)

    return _answer(await anyio.to_thread.run_sync(compute), lang)
