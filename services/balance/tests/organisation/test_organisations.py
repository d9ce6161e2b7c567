"""The Konzern: boundary by dated shares, registers, own balance, and nothing of it in the territory
but on request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from klima_balance.organisation.rules import Share, is_inside, share_in

SOEST = "/v1/regions/05974040"
YEAR = ("compute", "--year", "2023", "--region", "05974", "--publish")
ELECTRICITY_2023 = {
    "area": "buildings",
    "carrier": "electricity",
    "quantity": 1000.0,
    "unit": "MWh",
    "status": "measured",
    "grade": "A",
    "source": "Abrechnung (Beispiel)",
}


@pytest.fixture
async def writer(fresh_database: Any, open_service: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(fresh_database("balance", ["load-method"], YEAR).url) as client:
        yield client


@pytest.fixture
def manager(token_factory: Any) -> dict[str, str]:
    return token_factory.headers("manager", region="05974")


async def made(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], headers: dict[str, str]
) -> dict[str, Any]:
    response = await client.post(path, json=body, headers=headers)
    assert response.status_code == 201, response.text
    assert response.headers["location"].endswith(response.json()["id"])
    return response.json()


async def organisation(
    client: httpx.AsyncClient, headers: dict[str, str], region: str = "05974"
) -> str:
    body = {"name": "Verwaltung (Beispiel)", "region": region}
    return f"/v1/organisations/{(await made(client, '/v1/organisations', body, headers))['id']}"


@pytest.mark.parametrize(
    ("percent", "inside"),
    [("49", False), ("50.0", False), ("50.1", True), ("100", True), ("0", False)],
)
def test_above_fifty_percent_is_inside(percent: str, inside: bool):
    assert is_inside([Share(2020, Decimal(percent))], 2023) is inside


def test_a_share_holds_from_its_year_until_the_next():
    shares = [Share(2018, Decimal("50.1")), Share(2026, Decimal(49))]
    assert [is_inside(shares, year) for year in (2017, 2018, 2025, 2026, 2030)] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert share_in(shares, 2017) is None
    assert share_in([], 2023) is None


async def test_forty_nine_percent_from_2026_takes_a_company_out_from_2026_on(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    base = await organisation(writer, manager)
    body = {
        "name": "Entsorgung GmbH (Beispiel)",
        "shares": [{"from_year": 2018, "share_percent": 50.1}],
    }
    company = await made(writer, base + "/holdings", body, manager)
    assert (company["inside_from"], company["outside_from"]) == ([2018], [])
    for year in (2025, 2026):
        await made(writer, base + "/activities", {**ELECTRICITY_2023, "year": year}, manager)
        await made(
            writer,
            base + "/activities",
            {**ELECTRICITY_2023, "year": year, "holding_id": company["id"]},
            manager,
        )
    balances = {
        year: (await writer.get(f"{base}/balances/{year}", headers=manager)).json()
        for year in (2025, 2026)
    }
    assert [b["totals"]["final_energy_mwh"] for b in balances.values()] == [2000.0, 2000.0]

    path = f"{base}/holdings/{company['id']}"
    etag = (await writer.get(path)).headers["etag"]
    later = {"from_year": 2026, "share_percent": 49.0}
    body["shares"] = [*body["shares"], later]  # type: ignore[misc]
    assert (await writer.put(path, json=body, headers=manager)).status_code == 428
    changed = await writer.put(path, json=body, headers={**manager, "If-Match": etag})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["inside_from"], changed.json()["outside_from"]) == ([2018], [2026])
    assert (
        await writer.put(path, json=body, headers={**manager, "If-Match": etag})
    ).status_code == 412

    after = {
        year: (await writer.get(f"{base}/balances/{year}", headers=manager)).json()
        for year in (2025, 2026)
    }
    assert [b["totals"]["final_energy_mwh"] for b in after.values()] == [2000.0, 1000.0]
    assert [b["boundary"][0]["inside"] for b in after.values()] == [True, False]
    assert after[2026]["outside"] == [
        {
            "holding": company["id"],
            "name": company["name"],
            "area": "buildings",
            "carrier": "electricity",
            "final_energy_mwh": 1000.0,
        }
    ]
    series = (await writer.get(base + "/timeseries", headers=manager)).json()
    assert [(p["year"], p["state"], p["final_energy_mwh"]) for p in series["years"]] == [
        (2025, "draft", 2000.0),
        (2026, "draft", 1000.0),
    ]


async def test_the_balance_explains_itself_and_is_published_as_versions(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    base = await organisation(writer, manager)
    used = await made(writer, base + "/activities", {**ELECTRICITY_2023, "year": 2021}, manager)
    draft = (await writer.get(base + "/balances/2021", headers=manager)).json()
    assert draft["totals"]["emissions_t_co2e"] == pytest.approx(
        472.0
    )  # 1,000 MWh with the federal mix of 2021
    assert draft["rows"][0]["factor"]["value"] == 472.0
    assert draft["data_quality"] == 1.0
    assert (await writer.get(base + "/balances/2021")).status_code == 404  # not public yet
    assert (await writer.get(base + "/activities")).status_code == 401

    assert (await writer.post(base + "/balances/2021/publish", headers=manager)).status_code == 200
    assert (await writer.post(base + "/balances/2021/publish", headers=manager)).status_code == 409
    first = (await writer.get(base + "/balances/2021")).json()
    assert (first["state"], first["version"]) == ("published", 1)

    path = f"{base}/activities/{used['id']}"
    change = {**ELECTRICITY_2023, "year": 2021, "quantity": 900.0}
    etag = (await writer.get(base + "/balances/2021")).headers["etag"]
    assert (
        await writer.put(path, json=change, headers={**manager, "If-Match": etag})
    ).status_code == 412
    assert (
        await writer.put(path, json=change, headers={**manager, "If-Match": "*"})
    ).status_code == 200
    done = await writer.post(
        base + "/balances/2021/publish", json={"reason": "Zähler falsch abgelesen"}, headers=manager
    )
    assert (done.json()["version"], done.json()["reason"]) == (2, "Zähler falsch abgelesen")
    assert (await writer.get(base + "/balances/2021?version=1")).json() == first
    assert (await writer.get(base + "/balances/2021")).json()["totals"]["final_energy_mwh"] == 900.0


async def test_the_register_knows_area_meters_and_use_per_square_metre(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    base = await organisation(writer, manager, "05974040")
    school = await made(
        writer,
        base + "/properties",
        {
            "name": "Schule (Beispiel)",
            "region": "05974040",
            "area_m2": 2500.0,
            "meters": [{"number": "G-1", "carrier": "natural_gas", "unit": "kWh (Hs)"}],
        },
        manager,
    )
    gas = {
        **ELECTRICITY_2023,
        "carrier": "natural_gas",
        "quantity": 250000.0,
        "unit": "kWh (Hs)",
        "meter": "G-1",
    }
    await made(
        writer, base + "/activities", {**gas, "year": 2023, "property_id": school["id"]}, manager
    )
    again = await writer.post(
        base + "/activities",
        json={**gas, "year": 2023, "property_id": school["id"]},
        headers=manager,
    )
    assert again.status_code == 409
    item = (await writer.get(base + "/properties?year=2023", headers=manager)).json()["items"][0]
    assert item["consumption_mwh"] == {"natural_gas": pytest.approx(225.6)}
    assert item["kwh_per_m2"] == {"natural_gas": pytest.approx(90.24)}
    path = f"{base}/properties/{school['id']}"
    etag = (await writer.get(path, headers=manager)).headers["etag"]
    assert (await writer.delete(path, headers={**manager, "If-Match": etag})).status_code == 409


async def test_the_fleet_by_mileage(writer: httpx.AsyncClient, manager: dict[str, str]):
    base = await organisation(writer, manager)
    body = {
        **ELECTRICITY_2023,
        "year": 2021,
        "area": "fleet",
        "carrier": "diesel",
        "vehicle": "car",
        "unit": "Fzkm",
        "quantity": 100000.0,
    }
    assert (await made(writer, base + "/activities", body, manager))[
        "quantity_mwh"
    ] == pytest.approx(69.65)
    wrong = await writer.post(
        base + "/activities", json={**body, "vehicle": "boat"}, headers=manager
    )
    assert wrong.status_code == 422


async def test_into_the_territory_only_on_request_and_taken_back(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    base = await organisation(writer, manager, "05974040")
    company = await made(
        writer,
        base + "/holdings",
        {"name": "Stadtwerke (Beispiel)", "shares": [{"from_year": 2010, "share_percent": 100.0}]},
        manager,
    )
    before = (await writer.get(SOEST + "/balances/2023")).json()
    for more in (
        {},
        {"area": "street_lighting", "quantity": 800.0},
        {"holding_id": company["id"], "quantity": 5000.0},
        {"area": "fleet", "carrier": "diesel", "quantity": 50.0},
    ):
        await made(
            writer, base + "/activities", {**ELECTRICITY_2023, "year": 2023, **more}, manager
        )
    again = (await writer.post(SOEST + "/balances", json={"year": 2023}, headers=manager)).json()
    assert again["cells"] == before["cells"]  # the organisation alone changes nothing

    cell = SOEST + "/activities/2023/municipal.electricity.street_lighting"
    other = {"quantity": 700.0, "unit": "MWh", "status": "measured", "grade": "A"}
    stated = await writer.put(cell, json={**other, "source": "Netz (Beispiel)"}, headers=manager)
    assert stated.status_code == 201, stated.text
    asked = await writer.post(base + "/territory/2023", headers=manager)
    assert asked.status_code == 409, asked.text
    assert asked.json()["cells"] == ["05974040/2023/municipal.electricity.street_lighting"]
    assert (await writer.get(cell, headers=manager)).json()["quantity"] == 700.0
    both = await writer.post(base + "/territory/2023?replace=true&add=true", headers=manager)
    assert both.status_code == 422
    replaced = await writer.post(base + "/territory/2023?replace=true", headers=manager)
    assert {k: replaced.json()[k] for k in ("added", "changed")} == {"added": 2, "changed": 1}
    undo = f"/v1/imports/{replaced.json()['import_id']}/undo"
    assert (await writer.post(undo, headers=manager)).status_code == 200
    old = await writer.get(cell, headers=manager)
    gone = await writer.delete(cell, headers={**manager, "If-Match": old.headers["etag"]})
    assert gone.status_code == 204, gone.text

    moved = await writer.post(base + "/territory/2023", headers=manager)
    assert moved.status_code == 200, moved.text
    assert {k: moved.json()[k] for k in ("rows", "added")} == {"rows": 3, "added": 3}
    repeat = (await writer.post(base + "/territory/2023", headers=manager)).json()
    assert (repeat["import_id"], repeat["unchanged"]) == (None, 3)
    draft = (await writer.post(SOEST + "/balances", json={"year": 2023}, headers=manager)).json()
    cells = {(c["sector"], c["carrier"]): c["final_energy_mwh"] for c in draft["cells"]}
    old = {(c["sector"], c["carrier"]): c["final_energy_mwh"] for c in before["cells"]}
    assert cells["municipal", "electricity"] == pytest.approx(1800.0)  # not the holding's 5,000
    assert cells["commerce", "electricity"] == pytest.approx(
        old["commerce", "electricity"] - 1800.0
    )
    assert draft["totals"]["final_energy_mwh"] == pytest.approx(
        before["totals"]["final_energy_mwh"]
    )
    assert cells["transport", "diesel"] == old["transport", "diesel"]
    assert [(m["carrier"], m["final_energy_mwh"]) for m in draft["memo"]] == [("diesel", 50.0)]

    undone = await writer.post(f"/v1/imports/{moved.json()['import_id']}/undo", headers=manager)
    assert undone.status_code == 200, undone.text
    back = (await writer.post(SOEST + "/balances", json={"year": 2023}, headers=manager)).json()
    assert back["cells"] == before["cells"]


async def test_foreign_editors_and_parts_are_refused(
    writer: httpx.AsyncClient, manager: dict[str, str], token_factory: Any
):
    base = await organisation(writer, manager)
    elsewhere = token_factory.headers("manager", region="05111")
    for path, body in (
        ("/holdings", {"name": "Fremd GmbH"}),
        ("/properties", {"name": "Fremd", "region": "05974040"}),
        ("/activities", {**ELECTRICITY_2023, "year": 2023}),
    ):
        assert (await writer.post(base + path, json=body, headers=elsewhere)).status_code == 403
        assert (await writer.post(base + path, json=body)).status_code == 401
    assert (await writer.get(base + "/properties", headers=elsewhere)).status_code == 403
    body = {**ELECTRICITY_2023, "year": 2023, "holding_id": "00000000-0000-4000-8000-000000000000"}
    assert (await writer.post(base + "/activities", json=body, headers=manager)).status_code == 404
    twice = {
        "name": "X GmbH",
        "shares": [
            {"from_year": 2020, "share_percent": 51.0},
            {"from_year": 2020, "share_percent": 49.0},
        ],
    }
    assert (await writer.post(base + "/holdings", json=twice, headers=manager)).status_code == 422


async def test_what_was_entered_by_mistake_goes_and_what_counted_is_ended(
    writer: httpx.AsyncClient, manager: dict[str, str], token_factory: Any
):
    base = await organisation(writer, manager)
    company = await made(
        writer,
        base + "/holdings",
        {"name": "Irrtum GmbH", "shares": [{"from_year": 2018, "share_percent": 60.0}]},
        manager,
    )
    place = f"{base}/holdings/{company['id']}"
    used = await made(
        writer,
        base + "/activities",
        {**ELECTRICITY_2023, "year": 2021, "holding_id": company["id"]},
        manager,
    )

    async def delete(path: str, headers: dict[str, str] = manager) -> httpx.Response:
        etag = (await writer.get(path, headers=manager)).headers["etag"]
        return await writer.delete(path, headers={**headers, "If-Match": etag})

    assert (await writer.delete(place, headers=manager)).status_code == 428
    assert (await writer.delete(place, headers={**manager, "If-Match": '"x-1"'})).status_code == 412
    refused = await delete(place)
    assert (refused.status_code, "0 %" in refused.json()["detail"]) == (409, True)
    assert (await delete(base)).status_code == 409
    assert (await delete(f"{base}/activities/{used['id']}")).status_code == 204
    assert (
        await delete(place, token_factory.headers("manager", region="05111"))
    ).status_code == 403
    assert (await delete(place)).status_code == 204
    assert (await writer.get(place)).status_code == 404
    assert (await delete(base)).status_code == 204
    assert (await writer.get(base)).status_code == 404

    base = await organisation(writer, manager)  # its name is free again
    await made(writer, base + "/activities", {**ELECTRICITY_2023, "year": 2021}, manager)
    assert (await writer.post(base + "/balances/2021/publish", headers=manager)).status_code == 200
    assert (await delete(base)).status_code == 409
    body = {"name": "Verwaltung (Beispiel)", "region": "05974", "to_year": 2021}
    ended = await writer.put(base, json=body, headers={**manager, "If-Match": "*"})
    assert (ended.status_code, ended.json()["to_year"]) == (200, 2021)
    later = await writer.post(
        base + "/activities", json={**ELECTRICITY_2023, "year": 2022}, headers=manager
    )
    assert (later.status_code, later.json()["errors"][0]["pointer"]) == (422, "/body/year")
    assert (await writer.get(base + "/balances/2021")).status_code == 200


async def test_the_registry_of_regions_knows_organisations(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    county = await organisation(writer, manager)
    town = await organisation(writer, manager, "05974040")
    ids = {path.rsplit("/", 1)[1] for path in (county, town)}
    listed = (await writer.get("/v1/regions?kind=organisation")).json()
    assert {item["organisation"] for item in listed["items"]} == ids
    below = (await writer.get("/v1/regions?kind=organisation&parent=05974040&q=Verw")).json()[
        "items"
    ]
    assert [(i["ags"], i["parent"], i["kind"], i["label"], i["organisation"]) for i in below] == [
        ("05974040", "05974040", "organisation", "Organisation", town.rsplit("/", 1)[1])
    ]
    first = await writer.get("/v1/regions?kind=organisation&limit=1")
    second = await writer.get(
        f"/v1/regions?kind=organisation&limit=1&cursor={first.json()['next']}"
    )
    assert {page.json()["items"][0]["organisation"] for page in (first, second)} == ids
    assert second.json()["next"] is None
    # The territory stays what it is: fourteen municipalities, and no organisation among them.
    members = (await writer.get("/v1/regions?parent=05974")).json()["items"]
    assert (len(members), {m["organisation"] for m in members}) == (14, {None})
