"""What a municipality knows of its people, land and herds supersedes the official figures."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from klima_balance.engine.balance import start_balances
from klima_balance.engine.figures import Figure
from klima_balance.engine.observations import wide
from klima_balance.engine.results import Balances
from klima_balance.method import load_method
from klima_shared.language.errors import InputError

SOEST, WERL = "05974040", "05974052"
METHOD = load_method()
GWP_CH4, GWP_N2O = 28, 265


def figure(statistic: str, quantity: float, unit: str = "ha", **more: Any) -> Figure:
    given = {"status": "measured", "grade": "B", "source": "Stadt Soest (Beispiel)", **more}
    return Figure(SOEST, 2021, "statistics", statistic, "", quantity, unit, None, **given)


def balances(*figures: Figure) -> Balances:
    statistics = wide(METHOD.statistics, 2021)
    return start_balances(statistics, METHOD, 2021, local=figures)


def change(total: str, *figures: Figure) -> float:
    before, after = balances().total(total), balances(*figures).total(total)
    others = after.drop(SOEST)
    assert (others == before.drop(SOEST)).all(), "nobody else's balance changes"
    return float(after[SOEST] - before[SOEST])


def test_rewetted_and_planted_hectares_by_hand() -> None:
    """100 ha of bog at 38.8 t; 40 of them rewetted, at 10; 20 ha of the forest planted, at -8 in
    the place of -3.88."""
    bog = figure("moor_ha", 100.0)
    assert change("land_use_t_co2e", bog) == pytest.approx(100 * 38.8)
    wet = change("land_use_t_co2e", bog, figure("rewetted_ha", 40.0))
    assert wet == pytest.approx(60 * 38.8 + 40 * 10)
    assert change("land_use_t_co2e", figure("afforested_ha", 20.0)) == pytest.approx(
        20 * (-8 + 3.88)
    )
    assert change("land_use_t_co2e", figure("moor_ha", 1.0, "km2")) == pytest.approx(100 * 38.8)


def test_a_part_is_not_more_than_the_whole() -> None:
    with pytest.raises(InputError, match="rewetted_ha"):
        balances(figure("rewetted_ha", 1.0))


def test_forest_by_kind_is_the_forest_once_all_kinds_are_there() -> None:
    kinds = [figure("forest_deciduous_ha", 200.0), figure("forest_coniferous_ha", 100.0)]
    assert change("land_use_t_co2e", *kinds) == 0.0
    before = balances().statistics
    assert before is not None
    official = before.column("forest_ha")[list(before.regions).index(SOEST)]
    whole = change("land_use_t_co2e", *kinds, figure("forest_mixed_ha", 50.0))
    assert whole == pytest.approx((350 - official) * -3.88)


def test_a_herd_of_its_own_and_its_people() -> None:
    """Without cattle and pigs agriculture is less by them; the key of each allocation is the
    population, and no other municipality changes."""
    none = [
        figure(name, 0.0, "heads", status="confirmed_zero")
        for name in ("cows", "cattle_other", "pigs", "poultry", "other_animals")
    ]
    left = float(balances(*none).total("agriculture_t_co2e")[SOEST])
    table = METHOD.agriculture
    soil = table[(table["submission"] == "2023") & (table["activity"] == "agricultural_area_ha")]
    own = {(r["group"], r["item"], r["gas"]) for _, r in soil[soil["region"] == "05"].iterrows()}
    gwp = {"CH4": GWP_CH4, "N2O": GWP_N2O, "CO2": 1}
    per_ha = sum(
        r["value"] * gwp[r["gas"]] / 1000
        for _, r in soil.iterrows()
        if r["region"] == "05" or (r["group"], r["item"], r["gas"]) not in own
    )
    statistics = balances().statistics
    assert statistics is not None
    at = list(statistics.regions).index(SOEST)
    assert left == pytest.approx(per_ha * statistics.column("agricultural_area_ha")[at])
    people = balances(figure("population", 50_000.0, "inhabitants"))
    assert people.total("population")[SOEST] == 50_000
    assert people.flags["shared_herd"].sum() == 14
    assert balances(*none).flags["shared_herd"].sum() == 13


async def test_over_http_with_history_and_explanation(
    writer: httpx.AsyncClient, token_factory: Any
):
    editor = token_factory.headers("editor", region=SOEST)
    base, source = f"/v1/regions/{SOEST}", "Viehzählung der Stadt 2021 (Beispiel)"
    body = {"quantity": 900, "unit": "Tiere", "status": "measured", "grade": "A", "source": source}
    path = f"{base}/activities/2021/statistics.cows"
    made = await writer.put(path, json=body, headers=editor)
    assert (made.status_code, made.json()["quantity_mwh"]) == (201, None), made.text
    match = {"If-Match": made.headers["etag"]}
    better = body | {"quantity": 901}
    assert (await writer.put(path, json=better, headers=editor | match)).status_code == 200

    draft = await writer.post(f"{base}/balances", json={"year": 2021}, headers=editor)
    assert draft.status_code == 201, draft.text
    rows = draft.json()["blocks"]["agriculture"]
    cows = [r for r in rows if r["category"] == "cows"]
    assert cows, rows[:2]
    for row in cows:
        assert (row["quantity"], row["grade"], row["status"]) == (901, "A", "measured")
        assert row["source"] == source
    pigs = next(r for r in rows if r["category"] == "pigs")
    assert pigs["grade"] == "D"

    manager = token_factory.headers("manager", region=SOEST)
    one = f"/v1/balances/{draft.json()['id']}"
    published = await writer.post(one + "/publish", headers=manager)
    assert published.status_code in (200, 201), published.text
    told = (await writer.get(f"{base}/balances/2021/explain?block=agriculture")).json()
    cow = next(r for r in told["rows"] if r["activity"]["category"] == "cows")["activity"]
    assert (cow["grade"], cow["status"], cow["source"]) == ("A", "measured", source)
    assert "901" in cow["derivation"]
    assert told["value"] == pytest.approx(sum(r["emissions_t_co2e"] for r in told["rows"]))

    history = (await writer.get(path + "/history", headers=editor)).json()["items"]
    assert [r["content"]["quantity"] for r in history] == [900, 901]


@pytest.mark.parametrize(
    ("key", "change_", "place"),
    [
        ("statistics.cows", {"unit": "ha"}, "/body/unit"),
        ("statistics.cows", {"quantity": -1}, "/body/quantity"),
        ("statistics.dragons", {}, "/path/key"),
        ("statistics.pv_kw", {}, "/path/key"),
    ],
)
async def test_what_can_not_be_is_named(
    writer: httpx.AsyncClient, token_factory: Any, key: str, change_: dict[str, Any], place: str
):
    editor = token_factory.headers("editor", region=SOEST)
    body = {"quantity": 1, "unit": "heads", "status": "measured", "grade": "A", "source": "Stadt"}
    url = f"/v1/regions/{SOEST}/activities/2021/{key}"
    answer = await writer.put(url, json=body | change_, headers=editor)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == place


async def test_a_file_brings_them_and_its_undoing_takes_them_back(
    writer: httpx.AsyncClient, token_factory: Any
):
    editor = token_factory.headers("editor", region="05974")
    lines = [
        "region,year,sector,carrier,quantity,unit,status,grade,source",
        f"{SOEST},2021,statistics,moor_ha,100,ha,measured,B,Stadt (Beispiel)",
        f"{SOEST},2021,Statistik der Gemeinde,wiedervernässtes Moor (im Moor enthalten),40,ha,"
        "measured,B,Stadt (Beispiel)",
        f"{WERL},2021,statistics,Einwohner,31000,Einwohner,measured,A,Melderegister (Beispiel)",
        f"{WERL},2021,households,natural_gas,1000,MWh,measured,A,Netz (Beispiel)",
    ]
    upload = {"file": ("stadt.csv", "\n".join(lines).encode(), "text/csv")}
    done = await writer.post("/v1/imports", files=upload, headers=editor)
    assert done.status_code == 201, done.text
    assert done.json()["accepted"] == 4

    async def draft(region: str) -> dict[str, Any]:
        url = f"/v1/regions/{region}/balances"
        answer = await writer.post(url, json={"year": 2021}, headers=editor)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    wet = {r["category"]: r for r in (await draft(SOEST))["blocks"]["land_use"]}
    assert wet["wetland_organic"]["quantity"] == 60
    assert wet["rewetted_organic"]["emissions_t_co2e"] == pytest.approx(400)
    assert (await draft(WERL))["region"]["population"] == 31000
    undone = await writer.post(f"/v1/imports/{done.json()['import_id']}/undo", headers=editor)
    assert undone.status_code == 200, undone.text
    wet = {r["category"]: r for r in (await draft(SOEST))["blocks"]["land_use"]}
    assert "rewetted_organic" not in wet
    listed = await writer.get(f"/v1/regions/{SOEST}/activities", headers=editor)
    assert listed.json()["items"] == []


async def test_the_weather_view_takes_the_degree_days_that_are_published(
    writer: httpx.AsyncClient, token_factory: Any
):
    manager = token_factory.headers("manager", region=SOEST)
    base, source = f"/v1/regions/{SOEST}", "Wetterstation Soest (Beispiel)"
    body = {"unit": "K d", "status": "measured", "grade": "A", "source": source}
    for name, value in (("degree_days", 3000), ("mean_degree_days", 3300)):
        path = f"{base}/activities/2021/statistics.{name}"
        made = await writer.put(path, json=body | {"quantity": value}, headers=manager)
        assert made.status_code == 201, made.text

    async def parameters() -> dict[str, Any]:
        answer = await writer.get(f"{base}/balances/2021/views/weather")
        return dict(answer.json().get("parameters", {}))

    assert (await parameters()).get("degree_days") != 3000, "not before it is published"
    draft = await writer.post(f"{base}/balances", json={"year": 2021}, headers=manager)
    one = f"/v1/balances/{draft.json()['id']}/publish"
    assert (await writer.post(one, headers=manager)).is_success
    found = await parameters()
    assert (found["degree_days"], found["mean_degree_days"]) == (3000, 3300)
    assert (found["source"], found["grade"]) == (source, "A")
    assert found["factors"]["households"] == pytest.approx(0.17 + 0.83 * 3300 / 3000)


async def test_the_form_asks_for_them(writer: httpx.AsyncClient, token_factory: Any):
    import io

    from openpyxl import load_workbook

    editor = token_factory.headers("editor", region="05974")
    url = f"/v1/regions/{SOEST}/activities/template.xlsx?year=2021"
    form = await writer.get(url, headers=editor)
    book = load_workbook(io.BytesIO(form.content))
    page = book["Angaben"]
    found = {
        str(row[4].value): row
        for row in page.iter_rows()
        if row[3].value == "Statistik der Gemeinde"
    }
    assert {"Einwohner", "Milchkühe", "Laubwald", "Gradtagzahl"} <= set(found)
    row = found["Milchkühe"]
    assert row[7].value == "Tiere"
    for column, value in ((6, 77), (8, "gemessen"), (9, "A"), (10, "Stadt (Beispiel)")):
        page.cell(row[0].row, column + 1, value)
    filled = io.BytesIO()
    book.save(filled)
    upload = {"file": ("form.xlsx", filled.getvalue())}
    done = await writer.post("/v1/imports", files=upload, headers=editor)
    assert done.status_code == 201, done.text
    items = (await writer.get(f"/v1/regions/{SOEST}/activities", headers=editor)).json()["items"]
    assert [(i["key"], i["quantity"]) for i in items] == [("statistics.cows", 77)]
