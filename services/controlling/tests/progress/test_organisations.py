"""Whose an organisation is: nobody writes into that of another region."""

from typing import Any

import psycopg
import pytest

TOWN, COUNTY = "05974040", "05974000"
VALUE = {"period": "2025", "value": 31.5, "source": "Befragung (Beispiel)"}
TARGET = {
    "code": "ziel-der-stadt",
    "title_de": "Ziel",
    "title_en": "Target",
    "year": 2035,
    "value": 0.0,
}
WRITES = [("/v1/indicators/ModalSplit_UV/values", VALUE), ("/v1/targets", TARGET)]


def stored(world: Any) -> list[Any]:
    query = b"""select (select count(*) from controlling.target),
        (select count(*) from controlling.indicator_value),
        (select count(*) from controlling.audit)"""
    with psycopg.connect(world.database.owner_url) as connection:
        return connection.execute(query).fetchall()


def test_every_body_with_an_organisation_is_tried_here(world: Any) -> None:
    document = world.app.openapi()
    named = set()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
            schema = document["components"]["schemas"].get(reference.rsplit("/", 1)[-1], {})
            if "organisation" in schema.get("properties", {}):
                named.add(path)
    assert named == {"/v1/indicators/{code}/values", "/v1/targets"}


@pytest.mark.parametrize(("path", "body"), WRITES)
@pytest.mark.parametrize(
    ("region", "organisation", "status"),
    [
        (TOWN, "konzern-kreis-soest", 403),
        (TOWN, "verkehrsbetrieb-kreis-soest", 403),  # that nobody named yet
        (TOWN, COUNTY, 422),
        (COUNTY, "konzern-kreis-soest", 403),
        (COUNTY, "stadtwerke-beispiel", 403),
        ("05974028", None, 403),
    ],
)
async def test_a_town_writes_nothing_of_others(
    world: Any, path: str, body: Any, region: str, organisation: str | None, status: int
) -> None:
    before = stored(world)
    sent = {**body, "region": region, "organisation": organisation}
    answer = await world.client.post(path, json=sent, headers=world.as_("manager", TOWN))
    assert (answer.status_code, stored(world)) == (status, before), answer.text


@pytest.mark.parametrize("first", [0, 1])
async def test_an_organisation_stays_with_who_named_it_first(world: Any, first: int) -> None:
    async def post(write: tuple[str, Any], region: str, owner: str) -> int:
        path, body = write
        sent = {**body, "region": region, "organisation": "stadtwerke-beispiel"}
        answer = await world.client.post(path, json=sent, headers=world.as_("manager", owner))
        return int(answer.status_code)

    write, other = WRITES[first], WRITES[1 - first]
    assert await post(write, TOWN, TOWN) == 201
    assert await post(other, "05974028", "05974028") == 403
    assert await post(other, COUNTY, COUNTY) == 422
    assert await post(other, TOWN, COUNTY) == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *WRITES,
        ("/v1/reports", {"title": "Bericht", "year": 2021}),
        (
            "/v1/data-deliveries",
            {
                "title": "Netzdaten",
                "kind": "energy_data",
                "deliverer": "Netz",
                "recipient": "Kreis",
                "interval_months": 12,
                "first_due": "2027-03-01",
            },
        ),
    ],
)
async def test_a_region_that_nobody_has_is_refused(world: Any, path: str, body: Any) -> None:
    before = stored(world)
    answer = await world.client.post(
        path, json={**body, "region": "05974999"}, headers=world.as_("manager", COUNTY)
    )
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/body/region"]
    assert stored(world) == before
