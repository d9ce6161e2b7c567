"""A scenario as a Frictionless data package (v1): tables as CSV with a descriptor of every column,
zipped.

Read with any spreadsheet, or checked with `frictionless validate datapackage.zip`.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import orjson

from klima_shared.formats.tables import neutral
from klima_shared.wire.json import Json

LICENCE_TITLE: Final = "Datenlizenz Deutschland – Namensnennung 2.0"
_KEYS: Final = {
    "years": ["year"],
    "cells": ["year", "sector", "carrier"],
    "levers": ["row"],
    "parameters": ["parameter"],
    "contributions": ["lever"],
}
_TITLES: Final = {
    "years": "Yearly totals",
    "cells": "Sector x carrier",
    "levers": "Levers",
    "parameters": "Assumptions",
    "contributions": "Contribution of every lever",
}


class Field(NamedTuple):
    """A column of a table of the package, as `datapackage.csv` describes it."""

    name: str
    type: str
    description: str


@cache
def fields() -> dict[str, list[Field]]:
    """The columns of every table."""
    content = (files("klima_balance.scenarios.files") / "datapackage.csv").read_text("utf-8")
    tables: dict[str, list[Field]] = {name: [] for name in _TITLES}
    for row in csv.DictReader(io.StringIO(content)):
        tables[row["table"]].append(Field(row["field"], row["type"], row["description"]))
    return tables


def package(described: Json, results: Json) -> bytes:
    """The zip of a scenario (as described) and its results (with cells); the same bytes for the
    same content."""
    moved = results["contributions"]
    rows: dict[str, Iterable[Json]] = {
        "years": results["years"],
        "cells": [{"year": y["year"], **c} for y in results["years"] for c in y["cells"]],
        "levers": [{"row": n, **row} for n, row in enumerate(described["levers"], start=1)],
        "parameters": described["parameters"],
        "contributions": [{"year": moved["year"], **row} for row in moved["levers"]],
    }
    descriptor = orjson.dumps(_descriptor(described, results), option=orjson.OPT_INDENT_2)
    tables = {f"{name}.csv": _csv(columns, rows[name]) for name, columns in fields().items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"datapackage.json": descriptor, **tables}.items():
            info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return packed.getvalue()


def _descriptor(described: Json, results: Json) -> Json:
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
                "title": _TITLES[name],
                "path": f"{name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [column._asdict() for column in columns],
                    "missingValues": [""],
                    "primaryKey": _KEYS[name],
                },
            }
            for name, columns in fields().items()
        ],
    }


def _csv(columns: Sequence[Field], rows: Iterable[Json]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([_cell(row.get(column.name)) for column in columns])
    return text.getvalue().encode()


def _cell(value: object) -> str:
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
