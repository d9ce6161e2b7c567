"""What everybody may read: the shapes of the interface, sums, explanations, conditional
requests, formats."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

MUNICIPALITIES = [
    "05974004",
    "05974008",
    "05974012",
    "05974016",
    "05974020",
    "05974024",
    "05974028",
    "05974032",
    "05974036",
    "05974040",
    "05974044",
    "05974048",
    "05974052",
    "05974056",
]


async def get(client: httpx.AsyncClient, path: str, **headers: str) -> Any:
    response = await client.get(path, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6)


@pytest.mark.parametrize("year", [2018, 2021])
async def test_sectors_carriers_and_cells_sum_to_the_totals(reader: httpx.AsyncClient, year: int):
    for ags in [*MUNICIPALITIES, "05974000"]:
        d = await get(reader, f"/v1/regions/{ags}/balances/{year}")
        for unit, total in (
            ("final_energy_mwh", "final_energy_mwh"),
            ("emissions_t_co2e", "bisko_t_co2e"),
        ):
            for rows in (d["sectors"], d["carriers"], d["cells"]):
                assert close(math.fsum(r[unit] for r in rows), d["totals"][total]), (ags, unit)
        assert {r["sector"] for r in d["sectors"]} >= {
            "households",
            "commerce",
            "industry",
            "transport",
        }
        assert all(r["final_energy_mwh"] > 0 for r in d["sectors"])
        t = d["totals"]
        assert close(t["extended_t_co2e"], t["bisko_t_co2e"] + t["agriculture_t_co2e"])
        assert close(t["net_with_land_use_t_co2e"], t["extended_t_co2e"] + t["land_use_t_co2e"])
        assert d["version"] == 1
        assert d["published_at"].endswith("Z")


@pytest.mark.parametrize("year", [2018, 2021])
async def test_the_county_is_the_sum_of_its_fourteen(reader: httpx.AsyncClient, year: int):
    county = await get(reader, f"/v1/regions/05974/balances/{year}")
    members = [await get(reader, f"/v1/regions/{ags}/balances/{year}") for ags in MUNICIPALITIES]
    assert county["members"]["present"] == county["members"]["expected"] == 14
    for name in (
        "final_energy_mwh",
        "bisko_t_co2e",
        "agriculture_t_co2e",
        "land_use_t_co2e",
        "process_ets_t_co2",
    ):
        assert close(county["totals"][name], math.fsum(m["totals"][name] for m in members)), name
    for sector in county["sectors"]:
        parts = [
            r["emissions_t_co2e"]
            for m in members
            for r in m["sectors"]
            if r["sector"] == sector["sector"]
        ]
        assert close(sector["emissions_t_co2e"], math.fsum(parts))


@pytest.mark.parametrize("ags", ["05974040", "05974000"])
async def test_every_cell_and_block_explains_itself(reader: httpx.AsyncClient, ags: str):
    d = await get(reader, f"/v1/regions/{ags}/balances/2021")
    for cell in d["cells"]:
        query = f"sector={cell['sector']}&carrier={cell['carrier']}"
        path = f"/v1/regions/{ags}/balances/2021/explain?{query}"
        e = await get(reader, path)
        assert close(e["value"], cell["emissions_t_co2e"]), cell
        recomputed = math.fsum(
            r["activity"]["quantity"] * (r["factor"]["value"] if r["factor"] else 0) / 1000
            for r in e["rows"]
            if r["factor"] is None or r["factor"]["unit"] == "g CO2e/kWh"
        )
        assert close(recomputed, cell["emissions_t_co2e"]), cell
        assert all(r["activity"]["source"] and r["activity"]["grade"] for r in e["rows"])
        assert all(
            r["factor"]["source"] and r["factor"]["certainty"] for r in e["rows"] if r["factor"]
        )
    for block, total in (
        ("agriculture", "agriculture_t_co2e"),
        ("land_use", "land_use_t_co2e"),
        ("process_ets", "process_ets_t_co2"),
    ):
        e = await get(reader, f"/v1/regions/{ags}/balances/2021/explain?block={block}")
        assert close(math.fsum(r["emissions_t_co2e"] for r in e["rows"]), d["totals"][total]), block


async def test_the_arithmetic_of_a_start_cell_is_national_times_key(reader: httpx.AsyncClient):
    e = await get(
        reader, "/v1/regions/05974040/balances/2021/explain?sector=households&carrier=natural_gas"
    )
    (row,) = e["rows"]
    a = row["activity"]["arithmetic"]
    assert a["national_mwh"] == 287_980_278  # AG Energiebilanzen 2021, households, natural gas
    # 2260.3 thousand m2 x (1 - 501 / 23362 flats on district heat)
    assert a["key_region"] == pytest.approx(2260.3 * (1 - 501 / 23362))
    assert row["activity"]["quantity"] == pytest.approx(287_980_278 * a["key_region"] / 3_433_875.9)
    assert row["emissions_t_co2e"] == pytest.approx(row["activity"]["quantity"] * 247 / 1000)


async def test_agriculture_and_forest_are_outside_the_bisko_total(reader: httpx.AsyncClient):
    d = await get(reader, "/v1/regions/05974000/balances/2021")
    assert d["totals"]["agriculture_t_co2e"] > 100_000
    forest = [r for r in d["blocks"]["land_use"] if r["group"] == "forest"]
    # 26,467 ha x -3.88 t/ha, the newer inventory. The fourteen add up to
    # 26,465 ha (rounding).
    assert forest[0]["emissions_t_co2e"] == pytest.approx(-26_465 * 3.88)
    assert forest[0]["emissions_t_co2e"] == pytest.approx(-103_000, rel=0.01)
    assert close(
        d["totals"]["bisko_t_co2e"], math.fsum(r["emissions_t_co2e"] for r in d["sectors"])
    )
    # the cement works and the others of 2021, as reported
    assert d["totals"]["process_ets_t_co2"] == pytest.approx(2_908_617)


async def test_implausible_wind_is_corrected_and_says_so(reader: httpx.AsyncClient):
    e = await get(reader, "/v1/regions/05974036/balances/2021/explain?block=renewables")
    (wind,) = [r for r in e["rows"] if "Wind" in r["activity"]["label"]]
    assert (
        wind["activity"]["quantity"] > 5_720 * 2_000 / 1000
    )  # the register's kW x full-load hours
    text = str(wind["activity"])
    assert "correction" in text
    d = await get(reader, "/v1/regions/05974036/balances/2021")
    assert "statistic_corrected" in {f["rule"] for f in d["conformity"]["findings"]}


async def test_reads_are_conditional_and_head_has_no_body(reader: httpx.AsyncClient):
    for path in (
        "/v1/regions/05974040/balances/2021",
        "/v1/regions?parent=05974",
        "/v1/regions/05974040/timeseries",
        "/v1/regions/05974040/balances/2021/chart.svg",
        "/embed/balance/05974040",
        "/v1/factor-sets",
    ):
        first = await reader.get(path)
        etag = first.headers["etag"]
        assert etag.startswith('"')
        assert "cache-control" in first.headers
        assert "accept-language" in first.headers["vary"].lower()
        again = await reader.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag), path
        head = await reader.head(path)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag), path
        assert (await reader.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_balance_as_table_in_three_formats(reader: httpx.AsyncClient):
    path = "/v1/regions/05974040/balances/2021"
    d = await get(reader, path)
    gas = next(
        c for c in d["cells"] if (c["sector"], c["carrier"]) == ("households", "natural_gas")
    )
    plain = await reader.get(path + "?format=csv")
    rows = list(csv.DictReader(io.StringIO(plain.text)))
    (row,) = [r for r in rows if (r["sector"], r["carrier"]) == ("households", "natural_gas")]
    assert float(row["final_energy_mwh"]) == gas["final_energy_mwh"]
    assert row["final_energy_mwh_unit"] == "MWh"
    german = await reader.get(path + "?format=csv-de")
    assert german.content.startswith("\ufeff".encode())
    (row,) = [
        r
        for r in csv.DictReader(io.StringIO(german.content.decode("utf-8-sig")), delimiter=";")
        if (r["sector"], r["carrier"]) == ("households", "natural_gas")
    ]
    assert float(row["final_energy_mwh"].replace(",", ".")) == gas["final_energy_mwh"]
    book = await reader.get(path + "?format=xlsx")
    sheet = (
        CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    )
    assert len(sheet) == len(rows) + 1


async def test_no_column_of_a_table_invites_a_false_sum(reader: httpx.AsyncClient):
    """BISKO's rows have their total; every other block is a file or a sheet of its own, in which
    what counts sums to the block's total."""
    path = "/v1/regions/05974/balances/2021"
    d = await get(reader, path)
    rows = list(csv.DictReader(io.StringIO((await reader.get(path + "?format=csv")).text)))
    assert {row["block"] for row in rows} == {"bisko"}
    *cells, total = rows
    assert total["sector"] == "total"
    for column, name in (
        ("emissions_t_co2e", "bisko_t_co2e"),
        ("final_energy_mwh", "final_energy_mwh"),
    ):
        assert math.isclose(float(total[column]), d["totals"][name], rel_tol=1e-12)
        assert math.isclose(sum(float(r[column]) for r in cells), d["totals"][name], rel_tol=1e-9)
    for block, name, column in (
        ("process_ets", "process_ets_t_co2", "emissions_t_co2e"),
        ("agriculture", "agriculture_t_co2e", "emissions_t_co2e"),
        ("renewables", "renewable_generation_mwh", "generation_mwh"),
    ):
        text = (await reader.get(f"{path}?format=csv&block={block}")).text
        apart = list(csv.DictReader(io.StringIO(text)))
        assert {row["block"] for row in apart} == {block}
        counted = [float(r[column] or 0) for r in apart if r["counted"] == "true"]
        assert math.isclose(sum(counted), d["totals"][name], rel_tol=1e-9)
        assert math.isclose(float(apart[-1][column]), d["totals"][name], rel_tol=1e-12)
    book = CalamineWorkbook.from_filelike(
        io.BytesIO((await reader.get(path + "?format=xlsx")).content)
    )
    assert book.sheet_names[0] == "Daten"
    assert "Prozesse und Emissionshandel" in book.sheet_names
    everything = (await reader.get("/v1/exports/balances.csv?year=2021&block=land_use")).text
    assert {row["block"] for row in csv.DictReader(io.StringIO(everything))} == {"land_use"}


async def test_a_comparison_has_the_blocks_beside_the_headline(reader: httpx.AsyncClient):
    path = "/v1/comparisons?regions=05974016,05974040&year=2021"
    answer = await get(reader, path)
    erwitte = answer["items"][0]
    assert erwitte["beside"]["process_ets"] > erwitte["divided"], "the cement works of Erwitte"
    table = list(csv.DictReader(io.StringIO((await reader.get(path + "&format=csv")).text)))
    sums = {r["region"]: float(r["divided"]) for r in table if r["sector"] == "total"}
    assert sums == {i["region"]["ags"]: i["divided"] for i in answer["items"]}
    for ags, total in sums.items():
        parts = [float(r["divided"]) for r in table if r["region"] == ags]
        assert math.isclose(sum(parts), 2 * total, rel_tol=1e-9)
    beside = (await reader.get(path + "&format=csv&block=process_ets")).text
    assert {r["block"] for r in csv.DictReader(io.StringIO(beside))} == {"process_ets"}


async def test_english_on_request(reader: httpx.AsyncClient):
    d = await get(reader, "/v1/regions/05974040/balances/2021", **{"Accept-Language": "en"})
    assert d["sectors"][0]["label"] == "Private households"
    reasons = {f["rule"]: f["reason"] for f in d["conformity"]["findings"]}
    assert "missing is not zero" in reasons["required_cell"]
    german = await get(reader, "/v1/regions/05974040/balances/2021")
    assert german["sectors"][0]["label"] == "Private Haushalte"
    assert d["totals"] == german["totals"]


async def test_series_and_comparisons_agree_with_the_balances(reader: httpx.AsyncClient):
    d = await get(reader, "/v1/regions/05974040/balances/2021")
    series = await get(reader, "/v1/regions/05974040/timeseries?metric=final_energy_mwh&by=total")
    assert series["years"] == [2018, 2021]
    assert series["series"][0]["values"][1]["value"] == d["totals"]["final_energy_mwh"]
    both = await get(reader, "/v1/comparisons?regions=05974040,05974028&year=2021&per=inhabitant")
    assert both["items"][0]["per"] == pytest.approx(d["totals"]["bisko_t_co2e_per_inhabitant"])
    renewables = await get(reader, "/v1/regions/05974040/renewables?year=2021")
    assert renewables["generation_mwh"] == d["totals"]["renewable_generation_mwh"]
    assert renewables["coverage"] == pytest.approx(
        renewables["generation_mwh"] / renewables["electricity_use_mwh"]
    )


async def test_a_county_and_its_municipalities_come_in_one_call(reader: httpx.AsyncClient):
    all_of_it = await get(reader, "/v1/balances?parent=05974&year=2021")
    assert len(all_of_it["items"]) == 15
    assert (all_of_it["missing"], all_of_it["next"]) == ([], None)
    for item in all_of_it["items"]:
        one = await get(reader, item["url"])
        assert (item["totals"], item["version"]) == (one["totals"], one["version"])
    first = await get(reader, "/v1/balances?parent=05974&year=2021&limit=10")
    rest = await get(reader, f"/v1/balances?parent=05974&year=2021&cursor={first['next']}")
    assert first["items"] + rest["items"] == all_of_it["items"]
    none = await get(reader, "/v1/balances?parent=05974&year=2019")
    assert (none["items"], len(none["missing"]), none["meta"]) == ([], 15, None)
    assert (await reader.get("/v1/balances?parent=05999&year=2021")).status_code == 404


@pytest.mark.parametrize(
    "name",
    ["region", "final_energy_mwh", "bisko_t_co2e", "bisko_t_co2e_per_inhabitant", "data_quality"],
)
async def test_a_county_and_its_municipalities_are_sorted_page_by_page(
    reader: httpx.AsyncClient, name: str
):
    """By a figure; equal ones by key. Another year, of which nothing is published, keeps all."""

    def key(item: dict[str, Any]) -> tuple[float, str]:
        figure = item["totals"].get(name, item.get(name))
        return (0.0 if name == "region" else figure, item["region"]["ags"])

    for sign in ("", "-"):
        query = f"/v1/balances?parent=05974&year=2021&sort={sign}{name}&limit=4"
        items: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await get(reader, query + (f"&cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page["next"]
        figures = [key(item) for item in items]
        assert len(items) == 15
        if sign and name != "region":
            assert figures == sorted(figures, key=lambda one: (-one[0], one[1]))
        else:
            assert figures == sorted(figures, reverse=bool(sign))
        none = await get(reader, f"/v1/balances?parent=05974&year=2019&sort={sign}{name}")
        assert (none["items"], len(none["missing"])) == ([], 15)
    answer = await reader.get("/v1/balances?parent=05974&year=2021&sort=name")
    assert answer.status_code == 422


async def test_boundaries_come_in_parts(reader: httpx.AsyncClient):
    path = "/v1/exports/regions.geojson?parent=05974"
    whole = await reader.get(path)
    assert int(whole.headers["content-length"]) == len(whole.content)
    part = await reader.get(
        path, headers={"Range": "bytes=10-19", "If-Range": whole.headers["etag"]}
    )
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["etag"] == whole.headers["etag"]
    outside = await reader.get(path, headers={"Range": "bytes=99999999-"})
    assert outside.status_code == 416


async def test_lists_are_paged_by_cursor(reader: httpx.AsyncClient):
    found, path = [], "/v1/regions?parent=05974&limit=5"
    while path:
        response = await reader.get(path)
        found += [r["ags"] for r in response.json()["items"]]
        link = response.headers.get("link")
        assert (link is None) == (response.json()["next"] is None)
        path = link.split(">")[0].removeprefix("<") if link else ""
    assert found == MUNICIPALITIES
    assert (await reader.get("/v1/regions?limit=201")).status_code == 422
    assert (await reader.get("/v1/regions?cursor=bm9wZQ")).status_code == 422


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "version=99",
            "Für 05974040 ist für das Jahr 2021 keine Fassung 99 der Bilanz veröffentlicht.",
        ),
        (
            "as_of=2020-01-31T12:00:00Z",
            (
                "Für 05974040 ist für das Jahr 2021 bis 31.01.2020 12:00 UTC keine Bilanz"
                " veröffentlicht."
            ),
        ),
    ],
)
async def test_what_is_not_there_is_named(reader: httpx.AsyncClient, query: str, said: str):
    answer = await reader.get(f"/v1/regions/05974040/balances/2021?{query}")
    assert (answer.status_code, answer.json()["detail"]) == (404, said)


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "year", "-year"])
async def test_balances_are_sorted_as_asked_page_by_page(
    reader: httpx.AsyncClient, sort: str
) -> None:
    path, name = "/v1/regions/05974040/balances", sort.removeprefix("-")
    whole = (await reader.get(path, params={"sort": sort})).json()["items"]
    assert len(whole) > 1
    values = [one[name] for one in whole]
    assert values == sorted(values, reverse=sort.startswith("-"))
    found, query = [], {"sort": sort, "limit": "1"}
    while query.get("cursor") != "":
        page = (await reader.get(path, params=query)).json()
        found += page["items"]
        query["cursor"] = page["next"] or ""
    assert found == whole


async def test_only_the_wanted_fields_are_sent(reader: httpx.AsyncClient) -> None:
    """With an ETag of their own, and in the address of the next page."""
    path = "/v1/regions?parent=05974&limit=3"
    whole, sparse = await reader.get(path), await reader.get(path + "&fields=name,ags")
    wanted = [{"name": one["name"], "ags": one["ags"]} for one in whole.json()["items"]]
    assert sparse.json()["items"] == wanted
    assert sparse.json()["next"] == whole.json()["next"]
    assert sparse.headers["etag"] != whole.headers["etag"]
    etag = {"If-None-Match": sparse.headers["etag"]}
    assert (await reader.get(path + "&fields=name,ags", headers=etag)).status_code == 304
    assert "fields=" in sparse.headers["link"]


async def test_the_county_s_seven_sectors_are_the_same_figures(reader: httpx.AsyncClient):
    path = "/v1/regions/05974/balances/2021"
    d = await get(reader, path)
    found = await get(reader, path + "/views/concept-sectors")
    names = [row["label"] for row in found["items"]]
    assert names == [
        "Kommunale Liegenschaften und kommunaler Fuhrpark",
        "Private Haushalte",
        "Industrie und verarbeitendes Gewerbe",
        "Gewerbe, Handel, Dienstleistungen und Kleinverbrauch",
        "Verkehr",
        "Landwirtschaft",
        "Kommunale Produktion erneuerbarer Energien",
    ]
    municipal, *_, agriculture, renewables = found["items"]
    # Nobody delivered anything of municipal facilities: missing, not zero.
    assert (municipal["emissions_t_co2e"], municipal["fleet"]) == (None, None)
    inside = [r["emissions_t_co2e"] or 0.0 for r in found["items"] if r["in_bisko"]]
    assert math.isclose(sum(inside), d["totals"]["bisko_t_co2e"], rel_tol=1e-9)
    assert found["bisko_t_co2e"] == d["totals"]["bisko_t_co2e"]
    assert agriculture["emissions_t_co2e"] == d["totals"]["agriculture_t_co2e"]
    assert renewables["generation_mwh"] == d["totals"]["renewable_generation_mwh"]
    assert (agriculture["in_bisko"], renewables["in_bisko"]) == (False, False)
    assert renewables["emissions_t_co2e"] is None
    table = (await reader.get(path + "/views/concept-sectors?format=csv")).text
    assert [r["label"] for r in csv.DictReader(io.StringIO(table))] == names
