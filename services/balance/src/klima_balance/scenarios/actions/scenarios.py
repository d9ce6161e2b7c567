"""Scenarios: finding one by its id, deriving drafts, changing, publishing and removing them.

The built-in scenarios are not stored: their id names the published balance and the edition of the
tables they follow from, and neither ever changes. An own scenario is stored; when it is published,
so are its answers.
"""

from dataclasses import dataclass, replace
from typing import TypedDict
from uuid import UUID, uuid4

import anyio
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.method.model import Method
from klima_balance.regions.queries import publication_time
from klima_balance.scenarios import queries
from klima_balance.scenarios.actions.computation import (
    Computed,
    Model,
    Scenario,
    compute_model,
    parse_built_in,
)
from klima_balance.scenarios.actions.start import Start, load_start
from klima_balance.scenarios.model.assumptions import (
    SHIPPED,
    Definition,
    ScenarioKind,
    ScenarioTables,
)
from klima_balance.scenarios.queries import SCENARIOS, StoredScenario
from klima_shared.codes.access import Role
from klima_shared.http.auth import Principal
from klima_shared.http.problems import conflict, invalid_at, not_found
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions import writing as kit
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject


class ScenarioContent(TypedDict):
    """What an editor sends."""

    region: str
    title: str
    description: str | None
    based_on: str | None
    base_year: int | None
    base_version: int | None
    horizon: int
    parameters: dict[str, float]
    without: list[str]
    levers: list[JsonObject]
    replaces: str | None


@dataclass(frozen=True)
class Context:
    """Who asks or writes, on which connection, with which tables."""

    connection: AsyncConnection
    principal: Principal
    method: Method
    tables: ScenarioTables

    async def start(self, ags: str, year: int | None = None, version: int | None = None) -> Start:
        return await load_start(self.connection, self.method, ags, year, version)


@dataclass(frozen=True)
class WriteContext(Context):
    """With who writes, and on which version."""

    writer: Writer


def _none() -> Exception:
    return not_found(Text("There is no such scenario."))


async def find(context: Context, identity: str, *, lock: bool = False) -> Scenario:
    """404 for none; a draft is there for viewers of its region only."""
    built_in = parse_built_in(identity)
    if built_in is not None:
        if built_in.edition != context.tables.edition:
            raise _none()
        return Scenario.built_in(built_in)
    try:
        row = await entities.find(context.connection, SCENARIOS, UUID(identity), lock=lock)
    except ValueError:
        row = None
    if row is None or (row.state == "draft" and not context.principal.may_read_drafts(row.region)):
        raise _none()
    return Scenario.of_row(row)


async def compute(context: Context, scenario: Scenario) -> Computed:
    """The scenario on the very balance it was made on."""
    version, row = scenario.base_version, scenario.row
    if row is not None:
        version = await queries.version_of_base(context.connection, row.balance_id)
    start = await context.start(scenario.region, scenario.base_year, version)
    tables, definition = context.tables, scenario.definition
    return Computed(scenario, await compute_model(start, tables, definition, scenario.horizon))


async def described(context: Context, scenario: Scenario, lang: Lang) -> JsonObject:
    """The scenario with levers and assumptions: as they were stored for a published own one,
    computed now for all others."""
    if scenario.row is not None and scenario.row.document is not None:
        return _stored(scenario.row.document, lang)
    computed = await compute(context, scenario)
    return await anyio.to_thread.run_sync(computed.described, lang)


async def results(context: Context, identity: str, lang: Lang) -> tuple[Scenario, JsonObject]:
    """The yearly results, stored or computed like `described`."""
    scenario = await find(context, identity)
    if scenario.row is not None and scenario.row.results is not None:
        return scenario, _stored(scenario.row.results, lang)
    computed = await compute(context, scenario)
    return scenario, await anyio.to_thread.run_sync(computed.results, lang)


def _stored(content: bytes, lang: Lang) -> JsonObject:
    answer: JsonObject = orjson.loads(content)[lang]
    return answer


async def _definition(
    context: Context, content: ScenarioContent
) -> tuple[Definition, str | None, Scenario | None]:
    """What a new scenario is made of: a shipped one by its kind or id, a stored one, or nothing,
    with changes on top; its origin, and the scenario that this is."""
    changes = Definition.from_json({"kind": ScenarioKind.NONE.value, **content})
    origin = content["based_on"]
    if origin is None or origin == ScenarioKind.NONE:
        return changes, None, None
    if origin in SHIPPED:
        return Definition(origin).derived(changes), origin, None
    try:
        parent = await find(context, origin)
    except Exception as error:
        expected = f"{', '.join(SHIPPED)}, {ScenarioKind.NONE}"
        raise invalid_at(
            "/body/based_on",
            Text(
                "“{origin}” is no scenario. Expected: {expected} or the id of a scenario.",
                origin=origin,
                expected=expected,
            ),
        ) from error
    return parent.definition.derived(changes), parent.id, parent


async def _made(
    context: Context, content: ScenarioContent, before: StoredScenario | None = None
) -> tuple[Model, JsonObject]:
    """The model of what an editor sends, and the columns it is stored in.

    Without a base year it keeps the one it has (`before`), else that of what it is based on.
    """
    definition, origin, parent = await _definition(context, content)
    year = content["base_year"]
    if year is None and before is not None:
        year = before.base_year
    elif year is None and parent is not None:
        year = parent.base_year
    start = await context.start(content["region"], year, content["base_version"])
    horizon, levers = content["horizon"], content["levers"]
    model = await compute_model(start, context.tables, definition, horizon, levers)
    return model, {
        "title": content["title"],
        "description": content["description"] or "",
        "balance_id": start.balance_id,
        "base_year": start.year,
        "horizon": horizon,
        "based_on": origin,
        "definition": definition.to_json(),
        "edition": context.tables.edition,
    }


async def create(context: WriteContext, content: ScenarioContent) -> Computed:
    """Store a draft. 403 for another's region, 404 without a published balance, 422 for what can't
    be."""
    region = content["region"]
    context.writer.require(Role.EDITOR, region)
    model, columns = await _made(context, content)
    series = uuid4()
    if content["replaces"]:
        series = await _series(context, content["replaces"], region)
    own = {"id": uuid4(), "series": series, "state": "draft", "region": region}
    row = await kit.create(context.writer, SCENARIOS, {**columns, **own})
    return Computed(Scenario.of_row(row), model)


async def _series(context: Context, identity: str, region: str) -> UUID:
    before = await find(context, identity)
    if before.row is None or before.region != region:
        raise invalid_at(
            "/body/replaces", Text("Only an own scenario of the same region can be replaced.")
        )
    return before.row.series


async def _draft(
    context: WriteContext, identity: str, role: Role
) -> tuple[Scenario, StoredScenario]:
    scenario = await find(context, identity, lock=True)
    context.writer.require(role, scenario.region)
    if scenario.row is None or scenario.published:
        raise conflict(
            Text("A published scenario never changes. A new one can take its place (replaces).")
        )
    context.writer.check_version(str(scenario.etag))
    return scenario, scenario.row


async def change(context: WriteContext, identity: str, content: ScenarioContent) -> Computed:
    """Write a draft anew. 412 for a stale `If-Match`, 409 for a published one."""
    scenario, before = await _draft(context, identity, Role.EDITOR)
    if content["region"] != scenario.region:
        raise invalid_at(
            "/body/region", Text("This scenario belongs to {region}.", region=scenario.region)
        )
    model, columns = await _made(context, content, before)
    row = await kit.change(context.writer, SCENARIOS, before, columns, action="update")
    return Computed(Scenario.of_row(row), model)


async def remove(context: WriteContext, identity: str) -> None:
    _, row = await _draft(context, identity, Role.EDITOR)
    await kit.remove(context.writer, SCENARIOS, row)


async def publish(context: WriteContext, identity: str) -> Scenario:
    """Freeze a draft with its answers as the next version of its series."""
    scenario, row = await _draft(context, identity, Role.MANAGER)
    computed = await compute(context, scenario)
    version = await queries.next_version(context.connection, row.series)
    head: JsonObject = {
        "state": "published",
        "version": version,
        "published_at": await publication_time(context.connection),
        "published_by": context.principal.subject,
    }
    frozen = replace(computed, scenario=replace(scenario, row=replace(row, **head)))
    answers = await anyio.to_thread.run_sync(_answers, frozen)
    values, more = {**head, **answers}, {"state": "published", "version": version}
    stored = await kit.change(context.writer, SCENARIOS, row, values, action="publish", more=more)
    return Scenario.of_row(stored)


def _answers(computed: Computed) -> dict[str, bytes]:
    """The answers in both languages, as they will be served from now on."""
    languages: tuple[Lang, ...] = ("de", "en")
    return {
        "document": orjson.dumps({lang: computed.described(lang) for lang in languages}),
        "results": orjson.dumps({lang: computed.results(lang) for lang in languages}),
    }
