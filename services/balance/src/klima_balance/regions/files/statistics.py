"""Official statistics from a directory of CSV tables, layout as in docs/statistics-layout.md.
Nothing is guessed.

A file is named `<table>_<year>.csv`; the first column is `ags`. What cannot be read is an error
with file, line, column, what was found and what was expected; all problems of a directory are
reported together (up to a limit).
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from klima_balance.engine.regions import leaves, parents
from klima_balance.engine.statistics import LONG_COLUMNS
from klima_balance.regions.files.changes import CHANGES, RegisterRow, read_changes
from klima_balance.regions.files.table_files import (
    LIMIT,
    Column,
    Problem,
    StatisticsError,
    Table,
    TableFile,
)
from klima_shared.codes.regions import GERMANY, RegionKind, canonical_ags, level

_FILE: Final = re.compile(r"^(?P<table>[a-z][a-z_]*[a-z])_(?P<year>[0-9]{4})\.csv$")
_REGISTER: Final = "ags"


def _rows_of(name: str) -> list[dict[str, str]]:
    path = files("klima_balance.regions.files") / f"{name}.csv"
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def _layout() -> dict[str, Table]:
    columns: dict[str, list[Column]] = {}
    for row in _rows_of("statistics_columns"):
        column = Column(tuple(row["names"].split("|")), row["statistic"], row["unit"])
        columns.setdefault(row["table"], []).append(column)
    rows = [(row["table"], row) for row in _rows_of("statistics_tables")]
    return {n: Table(tuple(columns[n]), row["source"], bool(row["only_sites"])) for n, row in rows}


TABLES: Final = _layout()


@dataclass(frozen=True, eq=False)
class StatisticsFiles:
    """`regions`: ags, name, kind, parent, years (those with a population). `rows`: long, columns
    `LONG_COLUMNS`.

    `ignored`: files that are no table of the layout; `foreign`: how many keys neither register nor
    population knows; `register`: which regions exist when, where a file says so.
    """

    regions: pd.DataFrame
    rows: pd.DataFrame
    ignored: tuple[str, ...]
    foreign: Mapping[str, int]
    register: tuple[RegisterRow, ...] = ()


class _YearTable(NamedTuple):
    """A table of one year: keys, and by statistic a value for each of them."""

    name: str
    year: int
    keys: list[str]
    values: dict[str, np.ndarray]


def read_directory(directory: Path) -> StatisticsFiles:
    """All tables of a directory. Raises `StatisticsError` with every problem, or when there is no
    population table."""
    if not directory.is_dir():
        nowhere = Problem(f"{directory}", 0, "", "no directory", "a directory of tables")
        raise StatisticsError([nowhere])
    problems: list[Problem] = []
    ignored: list[str] = []
    tables: list[_YearTable] = []
    names: dict[str, str] = {}
    register: tuple[RegisterRow, ...] = ()
    for path in sorted(directory.glob("*.csv")):
        if path.name == CHANGES:
            register = read_changes(path, problems)
            continue
        match = _FILE.match(path.name)
        table = match["table"] if match else ""
        if match is None or (table not in TABLES and table != _REGISTER):
            ignored.append(path.name)
        elif table == _REGISTER:
            names |= TableFile(path, problems).names()
        else:
            keys, values = TableFile(path, problems).values(TABLES[table])
            tables.append(_YearTable(table, int(match["year"]), keys, values))
        if len(problems) >= LIMIT:
            break
    if not problems and all(table.name != "population" for table in tables):
        expected = "at least one table of population"
        problems.append(Problem(str(directory), 0, "", "no population_<year>.csv", expected))
    if problems:
        raise StatisticsError(problems[:LIMIT])
    return replace(_assemble(tables, names, tuple(ignored)), register=register)


def _assemble(
    tables: Sequence[_YearTable], names: Mapping[str, str], ignored: tuple[str, ...]
) -> StatisticsFiles:
    years: dict[str, list[int]] = {}
    for table in tables:
        for key in table.keys if table.name == "population" else ():
            years.setdefault(key, []).append(table.year)
    known = set(names) | set(years)
    foreign: dict[str, int] = {}
    parts = []
    for table in tables:
        layout, here = TABLES[table.name], set(table.keys)
        without = [key for key in leaves(known) if key not in here] if layout.only_sites else []
        mask = np.array([key in known for key in table.keys], dtype=bool)
        if strangers := int((~mask).sum()):
            foreign[f"{table.name}_{table.year}"] = strangers
        keys = np.array(table.keys, dtype=object)[mask]
        for column in layout.columns:
            values = table.values[column.statistic][mask]
            parts.append(_long(column, table.year, layout.source, keys, values))
            if without:
                nowhere, zeros = np.array(without, dtype=object), np.zeros(len(without))
                part = _long(column, table.year, layout.source, nowhere, zeros)
                parts.append(part.assign(note="not in the table of plants: no plant"))
    rows = pd.concat(parts, ignore_index=True)
    for name in ("region", "statistic", "unit", "source", "certainty", "flag", "note"):
        rows[name] = rows[name].astype("category")
    regions = _regions(known, names, years)
    return StatisticsFiles(regions, rows[list(LONG_COLUMNS)], ignored, foreign)


def _long(
    column: Column, year: int, source: str, keys: np.ndarray, values: np.ndarray
) -> pd.DataFrame:
    present = ~np.isnan(values)
    return pd.DataFrame(
        {
            "region": keys[present],
            "year": year,
            "statistic": column.statistic,
            "value": values[present],
            "unit": column.unit,
            "source": source,
            "certainty": "verified",
            "flag": "",
            "note": "",
        }
    )


def _regions(
    known: set[str], names: Mapping[str, str], years: Mapping[str, list[int]]
) -> pd.DataFrame:
    municipal = set(leaves(known))
    records = []
    for key in sorted(known):
        kind = RegionKind.MUNICIPALITY if key in municipal else level(canonical_ags(key))
        above = () if key == GERMANY else parents(key)
        parent = next((parent for parent in above if parent in known), None)
        name, present = names.get(key) or key, tuple(sorted(years.get(key, ())))
        records.append((key, name, kind.value, parent, present))
    return pd.DataFrame(records, columns=["ags", "name", "kind", "parent", "years"])
