"""Reads the tables of scenarios. They stand apart from the method of balances: changing one changes
no balance."""

import csv
import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pandas as pd

from klima_balance.method.files import MethodTableError
from klima_balance.scenarios.rules.lever_table import Parameter, ScenarioTables

EDITION: Final = "2026.1"
_TABLES: Final = ("scenario_parameters", "levers", "spreads", "climate_targets")
_NUMBERS: Final = {"value", "low", "high", "sigma"}


def load_scenario_tables(directory: Path | None = None) -> ScenarioTables:
    """The shipped tables, or those of a directory. Raises `MethodTableError` with file, line and
    column."""
    return _load(directory or Path(str(files("klima_balance.method"))))


@lru_cache(maxsize=4)
def _load(directory: Path) -> ScenarioTables:
    digest = hashlib.sha256(EDITION.encode())
    rows: dict[str, list[dict[str, Any]]] = {}
    for name in _TABLES:
        content = (directory / f"{name}.csv").read_bytes()
        digest.update(name.encode() + b"\0" + content + b"\0")
        rows[name] = _rows(f"{name}.csv", content.decode("utf-8"))
    parameters = {row["parameter"]: _parameter(row) for row in rows["scenario_parameters"]}
    for line, row in enumerate(rows["levers"], start=2):
        for column in ("parameter", "weight", "ratio", "delay"):
            if row[column] and row[column] not in parameters:
                raise MethodTableError(
                    f"levers.csv line {line}, column {column}: {row[column]!r} is no parameter"
                )
    return ScenarioTables(
        edition=EDITION,
        digest="sha256:" + digest.hexdigest(),
        parameters=parameters,
        levers=pd.DataFrame(rows["levers"]),
        spreads=pd.DataFrame(rows["spreads"]),
        targets=pd.DataFrame(rows["climate_targets"]),
    )


def _parameter(row: dict[str, Any]) -> Parameter:
    return Parameter(name=row["parameter"], **{k: v for k, v in row.items() if k != "parameter"})


def _rows(name: str, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        if None in row or None in row.values():
            raise MethodTableError(
                f"{name} line {line}: as many columns as in the first line are expected"
            )
        values: dict[str, Any] = dict(row)
        for column in _NUMBERS & set(values):
            try:
                values[column] = float(values[column])
            except ValueError:
                raise MethodTableError(
                    f"{name} line {line}, column {column}: {values[column]!r} is no number"
                ) from None
        found.append(values)
    return found
