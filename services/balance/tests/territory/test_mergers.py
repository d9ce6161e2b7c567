"""Mergers over HTTP: which balances there are, what is refused, and that sums are whole every
year."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

YEARS = (2018, 2019, 2020, 2021, 2022)
COUNTY, ABSORBS, OLD, OLDER, STAYS, NEW = (
    "01051000",
    "01051001",
    "01051002",
    "01051003",
    "01051004",
    "01051005",
)
AREA = (
    "ags,land_total,land_settlement,land_traffic,veg_agri,veg_forrest,veg_wood,veg_heath,veg_moor,"
    "veg_marsh,veg_plant_uncover_com,water_total,settlement_ghd\n"
)


def area(key: str, land: int) -> str:
    return f"{key},{land},10,5,50,20,1,0,0,0,1,2,3\n"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Example tables: 002 went into 001, 003 became 005, both between the tables."""
    path = tmp_path_factory.mktemp("example-tables")
    before = {ABSORBS: (1000, 400), OLD: (300, 200), OLDER: (500, 300), STAYS: (900, 350)}
    after = {ABSORBS: (1350, 600), NEW: (520, 300), STAYS: (880, 350)}
    for year, those in ((2018, before), (2021, after)):
        people = "".join(f"{key},{n}\n" for key, (n, _) in those.items())
        (path / f"population_{year}.csv").write_text("ags,total\n" + people)
        land = "".join(area(key, ha) for key, (_, ha) in those.items())
        (path / f"area_{year}.csv").write_text(AREA + land)
    names = {
        "01000000": "Nordland",
        COUNTY: "Kreis",
        **{k: f"Ort {k[-1]}" for k in {**before, **after}},
    }
    (path / "ags_2021.csv").write_text(
        "ags,description\n" + "".join(f"{k},{v}\n" for k, v in names.items())
    )
    return path


@pytest.fixture
async def client(
    service_database: Any, open_service: Any, folder: Path
) -> AsyncIterator[httpx.AsyncClient]:
    years = [part for year in YEARS for part in ("--year", str(year))]
    commands = (
        ["load-method"],
        ["import-statistics", str(folder)],
        ["compute", *years, "--region", "01", "--publish"],
    )
    async with open_service(service_database("balance", *commands).url) as opened:
        yield opened


async def test_regions_say_when_they_existed_and_what_followed(client: httpx.AsyncClient) -> None:
    old = (await client.get(f"/v1/regions/{OLD}")).json()
    assert (old["valid_to"], old["successors"]) == ("2019-12-31", [ABSORBS])
    new = (await client.get(f"/v1/regions/{NEW}")).json()
    assert (new["valid_from"], new["valid_to"], new["successors"]) == ("2020-01-01", None, [])
    assert (await client.get(f"/v1/regions/{COUNTY}")).json()["members"] == 3


@pytest.mark.parametrize("year", YEARS)
async def test_sums_are_those_of_the_municipalities_that_exist(
    client: httpx.AsyncClient, year: int
) -> None:
    exist = [ABSORBS, STAYS, *([OLD, OLDER] if year < 2020 else [NEW])]
    found = [
        (await client.get(f"/v1/regions/{key}/balances/{year}")).json() for key in sorted(exist)
    ]
    for ags in (COUNTY, "01000000"):
        whole = (await client.get(f"/v1/regions/{ags}/balances/{year}")).json()
        assert whole["members"]["regions"] == sorted(exist)
        assert whole["members"]["present"] == whole["members"]["expected"] == len(exist)
        for name in ("final_energy_mwh", "bisko_t_co2e", "agriculture_t_co2e"):
            total = math.fsum(d["totals"][name] or 0.0 for d in found)
            assert math.isclose(whole["totals"][name] or 0.0, total, rel_tol=1e-12), name
        population = {2018: 2700, 2021: 2750}.get(year)
        if population:
            assert whole["region"]["population"] == population


async def test_series_of_a_successor_contain_its_predecessors(client: httpx.AsyncClient) -> None:
    async def total(ags: str, year: int) -> float:
        found = (await client.get(f"/v1/regions/{ags}/balances/{year}")).json()["totals"]
        return float(found["bisko_t_co2e"])

    for ags, before in ((ABSORBS, [ABSORBS, OLD]), (NEW, [OLDER])):
        answer = (await client.get(f"/v1/regions/{ags}/timeseries?by=total")).json()
        assert answer["years"] == list(YEARS)
        assert (answer["predecessors"], answer["successors"]) == ([before[-1]], [])
        points = {p["year"]: p for p in answer["series"][0]["values"]}
        for year in YEARS:
            parts = before if year < 2020 else [ags]
            assert points[year]["rebased"] is (year < 2020)
            expected = [await total(part, year) for part in parts]
            assert points[year]["value"] == pytest.approx(sum(expected), rel=1e-12)
    old = (await client.get(f"/v1/regions/{OLD}/timeseries?by=total")).json()
    assert (old["years"], old["successors"]) == ([2018, 2019], [ABSORBS])
    assert not any(point["rebased"] for point in old["series"][0]["values"])
    table = await client.get(f"/v1/regions/{NEW}/timeseries?by=total&format=csv")
    assert "umgerechnet auf heute" in table.text


async def test_no_balance_of_a_year_without_the_region(
    client: httpx.AsyncClient, token_factory: Any
) -> None:
    editor = token_factory.headers("manager", region="01051")
    read = await client.get(f"/v1/regions/{OLD}/balances/2021")
    draft = await client.post(f"/v1/regions/{OLD}/balances", json={"year": 2021}, headers=editor)
    figure = {
        "quantity": 1.0,
        "unit": "MWh",
        "status": "measured",
        "grade": "A",
        "source": "Beispiel",
    }
    put = await client.put(
        f"/v1/regions/{OLD}/activities/2021/households.natural_gas", json=figure, headers=editor
    )
    assert [r.status_code for r in (read, draft, put)] == [404, 422, 422]
    for answer in (read, draft, put):
        problem = answer.json()
        assert problem["successors"] == [ABSORBS]
        assert f"Ort 1 ({ABSORBS})" in problem["detail"]
    early = await client.post(f"/v1/regions/{NEW}/balances", json={"year": 2018}, headers=editor)
    assert early.status_code == 422
    assert f"Ort 3 ({OLDER})" in early.json()["detail"] or OLDER in early.json()["detail"]
    table = (
        "region,year,sector,carrier,quantity,unit,status,grade,source\n"
        f"{OLD},2021,households,natural_gas,5,MWh,measured,A,Beispiel\n"
    )
    sent = await client.post(
        "/v1/imports?dry_run=false", files={"file": ("a.csv", table)}, headers=editor
    )
    assert sent.status_code == 422
    assert ABSORBS in sent.json()["errors"][0]["message"]
    assert sent.json()["errors"][0]["line"] == 2


def test_a_register_comes_before_the_tables(
    fresh_database: Any, folder: Path, tmp_path: Path
) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_text(path.read_text())
    register = tmp_path / "regions.csv"
    head = "ags,valid_from,valid_to,successor,share\n"
    command = [sys.executable, "-m", "klima_balance.cli", "import-statistics", str(tmp_path)]
    database = fresh_database("balance", ["load-method"])

    def run(text: str) -> subprocess.CompletedProcess[str]:
        register.write_text(head + text)
        return subprocess.run(
            command, env=database.environment, capture_output=True, text=True, check=False
        )

    faults = {
        f"{OLD},,2020-06-31,{ABSORBS},\n": "expected a day like 2020-12-31",
        f"{OLD},,2020-06-30,01051099,\n": "found '01051099', expected a region",
        f"{OLD},,2020-06-30,{ABSORBS},0.5\n": "shares of 01051002 that sum to 1",
        f"{OLD},,2017-06-30,{ABSORBS},\n": "expected no population of 01051002",
        f"{OLD},,2020-06-30,{OLDER},\n{OLDER},,2020-01-01,{OLD},\n": "a region that exists after",
    }
    for text, expected in faults.items():
        refused = run(text)
        assert refused.returncode == 1
        assert expected in refused.stdout, refused.stdout
        assert "Nothing was stored" in refused.stdout
    done = run(f"{OLD},,2020-06-30,{ABSORBS},0.25\n{OLD},,2020-06-30,{STAYS},0.75\n")
    assert done.returncode == 0, done.stdout + done.stderr
    again = run(f"{OLD},,2020-06-30,{ABSORBS},0.25\n{OLD},,2020-06-30,{STAYS},0.75\n")
    assert "0 new or changed" in again.stdout
