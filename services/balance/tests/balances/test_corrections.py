"""Corrections: a new version with its reason, the old one readable, and a new factor set for all
years with a report."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

SOEST = "/v1/regions/05974040"
YEARS = ("compute", "--year", "2021", "--year", "2022", "--region", "05974", "--publish")
GAS = {
    "quantity": 250000.0,
    "unit": "MWh",
    "status": "measured",
    "grade": "A",
    "source": "Netzbetreiber (Beispiel)",
}


@pytest.fixture
async def writer(fresh_database: Any, open_service: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(fresh_database("balance", ["load-method"], YEARS).url) as client:
        yield client


@pytest.fixture
def manager(token_factory: Any) -> dict[str, str]:
    return token_factory.headers("manager", region="05974")


async def correct(
    client: httpx.AsyncClient, manager: dict[str, str], body: dict[str, Any] | None
) -> httpx.Response:
    draft = await client.post(SOEST + "/balances", json={"year": 2021}, headers=manager)
    return await client.post(
        f"/v1/balances/{draft.json()['id']}/publish", json=body, headers=manager
    )


async def test_a_correction_has_a_reason_and_the_old_version_stays(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    first = (await writer.get(SOEST + "/balances/2021")).json()
    assert first.get("reason") is None
    await writer.put(SOEST + "/activities/2021/households.natural_gas", json=GAS, headers=manager)
    second = await correct(writer, manager, {"reason": "Lieferung des Netzbetreibers"})
    assert second.status_code == 200, second.text
    assert (second.json()["version"], second.json()["reason"]) == (
        2,
        "Lieferung des Netzbetreibers",
    )
    assert second.json()["corrects_version"] == 1
    change = second.json()["changes"][0]
    assert (change["sector"], change["carrier"], change["grade_before"], change["grade_after"]) == (
        "households",
        "natural_gas",
        "D",
        "A",
    )
    assert (await writer.get(SOEST + "/balances/2021?version=1")).json() == first
    as_of = first["published_at"]
    assert (await writer.get(SOEST + "/balances/2021", params={"as_of": as_of})).json()[
        "version"
    ] == 1
    assert (await writer.get(SOEST + "/balances/2021")).json()["version"] == 2
    # A day stands for its end in Berlin, which the publishing of a moment ago comes before.
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    assert (await writer.get(f"{SOEST}/balances/2021?as_of={today}")).json()["version"] == 2
    assert (await writer.get(SOEST + "/balances/2021?as_of=2999-12-31")).json()["version"] == 2
    assert (await writer.get(SOEST + "/balances/2021?as_of=2020-01-01")).status_code == 404
    assert (await writer.get(SOEST + "/balances/2021?as_of=2021-02-30")).status_code == 422
    heads = (await writer.get(SOEST + "/balances")).json()["items"]
    assert [h["reason"] for h in heads if h["year"] == 2021] == [
        "Lieferung des Netzbetreibers",
        None,
    ]


async def test_without_a_reason_it_says_which_cells_changed(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    await writer.put(SOEST + "/activities/2021/households.natural_gas", json=GAS, headers=manager)
    done = await correct(writer, manager, None)
    assert done.json()["reason"] == "Geänderte Angaben: Private Haushalte: Erdgas."
    assert (await correct(writer, manager, {"reason": "x" * 1001})).status_code == 422


async def new_set(client: httpx.AsyncClient, token_factory: Any) -> None:
    """The shipped BISKO set with another factor of natural gas, released."""
    factors: list[dict[str, Any]] = []
    path: str | None = "/v1/factor-sets/bisko-2026.2/factors?limit=200"
    while path:
        page = (await client.get(path)).json()
        factors += page["items"]
        path = (
            f"/v1/factor-sets/bisko-2026.2/factors?limit=200&cursor={page['next']}"
            if page["next"]
            else None
        )
    names = ("category", "year", "gas", "value", "unit", "source", "certainty", "note")
    rows = [{n: f[n] for n in names} for f in factors]
    for row in rows:
        if row["category"] == "natural_gas":
            row["value"] += 10.0
    body = {
        "id": "beispiel-2027",
        "version": "2027 (Beispiel)",
        "kind": "bisko",
        "title": "Beispiel",
        "source": "Beispiel",
        "factors": rows,
    }
    headers = token_factory.headers("method")
    created = await client.post("/v1/factor-sets", json=body, headers=headers)
    assert created.status_code == 201, created.text
    released = await client.post("/v1/factor-sets/beispiel-2027/release", headers=headers)
    assert released.status_code == 200, released.text


async def test_a_new_factor_set_for_all_years_with_a_report_first(
    writer: httpx.AsyncClient, manager: dict[str, str], token_factory: Any
):
    await new_set(writer, token_factory)
    path = "/v1/regions/05974000/recalculations"
    body = {"factor_set": "beispiel-2027", "reason": "Neue Faktoren (Beispiel)"}
    made = await writer.post(path, json=body, headers=manager)
    assert made.status_code == 201, made.text
    report = made.json()
    assert (report["years"], len(report["items"]), report["changed_figures"]) == (
        [2021, 2022],
        30,
        [],
    )
    county = report["items"][0]
    assert (county["region"], county["year"], county["version_before"]) == ("05974000", 2021, 1)
    before = (await writer.get("/v1/regions/05974000/balances/2021")).json()
    gas = next(c["final_energy_mwh"] for c in before["carriers"] if c["carrier"] == "natural_gas")
    assert county["totals"]["bisko_t_co2e"]["change"] == pytest.approx(gas * 10 / 1000)
    assert county["totals"]["final_energy_mwh"]["change"] == pytest.approx(0.0, abs=1e-6)
    assert {c["carrier"] for c in county["cells"]} == {"natural_gas"}
    assert before["version"] == 1  # nothing is published yet

    assert (await writer.get(f"/v1/recalculations/{report['id']}")).status_code == 401
    editor = token_factory.headers("editor", region="05974")
    publish = f"/v1/recalculations/{report['id']}/publish"
    assert (await writer.post(publish, headers=editor)).status_code == 403
    assert (await writer.post(publish, headers=manager)).status_code == 200
    assert (await writer.post(publish, headers=manager)).status_code == 409
    for ags in ("05974000", "05974040"):
        for year in (2021, 2022):
            after = (await writer.get(f"/v1/regions/{ags}/balances/{year}")).json()
            assert (after["version"], after["factor_set"]["id"]) == (2, "beispiel-2027")
            assert after["reason"] == "Neue Faktoren (Beispiel)"
    after = (await writer.get("/v1/regions/05974000/balances/2021")).json()
    assert after["totals"]["bisko_t_co2e"] == county["totals"]["bisko_t_co2e"]["after"]


async def test_a_recalculation_that_was_overtaken_is_refused(
    writer: httpx.AsyncClient, manager: dict[str, str], token_factory: Any
):
    await new_set(writer, token_factory)
    body = {"factor_set": "beispiel-2027", "reason": "Neue Faktoren (Beispiel)", "years": [2021]}
    await writer.put(SOEST + "/activities/2021/households.natural_gas", json=GAS, headers=manager)
    report = (await writer.post(SOEST + "/recalculations", json=body, headers=manager)).json()
    assert report["changed_figures"] == [{"region": "05974040", "year": 2021}]
    assert (await correct(writer, manager, None)).status_code == 200
    refused = await writer.post(f"/v1/recalculations/{report['id']}/publish", headers=manager)
    assert (refused.status_code, refused.json()["balances"]) == (409, ["05974040/2021"])
    wrong = await writer.post(
        SOEST + "/recalculations", json={**body, "years": [1995]}, headers=manager
    )
    assert wrong.status_code == 422
    assert (
        await writer.post(
            SOEST + "/recalculations", json={**body, "factor_set": "x"}, headers=manager
        )
    ).status_code == 422
