"""Two suppliers of one cell: nothing of another source is replaced unasked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.working import connections_held

CELL = "05974016/2021/households.natural_gas"
PATH = "/v1/regions/05974016/activities/2021/households.natural_gas"
HEAD = "region;year;sector;carrier;quantity;unit;status;grade;source\n"


def delivery(quantity: str, source: str, unit: str = "MWh", carrier: str = "natural_gas") -> str:
    return f"{HEAD}05974016;2021;households;{carrier};{quantity};{unit};measured;A;{source}\n"


A, B = delivery("100000", "Netz A GmbH"), delivery("40000", "Netz B GmbH")


@pytest.fixture
async def client(
    fresh_database: Any, open_service: Any, token_factory: Any
) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(fresh_database("balance", ["load-method"]).url) as client:
        client.headers.update(token_factory.headers("manager", region="05974"))
        yield client


async def send(client: httpx.AsyncClient, data: str, **query: str) -> httpx.Response:
    files = {"file": ("lieferung.csv", data.encode())}
    return await client.post("/v1/imports", params=query, files=files)


async def standing(client: httpx.AsyncClient) -> tuple[float, str, str]:
    found = (await client.get(PATH)).json()
    return found["quantity"], found["unit"], found["source"]


async def test_the_dry_run_shows_both_figures(client: httpx.AsyncClient) -> None:
    await send(client, A)
    answer = await send(client, B, dry_run="true")
    assert answer.status_code == 200
    (shown,) = answer.json()["replaced"]
    before, after = shown.pop("before"), shown.pop("after")
    assert shown == {
        "line": 2,
        "region": "05974016",
        "year": 2021,
        "key": "households.natural_gas",
        "other_source": True,
    }
    assert (before["quantity"], before["source"]) == (100000.0, "Netz A GmbH")
    assert before["changed_at"].startswith("20")
    assert (after["quantity"], after["source"], after["changed_at"]) == (
        40000.0,
        "Netz B GmbH",
        None,
    )
    summed = (await send(client, B, dry_run="true", add="true")).json()["replaced"][0]["after"]
    assert (summed["quantity"], summed["source"]) == (140000.0, "Netz A GmbH + Netz B GmbH")
    assert await standing(client) == (100000.0, "MWh", "Netz A GmbH")


async def test_a_figure_of_another_source_is_a_question_and_nothing_is_stored(
    client: httpx.AsyncClient,
) -> None:
    await send(client, A)
    mixed = B + delivery("7", "Netz B GmbH", carrier="electricity").removeprefix(HEAD)
    answer = await send(client, mixed)
    assert (answer.status_code, answer.json()["cells"]) == (409, [CELL])
    items = (await client.get("/v1/regions/05974016/activities")).json()["items"]
    assert [item["key"] for item in items] == ["households.natural_gas"]
    assert len((await client.get("/v1/imports")).json()["items"]) == 1
    assert await standing(client) == (100000.0, "MWh", "Netz A GmbH")


@pytest.mark.parametrize(
    ("query", "result"),
    [
        ({"replace": "true"}, (40000.0, "MWh", "Netz B GmbH")),
        ({"add": "true"}, (140000.0, "MWh", "Netz A GmbH + Netz B GmbH")),
    ],
)
async def test_said_so_it_is_stored_once_and_undone_whole(
    client: httpx.AsyncClient, query: dict[str, str], result: tuple[float, str, str]
) -> None:
    await send(client, A)
    stored = await send(client, B, **query)
    assert (stored.status_code, stored.json()["changed"]) == (201, 1)
    for repeat in (query, {}):
        again = await send(client, B, **repeat)
        assert (again.status_code, again.json()["unchanged"]) == (200, 1)
    assert await standing(client) == result
    undone = await client.post(f"/v1/imports/{stored.json()['import_id']}/undo")
    assert undone.status_code == 200
    assert await standing(client) == (100000.0, "MWh", "Netz A GmbH")


async def test_a_source_corrects_its_own_figure(client: httpx.AsyncClient) -> None:
    await send(client, A)
    answer = await send(client, delivery("90000", "  netz a  GmbH"))
    assert answer.status_code == 201
    assert answer.json()["replaced"][0]["other_source"] is False


async def test_a_part_of_a_sum_is_not_added_twice(client: httpx.AsyncClient) -> None:
    await send(client, A)
    await send(client, B, add="true")
    corrected = delivery("41000", "Netz B GmbH")
    for query in ({}, {"add": "true"}):
        assert (await send(client, corrected, **query)).status_code == 409
    assert (await standing(client))[0] == 140000.0


async def test_a_sum_of_two_units_is_in_mwh(client: httpx.AsyncClient) -> None:
    await send(client, A)
    await send(client, delivery("1000", "Netz B GmbH", "MWh_Hs"), add="true")
    assert await standing(client) == (100902.4, "MWh", "Netz A GmbH + Netz B GmbH")


async def test_replacing_and_adding_at_once_is_refused(client: httpx.AsyncClient) -> None:
    answer = await send(client, A, replace="true", add="true")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/add")


async def test_two_suppliers_at_once(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(send(client, A), send(client, B))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    first = "A" if answers[0].status_code == 201 else "B"
    assert (await standing(client))[2] == f"Netz {first} GmbH"
    more = [delivery(str(n), f"Netz {n} GmbH") for n in range(1, 7)]
    answers = await asyncio.gather(*(send(client, one, add="true") for one in more))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert (await standing(client))[0] == (100000.0 if first == "A" else 40000.0) + 21


async def test_the_given_files(client: httpx.AsyncClient) -> None:
    cases = Path(__file__).parents[5] / "shared" / "cases"
    if not cases.is_dir():
        pytest.skip("no ../shared/cases")
    first, second = ((cases / f"supplier-{one}.csv").read_text() for one in "ab")
    assert (await send(client, first)).status_code == 201
    assert (await send(client, second)).status_code == 409


@pytest.mark.parametrize("dry_run", ["true", "false"])
async def test_no_connection_is_held_while_a_file_is_read(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, dry_run: str
) -> None:
    transport = client._transport
    assert isinstance(transport, httpx.ASGITransport)
    held = connections_held(monkeypatch, transport.app.state.database)  # type: ignore[attr-defined]
    answer = await send(client, A, dry_run=dry_run)
    assert answer.status_code in (200, 201), answer.text
    assert held == {"csv": [0]}
