"""Scenarios: the built-in ones of every published balance, own ones derived from them, and their
yearly results."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import anyio
import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from klima_balance.regions.routes.common import MethodTables, region_or_404
from klima_balance.scenarios import queries
from klima_balance.scenarios.actions import scenarios as usecases
from klima_balance.scenarios.actions.answers import described, results_of
from klima_balance.scenarios.actions.computation import TITLES, Found
from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.files.tables import results_table
from klima_balance.scenarios.rules.definition import OWN, SHIPPED
from klima_balance.scenarios.rules.lever_table import ScenarioTables
from klima_balance.scenarios.shapes import NewScenario, Scenario, ScenarioHead, ScenarioResults
from klima_shared.codes.fields import Ags
from klima_shared.codes.lists import Role
from klima_shared.database.connections import Read, ReadConnection, Write
from klima_shared.formats import Format, RequestedFormat, table_response, table_responses
from klima_shared.http.auth import Caller, Editor, Manager, Principal
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.http.paging import ModifiedSince, Page, Paging, check_key, link_next
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.reader import ReaderLang

router = APIRouter(prefix="/v1/scenarios", tags=["scenarios"])

Tables = Annotated[ScenarioTables, Depends(lambda: load_scenario_tables())]
Kind = Literal["trend", "climate_protection", "own"]


def _drafts_of(caller: Principal) -> list[str] | None:
    """Prefixes of the keys whose drafts the caller may see; None: all."""
    if caller.may(Role.SERVICE):
        return None
    if not caller.may(Role.VIEWER):
        return []
    ends = (("000000", 2), ("000", 5))
    return [
        next((r[:n] for zeros, n in ends if r.endswith(zeros)), r) if r != "DG000000" else ""
        for r in caller.regions
    ]


@router.get("", summary="List scenarios", responses=problem_responses(401, 404, 422))
async def list_scenarios(
    request: Request,
    response: Response,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    tables: Tables,
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
        await region_or_404(read, region)
    rows = await queries.listing(
        read,
        edition=tables.edition,
        kinds=[kind] if kind else [*SHIPPED, OWN],
        region=region,
        drafts_of=_drafts_of(caller),
        state=state,
        limit=page.limit + 1,
        after=check_key(page.after, str, str),
        modified_since=modified_since,
    )
    rows, cursor = page.cut(rows, ["region", "id"])
    link_next(request, response, cursor)
    items = [
        ScenarioHead(
            **{n: r[n] for n in ScenarioHead.model_fields if n != "title"},
            title=r["title"] or TITLES[r["kind"]].get(lang),
        )
        for r in rows
    ]
    return Page(items=items, next=cursor)


@router.post(
    "",
    summary="Make an own scenario",
    status_code=201,
    response_model=Scenario,
    responses=problem_responses(400, 401, 403, 404, 409, 413, 422),
)
async def create_scenario(
    body: NewScenario,
    write: Write,
    editor: Editor,
    method: MethodTables,
    tables: Tables,
    idempotency: Idempotency,
) -> Response:
    """A draft: a shipped or stored scenario with changed parameters, levers of one's own, levers
    left out."""

    async def action() -> Created:
        found, made = await usecases.create(write, editor, method, tables, body.content())
        content = await anyio.to_thread.run_sync(described, found, made, tables, "de")
        return Created(content, location=f"/v1/scenarios/{found.id}", etag=found.etag)

    return await idempotency.run(write, action)


def _json(content: dict[str, Any], lang: Lang, found: Found) -> Response:
    headers = {"Content-Language": lang, "Vary": "Accept, Accept-Language"}
    if not found.published:
        headers["Cache-Control"] = "private, no-cache"
    return Response(orjson.dumps(content), media_type="application/json", headers=headers)


@router.get(
    "/{scenario_id}",
    summary="A scenario with its levers and assumptions",
    response_model=Scenario,
    responses=problem_responses(401, 403, 404, 422),
)
async def get_scenario(
    scenario_id: str,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    method: MethodTables,
    tables: Tables,
) -> Response:
    """Every parameter with its range, source and certainty. A published one for everybody, a draft
    for viewers."""
    found = await usecases.find(read, caller, tables, scenario_id)
    if found.row is not None and found.published:
        content = orjson.loads(found.row["document"])[lang]
    else:
        made = await usecases.computed(read, method, tables, found)
        content = await anyio.to_thread.run_sync(described, found, made, tables, lang)
    response = _json(content, lang, found)
    if found.etag is not None:
        response.headers["ETag"] = found.etag if lang == "de" else found.etag[:-1] + f';{lang}"'
    return response


@router.put(
    "/{scenario_id}",
    summary="Change a draft",
    response_model=Scenario,
    responses=problem_responses(400, 401, 403, 404, 409, 412, 413, 422, 428),
)
async def put_scenario(
    scenario_id: str,
    body: NewScenario,
    write: Write,
    editor: Editor,
    method: MethodTables,
    tables: Tables,
    if_match: RequiredIfMatch,
) -> Response:
    """The whole draft anew. A published scenario is replaced by a new one (`replaces`), never
    changed."""
    found, made = await usecases.change(
        write, editor, method, tables, scenario_id, body.content(), if_match
    )
    response = _json(
        await anyio.to_thread.run_sync(described, found, made, tables, "de"), "de", found
    )
    response.headers["ETag"] = str(found.etag)
    return response


@router.delete(
    "/{scenario_id}",
    summary="Remove a draft",
    status_code=204,
    responses=problem_responses(401, 403, 404, 409, 412, 422, 428),
)
async def delete_scenario(
    scenario_id: str, write: Write, editor: Editor, tables: Tables, if_match: RequiredIfMatch
) -> Response:
    """A published scenario stays."""
    await usecases.remove(write, editor, tables, scenario_id, if_match)
    return Response(status_code=204)


@router.post(
    "/{scenario_id}/publish",
    summary="Publish a draft",
    response_model=Scenario,
    responses=problem_responses(401, 403, 404, 409, 422),
)
async def publish_scenario(
    scenario_id: str, write: Write, manager: Manager, method: MethodTables, tables: Tables
) -> Response:
    """It becomes the next version of its series, is stored with its results, and never changes
    again."""
    found = await usecases.publish(write, manager, method, tables, scenario_id)
    assert found.row is not None  # noqa: S101
    response = _json(orjson.loads(found.row["document"])["de"], "de", found)
    response.headers["ETag"] = str(found.etag)
    return response


async def results_content(
    read: ReadConnection,
    caller: Principal,
    lang: Lang,
    method: Any,
    tables: ScenarioTables,
    scenario_id: str,
) -> tuple[Found, dict[str, Any]]:
    """The results: as they were stored for a published own scenario, computed now for all
    others."""
    found = await usecases.find(read, caller, tables, scenario_id)
    if found.row is not None and found.published:
        return found, orjson.loads(found.row["results"])[lang]
    made = await usecases.computed(read, method, tables, found)
    return found, await anyio.to_thread.run_sync(results_of, found, made, tables, lang)


@router.get(
    "/{scenario_id}/results",
    summary="Yearly results",
    response_model=ScenarioResults,
    responses={**table_responses(), **problem_responses(401, 403, 404, 422)},
)
async def get_scenario_results(
    scenario_id: str,
    read: Read,
    caller: Caller,
    lang: ReaderLang,
    form: RequestedFormat,
    method: MethodTables,
    tables: Tables,
    cells: Annotated[bool, Query(description="with sector x carrier cells for every year")] = False,
) -> Response:
    """Every year to the horizon, by sector and carrier; the first year is the balance. A table
    holds the cells too."""
    found, content = await results_content(read, caller, lang, method, tables, scenario_id)
    if form is not Format.JSON:
        return await table_response(results_table(content, lang), form, lang)
    if not cells:
        for year in content["years"]:
            year.pop("cells", None)
    return _json(content, lang, found)
