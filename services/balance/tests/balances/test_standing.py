"""What is not final about a year: marked, never the headline, and never another year's energy."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import httpx
import pytest

from klima_balance.balances.rules.document import document
from klima_balance.engine.balance import aggregate, start_balances
from klima_balance.engine.observations import wide
from klima_balance.method import load_method

METHOD = load_method()
SOEST, WERL, COUNTY = "05974040", "05974052", "05974000"


def written(year: int, ags: str = SOEST) -> dict[str, Any]:
    result = start_balances(wide(METHOD.statistics, year), METHOD, year)
    if ags == COUNTY:
        result = aggregate(result, {COUNTY: [SOEST, WERL]}, expected={COUNTY: 2})
    return document(result, ags)


def rules_of(found: dict[str, Any]) -> list[str]:
    return [finding["rule"] for finding in found["conformity"]["findings"]]


@pytest.mark.parametrize("ags", [SOEST, COUNTY])
@pytest.mark.parametrize(
    ("year", "reasons", "carried"),
    [(2018, 0, 0), (2022, 0, 0), (2023, 1, 0), (2024, 2, 0), (2025, 2, 1), (2030, 2, 1)],
)
def test_each_year_says_what_is_not_final(ags: str, year: int, reasons: int, carried: int) -> None:
    found = written(year, ags)
    rules = rules_of(found)
    assert rules.count("provisional") == reasons
    assert rules.count("national_energy_carried") == carried
    assert found["provisional"] is (reasons > 0)


def _compute(database: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "klima_balance.cli", "compute", *arguments],
        env=database.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


async def test_another_years_energy_stays_a_draft(
    writer: httpx.AsyncClient, token_factory: Any
) -> None:
    manager = token_factory.headers("manager", region="05974")
    path = f"/v1/regions/{SOEST}/balances"
    draft = await writer.post(path, json={"year": 2030}, headers=manager)
    assert draft.status_code == 201, draft.text
    headers = {**manager, "If-Match": draft.headers["etag"]}
    refused = await writer.post(f"/v1/balances/{draft.json()['id']}/publish", headers=headers)
    assert refused.status_code == 409
    assert "2030" in refused.json()["detail"]
    assert (await writer.get(f"{path}/2030")).status_code == 404


async def test_a_provisional_year_is_shown_and_never_the_headline(
    writer: httpx.AsyncClient, token_factory: Any
) -> None:
    manager = token_factory.headers("manager", region="05974")
    path = f"/v1/regions/{SOEST}/balances"
    for year in (2022, 2024):
        draft = await writer.post(path, json={"year": year}, headers=manager)
        headers = {**manager, "If-Match": draft.headers["etag"]}
        done = await writer.post(f"/v1/balances/{draft.json()['id']}/publish", headers=headers)
        assert done.status_code == 200, done.text
    assert (await writer.get(f"{path}/2024")).json()["provisional"] is True
    heads = {head["year"]: head["provisional"] for head in (await writer.get(path)).json()["items"]}
    assert heads == {2018: False, 2021: False, 2022: False, 2024: True}
    series = (await writer.get(f"/v1/regions/{SOEST}/timeseries?by=total")).json()["series"][0]
    marks = {point["year"]: point["provisional"] for point in series["values"]}
    assert marks == {2018: False, 2021: False, 2022: False, 2024: True}
    table = (await writer.get(f"/v1/regions/{SOEST}/timeseries?by=total&format=csv")).text
    assert [line.rsplit(",", 1)[1] for line in table.splitlines()[1:]] == [
        "endgültig",
        "endgültig",
        "endgültig",
        "vorläufig",
    ]
    assert "Soest 2022" in (await writer.get(f"/embed/balance/{SOEST}")).text
    assert "2024 (vorläufig)" in (await writer.get(f"/embed/balance/{SOEST}?year=2024")).text
    picture = await writer.get(f"{path}/2024/chart.svg?by=timeline")
    assert "2024 (vorl.)" in picture.text
    scenarios = (await writer.get(f"/v1/scenarios?region={SOEST}&kind=trend")).json()["items"]
    assert scenarios[0]["base_year"] == 2022


def test_only_years_of_the_national_table_are_computed(fresh_database: Any) -> None:
    database = fresh_database("balance", ["load-method"])
    refused = _compute(database, "--year", "2030", "--region", "05974", "--publish")
    assert refused.returncode == 2
    assert "2018 to 2024" in refused.stdout
    done = _compute(database, "--region", "05974", "--publish")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line[:5] for line in done.stdout.splitlines()] == [
        f"{year}:" for year in range(2018, 2025)
    ]
