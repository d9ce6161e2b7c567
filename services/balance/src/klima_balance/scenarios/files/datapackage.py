"""A scenario as a Frictionless data package (v1): tables as CSV with a descriptor of every column,
zipped.

Read with any spreadsheet, or checked with `frictionless validate datapackage.zip`.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from klima_shared.formats.tables import neutral

_TEXT, _NUMBER, _INTEGER = "string", "number", "integer"

LICENCE_TITLE: Final = "Datenlizenz Deutschland – Namensnennung 2.0"

Fields = Sequence[tuple[str, str, str]]

YEARS: Final[Fields] = (
    ("year", _INTEGER, "Year; the first one is the balance"),
    ("final_energy_mwh", _NUMBER, "Final energy, MWh"),
    ("emissions_t_co2e", _NUMBER, "Greenhouse gases of the BISKO block, t CO2e"),
    ("emissions_t_co2e_per_inhabitant", _NUMBER, "The same per inhabitant of the base year"),
    ("agriculture_t_co2e", _NUMBER, "Agriculture without energy, beside the BISKO total"),
    ("land_use_t_co2e", _NUMBER, "Land use, signed: a sink is negative"),
    ("process_ets_t_co2", _NUMBER, "Plants of emissions trading, t CO2"),
    ("renewable_generation_mwh", _NUMBER, "Local renewable generation, MWh"),
    ("electricity_use_mwh", _NUMBER, "Local electricity use with heat pumps, MWh"),
    ("renewable_coverage", _NUMBER, "Generation / electricity use"),
)
CELLS: Final[Fields] = (
    ("year", _INTEGER, "Year"),
    ("sector", _TEXT, "Sector"),
    ("carrier", _TEXT, "Energy carrier"),
    ("final_energy_mwh", _NUMBER, "Final energy, MWh"),
    ("emissions_t_co2e", _NUMBER, "Greenhouse gases, t CO2e"),
)
LEVERS: Final[Fields] = (
    ("row", _INTEGER, "Number of the row"),
    ("lever", _TEXT, "Name of the lever; its rows add up"),
    ("label", _TEXT, "Label"),
    ("kind", _TEXT, "demand_change, carrier_shift, factor_path, land_use_change, capacity"),
    ("sectors", _TEXT, "Sectors, separated by semicolons; empty: all"),
    ("carriers", _TEXT, "Carriers, separated by semicolons; empty: all"),
    ("target", _TEXT, "Carrier that a shift goes to"),
    ("categories", _TEXT, "Rows of a block, land uses or technologies"),
    ("value", _NUMBER, "Value at to_year"),
    ("unit", _TEXT, "Unit of the value"),
    ("ratio", _NUMBER, "MWh arriving per MWh leaving; t CO2e/ha; full-load hours"),
    ("delay", _NUMBER, "Years until a change of land has its full effect"),
    ("from_year", _INTEGER, "From this year"),
    ("to_year", _INTEGER, "Fully in this year"),
    ("shape", _TEXT, "linear or s_curve"),
    ("source", _TEXT, "Source"),
    ("certainty", _TEXT, "verified, derived, unverified_high, unverified_medium, unverified_low"),
)
PARAMETERS: Final[Fields] = (
    ("parameter", _TEXT, "Name of the assumption"),
    ("label", _TEXT, "Label"),
    ("value", _NUMBER, "Value"),
    ("low", _NUMBER, "Low end of its range"),
    ("high", _NUMBER, "High end of its range"),
    ("unit", _TEXT, "Unit"),
    ("source", _TEXT, "Source"),
    ("certainty", _TEXT, "verified, derived, unverified_high, unverified_medium, unverified_low"),
)
CONTRIBUTIONS: Final[Fields] = (
    ("lever", _TEXT, "Name of the lever"),
    ("label", _TEXT, "Label"),
    ("year", _INTEGER, "Year"),
    (
        "emissions_t_co2e",
        _NUMBER,
        "Contribution to the change since the base year (Shapley), t CO2e",
    ),
    ("land_use_t_co2e", _NUMBER, "Contribution to land use, t CO2e"),
    ("final_energy_mwh", _NUMBER, "Contribution to final energy, MWh"),
)
_KEYS: Final = {
    "years": ["year"],
    "cells": ["year", "sector", "carrier"],
    "levers": ["row"],
    "parameters": ["parameter"],
    "contributions": ["lever"],
}


def package(described: Mapping[str, Any], results: Mapping[str, Any]) -> bytes:
    """The zip of a scenario (as described) and its results (with cells); the same bytes for the
    same content."""
    moved = results["contributions"]
    tables: list[tuple[str, str, Fields, Iterable[Mapping[str, Any]]]] = [
        ("years", "Yearly totals", YEARS, results["years"]),
        (
            "cells",
            "Sector x carrier",
            CELLS,
            [{"year": y["year"], **c} for y in results["years"] for c in y["cells"]],
        ),
        (
            "levers",
            "Levers",
            LEVERS,
            [{"row": n, **row} for n, row in enumerate(described["levers"], start=1)],
        ),
        ("parameters", "Assumptions", PARAMETERS, described["parameters"]),
        (
            "contributions",
            "Contribution of every lever",
            CONTRIBUTIONS,
            [{"year": moved["year"], **row} for row in moved["levers"]],
        ),
    ]
    files = {f"{name}.csv": _csv(fields, rows) for name, _, fields, rows in tables}
    descriptor = _descriptor(described, results, tables)
    files = {"datapackage.json": orjson.dumps(descriptor, option=orjson.OPT_INDENT_2), **files}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return packed.getvalue()


def _descriptor(
    described: Mapping[str, Any], results: Mapping[str, Any], tables: Sequence[Any]
) -> dict[str, Any]:
    meta, region = results["meta"], results["region"]
    return {
        "profile": "tabular-data-package",
        "name": f"szenario-{region['ags'].lower()}-{described['kind'].replace('_', '-')}",
        "id": described["id"],
        "title": f"{described['title']}: {region['name']}",
        "description": described["description"] or described["title"],
        "version": str(described["version"] or 0),
        "created": meta["generated_at"],
        "licenses": [
            {"name": meta["licence"], "path": meta["licence_url"], "title": LICENCE_TITLE}
        ],
        "contributors": [{"title": meta["attribution"], "role": "author"}],
        "sources": [{"title": source} for source in meta["sources"]],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name,
                "title": title,
                "path": f"{name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [{"name": n, "type": t, "description": d} for n, t, d in fields],
                    "missingValues": [""],
                    "primaryKey": _KEYS[name],
                },
            }
            for name, title, fields, _ in tables
        ],
    }


def _csv(fields: Fields, rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([name for name, _, _ in fields])
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name, _, _ in fields])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case list():
            return neutral(";".join(map(str, value)))
        case bool() | int():
            return str(int(value))
        case float():
            return repr(value)
        case _:
            return neutral(str(value))
