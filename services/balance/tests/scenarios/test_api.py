"""Scenarios over HTTP on a real database: built-in ones, own ones, who may what, and what never
changes."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg
import pytest

MUNICIPALITIES = [f"059740{n:02d}" for n in range(4, 57, 4)]
EDITION = "e2026-2"
COUNTY = ["05974000", *MUNICIPALITIES]
LEVER = {
    "lever": "solar_pool",
    "label": "Freibad mit Solarwärme",
    "kind": "carrier_shift",
    "sectors": ["commerce"],
    "carriers": ["natural_gas"],
    "target": "solar_thermal",
    "value": 0.02,
    "ratio": 0.9,
    "source": "Ratsbeschluss",
}
LIGHTS = {
    "lever": "led_lights",
    "label": "Straßenbeleuchtung mit LED",
    "kind": "demand_change",
    "sectors": ["commerce"],
    "carriers": ["electricity"],
    "value": -0.02,
    "from_year": 2026,
    "to_year": 2028,
    "source": "Ratsbeschluss",
}
NEW = {
    "region": "05974040",
    "title": "Soest schneller",
    "based_on": "climate_protection",
    "levers": [LIGHTS],
    "parameters": {"renovation_rate.climate_protection": 2.8},
    "without": ["less_car_traffic"],
}


async def built_in(client: httpx.AsyncClient, region: str, kind: str) -> str:
    found = (await client.get("/v1/scenarios", params={"region": region, "kind": kind})).json()[
        "items"
    ]
    assert [item["kind"] for item in found] == [kind]
    return str(found[0]["id"])


async def results(client: httpx.AsyncClient, identity: str, **params: Any) -> dict[str, Any]:
    response = await client.get(f"/v1/scenarios/{identity}/results", params=params)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("kind", ["trend", "climate_protection"])
async def test_the_county_and_its_14_have_the_built_in_scenarios_and_they_begin_with_the_balance(
    reader: httpx.AsyncClient, kind: str
):
    for region in COUNTY:
        content = await results(reader, await built_in(reader, region, kind))
        balance = (await reader.get(f"/v1/regions/{region}/balances/2021")).json()
        first = content["years"][0]
        assert first["year"] == 2021
        for mine, theirs in (
            ("final_energy_mwh", "final_energy_mwh"),
            ("emissions_t_co2e", "bisko_t_co2e"),
            ("emissions_t_co2e_per_inhabitant", "bisko_t_co2e_per_inhabitant"),
            ("agriculture_t_co2e", "agriculture_t_co2e"),
            ("land_use_t_co2e", "land_use_t_co2e"),
            ("process_ets_t_co2", "process_ets_t_co2"),
            ("extended_t_co2e", "extended_t_co2e"),
            ("renewable_generation_mwh", "renewable_generation_mwh"),
            ("renewable_coverage", "renewable_coverage"),
        ):
            assert first[mine] == balance["totals"][theirs], (region, mine)
        for part, key in (("sectors", "sector"), ("carriers", "carrier")):
            mine = {r[key]: (r["final_energy_mwh"], r["emissions_t_co2e"]) for r in first[part]}
            theirs = {r[key]: (r["final_energy_mwh"], r["emissions_t_co2e"]) for r in balance[part]}
            assert {k: v for k, v in mine.items() if any(v)} == {
                k: v for k, v in theirs.items() if any(v)
            }
        assert [y["year"] for y in content["years"]] == list(range(2021, 2046))
        assert content["meta"]["licence"] == "dl-de/by-2-0"


async def test_the_county_ends_with_a_small_residual_and_says_which_levers_brought_it_there(
    reader: httpx.AsyncClient,
):
    content = await results(reader, await built_in(reader, "05974", "climate_protection"))
    trend = await results(reader, await built_in(reader, "05974", "trend"))
    start, left = content["years"][0]["emissions_t_co2e"], content["residual"]
    assert left["bisko_t_co2e"] < 0.05 * start
    assert left["land_use_t_co2e"] < 0
    assert trend["residual"]["bisko_t_co2e"] > 5 * left["bisko_t_co2e"]
    moved = content["contributions"]
    assert moved["method"] == "Shapley"
    for metric in (
        "emissions_t_co2e",
        "land_use_t_co2e",
        "final_energy_mwh",
        "renewable_generation_mwh",
    ):
        total = sum(row[metric] for row in moved["levers"])
        assert total == pytest.approx(moved["difference"][metric], rel=1e-9, abs=1e-6)
    assert moved["difference"]["emissions_t_co2e"] == pytest.approx(left["bisko_t_co2e"] - start)
    assert {row["lever"] for row in moved["levers"]} >= {
        "electricity_mix",
        "electric_vehicles",
        "heating_switch",
    }


async def test_municipalities_and_county_go_the_same_way(reader: httpx.AsyncClient):
    """The same equation: levers that do not depend on the place act alike, so the sum of the 14 is
    near the county."""
    whole = await results(reader, await built_in(reader, "05974", "trend"))
    parts = [
        await results(reader, await built_in(reader, region, "trend")) for region in MUNICIPALITIES
    ]
    for n in (0, 9, 24):
        total = sum(p["years"][n]["emissions_t_co2e"] for p in parts)
        assert total == pytest.approx(whole["years"][n]["emissions_t_co2e"], rel=0.01)


async def test_a_scenario_shows_every_lever_and_parameter_with_source_and_certainty(
    reader: httpx.AsyncClient,
):
    identity = await built_in(reader, "05974040", "climate_protection")
    found = (await reader.get(f"/v1/scenarios/{identity}")).json()
    assert all(
        row["source"] and row["certainty"] for row in [*found["levers"], *found["parameters"]]
    )
    assert {name for row in found["levers"] for name in row["parameters"]} == {
        p["parameter"] for p in found["parameters"]
    }
    english = (
        await reader.get(f"/v1/scenarios/{identity}", headers={"Accept-Language": "en"})
    ).json()
    assert english["levers"][0]["label"] != found["levers"][0]["label"]


async def test_reads_are_conditional_and_tables_have_all_forms(reader: httpx.AsyncClient):
    identity = await built_in(reader, "05974040", "trend")
    url = f"/v1/scenarios/{identity}/results"
    first = await reader.get(url)
    assert (
        await reader.get(url, headers={"If-None-Match": first.headers["etag"]})
    ).status_code == 304
    assert (await reader.head(url)).status_code == 200
    for form, start in (("csv", b"region,"), ("csv-de", b"\xef\xbb\xbfregion;"), ("xlsx", b"PK")):
        response = await reader.get(url, params={"format": form})
        assert response.status_code == 200
        assert response.content.startswith(start)
    with_cells = await results(reader, identity, cells=True)
    assert "cells" not in first.json()["years"][0]
    for year in with_cells["years"]:
        assert sum(c["emissions_t_co2e"] for c in year["cells"]) == pytest.approx(
            year["emissions_t_co2e"], rel=1e-9
        )


@pytest.mark.parametrize(
    "identity",
    [
        "trend.05974040.2021.v9.e2026-2",
        "trend.05974040.1999.v1.e2026-2",
        "trend.05974040.2021.v1.e1999-1",
        "nonsense",
        "own.05974040.2021.v1.e2026-2",
        "trend.05999999.2021.v1.e2026-2",
        "00000000-0000-0000-0000-000000000000",
    ],
)
async def test_what_is_not_there_is_404(reader: httpx.AsyncClient, identity: str):
    for path in (
        "",
        "/results",
        "/contributions",
        "/targets",
        "/uncertainty",
        "/chart.svg",
        "/iamc.csv",
        "/datapackage.zip",
    ):
        response = await reader.get(f"/v1/scenarios/{identity}{path}")
        assert response.status_code == 404, path
        assert response.headers["content-type"] == "application/problem+json"


async def test_the_list_is_paged_and_filtered(reader: httpx.AsyncClient):
    every: list[str] = []
    params: dict[str, Any] = {"limit": 7, "state": "published"}
    while True:
        page = await reader.get("/v1/scenarios", params=params)
        body = page.json()
        every += [item["id"] for item in body["items"]]
        if body["next"] is None:
            break
        assert 'rel="next"' in page.headers["link"]
        params["cursor"] = body["next"]
    assert len([i for i in every if i.startswith(("trend", "climate"))]) == 30
    assert len(set(every)) == len(every)
    assert (await reader.get("/v1/scenarios", params={"region": "05111000"})).status_code == 404
    assert (await reader.get("/v1/scenarios", params={"kind": "wish"})).status_code == 422
    assert (await reader.get("/v1/scenarios", params={"cursor": "xx"})).status_code == 422
    assert (
        await reader.get("/v1/scenarios", params={"modified_since": "2999-01-01T00:00:00Z"})
    ).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "named", "pointer"),
    [
        ({"levers": [{**LEVER, "value": 1.2}]}, "solar_pool", "/body/levers/0/value"),
        ({"levers": [{**LEVER, "value": -0.1}]}, "solar_pool", "/body/levers/0/value"),
        (
            {"levers": [{**LEVER, "kind": "demand_change", "value": 1e19}]},
            "höchstens",
            "/body/levers/0/value",
        ),
        ({"levers": [{**LEVER, "ratio": 1e300}]}, "höchstens", "/body/levers/0/ratio"),
        (
            {"parameters": {"renovation_rate.trend": 1e30}},
            "höchstens",
            "/body/parameters/renovation_rate.trend",
        ),
        (
            {"levers": [{**LEVER, "kind": "demand_change", "value": -1.5}]},
            "solar_pool",
            "/body/levers/0/value",
        ),
        (
            {"levers": [LEVER, {**LEVER, "lever": "second", "value": 0.99}]},
            "second",
            "/body/levers/1/overlap",
        ),
        (
            {"levers": [{**LEVER, "from_year": 2040, "to_year": 2030}]},
            "solar_pool",
            "/body/levers/0/to_year",
        ),
        ({"levers": [{**LEVER, "target": "antimatter"}]}, "solar_pool", "/body/levers/0/carriers"),
        ({"without": ["no_such_lever"]}, "no_such_lever", "/body/without"),
        ({"parameters": {"no_such": 1.0}}, "no_such", "/body/parameters/no_such"),
        ({"horizon": 2020}, "horizon", "/body/horizon"),
        ({"based_on": "hope"}, "hope", "/body/based_on"),
    ],
)
async def test_bad_input_is_refused_with_the_lever_named(
    reader: httpx.AsyncClient, token_factory: Any, change: dict[str, Any], named: str, pointer: str
):
    headers = token_factory.headers("editor", region="05974040")
    body = {**NEW, "without": [], "parameters": {}, **change}
    if "levers" not in change:
        body["levers"] = []
    response = await reader.post("/v1/scenarios", json=body, headers=headers)
    problem = response.json()
    assert response.status_code == 422, problem
    assert named in problem["detail"]
    assert problem["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("roles", "region", "status"),
    [
        ((), "05974040", 403),
        (("viewer",), "05974040", 403),
        (("editor",), "05974028", 403),
        (("editor",), "05974", 201),
    ],
)
async def test_role_and_region_decide_who_makes_one(
    reader: httpx.AsyncClient, token_factory: Any, roles: tuple[str, ...], region: str, status: int
):
    response = await reader.post(
        "/v1/scenarios", json=NEW, headers=token_factory.headers(*roles, region=region)
    )
    assert response.status_code == status
    assert (await reader.post("/v1/scenarios", json=NEW)).status_code == 401


async def test_a_draft_is_made_changed_published_and_then_never_changes(
    writer: httpx.AsyncClient, token_factory: Any, fresh_database: Any
):
    editor = token_factory.headers("editor", region="05974040")
    manager = token_factory.headers("manager", region="05974")
    made = await writer.post("/v1/scenarios", json=NEW, headers={**editor, "Idempotency-Key": "k1"})
    assert made.status_code == 201, made.text
    draft = made.json()
    url = f"/v1/scenarios/{draft['id']}"
    assert (draft["state"], draft["version"], draft["revision"]) == ("draft", None, 1)
    assert made.headers["location"] == url
    again = await writer.post(
        "/v1/scenarios", json=NEW, headers={**editor, "Idempotency-Key": "k1"}
    )
    assert (again.json()["id"], again.headers["idempotent-replayed"]) == (draft["id"], "true")

    # Nobody else sees a draft, or is told that there is one; its viewers do.
    assert (await writer.get(url)).status_code == 404
    assert (
        await writer.get(url, headers=token_factory.headers("viewer", region="05974028"))
    ).status_code == 404
    assert (
        await writer.get(url, headers=token_factory.headers("viewer", region="05974"))
    ).status_code == 200
    public = (await writer.get("/v1/scenarios", params={"region": "05974040"})).json()["items"]
    assert draft["id"] not in {item["id"] for item in public}
    own = await writer.get(
        "/v1/scenarios", params={"region": "05974040", "kind": "own"}, headers=editor
    )
    assert [item["id"] for item in own.json()["items"]] == [draft["id"]]

    # A change needs the version it was made on.
    assert (await writer.put(url, json=NEW, headers=editor)).status_code == 428
    new = {**NEW, "title": "Soest noch schneller"}
    changed = await writer.put(url, json=new, headers={**editor, "If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    stale = await writer.put(url, json=new, headers={**editor, "If-Match": made.headers["etag"]})
    assert stale.status_code == 412

    # Its levers are the shipped ones with the changes on top, and only it moves.
    levers = {row["lever"] for row in draft["levers"]}
    assert "led_lights" in levers
    assert "less_car_traffic" not in levers
    parameter = next(
        p for p in draft["parameters"] if p["parameter"] == "renovation_rate.climate_protection"
    )
    assert (parameter["value"], parameter["overridden"]) == (2.8, True)
    mine = (await writer.get(url + "/results", headers=editor)).json()
    origin = await results(writer, await built_in(writer, "05974040", "climate_protection"))
    assert mine["years"][0]["emissions_t_co2e"] == origin["years"][0]["emissions_t_co2e"]
    assert mine["years"][-1]["emissions_t_co2e"] != origin["years"][-1]["emissions_t_co2e"]

    assert (await writer.post(url + "/publish", headers=editor)).status_code == 403
    published = await writer.post(url + "/publish", headers=manager)
    assert (published.status_code, published.json()["version"]) == (200, 1)
    assert (await writer.post(url + "/publish", headers=manager)).status_code == 409
    current = {**editor, "If-Match": published.headers["etag"]}
    assert (await writer.put(url, json=new, headers=current)).status_code == 409
    assert (await writer.delete(url, headers=current)).status_code == 409
    frozen = (await writer.get(url + "/results")).json()
    assert frozen["scenario"]["state"] == "published"
    assert frozen["years"] == mine["years"]
    english = (await writer.get(url + "/results", headers={"Accept-Language": "en"})).json()
    assert english["years"][0]["sectors"][0]["label"] == "Private households"

    # The next version of the same series, derived from this one.
    second = {
        "region": "05974040",
        "title": "Fassung zwei",
        "based_on": draft["id"],
        "replaces": draft["id"],
    }
    next_one = (await writer.post("/v1/scenarios", json=second, headers=editor)).json()
    assert {row["lever"] for row in next_one["levers"]} == levers
    done = await writer.post(f"/v1/scenarios/{next_one['id']}/publish", headers=manager)
    assert done.json()["version"] == 2
    assert (await writer.get(url + "/results")).json() == frozen


async def test_a_draft_can_be_removed_and_every_write_leaves_an_audit_row(
    fresh_database: Any, open_service: Any, token_factory: Any
):
    database = fresh_database(
        "balance", ["load-method"], ("compute", "--year", "2021", "--region", "05974", "--publish")
    )
    editor = token_factory.headers("editor", region="05974040")
    async with open_service(database.url) as client:
        made = await client.post("/v1/scenarios", json=NEW, headers=editor)
        url = made.headers["location"]
        changed = await client.put(
            url, json=NEW, headers={**editor, "If-Match": made.headers["etag"]}
        )
        gone = await client.delete(url, headers={**editor, "If-Match": changed.headers["etag"]})
        assert gone.status_code == 204
        assert (await client.get(url, headers=editor)).status_code == 404
    with psycopg.connect(database.owner_url) as connection:
        rows = connection.execute(
            "select action, region from balance.audit where entity = 'scenario' order by id"
        ).fetchall()
    assert rows == [("create", "05974040"), ("update", "05974040"), ("delete", "05974040")]


async def test_a_new_version_of_the_balance_brings_new_built_in_scenarios_and_leaves_the_old(
    writer: httpx.AsyncClient, token_factory: Any
):
    manager = token_factory.headers("manager", region="05974")
    old = await built_in(writer, "05974040", "trend")
    before = await results(writer, old)
    key = "/v1/regions/05974040/activities/2021/households.natural_gas"
    row = {
        "quantity": 250000.0,
        "unit": "MWh",
        "status": "measured",
        "grade": "A",
        "source": "Netzbetreiber (Beispiel)",
    }
    assert (await writer.put(key, json=row, headers=manager)).status_code in (200, 201)
    draft = (
        await writer.post("/v1/regions/05974040/balances", json={"year": 2021}, headers=manager)
    ).json()
    published = await writer.post(f"/v1/balances/{draft['id']}/publish", headers=manager)
    if published.status_code == 428:
        headers = {
            **manager,
            "If-Match": (await writer.get(f"/v1/balances/{draft['id']}", headers=manager)).headers[
                "etag"
            ],
        }
        published = await writer.post(f"/v1/balances/{draft['id']}/publish", headers=headers)
    assert published.status_code == 200, published.text
    new = await built_in(writer, "05974040", "trend")
    assert new != old
    first = (await results(writer, new))["years"][0]
    assert first["emissions_t_co2e"] == published.json()["totals"]["bisko_t_co2e"]
    assert (await results(writer, old))["years"] == before["years"]


async def test_contributions_against_another_scenario_sum_to_the_difference(
    reader: httpx.AsyncClient,
):
    one = await built_in(reader, "05974", "climate_protection")
    other = await built_in(reader, "05974", "trend")
    found = (
        await reader.get(f"/v1/scenarios/{one}/contributions", params={"against": other})
    ).json()
    mine, theirs = await results(reader, one), await results(reader, other)
    for n, year in enumerate(range(2021, 2046)):
        total = sum(row["years"][n]["emissions_t_co2e"] for row in found["levers"])
        expected = mine["years"][n]["emissions_t_co2e"] - theirs["years"][n]["emissions_t_co2e"]
        assert total == pytest.approx(expected, rel=1e-9, abs=1e-6), year
    same = {row["lever"]: row["emissions_t_co2e"] for row in found["levers"]}
    assert same["electricity_mix"] == 0.0
    elsewhere = await built_in(reader, "05974040", "trend")
    response = await reader.get(f"/v1/scenarios/{one}/contributions", params={"against": elsewhere})
    assert response.status_code == 422


async def test_targets_print_what_they_rest_on(reader: httpx.AsyncClient):
    identity = await built_in(reader, "05974040", "climate_protection")
    found = (await reader.get(f"/v1/scenarios/{identity}/targets")).json()
    assert [p["target"] for p in found["paths"]] == ["linear", "federal_law", "budget"]
    assert found["target_year"] == 2030  # the town's own aim
    for path in found["paths"]:
        assert all(row["source"] and row["certainty"] for row in path["basis"])
        for row in path["years"]:
            assert row["gap"] == pytest.approx(row["scenario"] - row["value"])
    assert found["budget"]["year_of_exhaustion_if_unchanged"] == 2031
    small = (
        await reader.get(f"/v1/scenarios/{identity}/targets", params={"budget": "1.5_67"})
    ).json()
    assert small["budget"]["year_of_exhaustion"] < 2030
    assert (
        await reader.get(f"/v1/scenarios/{identity}/targets", params={"budget": "9"})
    ).status_code == 422


async def test_uncertainty_is_the_same_for_the_same_seed(reader: httpx.AsyncClient):
    identity = await built_in(reader, "05974040", "trend")
    for url in (
        f"/v1/scenarios/{identity}/uncertainty",
        "/v1/regions/05974040/balances/2021/uncertainty",
    ):
        one, two, other = [
            (await reader.get(url, params={"draws": 500, "seed": seed})).json()
            for seed in (1, 1, 2)
        ]
        assert one == two
        assert one != other
        assert all(row["source"] for row in one["spreads"])
    assert (
        await reader.get(f"/v1/scenarios/{identity}/uncertainty", params={"years": 2060})
    ).status_code == 422
    assert (
        await reader.get(f"/v1/scenarios/{identity}/uncertainty", params={"draws": 5})
    ).status_code == 422


async def test_potentials_over_http(reader: httpx.AsyncClient):
    for region in COUNTY:
        found = (await reader.get(f"/v1/regions/{region}/potentials")).json()
        for row in found["potentials"]:
            if row["technical"] is not None:
                assert 0 <= row["realisable"] <= row["technical"] * (1 + 1e-12) + 1e-6, (
                    region,
                    row["potential"],
                )
                assert row["remaining"] >= 0
        assert all(p["source"] and p["certainty"] for p in found["parameters"])
        named = {name for row in found["potentials"] for name in row["parameters"]}
        assert named == {p["parameter"] for p in found["parameters"]}
    url = "/v1/regions/05974040/potentials"
    plain = {r["potential"]: r for r in (await reader.get(url)).json()["potentials"]}
    half = {
        r["potential"]: r
        for r in (await reader.get(url, params={"parameter": "wind_land_share=1"})).json()[
            "potentials"
        ]
    }
    assert half["wind"]["power_kw"]["technical"] == pytest.approx(
        plain["wind"]["power_kw"]["technical"] / 2
    )
    assert half["pv_roof"] == plain["pv_roof"]
    assert (await reader.get(url, params={"parameter": "x=1"})).status_code == 422
    assert (await reader.get(url, params={"parameter": "wind_land_share"})).status_code == 422
    assert (await reader.get(url, params={"target_year": 2020})).status_code == 422
    assert (await reader.get("/v1/regions/05111000/potentials")).status_code == 404
    assert (await reader.get(url, params={"format": "csv-de"})).content.startswith(b"\xef\xbb\xbf")


async def test_potentials_of_the_county_are_the_sum_of_its_members(reader: httpx.AsyncClient):
    async def of(region: str) -> dict[str, dict[str, Any]]:
        rows = (await reader.get(f"/v1/regions/{region}/potentials")).json()["potentials"]
        return {r["potential"]: r for r in rows}

    whole, parts = await of("05974"), [await of(region) for region in MUNICIPALITIES]
    assert whole["pv_roof"]["technical"] > 0
    for name, row in whole.items():
        for figure in ("technical", "realisable", "used", "remaining", "emissions_t_co2e"):
            known = [p[name][figure] for p in parts if p[name][figure] is not None]
            total = pytest.approx(sum(known), rel=1e-9, abs=1e-6) if known else None
            assert row[figure] == total, (name, figure)
    # A start balance knows no municipal facilities: what they could save is missing, not 0.
    assert whole["municipal_efficiency"]["technical"] is None
    table = (await reader.get("/v1/regions/05974/potentials?format=csv-de")).text
    assert ";-0" not in table


async def test_an_own_scenario_keeps_the_base_year_it_names(
    writer: httpx.AsyncClient, token_factory: Any
):
    editor = token_factory.headers("editor", region="05974040")
    old = f"trend.05974040.2018.v1.{EDITION}"

    async def made(**more: Any) -> httpx.Response:
        body = {"region": "05974040", "title": "x", **more}
        answer = await writer.post("/v1/scenarios", json=body, headers=editor)
        assert answer.status_code == 201, answer.text
        return answer

    assert (await made()).json()["base_year"] == 2021
    assert (await made(based_on=old)).json()["base_year"] == 2018
    assert (await made(based_on=old, base_year=2021)).json()["base_year"] == 2021
    draft = await made(base_year=2018)
    url, match = f"/v1/scenarios/{draft.json()['id']}", {"If-Match": draft.headers["etag"]}
    body = {"region": "05974040", "title": "y"}
    changed = (await writer.put(url, json=body, headers={**editor, **match})).json()
    years = (await writer.get(url + "/results", headers=editor)).json()["years"]
    assert (changed["base_year"], years[0]["year"]) == (2018, 2018)
