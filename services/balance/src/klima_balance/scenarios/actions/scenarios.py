"""Scenarios: finding one by its id, deriving drafts, changing, publishing and removing them.

The built-in scenarios are not stored: their id names the published balance and the edition of the
tables they follow from, and neither ever changes. An own scenario is stored; when it is published,
so are its answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import anyio
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.tables import metadata
from klima_balance.method.model import Method
from klima_balance.open_data.queries import feed
from klima_balance.scenarios import queries
from klima_balance.scenarios.actions.answers import described, results_of
from klima_balance.scenarios.actions.computation import (
    HORIZON,
    Found,
    Model,
    built_in,
    model,
    read_built_in,
)
from klima_balance.scenarios.actions.inputs import Start, load_start
from klima_balance.scenarios.rules.definition import NOTHING, OWN, SHIPPED, Definition
from klima_balance.scenarios.rules.lever_table import ScenarioTables
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch
from klima_shared.http.problems import conflict, invalid_at, not_found
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text


def _none() -> Exception:
    return not_found(Text("Dieses Szenario gibt es nicht.", "There is no such scenario."))


async def find(
    connection: AsyncConnection,
    caller: Principal,
    tables: ScenarioTables,
    identity: str,
    *,
    lock: bool = False,
) -> Found:
    """404 for none; a draft is there for viewers of its region only (401, 403)."""
    built_in = read_built_in(identity)
    if built_in is not None:
        if built_in.edition != tables.edition:
            raise _none()
        definition = Definition(built_in.kind)
        return Found(
            identity,
            built_in.kind,
            built_in.ags,
            definition,
            built_in.year,
            built_in.version,
            HORIZON,
        )
    try:
        row = await queries.find(connection, UUID(identity), lock=lock)
    except ValueError:
        row = None
    if row is None or (row["state"] == "draft" and caller.anonymous):
        raise _none()
    if row["state"] == "draft" and not caller.may_read_drafts(row["region"]):
        caller.require(Role.VIEWER, row["region"])
    return Found(
        str(row["id"]),
        OWN,
        row["region"],
        Definition.from_dict(row["definition"]),
        row["base_year"],
        None,
        row["horizon"],
        row,
    )


async def start_of(connection: AsyncConnection, method: Method, found: Found) -> Start:
    """The very balance a scenario was made on."""
    version = found.base_version
    if found.row is not None:
        version = await queries.version_of_base(connection, found.row["balance_id"])
    return await load_start(connection, method, found.region, found.base_year, version)


async def computed(
    connection: AsyncConnection, method: Method, tables: ScenarioTables, found: Found
) -> Model:
    start = await start_of(connection, method, found)
    return await model(start, tables, found.definition, found.horizon)


async def _definition(
    write: AsyncConnection, editor: Principal, tables: ScenarioTables, content: Mapping[str, Any]
) -> tuple[Definition, str | None]:
    """What a new scenario is made of: a shipped one by its kind or id, a stored one, or nothing,
    with changes on top."""
    changes = Definition(
        NOTHING,
        tuple(content.get("without") or ()),
        dict(content.get("parameters") or {}),
        tuple(content.get("levers") or ()),
    )
    origin = content.get("based_on")
    if origin is None or origin == NOTHING:
        return changes, None
    if origin in SHIPPED:
        return Definition(origin).derived(changes), origin
    try:
        parent = await find(write, editor, tables, str(origin))
    except Exception as error:
        expected = f"{', '.join(SHIPPED)}, {NOTHING}"
        raise invalid_at(
            "/body/based_on",
            f"„{origin}“ ist kein Szenario. Erwartet: {expected} oder die Kennung eines Szenarios.",
            f"“{origin}” is no scenario. Expected: {expected} or the id of a scenario.",
        ) from error
    return parent.definition.derived(changes), parent.id


async def create(
    write: AsyncConnection,
    editor: Principal,
    method: Method,
    tables: ScenarioTables,
    content: dict[str, Any],
) -> tuple[Found, Model]:
    """Store a draft. 403 for another's region, 404 without a published balance, 422 for what can't
    be."""
    region = content["region"]
    editor.require(Role.EDITOR, region)
    definition, origin = await _definition(write, editor, tables, content)
    start = await load_start(
        write, method, region, content.get("base_year"), content.get("base_version")
    )
    made = await model(start, tables, definition, content["horizon"], content.get("levers") or ())
    series = uuid4()
    if content.get("replaces"):
        series = await _series(write, editor, tables, content["replaces"], region)
    row = await queries.add(
        write,
        {
            "id": uuid4(),
            "series": series,
            "state": "draft",
            "region": region,
            "title": content["title"],
            "description": content.get("description") or "",
            "balance_id": start.balance_id,
            "base_year": start.year,
            "horizon": content["horizon"],
            "based_on": origin,
            "definition": definition.to_dict(),
            "edition": tables.edition,
            "created_by": editor.subject,
            "changed_by": editor.subject,
        },
    )
    await audit.record(
        write,
        metadata,
        editor,
        action="create",
        entity="scenario",
        entity_id=row["id"],
        region=region,
        after={"title": row["title"], "definition": row["definition"], "horizon": row["horizon"]},
    )
    return _found(row, definition), made


async def _series(
    write: AsyncConnection, editor: Principal, tables: ScenarioTables, identity: str, region: str
) -> UUID:
    before = await find(write, editor, tables, identity)
    if before.row is None or before.region != region:
        raise invalid_at(
            "/body/replaces",
            "Ersetzt werden kann nur ein eigenes Szenario desselben Gebiets.",
            "Only an own scenario of the same region can be replaced.",
        )
    return UUID(str(before.row["series"]))


def _found(row: Mapping[str, Any], definition: Definition) -> Found:
    return Found(
        str(row["id"]), OWN, row["region"], definition, row["base_year"], None, row["horizon"], row
    )


async def _draft(
    write: AsyncConnection,
    editor: Principal,
    tables: ScenarioTables,
    identity: str,
    role: Role,
    if_match: IfMatch | None,
) -> Found:
    found = await find(write, editor, tables, identity, lock=True)
    editor.require(role, found.region)
    if found.published:
        raise conflict(
            Text(
                "Ein veröffentlichtes Szenario ändert sich nicht mehr. Ein neues kann darauf aufbauen (replaces).",
                "A published scenario never changes. A new one can take its place (replaces).",
            )
        )
    if if_match is not None:
        if_match.check(str(found.etag))
    return found


async def change(
    write: AsyncConnection,
    editor: Principal,
    method: Method,
    tables: ScenarioTables,
    identity: str,
    content: dict[str, Any],
    if_match: IfMatch,
) -> tuple[Found, Model]:
    """Write a draft anew. 412 for a stale `If-Match`, 409 for a published one."""
    found = await _draft(write, editor, tables, identity, Role.EDITOR, if_match)
    assert found.row is not None  # noqa: S101
    if content["region"] != found.region:
        raise invalid_at(
            "/body/region",
            f"Dieses Szenario gehört zu {found.region}.",
            f"This scenario belongs to {found.region}.",
        )
    definition, origin = await _definition(write, editor, tables, content)
    start = await load_start(
        write, method, found.region, content.get("base_year"), content.get("base_version")
    )
    made = await model(start, tables, definition, content["horizon"], content.get("levers") or ())
    new = {
        "title": content["title"],
        "description": content.get("description") or "",
        "horizon": content["horizon"],
        "based_on": origin,
        "definition": definition.to_dict(),
        "balance_id": start.balance_id,
        "base_year": start.year,
        "edition": tables.edition,
        "changed_by": editor.subject,
    }
    row = await queries.change(write, found.row["id"], new)
    await audit.record(
        write,
        metadata,
        editor,
        action="update",
        entity="scenario",
        entity_id=identity,
        region=found.region,
        before={n: found.row[n] for n in ("title", "definition", "horizon", "revision")},
        after={n: row[n] for n in ("title", "definition", "horizon", "revision")},
    )
    return _found(row, definition), made


async def remove(
    write: AsyncConnection,
    editor: Principal,
    tables: ScenarioTables,
    identity: str,
    if_match: IfMatch,
) -> None:
    found = await _draft(write, editor, tables, identity, Role.EDITOR, if_match)
    assert found.row is not None  # noqa: S101
    await queries.remove(write, found.row["id"])
    await audit.record(
        write,
        metadata,
        editor,
        action="delete",
        entity="scenario",
        entity_id=identity,
        region=found.region,
        before={n: found.row[n] for n in ("title", "definition", "horizon", "revision")},
    )


async def publish(
    write: AsyncConnection,
    manager: Principal,
    method: Method,
    tables: ScenarioTables,
    identity: str,
) -> Found:
    """Freeze a draft with its answers as the next version of its series."""
    found = await _draft(write, manager, tables, identity, Role.MANAGER, None)
    assert found.row is not None  # noqa: S101
    made = await computed(write, method, tables, found)
    version, now = await queries.next_version(write, found.row["series"]), await feed.turn(write)
    row = {
        **found.row,
        "state": "published",
        "version": version,
        "published_at": now,
        "published_by": manager.subject,
    }
    frozen = replace(found, row=row)
    document, results = await anyio.to_thread.run_sync(_answers, frozen, made, tables)
    stored = await queries.change(
        write,
        found.row["id"],
        {
            "state": "published",
            "version": version,
            "published_at": now,
            "published_by": manager.subject,
            "document": document,
            "results": results,
            "changed_by": manager.subject,
        },
    )
    await audit.record(
        write,
        metadata,
        manager,
        action="publish",
        entity="scenario",
        entity_id=identity,
        region=found.region,
        before={"state": "draft"},
        after={"state": "published", "version": version},
    )
    return _found(stored, found.definition)


def _answers(found: Found, made: Model, tables: ScenarioTables) -> tuple[bytes, bytes]:
    """The answers in both languages, as they will be served from now on."""
    languages: tuple[Lang, ...] = ("de", "en")
    document = {lang: described(found, made, tables, lang) for lang in languages}
    return orjson.dumps(document), orjson.dumps(
        {lang: results_of(found, made, tables, lang) for lang in languages}
    )


async def built_in_results(
    connection: AsyncConnection,
    method: Method,
    tables: ScenarioTables,
    ags: str,
    kind: str,
    year: int | None,
) -> dict[str, Any]:
    """The results of a built-in scenario of the newest published balance, in German; for the
    command line."""
    start = await load_start(connection, method, ags, year)
    found = built_in(kind, start, tables)
    made = await model(start, tables, found.definition, found.horizon)
    return await anyio.to_thread.run_sync(results_of, found, made, tables, "de")
