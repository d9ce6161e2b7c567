"""All of Germany: import, publish, kill, repeat. Reads the tables beside the repository; heavy."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import psycopg
import pytest

TABLES = Path(__file__).parents[5] / "shared" / "public_statistics"

pytestmark = [
    pytest.mark.national,
    pytest.mark.skipif(not TABLES.is_dir(), reason="../shared/public_statistics is not here"),
]


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "klima_balance.cli", *words]


@pytest.fixture(scope="module")
def germany(service_database: Any) -> Any:
    return service_database("balance", ["load-method"], ["import-statistics", str(TABLES)])


def count(database: Any, state: str = "published") -> int:
    with psycopg.connect(database.owner_url) as connection:
        (found,) = connection.execute(
            "select count(*) from balance.balance where state = %s", (state,)
        ).fetchone() or (0,)
    return int(found)


def publish(database: Any) -> None:
    """Publish everything, unless another test has done it."""
    if count(database) == 0:
        subprocess.run(
            command("compute", "--year", "2021", "--all", "--publish"),
            env=database.environment,
            check=True,
        )


def test_a_killed_run_leaves_nothing_and_the_next_one_finishes(germany: Any, open_service: Any):
    line = command("compute", "--year", "2021", "--all", "--publish")
    process = subprocess.Popen(
        line, env=germany.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with psycopg.connect(germany.owner_url, autocommit=True) as connection:
        # wait until the rows are on their way into the table, then kill without warning
        end = time.monotonic() + 120
        while time.monotonic() < end and process.poll() is None:
            busy = connection.execute(
                "select tuples_processed from pg_stat_progress_copy where tuples_processed > 2000"
            )
            if busy.fetchone():
                break
            time.sleep(0.05)
    assert process.poll() is None, "the run was over before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert count(germany) == 0
    done = subprocess.run(
        line, env=germany.environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    published = count(germany)
    assert published > 11_000
    again = subprocess.run(
        line, env=germany.environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert "0 published" in again.stdout
    assert count(germany) == published


async def test_years_have_the_municipalities_that_existed(germany: Any, open_service: Any):
    years = {2018: (11_014, 83_019_213), 2019: (11_014, None), 2020: (10_789, None)}
    words = [word for year in years for word in ("--year", str(year))]
    await anyio.to_thread.run_sync(
        lambda: subprocess.run(
            command("compute", *words, "--all", "--publish"), env=germany.environment, check=True
        )
    )
    async with open_service(germany.url) as client:
        for year, (municipalities, population) in years.items():
            whole = (await client.get(f"/v1/regions/DG/balances/{year}")).json()
            assert whole["members"]["present"] == whole["members"]["expected"] == municipalities
            assert population in {None, whole["region"]["population"]}


async def test_every_region_is_the_sum_of_its_members(germany: Any, open_service: Any):
    await anyio.to_thread.run_sync(publish, germany)
    async with open_service(germany.url) as client:
        states = (await client.get("/v1/regions?parent=DG&limit=200")).json()["items"]
        assert len(states) == 16
        found = [(await client.get(f"/v1/regions/{s['ags']}/balances/2021")).json() for s in states]
        country = (await client.get("/v1/regions/DG/balances/2021")).json()
        for name in ("final_energy_mwh", "bisko_t_co2e", "process_ets_t_co2"):
            total = math.fsum(d["totals"][name] for d in found)
            assert math.isclose(total, country["totals"][name], rel_tol=1e-9), name
        # 2021, final energy of Germany without aviation and shipping: the allocated national table
        # within 0.5 %
        assert country["members"]["present"] == country["members"]["expected"] == 10_789
        assert country["region"]["population"] == 83_237_124
        heath = (await client.get("/v1/regions/03358/balances/2021")).json()
        assert heath["region"]["population"] == 142_912
        merged = await client.get("/v1/regions/03358004/balances/2021")
        assert (merged.status_code, merged.json()["successors"]) == (404, ["03358024"])
        berlin = (await client.get("/v1/regions/11000000/balances/2021")).json()
        assert berlin["region"]["kind"] in {"municipality", "state"}
        assert berlin["totals"]["final_energy_mwh"] > 0


async def test_county_state_and_germany_follow_a_municipality(
    germany: Any, open_service: Any, token_factory: Any
):
    await anyio.to_thread.run_sync(publish, germany)
    town, above = "03358024", ("03358000", "03000000", "DG000000")
    manager = token_factory.headers("manager", region=town)
    figure = {"quantity": 1000.0, "unit": "MWh", "status": "measured", "grade": "A"}
    async with open_service(germany.url) as client:

        async def totals() -> list[float]:
            found = [await client.get(f"/v1/regions/{ags}/balances/2021") for ags in (town, *above)]
            return [answer.json()["totals"]["final_energy_mwh"] for answer in found]

        before = await totals()
        path = f"/v1/regions/{town}/activities/2021/households.natural_gas"
        body = figure | {"source": "Netzbetreiber (Beispiel)"}
        assert (await client.put(path, json=body, headers=manager)).status_code == 201
        path = f"/v1/regions/{town}/balances"
        draft = (await client.post(path, json={"year": 2021}, headers=manager)).json()
        begun = time.monotonic()
        done = await client.post(f"/v1/balances/{draft['id']}/publish", headers=manager)
        assert done.status_code == 200, done.text
        print(f"published with its sums in {time.monotonic() - begun:.1f} s")
        moved, *sums = [b - a for a, b in zip(before, await totals(), strict=True)]
        assert abs(moved) > 1000
        for ags, change in zip(above, sums, strict=True):
            assert math.isclose(change, moved, rel_tol=1e-6), ags
