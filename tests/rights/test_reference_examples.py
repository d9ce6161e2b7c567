"""Bodies of balance and controlling: a manager of one municipality writes nothing for another."""

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest

from klima_shared.codes.references import REGION
from klima_shared.http.references import reference_values
from tests.fixtures.databases import DatabaseFactory
from tests.fixtures.tokens import TokenFactory
from tests.rights.planted import (
    LIPPSTADT,
    NOTHING,
    SOEST,
    Operation,
    World,
    model_of,
    opened,
    operations,
)
from tests.rights.planted import put as put_at

_IN_PATH: Final = {
    "year": "2021",
    "key": "households.natural_gas",
    "network": "a",
    "code": "THG_EW_gesamt",
}
DATA: Final[dict[str, list[list[str]]]] = {
    "balance": [["load-method"], ["compute", "--year", "2021", "--region", "05974", "--publish"]],
    "controlling": [["load-shipped"]],
}


@pytest.fixture(params=sorted(DATA))
async def world(
    request: pytest.FixtureRequest, service_database: DatabaseFactory, token_factory: TokenFactory
) -> AsyncIterator[World]:
    name = request.param
    database = service_database(name, *DATA[name])
    async with opened(name, database, token_factory) as world:
        yield world


def _digest(world: World) -> list[Any]:
    metadata = world.app.state.database.metadata
    with psycopg.connect(world.database.owner_url) as connection:
        return [
            connection.execute(
                b"select md5(string_agg(t::text, '' order by t::text)) from %s t"
                % table.fullname.encode()
            ).fetchone()
            for table in metadata.sorted_tables
            if table.name in {"audit", "idempotency_key", "organisation", "target", "activity"}
        ]


def _example(world: World, operation: Operation) -> Any:
    """The body that the API document shows."""
    content = operation.document.get("requestBody", {}).get("content", {})
    name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    schema = world.app.openapi()["components"]["schemas"].get(name, {})
    return (schema.get("examples") or [None])[0]


def _cases(world: World, operation: Operation, organisation: str) -> list[tuple[str, Any]]:
    """Requests that name the other municipality in one place: in the path, or in the body."""
    body, path = _example(world, operation), operation.template
    for name, value in (_IN_PATH | {"organisation_id": organisation}).items():
        path = path.replace("{" + name + "}", value)
    if "{ags}" in path:
        return [(path.replace("{ags}", SOEST), body)]
    if "{" in path or not isinstance(body, dict):
        return []
    model = model_of(world.app, operation)
    places = [
        tuple(one.pointer.split("/")[1:])
        for one in reference_values(model, body)
        if one.reference.kind == REGION and one.reference.needs_right
    ]
    own = body
    for place in places:
        own = put_at(own, place, LIPPSTADT)
    return [(path, put_at(own, place, SOEST)) for place in places]


async def test_nothing_is_written_for_another_municipality(world: World) -> None:
    manager = world.as_("manager", LIPPSTADT)
    body = {"name": f"Stadt {uuid4().hex}", "region": LIPPSTADT}
    made = await world.client.post("/v1/organisations", json=body, headers=manager)
    own = made.json()["id"] if made.status_code == 201 else NOTHING  # controlling has none
    before, wrong, walked = _digest(world), [], 0
    for operation in operations(world.app):
        if not operation.writes:
            continue
        for path, body in _cases(world, operation, own):
            answer = await world.send(operation, path, manager, body)
            walked += 1
            if answer.status_code not in {403, 404}:
                wrong.append(f"{operation} {body}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []
    assert walked > 4, walked
    assert _digest(world) == before
