"""Reads the tables of scenarios. They stand apart from the method of balances: changing one changes
no balance."""

import csv
import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from klima_balance.method.files import MethodTableError
from klima_balance.scenarios.model.assumptions import (
    Parameter,
    PotentialRow,
    ScenarioTables,
    Spread,
    Target,
)
from klima_shared.language.text import Label
from klima_shared.wire.json import JsonObject

EDITION: Final = "2026.2"
_TABLES: Final = ("scenario_parameters", "levers", "spreads", "climate_targets")
_NUMBERS: Final = {"value", "low", "high", "sigma"}


def load_scenario_tables(directory: Path | None = None) -> ScenarioTables:
    """The shipped tables, or those of a directory. Raises `MethodTableError` with file, line and
    column."""
    return _load(directory or Path(str(files("klima_balance.method"))))


@lru_cache(maxsize=4)
def _load(directory: Path) -> ScenarioTables:
    contents = {name: (directory / f"{name}.csv").read_bytes() for name in _TABLES}
    digest = hashlib.sha256(EDITION.encode())
    for name, content in contents.items():
        digest.update(name.encode() + b"\0" + content + b"\0")
    # Names and formulas of potentials change no figure, so the digest does not cover them.
    contents["potentials"] = (directory / "potentials.csv").read_bytes()
    rows = {name: _rows(f"{name}.csv", content.decode()) for name, content in contents.items()}
    parameters = {row.pop("parameter"): _labelled(row) for row in rows["scenario_parameters"]}
    for line, row in enumerate(rows["levers"], start=2):
        for column in ("parameter", "weight", "ratio", "delay"):
            if row[column] and row[column] not in parameters:
                raise MethodTableError(
                    f"levers.csv line {line}, column {column}: {row[column]!r} is no parameter"
                )
    spreads = [
        Spread(**row | {"correlated": row["correlated"] == "yes"}) for row in rows["spreads"]
    ]
    return ScenarioTables(
        edition=EDITION,
        digest="sha256:" + digest.hexdigest(),
        parameters={name: Parameter(name, **row) for name, row in parameters.items()},
        levers=tuple(rows["levers"]),
        spreads={(row.item, row.of): row for row in spreads},
        targets=tuple(
            Target(**row | {"year": int(row["year"]) if row["year"] else None})
            for row in rows["climate_targets"]
        ),
        potentials={
            row.pop("potential"): PotentialRow(
                **_labelled(row) | {"parameters": tuple(row["parameters"].split(";"))}
            )
            for row in rows["potentials"]
        },
    )


def _labelled(row: JsonObject) -> JsonObject:
    rest = {name: value for name, value in row.items() if name not in ("label_de", "label_en")}
    return {"label": Label(row["label_de"], row["label_en"]), **rest}


def _rows(name: str, text: str) -> list[JsonObject]:
    rows: list[JsonObject] = []
    for line, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        if None in row or None in row.values():
            raise MethodTableError(
                f"{name} line {line}: as many columns as in the first line are expected"
            )
        values: JsonObject = dict(row)
        for column in _NUMBERS & set(values):
            try:
                values[column] = float(values[column])
            except ValueError:
                raise MethodTableError(
                    f"{name} line {line}, column {column}: {values[column]!r} is no number"
                ) from None
        rows.append(values)
    return rows
