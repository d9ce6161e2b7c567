"""Scenario results in the format of the Integrated Assessment Modeling Consortium: what `pyam` and
Scenario Explorers read.

One row per model, scenario, region, variable and unit; a column per year. Missing years are empty,
never zero.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from klima_shared.codes.energy import Carrier, Sector
from klima_shared.formats.tables import neutral
from klima_shared.wire.json import Json

MODEL: Final = "Klimakreis"
_SECTORS: Final = {
    "households": "Residential",
    "commerce": "Commercial",
    "industry": "Industry",
    "municipal": "Municipal",
    "transport": "Transportation",
}
_TOTALS: Final = (
    ("Final Energy", "final_energy_mwh", "MWh/yr"),
    ("Emissions|Kyoto Gases|BISKO", "emissions_t_co2e", "t CO2e/yr"),
    ("Emissions|Kyoto Gases|AFOLU|Agriculture", "agriculture_t_co2e", "t CO2e/yr"),
    ("Emissions|Kyoto Gases|AFOLU|Land", "land_use_t_co2e", "t CO2e/yr"),
    ("Emissions|CO2|Industrial Processes|Emissions Trading", "process_ets_t_co2", "t CO2/yr"),
    ("Secondary Energy|Electricity|Renewables (Local)", "renewable_generation_mwh", "MWh/yr"),
    ("Final Energy|Electricity (incl. Heat Pumps)", "electricity_use_mwh", "MWh/yr"),
)

_META: Final = (
    *("Model", "Scenario", "exclude", "kind", "scenario_id", "base_year"),
    *("edition", "licence", "attribution"),
)
Row = tuple[str, str, list[float | None]]


def _variables(content: Json) -> list[Row]:
    """(variable, unit, values by year) of one scenario's results with cells."""
    years = content["years"]
    rows: list[Row] = [(name, unit, [y[key] for y in years]) for name, key, unit in _TOTALS]
    population = content["region"]["population"]
    rows.append(("Population", "inhabitants", [population for _ in years]))
    cells = [{(c["sector"], c["carrier"]): c for c in y["cells"]} for y in years]
    for sector in Sector:
        carriers = [c for c in Carrier if any((sector, c) in at for at in cells)]
        if not carriers:
            continue
        name = _SECTORS[sector.value]
        for prefix, key, unit in (
            ("Final Energy", "final_energy_mwh", "MWh/yr"),
            ("Emissions|Kyoto Gases|BISKO", "emissions_t_co2e", "t CO2e/yr"),
        ):
            sums = [
                next((r[key] for r in y["sectors"] if r["sector"] == sector), None) for y in years
            ]
            rows.append((f"{prefix}|{name}", unit, sums))
            rows += [
                (f"{prefix}|{name}|{carrier.en}", unit, [at[sector, carrier][key] for at in cells])
                for carrier in carriers
            ]
    return rows


def _name(scenario: Json) -> str:
    """What tells rows apart: kinds are unique per region, own titles may repeat."""
    if scenario["kind"] != "own":
        return str(scenario["kind"])
    return f"{scenario['title']} ({scenario['id'][:8]})"


def table(results: Sequence[Json]) -> tuple[list[str], list[list[str | float | None]]]:
    """Head and rows of several scenarios' results (with cells), all years of any of them."""
    years = sorted({y["year"] for content in results for y in content["years"]})
    rows = []
    for content in results:
        at = {y["year"]: i for i, y in enumerate(content["years"])}
        scenario, region = content["scenario"], content["region"]
        name = _name(scenario)
        for variable, unit, values in _variables(content):
            found = [values[at[y]] if y in at else None for y in years]
            if all(v is None for v in found):
                continue
            rows.append([MODEL, neutral(name), neutral(region["name"]), variable, unit, *found])
    return ["Model", "Scenario", "Region", "Variable", "Unit", *map(str, years)], rows


def to_csv(results: Sequence[Json]) -> bytes:
    """RFC 4180, UTF-8; numbers as they are, with every digit."""
    head, rows = table(results)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(
        [("" if v is None else repr(v) if isinstance(v, float) else v) for v in row] for row in rows
    )
    return text.getvalue().encode()


def to_xlsx(results: Sequence[Json]) -> bytes:
    """Sheets `data` (what pyam reads) and `meta` (kind, base year, edition, licence of every
    scenario)."""
    head, rows = table(results)
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    created = datetime(2000, 1, 1)  # noqa: DTZ001  (same bytes again)
    book.set_properties({"title": "Klimakreis, IAMC", "created": created})
    sheet = book.add_worksheet("data")
    sheet.freeze_panes(1, 5)
    sheet.set_column(0, 4, 24)
    for i, name in enumerate(head):
        if i < 5:
            sheet.write_string(0, i, name)
        else:
            sheet.write_number(0, i, int(name))
    for n, row in enumerate(rows, start=1):
        for i, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(n, i, value)
            elif value is not None:
                sheet.write_number(n, i, value)
    _meta(book.add_worksheet("meta"), results)
    book.close()
    return file.getvalue()


def _meta(sheet: Worksheet, results: Sequence[Json]) -> None:
    for i, name in enumerate(_META):
        sheet.write_string(0, i, name)
    seen: set[str] = set()
    n = 0
    for content in results:
        scenario, meta = content["scenario"], content["meta"]
        name = _name(scenario)
        if name in seen:
            continue
        seen.add(name)
        n += 1
        values = [
            MODEL,
            neutral(name),
            False,
            scenario["kind"],
            scenario["id"],
            content["base_year"],
            meta["scenario_edition"],
            meta["licence"],
            meta["attribution"],
        ]
        for i, value in enumerate(values):
            sheet.write(n, i, value)
