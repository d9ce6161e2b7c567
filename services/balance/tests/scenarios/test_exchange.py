"""IAMC files and data packages: the right structure, the same figures, read by the programs they
are meant for."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

CLIMATE = "climate_protection.05974000.2021.v1.e2026-2"
TREND = "trend.05974000.2021.v1.e2026-2"
# pyam needs older SQLAlchemy and pandas than this project: an environment of its own
# (docs/decisions/0064).
PYAM = os.environ.get("KLIMA_PYAM_PYTHON")


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def run_foreign(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(PYAM), "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def test_iamc_csv_has_the_columns_and_the_figures(reader: httpx.AsyncClient):
    response = await reader.get(f"/v1/scenarios/{CLIMATE}/iamc.csv", params={"against": TREND})
    rows = rows_of(response.content)
    years = [str(y) for y in range(2021, 2046)]
    assert list(rows[0]) == ["Model", "Scenario", "Region", "Variable", "Unit", *years]
    keys = [(r["Model"], r["Scenario"], r["Region"], r["Variable"], r["Unit"]) for r in rows]
    assert len(set(keys)) == len(keys)
    assert {r["Scenario"] for r in rows} == {"climate_protection", "trend"}
    results = (await reader.get(f"/v1/scenarios/{CLIMATE}/results")).json()
    mine = {r["Variable"]: r for r in rows if r["Scenario"] == "climate_protection"}
    for year in results["years"]:
        assert (
            float(mine["Emissions|Kyoto Gases|BISKO"][str(year["year"])])
            == year["emissions_t_co2e"]
        )
        assert float(mine["Final Energy"][str(year["year"])]) == year["final_energy_mwh"]
    parts = ("Residential", "Commercial", "Industry", "Transportation")
    total = sum(float(mine[f"Final Energy|{part}"]["2045"]) for part in parts)
    assert total == pytest.approx(float(mine["Final Energy"]["2045"]), rel=1e-9)


async def test_iamc_xlsx_has_a_data_sheet_and_meta(reader: httpx.AsyncClient):
    response = await reader.get(f"/v1/scenarios/{CLIMATE}/iamc.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["data", "meta"]
    head = [cell.value for cell in next(book["data"].iter_rows(max_row=1))]
    assert head[:6] == ["Model", "Scenario", "Region", "Variable", "Unit", 2021]
    again = await reader.get(f"/v1/scenarios/{CLIMATE}/iamc.xlsx")
    assert again.content == response.content


@pytest.mark.skipif(PYAM is None, reason="KLIMA_PYAM_PYTHON names no interpreter with pyam")
async def test_pyam_reads_both(reader: httpx.AsyncClient, tmp_path: Path):
    for form in ("csv", "xlsx"):
        response = await reader.get(
            f"/v1/scenarios/{CLIMATE}/iamc.{form}", params={"against": TREND}
        )
        (tmp_path / f"iamc.{form}").write_bytes(response.content)
    program = (
        "import pyam, sys\nfor f in sys.argv[1:]:\n    d = pyam.IamDataFrame(f)\n    assert"
        " sorted(d.scenario) == ['climate_protection', 'trend'] and d.region == ['Kreis Soest'],"
        " d\n    assert d.year[0] == 2021 and d.year[-1] == 2045\n    parts = [f'Final Energy|{p}'"
        " for p in ('Residential', 'Commercial', 'Industry', 'Transportation')]\n    assert"
        " d.check_aggregate('Final Energy', components=parts) is None\n"
    )
    files = [str(tmp_path / f"iamc.{form}") for form in ("csv", "xlsx")]
    run_foreign(program, *files)


async def test_the_data_package_describes_every_column(reader: httpx.AsyncClient):
    response = await reader.get(f"/v1/scenarios/{CLIMATE}/datapackage.zip")
    assert response.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    descriptor = json.loads(archive.read("datapackage.json"))
    assert descriptor["licenses"][0]["name"] == "dl-de/by-2-0"
    assert descriptor["sources"]
    assert {"datapackage.json", *(r["path"] for r in descriptor["resources"])} == set(
        archive.namelist()
    )
    kinds: dict[str, Any] = {"integer": int, "number": float, "string": str}
    for resource in descriptor["resources"]:
        rows = rows_of(archive.read(resource["path"]))
        fields = resource["schema"]["fields"]
        assert rows
        assert list(rows[0]) == [f["name"] for f in fields]
        assert all(f["description"] for f in fields)
        keys = [tuple(row[k] for k in resource["schema"]["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys)
        for row in rows:
            for f in fields:
                if row[f["name"]]:
                    kinds[f["type"]](row[f["name"]])
    levers = rows_of(archive.read("levers.csv"))
    assert all(row["source"] and row["certainty"] for row in levers)
    assert (
        await reader.get(f"/v1/scenarios/{CLIMATE}/datapackage.zip")
    ).content == response.content


@pytest.mark.skipif(PYAM is None, reason="KLIMA_PYAM_PYTHON names no interpreter with frictionless")
async def test_frictionless_finds_the_package_valid(reader: httpx.AsyncClient, tmp_path: Path):
    path = tmp_path / "package.zip"
    path.write_bytes((await reader.get(f"/v1/scenarios/{CLIMATE}/datapackage.zip")).content)
    program = (
        "import frictionless, sys; r = frictionless.validate(sys.argv[1]); assert r.valid,"
        " r.flatten()"
    )
    run_foreign(program, str(path))


async def test_own_titles_cannot_become_formulas(writer: httpx.AsyncClient, token_factory: Any):
    headers = token_factory.headers("editor", region="05974040")
    body = {"region": "05974040", "title": "=cmd|' /C calc'!A0", "based_on": "trend"}
    made = (await writer.post("/v1/scenarios", json=body, headers=headers)).json()
    content = (await writer.get(f"/v1/scenarios/{made['id']}/iamc.csv", headers=headers)).content
    assert all(row["Scenario"].startswith("'=") for row in rows_of(content))
