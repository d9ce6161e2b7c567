"""Scenarios: the built-in ones of every published balance, own ones derived from them, and their
yearly results."""

from typing import Annotated, Literal

import anyio
from fastapi import APIRouter, Query, Response

from klima_balance.regions.routes.common import region_or_404
from klima_balance.scenarios import queries
from klima_balance.scenarios.actions import scenarios as actions
from klima_balance.scenarios.actions.computation import TITLES
from klima_balance.scenarios.actions.computation import Scenario as Stored
from klima_balance.scenarios.files.tables import results_table
from klima_balance.scenarios.model.assumptions import SHIPPED, ScenarioKind
from klima_balance.scenarios.queries import ScenarioFilter
from klima_balance.scenarios.routes.context import (
    Changing,
    Editing,
    Managing,
    Reading,
    ScenarioId,
    json_response,
)
from klima_balance.scenarios.shapes.scenarios import (
    NewScenario,
    Scenario,
    ScenarioHead,
    ScenarioResults,
)
from klima_shared.codes.regions import Ags
from klima_shared.formats import Format, RequestedFormat, table_response, tabular
from klima_shared.http.idempotency import Created, Idempotency, creating
from klima_shared.http.language import RequestLanguage
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.revisions.visibility import draft_regions
from klima_shared.wire.json import JsonObject

router = APIRouter(prefix="/v1/scenarios", tags=["scenarios"])

Kind = Literal["trend", "climate_protection", "own"]


@router.get("", summary="List scenarios", responses=problem_responses(401, 404, 422))
async def list_scenarios(
    context: Reading,
    lang: RequestLanguage,
    page: Paging,
    region: Annotated[
        Ags | None, Query(description="only of this region", examples=["05974040"])
    ] = None,
    kind: Annotated[
        Kind | None, Query(description="trend and climate_protection are built in")
    ] = None,
    state: Literal["draft", "published"] | None = None,
    modified_since: ModifiedSince = None,
) -> Page[ScenarioHead]:
    """Built-in and own ones, by region; viewers of a region see its drafts too."""
    if region is not None:
        await region_or_404(context.connection, region)
    kinds = [kind] if kind else [*SHIPPED, ScenarioKind.OWN.value]
    rows, cursor = page.cut(
        await queries.listing(
            context.connection,
            context.tables.edition,
            ScenarioFilter(kinds, region, draft_regions(context.principal), state, modified_since),
            limit=page.limit + 1,
            after=check_key(page.after, str, str),
        ),
        ["region", "id"],
    )
    items = [
        ScenarioHead(**{**row, "title": row["title"] or TITLES[row["kind"]].get(lang)})
        for row in rows
    ]
    return Page(items=items, next=cursor)


@router.post(
    "", summary="Make an own scenario", **creating(Scenario, 400, 401, 403, 404, 409, 413, 422)
)
async def create_scenario(
    body: NewScenario, context: Editing, idempotency: Idempotency
) -> Response:
    """A draft: a shipped or stored scenario with changed parameters, levers of one's own, levers
    left out."""

    async def action() -> Created:
        computed = await actions.create(context, body.content())
        content = await anyio.to_thread.run_sync(computed.described, "de")
        one = computed.scenario
        return Created(content, location=f"/v1/scenarios/{one.id}", etag=one.etag)

    return await idempotency.run(context.writer.connection, action)


def _json(content: JsonObject, lang: Lang, scenario: Stored) -> Response:
    response = json_response(content, lang, "Accept, Accept-Language")
    if not scenario.published:
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def _with_etag(content: JsonObject, lang: Lang, scenario: Stored) -> Response:
    response, etag = _json(content, lang, scenario), scenario.etag
    if etag is not None:
        response.headers["ETag"] = etag if lang == "de" else etag[:-1] + f';{lang}"'
    return response


@router.get(
    "/{scenario_id}",
    summary="A scenario with its levers and assumptions",
    response_model=Scenario,
    responses=problem_responses(401, 403, 404, 422),
)
async def get_scenario(
    scenario_id: ScenarioId, context: Reading, lang: RequestLanguage
) -> Response:
    """Every parameter with its range, source and certainty. A published one for everybody, a draft
    for viewers."""
    scenario = await actions.find(context, scenario_id)
    return _with_etag(await actions.described(context, scenario, lang), lang, scenario)


@router.put(
    "/{scenario_id}",
    summary="Change a draft",
    response_model=Scenario,
    responses=problem_responses(400, 401, 403, 404, 409, 412, 413, 422, 428),
)
async def replace_scenario(
    scenario_id: ScenarioId, body: NewScenario, context: Changing
) -> Response:
    """The whole draft anew. A published scenario is replaced by a new one (`replaces`), never
    changed."""
    computed = await actions.change(context, scenario_id, body.content())
    content = await anyio.to_thread.run_sync(computed.described, "de")
    return _with_etag(content, "de", computed.scenario)


@router.delete(
    "/{scenario_id}",
    summary="Remove a draft",
    status_code=204,
    responses=problem_responses(401, 403, 404, 409, 412, 422, 428),
)
async def delete_scenario(scenario_id: ScenarioId, context: Changing) -> Response:
    """A published scenario stays."""
    await actions.remove(context, scenario_id)
    return Response(status_code=204)


@router.post(
    "/{scenario_id}/publish",
    summary="Publish a draft",
    response_model=Scenario,
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def publish_scenario(scenario_id: ScenarioId, context: Managing) -> Response:
    """It becomes the next version of its series, is stored with its results, and never changes
    again."""
    scenario = await actions.publish(context, scenario_id)
    return _with_etag(await actions.described(context, scenario, "de"), "de", scenario)


@router.get(
    "/{scenario_id}/results",
    summary="Yearly results",
    **tabular(ScenarioResults, 401, 403, 404, 422),
)
async def get_scenario_results(
    scenario_id: ScenarioId,
    context: Reading,
    lang: RequestLanguage,
    form: RequestedFormat,
    cells: Annotated[bool, Query(description="with sector x carrier cells for every year")] = False,
) -> Response:
    """Every year to the horizon, by sector and carrier; the first year is the balance. A table
    holds the cells too."""
    scenario, content = await actions.results(context, scenario_id, lang)
    if form is not Format.JSON:
        return await table_response(results_table(content, lang), form, lang)
    if not cells:
        for year in content["years"]:
            year.pop("cells", None)
    return _json(content, lang, scenario)
