"""A utility's figures from the file to the published balance and back."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import openpyxl
import psycopg
import pytest

SOEST = "/v1/regions/05974040"
YEAR = ("compute", "--year", "2023", "--region", "05974", "--publish")
HEAD = "region,year,sector,carrier,quantity,unit,status,grade,source\n"
CSV = (
    HEAD + "05974040,2023,households,natural_gas,300000,MWh_Hs,measured,A,Netzbetreiber 2023"
    " (Beispiel)\n"
    "05974040,2023,households,electricity,70000.5,MWh,measured,A,Netzbetreiber 2023 (Beispiel)\n"
)


@pytest.fixture
async def writer(fresh_database: Any, open_service: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(fresh_database("balance", ["load-method"], YEAR).url) as client:
        yield client


@pytest.fixture
def manager(token_factory: Any) -> dict[str, str]:
    return token_factory.headers("manager", region="05974")


async def send(
    client: httpx.AsyncClient,
    headers: dict[str, str],
    data: bytes | str,
    *,
    dry_run: bool = False,
    **more: str,
) -> httpx.Response:
    content = data.encode() if isinstance(data, str) else data
    url = f"/v1/imports?dry_run={str(dry_run).lower()}"
    return await client.post(
        url, files={"file": ("lieferung.csv", content)}, headers={**headers, **more}
    )


async def compute_and_publish(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    draft = await client.post(SOEST + "/balances", json={"year": 2023}, headers=headers)
    assert draft.status_code == 201, draft.text
    done = await client.post(f"/v1/balances/{draft.json()['id']}/publish", headers=headers)
    assert done.status_code == 200, done.text
    return (await client.get(SOEST + "/balances/2023")).json()


async def activities(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    found = await client.get(SOEST + "/activities?limit=200", headers=headers)
    return {item["key"]: item for item in found.json()["items"]}


def cell(balance: dict[str, Any], sector: str, carrier: str) -> dict[str, Any]:
    return next(c for c in balance["cells"] if (c["sector"], c["carrier"]) == (sector, carrier))


async def test_dry_run_then_stored_then_in_the_balance(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    dry = await send(writer, manager, CSV, dry_run=True)
    assert dry.status_code == 200, dry.text
    assert {
        k: dry.json()[k] for k in ("import_id", "dry_run", "rows", "accepted", "added", "errors")
    } == {"import_id": None, "dry_run": True, "rows": 2, "accepted": 2, "added": 2, "errors": []}
    assert await activities(writer, manager) == {}

    done = await send(writer, manager, CSV)
    assert done.status_code == 201, done.text
    assert done.headers["location"] == f"/v1/imports/{done.json()['import_id']}"
    before = (await writer.get(SOEST + "/balances/2023")).json()
    after = await compute_and_publish(writer, manager)
    gas = cell(after, "households", "natural_gas")
    assert (after["version"], gas["grade"], cell(before, "households", "natural_gas")["grade"]) == (
        2,
        "A",
        "D",
    )
    assert gas["final_energy_mwh"] == pytest.approx(300000 * 0.9024, rel=1e-12)
    assert after["data_quality"] > before["data_quality"] == 0.0


async def filled_template(
    client: httpx.AsyncClient, figures: dict[tuple[str, str], tuple[float, str]]
) -> bytes:
    """The form as a utility sends it back: some figures, `k. A.` in one cell, the rest left
    empty."""
    form = await client.get(SOEST + "/activities/template.xlsx?year=2023")
    assert form.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(form.content))
    sheet = book["Angaben"]
    assert sheet.data_validations.count > 40  # drop-downs of units, status, grade
    filled = 0
    for row in sheet.iter_rows(min_row=6):
        at = (row[3].value, row[4].value)
        if at in figures and row[5].value in (None, ""):
            quantity, unit = figures[at]
            for column, value in (
                (6, quantity),
                (7, unit),
                (8, "gemessen"),
                (9, "A"),
                (10, "Stadtwerke 2023 (Beispiel)"),
            ):
                row[column].value = value
            filled += 1
        elif at == ("Private Haushalte", "Biomasse"):
            row[6].value = "k. A."
    assert filled == len(figures)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


async def test_the_filled_template_of_soest_2023(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    """Through HTTP: supersedes defaults, raises the quality, shows in explain with its source, and
    can be undone."""
    figures = {
        ("Private Haushalte", "Erdgas"): (310_000_000.0, "kWh (Hs)"),
        ("Private Haushalte", "Strom"): (72_000_000.0, "kWh"),
        ("Industrie und verarbeitendes Gewerbe", "Strom"): (110_000.0, "MWh"),
    }
    form = await filled_template(writer, figures)
    before = (await writer.get(SOEST + "/balances/2023")).json()
    done = await send(writer, manager, form)
    assert done.status_code == 201, done.text
    result = done.json()
    assert (result["kind"], result["rows"], result["added"]) == ("xlsx", 3, 3)
    assert [(n["column"], n["message"][:13]) for n in result["notices"]] == [
        ("quantity", "Keine Angabe:")
    ]
    after = await compute_and_publish(writer, manager)
    assert cell(after, "households", "natural_gas")["final_energy_mwh"] == pytest.approx(
        310_000 * 0.9024
    )
    quality = {q["sector"]: q["data_quality"] for q in after["sectors"]}
    assert after["data_quality"] > before["data_quality"]
    assert quality["households"] > quality["commerce"] == 0.0
    explained = (
        await writer.get(SOEST + "/balances/2023/explain?sector=households&carrier=natural_gas")
    ).json()
    assert [row["activity"]["source"] for row in explained["rows"]] == [
        "Stadtwerke 2023 (Beispiel)"
    ]
    assert explained["rows"][0]["activity"]["grade"] == "A"
    assert explained["superseded"][0]["activity"]["grade"] == "D"  # the default stays visible

    undone = await writer.post(f"/v1/imports/{result['import_id']}/undo", headers=manager)
    assert undone.status_code == 200, undone.text
    assert undone.json()["undone_by"] == "test"
    assert await activities(writer, manager) == {}
    last = await compute_and_publish(writer, manager)
    assert last["totals"] == before["totals"]
    assert last["cells"] == before["cells"]
    assert (
        await writer.post(f"/v1/imports/{result['import_id']}/undo", headers=manager)
    ).status_code == 409
    assert (await send(writer, manager, form)).status_code == 201  # what was undone can come again


async def test_the_same_file_twice_changes_nothing(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    first = (await send(writer, manager, CSV)).json()
    stored = await activities(writer, manager)
    again = await send(writer, manager, CSV)
    assert again.status_code == 200
    assert (again.json()["import_id"], again.json()["unchanged"]) == (first["import_id"], 2)
    assert await activities(writer, manager) == stored
    assert len((await writer.get("/v1/imports", headers=manager)).json()["items"]) == 1


async def test_two_at_the_same_time_store_once(writer: httpx.AsyncClient, manager: dict[str, str]):
    answers = await asyncio.gather(*(send(writer, manager, CSV) for _ in range(4)))
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 201]
    history = await writer.get(
        SOEST + "/activities/2023/households.natural_gas/history", headers=manager
    )
    assert [r["revision"] for r in history.json()["items"]] == [1]


async def test_a_repeat_with_its_key_answers_the_first_response(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    more = {"Idempotency-Key": "lieferung-1"}
    first = await send(writer, manager, CSV, **more)
    again = await send(writer, manager, CSV, **more)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert (await send(writer, manager, CSV + "\n", **more)).status_code == 409


async def test_with_an_error_nothing_is_stored(writer: httpx.AsyncClient, manager: dict[str, str]):
    faulty = (
        CSV + "05974040,2023,industry,electricity,1.234,MWh,measured,A,Netzbetreiber (Beispiel)\n"
    )
    dry = (await send(writer, manager, faulty, dry_run=True)).json()
    assert (dry["rows"], dry["accepted"]) == (3, 2)
    assert [(e["line"], e["column"]) for e in dry["errors"]] == [(4, "quantity")]
    refused = await send(writer, manager, faulty)
    assert refused.status_code == 422
    found = [{k: e[k] for k in ("line", "column", "message")} for e in refused.json()["errors"]]
    assert found == dry["errors"]
    assert refused.json()["errors"][0]["pointer"] == "/line/4/quantity"
    assert await activities(writer, manager) == {}
    english = await send(writer, manager, faulty, **{"Accept-Language": "en"})
    assert "two ways" in english.json()["errors"][0]["message"]


async def test_german_csv_of_a_messy_kind(writer: httpx.AsyncClient, manager: dict[str, str]):
    """Windows-1252, a title, German headings and labels, grouping, a total, a footnote, empty
    separators."""
    text = (
        "Lieferung der Stadtwerke (Beispiel);;;;;;;;;\r\n"
        ";;;;;;;;;\r\n"
        "Gemeindeschlüssel;Jahr;Sektor;Energieträger;Menge;Einheit;"
        "Status;Datengüte;Quelle;Bemerkung\r\n"
        "05974040;2023;PH;Erdgas;310.000.500,5;kWh (Hs);gemessen;A;Stadtwerke (Beispiel);\r\n"
        "05974040;2023;GHD;Strom;81 000;MWh;geschätzt;B;Stadtwerke (Beispiel);vorläufig\r\n"
        "05974040;2023;Industrie;Fernwärme;;;bestätigt null;A;Stadtwerke (Beispiel);\r\n"
        "05974040;2023;GHD;Biomasse;k. A.;MWh;;;;\r\n"
        "Summe;;;;391.000,5;;;;;\r\n"
        "* ohne Gewähr;;;;;;;;;\r\n"
    )
    done = await send(writer, manager, text.encode("cp1252"))
    assert done.status_code == 201, done.text
    assert [(n["line"], n["message"]) for n in done.json()["notices"]] == [
        (7, "Keine Angabe: die Zelle bleibt offen (fehlend ist nicht null)."),
        (8, "Summenzeile übergangen."),
        (9, "Fußnote übergangen."),
    ]
    stored = await activities(writer, manager)
    assert {k: (v["quantity_mwh"], v["status"], v["grade"]) for k, v in stored.items()} == {
        "households.natural_gas": (pytest.approx(310000.5005 * 0.9024), "measured", "A"),
        "commerce.electricity": (81000.0, "estimated", "B"),
        "industry.district_heat": (0.0, "confirmed_zero", "A"),
    }


def test_merged_headings_and_merged_cells():
    from klima_balance.imports.files.uploads import read_upload

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Verbrauchsdaten 2023 (Beispiel)"])
    sheet.append(["Gemeinde", "Jahr", "Verbraucher", None, "Verbrauch", None, "Angabe", None, None])
    sheet.append(
        [None, None, "Sektor", "Energieträger", "Menge", "Einheit", "Status", "Güte", "Quelle"]
    )
    sheet.append(
        ["05974040", 2023, "PH", "Erdgas", 1000, "MWh", "gemessen", "A", "Stadtwerke (Beispiel)"]
    )
    sheet.append([None, None, None, "Strom", 2000, "MWh", "gemessen", "A", None])
    for merged in (
        "A1:I1",
        "A2:A3",
        "B2:B3",
        "C2:D2",
        "E2:F2",
        "G2:I2",
        "A4:A5",
        "B4:B5",
        "C4:C5",
        "I4:I5",
    ):
        sheet.merge_cells(merged)
    target = io.BytesIO()
    book.save(target)
    found = read_upload(target.getvalue())
    assert found.errors == []
    assert [
        (r.line, r.texts["region"], r.texts["sector"], r.texts["carrier"], r.quantity)
        for r in found.rows
    ] == [(4, "05974040", "PH", "Erdgas", 1000.0), (5, "05974040", "PH", "Strom", 2000.0)]


def test_rows_that_a_filter_hides_are_read_and_named():
    from klima_balance.imports.files.uploads import read_upload

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD.strip().split(","))
    for carrier in ("natural_gas", "electricity"):
        sheet.append(
            [
                "05974040",
                2023,
                "households",
                carrier,
                1000,
                "MWh",
                "measured",
                "A",
                "Stadtwerke (Beispiel)",
            ]
        )
    sheet.row_dimensions[3].hidden = True
    target = io.BytesIO()
    book.save(target)
    found = read_upload(target.getvalue())
    assert [row.line for row in found.rows] == [2, 3]
    assert [(n.place.line, "ausgeblendet" in n.text.de) for n in found.notices] == [(3, True)]


async def test_undo_gives_back_what_stood_before_and_respects_later_changes(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    await send(writer, manager, CSV)
    old = await activities(writer, manager)
    second = (await send(writer, manager, CSV.replace("300000", "310000"))).json()
    assert (second["changed"], second["unchanged"]) == (1, 1)
    rows = (await writer.get(f"/v1/imports/{second['import_id']}/rows", headers=manager)).json()[
        "items"
    ]
    assert [(r["line"], r["key"], r["before_revision"], r["revision"]) for r in rows] == [
        (2, "households.natural_gas", 1, 2)
    ]
    path = SOEST + "/activities/2023/households.natural_gas"
    etag = (await writer.get(path, headers=manager)).headers["etag"]
    body = {
        "quantity": 1.0,
        "unit": "MWh",
        "status": "measured",
        "grade": "B",
        "source": "von Hand (Beispiel)",
    }
    changed = await writer.put(path, json=body, headers={**manager, "If-Match": etag})
    refused = await writer.post(f"/v1/imports/{second['import_id']}/undo", headers=manager)
    assert (refused.status_code, refused.json()["cells"]) == (
        409,
        ["05974040/2023/households.natural_gas"],
    )
    assert (
        await writer.delete(path, headers={**manager, "If-Match": changed.headers["etag"]})
    ).status_code == 204
    assert (
        await writer.post(f"/v1/imports/{second['import_id']}/undo", headers=manager)
    ).status_code == 409

    third = (await send(writer, manager, CSV.replace("70000.5", "75000"))).json()
    assert (
        await writer.post(f"/v1/imports/{third['import_id']}/undo", headers=manager)
    ).status_code == 200
    now = await activities(writer, manager)
    same = ("quantity", "unit", "quantity_mwh", "status", "grade", "source", "note")
    key = "households.electricity"
    assert {n: now[key][n] for n in same} == {n: old[key][n] for n in same}
    history = (await writer.get(f"{SOEST}/activities/2023/{key}/history", headers=manager)).json()[
        "items"
    ]
    assert [(r["revision"], r["content"]["quantity"]) for r in history] == [
        (1, 70000.5),
        (2, 75000.0),
        (3, 70000.5),
    ]


async def test_who_may_import_and_who_imported(
    fresh_database: Any, open_service: Any, token_factory: Any, manager: dict[str, str]
):
    database = fresh_database("balance", ["load-method"])
    async with open_service(database.url) as client:
        assert (await send(client, {}, CSV)).status_code == 401
        assert (
            await send(client, token_factory.headers("viewer", region="05974"), CSV)
        ).status_code == 403
        foreign = token_factory.headers("editor", region="05974028")
        assert (await send(client, foreign, CSV)).status_code == 403
        assert (await send(client, foreign, CSV, dry_run=True)).status_code == 403
        own = token_factory.headers("editor", region="05974040", subject="stadtwerke")
        done = (await send(client, own, CSV)).json()
        head = (await client.get(f"/v1/imports/{done['import_id']}", headers=own)).json()
        assert (head["created_by"], head["file_name"], head["digest"]) == (
            "stadtwerke",
            "lieferung.csv",
            done["digest"],
        )
        assert head["digest"].startswith("sha256:")
        assert (
            await client.get(f"/v1/imports/{done['import_id']}", headers=foreign)
        ).status_code == 404
        assert (await client.get("/v1/imports", headers=foreign)).json()["items"] == []
        assert (
            await client.post(f"/v1/imports/{done['import_id']}/undo", headers=foreign)
        ).status_code == 404
    with psycopg.connect(database.owner_url) as connection:
        found = connection.execute(
            "select subject, action, after->>'digest' from balance.audit where entity ="
            " 'data_import'"
        )
        assert found.fetchall() == [("stadtwerke", "import", done["digest"])]


async def test_mileage_generation_fleet_and_parts_of_a_cell(
    writer: httpx.AsyncClient, manager: dict[str, str]
):
    head = HEAD.replace("carrier,", "carrier,category,")
    lines = (
        (
            "05974040,2023,transport,diesel,car_rural,100,Mio. Fzkm,estimated,B,Verkehrsmodell"
            " (Beispiel)"
        ),
        "05974040,2023,renewables,photovoltaics,,45000,MWh,measured,A,Netzbetreiber (Beispiel)",
        "05974040,2023,transport,diesel,municipal_fleet,40,MWh,measured,A,Bauhof (Beispiel)",
        (
            "05974040,2023,households,natural_gas,Netz Nord,100000,MWh,measured,A,Netzbetreiber"
            " Nord (Beispiel)"
        ),
        (
            "05974040,2023,households,natural_gas,Netz Süd,90000,MWh,measured,A,Netzbetreiber Süd"
            " (Beispiel)"
        ),
    )
    done = await send(writer, manager, head + "\n".join(lines))
    assert done.status_code == 201, done.text
    stored = await activities(writer, manager)
    assert stored["transport.diesel.car_rural"]["quantity_mwh"] == pytest.approx(
        100e6 * 0.6965 / 1000
    )
    balance = await compute_and_publish(writer, manager)
    assert cell(balance, "households", "natural_gas")["final_energy_mwh"] == pytest.approx(190000.0)
    assert [(m["item"], m["final_energy_mwh"]) for m in balance["memo"]] == [
        ("municipal_fleet", 40.0)
    ]
    assert balance["memo"][0]["label"] == "davon kommunaler Fuhrpark"
    explained = (
        await writer.get(SOEST + "/balances/2023/explain?sector=transport&carrier=diesel")
    ).json()
    assert [row["activity"]["quantity"] for row in explained["memo"]] == [40.0]
    assert cell(balance, "transport", "diesel")["final_energy_mwh"] == pytest.approx(
        sum(row["activity"]["quantity"] for row in explained["rows"])
    )
    assert cell(balance, "transport", "diesel")["emissions_t_co2e"] == pytest.approx(
        explained["value"]
    )
    pv = next(r for r in balance["blocks"]["renewables"] if r["category"] == "photovoltaics")
    assert (pv["generation_mwh"], pv["grade"]) == (45000.0, "A")
    english = (await writer.get(SOEST + "/balances/2023", headers={"Accept-Language": "en"})).json()
    assert english["memo"][0]["label"] == "of which municipal fleet"
