"""What a body of the balance service names beside regions: another's holding, building or draft
scenario is answered like one that is not there, and nothing is stored."""

from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest

from tests.fixtures.databases import DatabaseFactory
from tests.fixtures.tokens import TokenFactory
from tests.rights.planted import LIPPSTADT, NOTHING, SOEST, World, opened

COUNTY: Final = ["compute", "--year", "2021", "--region", "05974", "--publish"]
BODIES: Final[dict[str, dict[str, Any]]] = {
    "holdings": {"name": "GmbH", "shares": [{"from_year": 2018, "share_percent": 51.0}]},
    "properties": {"area_m2": 4200.0, "name": "Rathaus"},
    "activities": {
        "area": "fleet",
        "carrier": "diesel",
        "grade": "A",
        "quantity": 120000.0,
        "source": "Fahrtenbuch (Beispiel)",
        "status": "measured",
        "unit": "Fzkm",
        "vehicle": "car",
        "year": 2023,
    },
}
SCENARIO: Final[dict[str, Any]] = {
    "based_on": "climate_protection",
    "levers": [],
    "title": "Ein Entwurf",
}


@pytest.fixture
async def world(
    fresh_database: DatabaseFactory, token_factory: TokenFactory
) -> AsyncIterator[World]:
    database = fresh_database("balance", ["load-method"], COUNTY)
    async with opened("balance", database, token_factory) as world:
        yield world


async def made(world: World, path: str, body: Any, region: str) -> str:
    answer = await world.client.post(path, json=body, headers=world.as_("manager", region))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def organisation(world: World, region: str) -> str:
    body = {"name": f"Stadt {uuid4().hex[:8]}", "region": region}
    return await made(world, "/v1/organisations", body, region)


async def planted(world: World) -> dict[str, str]:
    """What the other municipality has, by the field that would name it."""
    theirs = f"/v1/organisations/{await organisation(world, SOEST)}"
    building = {**BODIES["properties"], "region": SOEST}
    draft = {**SCENARIO, "region": SOEST}
    scenario = await made(world, "/v1/scenarios", draft, SOEST)
    return {
        "holding_id": await made(world, f"{theirs}/holdings", BODIES["holdings"], SOEST),
        "property_id": await made(world, f"{theirs}/properties", building, SOEST),
        "based_on": scenario,
        "replaces": scenario,
    }


def rows(world: World) -> list[Any]:
    tables = ("organisation_activity", "property", "scenario", "holding")
    with psycopg.connect(world.database.owner_url) as connection:
        found = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'balance'"
        ).fetchall()
        names = [name for (name,) in found if any(part in name for part in tables)]
        return [
            connection.execute(b"select count(*) from balance.%s" % name.encode()).fetchone()
            for name in sorted(names)
        ]


async def test_a_foreign_object_is_like_none(world: World) -> None:
    objects, own = await planted(world), await organisation(world, LIPPSTADT)
    headers, before = world.as_("manager", LIPPSTADT), rows(world)
    requests = [
        ("properties", {**BODIES["properties"], "region": LIPPSTADT}, "holding_id"),
        ("activities", BODIES["activities"], "holding_id"),
        ("activities", BODIES["activities"], "property_id"),
        (None, {**SCENARIO, "region": LIPPSTADT}, "based_on"),
        (None, {**SCENARIO, "region": LIPPSTADT}, "replaces"),
    ]
    for folder, body, field in requests:
        path = f"/v1/organisations/{own}/{folder}" if folder else "/v1/scenarios"
        answers = []
        for value in (objects[field], NOTHING):
            content = {**deepcopy(body), field: value}
            answer = await world.client.post(path, json=content, headers=headers)
            text = answer.text.replace(value, "ID")
            answers.append((answer.status_code, text))
        assert answers[0][0] in {403, 404, 422}, (path, field, answers)
        assert answers[0] == answers[1], (path, field)
    assert rows(world) == before
