"""Conformity and quality, the to-do list, views beside the balance, and whose factor serves
district heat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

SOEST = "/v1/regions/05974040"
YEAR = ("compute", "--year", "2023", "--region", "05974", "--publish")
FIGURE = {"unit": "MWh", "status": "measured", "grade": "A", "source": "Netzbetreiber (Beispiel)"}


@pytest.fixture
async def writer(fresh_database: Any, open_service: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(fresh_database("balance", ["load-method"], YEAR).url) as client:
        yield client


@pytest.fixture
async def reader(service_database: Any, open_service: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(service_database("balance", ["load-method"], YEAR).url) as client:
        yield client


@pytest.fixture
def manager(token_factory: Any) -> dict[str, str]:
    return token_factory.headers("manager", region="05974")


async def put(
    client: httpx.AsyncClient, headers: dict[str, str], key: str, quantity: float, **more: Any
) -> httpx.Response:
    answer = await client.put(
        f"{SOEST}/activities/2023/{key}",
        json={**FIGURE, "quantity": quantity, **more},
        headers=headers,
    )
    assert answer.status_code == 201, answer.text
    return answer


async def draft(client: httpx.AsyncClient, headers: dict[str, str], **more: Any) -> dict[str, Any]:
    answer = await client.post(SOEST + "/balances", json={"year": 2023, **more}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def cells(balance: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(c["sector"], c["carrier"]): c for c in balance["cells"]}


# --- conformity
# ------------------------------------------------------------------------------------------------


async def test_removing_one_required_cell_makes_it_incomplete_and_names_the_cell(
    writer: httpx.AsyncClient, manager: dict[str, str], token_factory: Any
):
    from klima_balance.method import load_method

    table = load_method().required_cells
    for row in table[table["kind"] != "stationary"].to_dict("records"):
        carrier = row["carrier"] or ("kerosene" if row["category"] == "aviation" else "diesel")
        await put(writer, manager, f"transport.{carrier}.{row['category']}", 100.0)
    whole = await draft(writer, manager)
    assert whole["conformity"]["state"] == "conformant"
    path = SOEST + "/activities/2023/transport.diesel.car_urban"
    etag = (await writer.get(path, headers=manager)).headers["etag"]
    assert (await writer.delete(path, headers={**manager, "If-Match": etag})).status_code == 204
    without = await draft(writer, manager)
    assert without["conformity"]["state"] == "incomplete"
    missing = [f for f in without["conformity"]["findings"] if f["rule"] == "required_cell"]
    assert [f["cell"] for f in missing] == ["car_urban"]
    assert "Pkw, innerorts" in missing[0]["reason"]


# --- quality
# ------------------------------------------------------------------------------------------------


async def test_the_todo_list_is_ranked_and_keeps_its_promise(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    found = (await writer.get(SOEST + "/balances/2023/quality")).json()
    gains = [item["gain"] for item in found["todo"]]
    assert gains == sorted(gains, reverse=True)
    assert [item["rank"] for item in found["todo"]] == list(range(1, len(gains) + 1))
    first = found["todo"][0]
    assert first["reachable_grade"] == "A"
    behind = {(c["sector"], c["carrier"]): c for c in found["cells"]}
    key = f"{first['sector']}.{first['carrier']}"
    # Deliver exactly that cell, with the energy it has: the quality rises by what was promised.
    await put(writer, manager, key, behind[first["sector"], first["carrier"]]["default_mwh"])
    better = await draft(writer, manager)
    assert better["data_quality"] == pytest.approx(first["data_quality_after"], rel=1e-9)


async def test_the_default_stays_behind_the_local_figure(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    await put(writer, manager, "households.natural_gas", 1000.0)
    plain = (await writer.get(SOEST + "/activities?year=2023", headers=manager)).json()
    assert (plain["items"][0]["default_mwh"], plain["defaults"]) == (None, None)
    both = (await writer.get(SOEST + "/activities?year=2023&defaults=true", headers=manager)).json()
    start = cells((await writer.get(SOEST + "/balances/2023")).json())["households", "natural_gas"]
    assert both["items"][0]["default_mwh"] == pytest.approx(start["final_energy_mwh"])
    assert {"households.heating_oil", "industry.electricity"} < {d["key"] for d in both["defaults"]}


async def test_an_implausible_figure_is_warned_of_with_its_band(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    await put(writer, manager, "households.natural_gas", 5_000_000.0)
    new = await draft(writer, manager)
    assert (
        await writer.post(f"/v1/balances/{new['id']}/publish", headers=manager)
    ).status_code == 200
    found = (await writer.get(SOEST + "/balances/2023/quality")).json()
    assert {w["band"] for w in found["warnings"]} >= {
        "sector.households",
        "carrier.natural_gas",
        "total.stationary_total",
    }
    assert found["version"] == 2
    assert (await writer.get(SOEST + "/balances/2023/quality?version=1")).json()["warnings"] == []


async def test_quality_is_weighted_with_energy(writer: httpx.AsyncClient, manager: dict[str, str]):
    for key, quantity, grade in (
        ("households.electricity", 60000.0, "A"),
        ("households.heating_oil", 40000.0, "B"),
    ):
        await put(writer, manager, key, quantity, grade=grade)
    new = await draft(writer, manager, options={"heat_pump_split": False})
    energy = next(s for s in new["sectors"] if s["sector"] == "households")["final_energy_mwh"]
    assert next(s for s in new["sectors"] if s["sector"] == "households")[
        "data_quality"
    ] == pytest.approx((60000 * 1.0 + 40000 * 0.5) / energy, rel=1e-9)


# --- views
# ------------------------------------------------------------------------------------------------


async def test_views_are_labelled_and_never_stored(reader: httpx.AsyncClient):
    for place in (SOEST, "/v1/regions/05974000"):
        balance = await reader.get(place + "/balances/2023")
        for path in (
            "weather?degree_days=3150&mean_degree_days=3500",
            "local-mix",
            "factors?gwp_set=AR4",
        ):
            view = await reader.get(f"{place}/balances/2023/views/{path}")
            assert view.status_code == 200, view.text
            assert (view.json()["label"], view.json()["conformant"]) == (
                "nicht BISKO-konform",
                False,
            )
            totals = view.json()["balance"]
            assert totals["emissions_t_co2e"] == pytest.approx(
                balance.json()["totals"]["bisko_t_co2e"]
            )
        assert (await reader.get(place + "/balances/2023")).content == balance.content


async def test_a_mild_year_goes_up_and_transport_stays(reader: httpx.AsyncClient):
    view = (
        await reader.get(
            SOEST + "/balances/2023/views/weather?degree_days=3150&mean_degree_days=3500"
        )
    ).json()
    balance = (await reader.get(SOEST + "/balances/2023")).json()
    old = {s["sector"]: s["final_energy_mwh"] for s in balance["sectors"]}
    new = {s["key"]: s["final_energy_mwh"] for s in view["sectors"]}
    assert new["households"] == pytest.approx(old["households"] * (0.17 + 0.83 * 3500 / 3150))
    assert new["commerce"] == pytest.approx(old["commerce"] * (0.25 + 0.75 * 3500 / 3150))
    assert (new["transport"], new["industry"]) == pytest.approx((old["transport"], old["industry"]))


async def test_the_weather_view_finds_its_degree_days(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    """Shipped for Germany until 2022; for a later year what is needed is said, and a manager can
    store it."""
    view, path = SOEST + "/balances/2023/views/weather", SOEST + "/degree-days"
    shipped = (await writer.get(path)).json()
    assert (shipped["own"], shipped["region"], len(shipped["years"])) == (False, "DG000000", 33)
    values = {y["year"]: y["value"] for y in shipped["years"]}
    assert shipped["mean"] == pytest.approx(sum(values[y] for y in range(1991, 2021)) / 30)
    missing = await writer.get(view)
    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (
        422,
        "/query/degree_days",
    )
    assert "2023" in missing.json()["detail"]
    assert (await writer.get(view + "?degree_days=3150")).json()["errors"][0][
        "pointer"
    ] == "/query/mean_degree_days"

    own = {
        "definition": "G20/15",
        "mean": 3500.0,
        "mean_period": "1991-2020",
        "source": "Wetterstation (Beispiel)",
        "years": [{"year": 2023, "value": 3150.0}],
    }
    twice = {**own, "years": [{"year": 2023, "value": 1.0}, {"year": 2023, "value": 2.0}]}
    assert (await writer.put(path, json=twice, headers=manager)).status_code == 422
    assert (await writer.put(path, json=own)).status_code == 401
    stored = await writer.put(path, json=own, headers=manager)
    assert (stored.status_code, stored.json()["revision"], stored.json()["own"]) == (201, 1, True)
    found = (await writer.get(view)).json()
    asked = (await writer.get(view + "?degree_days=3150&mean_degree_days=3500")).json()
    assert (found["totals"], found["sectors"]) == (asked["totals"], asked["sectors"])
    assert (found["parameters"]["series"]["region"], found["parameters"]["series"]["source"]) == (
        "05974040",
        "Wetterstation (Beispiel)",
    )
    assert (await writer.put(path, json=own, headers=manager)).status_code == 428
    old = {**manager, "If-Match": stored.headers["etag"]}
    assert (await writer.delete(path, headers=old)).status_code == 204
    assert (await writer.put(path, json=own, headers=manager)).status_code == 201
    assert (await writer.delete(path, headers=old)).status_code == 412
    history = (await writer.get(path + "/history", headers=manager)).json()["items"]
    assert [(r["revision"], r["deleted"]) for r in history] == [(1, False), (2, True), (3, False)]


async def test_the_local_mix_is_generation_first_then_the_federal_mix(reader: httpx.AsyncClient):
    balance = (await reader.get(SOEST + "/balances/2023")).json()
    view = (await reader.get(SOEST + "/balances/2023/views/local-mix?local_g_per_kwh=30")).json()
    p = view["parameters"]
    share = min(
        1.0,
        balance["totals"]["renewable_generation_mwh"] / balance["totals"]["electricity_use_mwh"],
    )
    assert p["local_share"] == pytest.approx(share)
    assert p["mix_g_per_kwh"] == pytest.approx(share * 30 + (1 - share) * p["federal_g_per_kwh"])
    electricity = next(c for c in view["carriers"] if c["key"] == "electricity")
    assert electricity["emissions_t_co2e"] == pytest.approx(
        electricity["final_energy_mwh"] * p["mix_g_per_kwh"] / 1000
    )
    # Heat pumps run on the same mix.
    new, old = (
        next(c["emissions_t_co2e"] for c in rows if c[name] == "ambient_heat")
        for rows, name in ((view["carriers"], "key"), (balance["carriers"], "carrier"))
    )
    assert new / old == pytest.approx(p["mix_g_per_kwh"] / p["federal_g_per_kwh"])


async def test_the_local_mix_counts_the_upstream_chains_of_its_plants(reader: httpx.AsyncClient):
    view = (await reader.get(SOEST + "/balances/2023/views/local-mix")).json()["parameters"]
    upstream = {row["technology"]: row["g_per_kwh"] for row in view["technologies"]}
    blocks = (await reader.get(SOEST + "/balances/2023")).json()["blocks"]["renewables"]
    made = {row["category"]: row["generation_mwh"] for row in blocks}
    chains = {"photovoltaics": 40, "wind": 10, "hydro": 3, "biomass": 110}
    assert upstream == {name: g for name, g in chains.items() if made.get(name)}
    grams = sum(made[name] * g for name, g in upstream.items())
    assert view["local_g_per_kwh"] == pytest.approx(grams / sum(made.values()))
    assert all(row["source"] and row["certainty"] for row in view["technologies"])


async def test_other_factors_are_compared_and_never_mixed(reader: httpx.AsyncClient):
    view = (await reader.get(SOEST + "/balances/2023/views/factors?factor_set=gemis-4.95")).json()
    left_out = set(view["parameters"]["cells_left_out"])
    assert "transport.diesel" in left_out
    assert "diesel" not in {c["key"] for c in view["carriers"]}
    whole = (await reader.get(SOEST + "/balances/2023")).json()
    rest = sum(
        c["emissions_t_co2e"]
        for c in whole["cells"]
        if f"{c['sector']}.{c['carrier']}" not in left_out
    )
    assert view["balance"]["emissions_t_co2e"] == pytest.approx(rest)
    same = (
        await reader.get(SOEST + "/balances/2023/views/factors?factor_set=bisko-2026.2&gwp_set=AR5")
    ).json()
    assert same["totals"]["emissions_t_co2e"] == pytest.approx(whole["totals"]["bisko_t_co2e"])
    assert same["agriculture_t_co2e"] == pytest.approx(whole["totals"]["agriculture_t_co2e"])


@pytest.mark.parametrize(
    "path",
    [
        "weather?degree_days=0&mean_degree_days=3500",
        "weather",
        "weather?mean_degree_days=3500",
        "local-mix?local_g_per_kwh=-1",
        "factors",
        "factors?gwp_set=AR9",
        "factors?factor_set=none",
    ],
)
async def test_wrong_parameters_of_views(reader: httpx.AsyncClient, path: str):
    answer = await reader.get(f"{SOEST}/balances/2023/views/{path}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


# --- heat
# ------------------------------------------------------------------------------------------------

WORKED = {
    "name": "Netz Mitte (Beispiel)",
    "delivered_mwh": 45000.0,
    "source": "Betreiber (Beispiel)",
    "plant": {
        "chp_fuels": [{"carrier": "natural_gas", "mwh": 100000.0, "factor_g_per_kwh": 247.0}],
        "power_mwh": 35000.0,
        "chp_heat_mwh": 45000.0,
        "supply_k": 373.0,
    },
}
WOOD = {
    "name": "Netz Süd (Beispiel)",
    "delivered_mwh": 5000.0,
    "source": "Betreiber (Beispiel)",
    "declared": {"technology": "Heizwerk (Beispiel)", "share": 0.9, "factor_g_per_kwh": 60.0},
}


async def heat(client: httpx.AsyncClient, headers: dict[str, str]) -> tuple[float, dict[str, Any]]:
    """The factor that district heat of the households carries, and the draft."""
    balance = await draft(client, headers)
    cell = cells(balance)["households", "district_heat"]
    return cell["emissions_t_co2e"] / cell["final_energy_mwh"] * 1000, balance


async def test_plant_data_then_declared_technology_then_default(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    assert (await heat(writer, manager))[0] == pytest.approx(260.0)
    path = SOEST + "/heat-supply/2023/netz-sued"
    low = {**WOOD, "declared": {**WOOD["declared"], "share": 0.79}}  # type: ignore[dict-item]
    first = await writer.put(path, json=low, headers=manager)
    assert (first.status_code, first.json()["served_by"], first.json()["factor_g_per_kwh"]) == (
        201,
        "default",
        260.0,
    )
    assert (await heat(writer, manager))[0] == pytest.approx(260.0)
    assert (await writer.put(path, json=WOOD, headers=manager)).status_code == 428
    second = await writer.put(
        path, json=WOOD, headers={**manager, "If-Match": first.headers["etag"]}
    )
    assert (second.status_code, second.json()["served_by"]) == (200, "declared_technology")
    assert (await heat(writer, manager))[0] == pytest.approx(60.0)

    plant = await writer.put(SOEST + "/heat-supply/2023/netz-mitte", json=WORKED, headers=manager)
    assert (plant.json()["served_by"], round(plant.json()["factor_g_per_kwh"], 2)) == (
        "plant",
        129.96,
    )
    both, balance = await heat(writer, manager)
    assert both == pytest.approx((45000 * plant.json()["factor_g_per_kwh"] + 5000 * 60) / 50000)
    assert (
        await writer.post(f"/v1/balances/{balance['id']}/publish", headers=manager)
    ).status_code == 200
    assert (plant.json()["served_by_label"], second.json()["served_by_label"]) == (
        "eigene Anlagendaten",
        "angegebene Technik",
    )
    why = SOEST + "/balances/2023/explain?sector=households&carrier=district_heat"
    row = (await writer.get(why)).json()["rows"][0]
    assert (
        row["factor"]["source"]
        == "Netz Mitte (Beispiel): eigene Anlagendaten, 129,96 g/kWh (Betreiber (Beispiel)); "
        "Netz Süd (Beispiel): angegebene Technik, 60,00 g/kWh (Betreiber (Beispiel))"
    )
    assert row["factor"]["category"] == "district_heat_plant"
    assert row["activity"]["label"] == "Fernwärme"
    assert row["activity"]["derivation"].endswith(
        "(Wohnungen mit Fernwärme), mit dem Faktor des eigenen Wärmenetzes"
    )
    english = (await writer.get(why, headers={"Accept-Language": "en"})).json()["rows"][0]
    assert "own plant data, 129.96 g/kWh" in english["factor"]["source"]
    assert "declared technology, 60.00 g/kWh" in english["factor"]["source"]
    assert english["activity"]["label"] == "District heat"
    assert english["activity"]["derivation"].endswith("with the factor of the own network")
    listed = (await writer.get(SOEST + "/heat-supply?year=2023", headers=manager)).json()["items"]
    assert [(n["network"], n["served_by"]) for n in listed] == [
        ("netz-mitte", "plant"),
        ("netz-sued", "declared_technology"),
    ]

    for network in ("netz-mitte", "netz-sued"):
        place = f"{SOEST}/heat-supply/2023/{network}"
        etag = (await writer.get(place, headers=manager)).headers["etag"]
        assert (
            await writer.delete(place, headers={**manager, "If-Match": etag})
        ).status_code == 204
    assert (await heat(writer, manager))[0] == pytest.approx(260.0)


async def test_a_network_made_again_is_not_the_one_that_was_read(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    """Otherwise an old If-Match would overwrite what somebody else entered after the removal."""
    path = SOEST + "/heat-supply/2023/netz-sued"
    first = await writer.put(path, json=WOOD, headers=manager)
    gone = {**manager, "If-Match": first.headers["etag"]}
    assert (await writer.delete(path, headers=gone)).status_code == 204
    again = await writer.put(path, json={**WOOD, "delivered_mwh": 6000.0}, headers=manager)
    assert (again.status_code, again.json()["revision"]) == (201, 3)
    for request in (writer.put(path, json=WOOD, headers=gone), writer.delete(path, headers=gone)):
        assert (await request).status_code == 412
    history = (await writer.get(path + "/history", headers=manager)).json()["items"]
    assert [(r["revision"], r["deleted"], r["content"]["delivered_mwh"]) for r in history] == [
        (1, False, 5000.0),
        (2, True, 5000.0),
        (3, False, 6000.0),
    ]
    assert history[0]["changed_by"] == "test"


@pytest.mark.parametrize(
    "change",
    [
        {"plant": {"chp_fuels": [], "power_mwh": 1.0, "chp_heat_mwh": 1.0}},
        {
            "plant": {
                "chp_fuels": [{"carrier": "natural_gas", "mwh": 10.0}],
                "power_mwh": 5.0,
                "chp_heat_mwh": 0.0,
            }
        },
        {
            "plant": {
                "chp_fuels": [{"carrier": "natural_gas", "mwh": 10.0}],
                "chp_heat_mwh": 5.0,
                "supply_k": 280.0,
            }
        },
        {
            "plant": None,
            "declared": {"technology": "Wunder", "share": 1.2, "factor_g_per_kwh": 1.0},
        },
        {
            "plant": None,
            "declared": {"technology": "Kessel", "share": 0.9, "carrier": "natural_gas"},
        },
        {
            "plant": None,
            "declared": {
                "technology": "Kessel",
                "share": 0.9,
                "carrier": "natural_gas",
                "efficiency": 1e-9,
            },
        },
        {"delivered_mwh": 0.0},
        {"delivered_mwh": 5e-324},
        {"delivered_mwh": 45.0},
        {"delivered_mwh": "45000"},
    ],
)
async def test_impossible_plants_are_refused_and_not_stored(
    writer: httpx.AsyncClient, manager: dict[str, str], change: dict[str, Any]
):
    answer = await writer.put(
        SOEST + "/heat-supply/2023/netz", json={**WORKED, **change}, headers=manager
    )
    assert answer.status_code == 422, answer.text
    assert (await writer.get(SOEST + "/heat-supply", headers=manager)).json()["items"] == []


async def test_municipal_facilities_are_subtracted_and_too_much_names_the_carrier(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    before = cells(await draft(writer, manager))
    await put(writer, manager, "municipal.electricity.buildings", 4000.0)
    await put(writer, manager, "municipal.electricity.street_lighting", 1500.0)
    after = cells(await draft(writer, manager))
    assert after["municipal", "electricity"]["final_energy_mwh"] == pytest.approx(5500.0)
    old, new = (c["commerce", "electricity"]["final_energy_mwh"] for c in (before, after))
    assert new == pytest.approx(old - 5500.0)
    await put(writer, manager, "municipal.natural_gas.buildings", 9_000_000.0)
    refused = await writer.post(SOEST + "/balances", json={"year": 2023}, headers=manager)
    assert refused.status_code == 422
    assert "natural_gas" in refused.text


async def test_heat_pumps_move_power_and_leave_the_total(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    await put(writer, manager, "households.ambient_heat", 3200.0)
    split, whole = [
        await draft(writer, manager, options={"heat_pump_split": flag}) for flag in (True, False)
    ]
    assert split["totals"]["bisko_t_co2e"] == pytest.approx(
        whole["totals"]["bisko_t_co2e"], rel=1e-12
    )
    assert split["totals"]["final_energy_mwh"] == pytest.approx(
        whole["totals"]["final_energy_mwh"], rel=1e-12
    )
    pair = [cells(b)["households", "electricity"]["final_energy_mwh"] for b in (whole, split)]
    assert pair[0] - pair[1] == pytest.approx(1000.0)
