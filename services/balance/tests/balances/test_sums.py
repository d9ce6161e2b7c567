"""A published county is the sum of what its municipalities have published, at every moment."""

from __future__ import annotations

import asyncio
import math
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from klima_balance.app import create_app
from tests.fixtures.tokens import TokenFactory

COUNTY, YEAR = "05974000", 2021
MEMBERS = [f"059740{n:02}" for n in range(4, 57, 4)]
SUMS = ("final_energy_mwh", "bisko_t_co2e", "agriculture_t_co2e", "renewable_generation_mwh")
CELLS = ("households.natural_gas", "commerce.electricity", "municipal.electricity")
COMPUTE = ("compute", "--year", "2021", "--region", "05974", "--publish")


def figure(quantity: float) -> dict[str, Any]:
    return {
        "quantity": quantity,
        "unit": "MWh",
        "status": "measured",
        "grade": "A",
        "source": "Netzbetreiber (Beispiel)",
    }


async def put(
    client: httpx.AsyncClient, ags: str, cell: str, quantity: float, headers: Any
) -> None:
    """Store a figure, whatever stands there."""
    path = f"/v1/regions/{ags}/activities/{YEAR}/{cell}"
    before = await client.get(path, headers=headers)
    match = {"If-Match": before.headers["ETag"]} if before.status_code == 200 else {}
    await client.put(path, json=figure(quantity), headers=headers | match)


async def publish(
    client: httpx.AsyncClient, ags: str, headers: Any, reason: str | None = None
) -> httpx.Response:
    path = f"/v1/regions/{ags}/balances"
    draft = await client.post(path, json={"year": YEAR}, headers=headers)
    if draft.status_code != 201:
        return draft
    path = f"/v1/balances/{draft.json()['id']}/publish"
    return await client.post(path, json={"reason": reason}, headers=headers)


async def disagreements(client: httpx.AsyncClient) -> list[str]:
    """Totals of the county that its municipalities do not add up to, all read at one moment."""
    answer = (await client.get(f"/v1/balances?year={YEAR}&parent={COUNTY}&limit=50")).json()
    whole, *members = sorted(answer["items"], key=lambda item: item["region"]["ags"] != COUNTY)
    assert len(members) == 14
    return [
        f"{name}: {whole['totals'][name]} of {total}"
        for name in SUMS
        if not math.isclose(
            total := math.fsum(m["totals"][name] for m in members),
            whole["totals"][name],
            rel_tol=1e-9,
        )
    ]


async def test_a_correction_of_a_member_is_one_of_the_county(
    writer: httpx.AsyncClient, token_factory: Any
) -> None:
    town, other = "05974040", "05974028"
    manager = token_factory.headers("manager", region=town)
    await put(writer, other, CELLS[0], 1.0, token_factory.headers("editor", region=other))
    await put(writer, town, CELLS[0], 250000.0, manager)
    done = await publish(writer, town, manager, "Lieferung")
    assert done.status_code == 200, done.text
    county = (await writer.get(f"/v1/regions/{COUNTY}/balances/{YEAR}")).json()
    assert (county["version"], county["corrects_version"]) == (2, 1)
    assert county["reason"] == "Neue Fassung von Soest: Lieferung"
    assert county["published_at"] >= done.json()["published_at"]
    assert county["changes"][0]["carrier"] == "natural_gas"
    assert await disagreements(writer) == []
    # What the other town has not published is in no sum, and the explanation holds.
    path = f"/v1/regions/{COUNTY}/balances/{YEAR}/explain?sector=households&carrier=natural_gas"
    explained = (await writer.get(path)).json()
    cell = next(
        c for c in county["cells"] if (c["sector"], c["carrier"]) == ("households", "natural_gas")
    )
    assert math.isclose(explained["value"], cell["emissions_t_co2e"], rel_tol=1e-9)
    # The same again changes nothing.
    assert (await publish(writer, town, manager)).status_code == 200
    county = (await writer.get(f"/v1/regions/{COUNTY}/balances/{YEAR}")).json()
    assert county["version"] == 2


async def test_the_sum_is_the_one_that_is_computed_from_all_figures(
    fresh_database: Any, open_service: Any, token_factory: Any
) -> None:
    database = fresh_database("balance", ["load-method"], COMPUTE)
    manager = token_factory.headers("manager", region="05974")
    async with open_service(database.url) as client:
        for ags in ("05974004", "05974056", "05974040"):
            for cell in CELLS:
                await put(client, ags, cell, 1234.5, manager)
            assert (await publish(client, ags, manager)).status_code == 200
    line = [sys.executable, "-m", "klima_balance.cli", *COMPUTE]
    done = await asyncio.to_thread(
        lambda: subprocess.run(
            line, env=database.environment, capture_output=True, text=True, check=True
        )
    )
    assert "0 published" in done.stdout  # every digest is the same


async def test_a_member_of_other_factors_waits_for_the_others(
    writer: httpx.AsyncClient, token_factory: Any
) -> None:
    manager = token_factory.headers("manager", region="05974")
    path = "/v1/regions/05974040/balances"
    body = {"year": YEAR, "options": {"forest_factor": "inventory_2018"}}
    draft = (await writer.post(path, json=body, headers=manager)).json()
    refused = await writer.post(f"/v1/balances/{draft['id']}/publish", headers=manager)
    assert refused.status_code == 409
    assert "05974040" in refused.json()["detail"]
    assert (await writer.get(path + f"/{YEAR}")).json()["version"] == 1
    assert await disagreements(writer) == []


async def test_a_sum_that_nobody_published_is_not_made(
    fresh_database: Any, open_service: Any, token_factory: Any
) -> None:
    one = ("compute", "--year", "2021", "--region", "05974040", "--publish")
    two = ("compute", "--year", "2021", "--region", "05974028", "--publish")
    manager = token_factory.headers("manager", region="05974")
    async with open_service(fresh_database("balance", ["load-method"], one, two).url) as client:
        path = f"/v1/regions/{COUNTY}/balances/{YEAR}"
        assert (await client.get(path)).status_code == 404
        assert (await publish(client, COUNTY, manager)).status_code == 200
        assert (await client.get(path)).json()["members"]["present"] == 2
        # From then on it follows, also when it grows.
        assert (await publish(client, "05974004", manager)).status_code == 200
        whole = (await client.get(path)).json()
        assert (whole["version"], whole["members"]["present"]) == (2, 3)


def work(app: FastAPI, tokens: TokenFactory, seed: int) -> dict[int, int]:
    """Publish members, and now and then the county, in an order of chance; status codes."""
    chance, found = random.Random(seed), dict[int, int]()
    headers = tokens.headers("manager", region="05974")

    async def run() -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://balance") as client,
        ):
            for _ in range(12):
                ags = chance.choice([*MEMBERS[:4], COUNTY])
                if ags != COUNTY:
                    quantity = chance.uniform(10, 1000)
                    await put(client, ags, chance.choice(CELLS[:2]), quantity, headers)
                answer = await publish(client, ags, headers)
                found[answer.status_code] = found.get(answer.status_code, 0) + 1
                assert await disagreements(client) == []

    asyncio.run(run())
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_published_at_the_same_time_the_sum_holds(
    fresh_database: Any, token_factory: Any, settings_of: Any, seed: int
) -> None:
    database = fresh_database("balance", ["load-method"], COMPUTE)
    apps = [create_app(settings_of(database.url)) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(work, app, token_factory, 100 * seed + n) for n, app in enumerate(apps)]
        codes = [job.result() for job in jobs]
    every = {code for found in codes for code in found}
    assert every <= {200, 409}, codes  # overtaken by another one: compute anew
    assert sum(found.get(200, 0) for found in codes) > 12
    with psycopg.connect(database.owner_url) as connection:
        rows = connection.execute(
            "select count(*), count(distinct version), max(version) from balance.balance"
            " where region = %s and state = 'published'",
            [COUNTY],
        ).fetchone()
    assert rows is not None
    assert rows[0] == rows[1] == rows[2]
