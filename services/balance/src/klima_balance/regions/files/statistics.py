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
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from klima_balance.engine.regions import leaves, parents
from klima_balance.engine.statistics import LONG_COLUMNS
from klima_balance.regions.files.statistics_tables import TABLES, Column, Table
from klima_shared.codes.regions import GERMANY, RegionKind, canonical_ags, level

_LIMIT: Final = 50
_FILE: Final = re.compile(r"^(?P<table>[a-z][a-z_]*[a-z])_(?P<year>[0-9]{4})\.csv$")
_KEY: Final = re.compile(r"^(DG000000|[0-9]{8})$")
_REGISTER: Final = "ags"


@dataclass(frozen=True)
class Problem:
    """One place that cannot be read."""

    file: str
    line: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        line, column = (
            f", line {self.line}" if self.line else "",
            f", column {self.column}" if self.column else "",
        )
        return f"{self.file}{line}{column}: found {self.found!r}, expected {self.expected}"


class StatisticsError(ValueError):
    """What is wrong with a directory of statistics; `problems` has the places."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, eq=False)
class StatisticsFiles:
    """`regions`: ags, name, kind, parent, years (those with a population). `rows`: long, columns
    `LONG_COLUMNS`.

    `ignored`: files that are no table of the layout; `foreign`: how many keys neither register nor
    population knows.
    """

    regions: pd.DataFrame
    rows: pd.DataFrame
    ignored: tuple[str, ...]
    foreign: Mapping[str, int]


def read_directory(directory: Path) -> StatisticsFiles:
    """All tables of a directory. Raises `StatisticsError` with every problem, or when there is no
    population table."""
    if not directory.is_dir():
        raise StatisticsError(
            [Problem(str(directory), 0, "", "no directory", "a directory of tables")]
        )
    problems: list[Problem] = []
    ignored: list[str] = []
    tables: list[tuple[str, int, list[str], dict[str, np.ndarray]]] = []
    names: dict[str, str] = {}
    for path in sorted(directory.glob("*.csv")):
        match = _FILE.match(path.name)
        table = match["table"] if match else ""
        if match is None or (table not in TABLES and table != _REGISTER):
            ignored.append(path.name)
        elif table == _REGISTER:
            names |= _register(path, problems)
        else:
            keys, columns = _table(path, TABLES[table], problems)
            tables.append((table, int(match["year"]), keys, columns))
        if len(problems) >= _LIMIT:
            break
    if not problems and not any(table == "population" for table, *_ in tables):
        problems.append(
            Problem(
                str(directory),
                0,
                "",
                "no population_<year>.csv",
                "at least one table of population",
            )
        )
    if problems:
        raise StatisticsError(problems[:_LIMIT])
    return _assemble(tables, names, tuple(ignored))


def _register(path: Path, problems: list[Problem]) -> dict[str, str]:
    header, rows = _read(path, problems)
    keys = _keys(path, header, rows, problems)
    if "description" not in header:
        problems.append(
            Problem(path.name, 1, "description", ",".join(header), "the column description")
        )
        return {}
    at = header.index("description")
    return {key: row[at].strip() for key, row in zip(keys, rows, strict=True)} if keys else {}


def _read(path: Path, problems: list[Problem]) -> tuple[list[str], list[list[str]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(
            Problem(path.name, 0, "", f"byte {error.start} is not UTF-8", "a file in UTF-8")
        )
        return [], []
    try:
        every = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        problems.append(Problem(path.name, 0, "", str(error), "a CSV file with commas"))
        return [], []
    if not every:
        problems.append(Problem(path.name, 1, "ags", "an empty file", "a header line"))
        return [], []
    header, rows = [name.strip() for name in every[0]], every[1:]
    if any(len(row) != len(header) for row in rows):
        for line, row in enumerate(rows, start=2):
            if len(row) != len(header) and len(problems) < _LIMIT:
                hint = (
                    " (a decimal comma in a file with decimal points?)"
                    if len(row) > len(header)
                    else ""
                )
                problems.append(
                    Problem(
                        path.name, line, "", f"{len(row)} columns", f"{len(header)} columns{hint}"
                    )
                )
        return header, []
    return header, rows


def _keys(
    path: Path, header: list[str], rows: list[list[str]], problems: list[Problem]
) -> list[str]:
    if not rows:
        return []
    if header[0] != "ags":
        problems.append(Problem(path.name, 1, "ags", header[0], "the column ags as the first one"))
        return []
    keys = [row[0].strip() for row in rows]
    seen: dict[str, int] = {}
    for line, key in enumerate(keys, start=2):
        if not _KEY.match(key):
            hint = " (a leading zero is missing)" if re.fullmatch("[0-9]{7}", key) else ""
            problems.append(
                Problem(path.name, line, "ags", key, f"8 digits as text or {GERMANY}{hint}")
            )
        elif (first := seen.setdefault(key, line)) != line:
            problems.append(
                Problem(
                    path.name,
                    line,
                    "ags",
                    key,
                    f"every key once; it stands in line {first} already",
                )
            )
        if len(problems) >= _LIMIT:
            break
    return keys


def _table(
    path: Path, table: Table, problems: list[Problem]
) -> tuple[list[str], dict[str, np.ndarray]]:
    header, rows = _read(path, problems)
    keys = _keys(path, header, rows, problems)
    columns: dict[str, np.ndarray] = {}
    if not header or (header[0] != "ags" and rows):
        return keys, columns
    for column in table.columns:
        found = [name for name in column.names if name in header]
        if not found:
            expected = f"the column {' or '.join(column.names)}"
            problems.append(Problem(path.name, 1, column.names[0], "no such column", expected))
        elif len(problems) < _LIMIT:
            at = header.index(found[0])
            columns[column.statistic] = _numbers(
                path, found[0], [row[at].strip() for row in rows], problems
            )
    return keys, columns


def _numbers(path: Path, column: str, texts: list[str], problems: list[Problem]) -> np.ndarray:
    try:
        values = np.array([text or "nan" for text in texts], dtype=np.float64)
    except ValueError:
        values = np.array([_number(text) for text in texts], dtype=np.float64)
    empty = np.array([not text for text in texts], dtype=bool)
    with np.errstate(invalid="ignore"):
        wrong = ~empty & ~(np.isfinite(values) & (values >= 0))
    for at in np.flatnonzero(wrong)[:_LIMIT]:
        text = texts[at]
        expected = "a finite number of at least 0 with a decimal point, or nothing"
        if re.fullmatch(r"-?[0-9.]*,[0-9]+", text):
            expected = "a decimal point, not a decimal comma"
        problems.append(Problem(path.name, int(at) + 2, column, text, expected))
    return values


def _number(text: str) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def _assemble(
    tables: list[tuple[str, int, list[str], dict[str, np.ndarray]]],
    names: dict[str, str],
    ignored: tuple[str, ...],
) -> StatisticsFiles:
    years: dict[str, list[int]] = {}
    for table, year, keys, _ in tables:
        if table == "population":
            for key in keys:
                years.setdefault(key, []).append(year)
    known = set(names) | set(years)
    foreign: dict[str, int] = {}
    parts = []
    for table, year, keys, columns in tables:
        layout = TABLES[table]
        if layout.only_sites:
            here = set(keys)
            without = [key for key in leaves(known) if key not in here]
        else:
            without = []
        mask = np.array([key in known for key in keys], dtype=bool)
        if strangers := int((~mask).sum()):
            foreign[f"{table}_{year}"] = strangers
        for column in layout.columns:
            parts.append(
                _long(
                    column,
                    year,
                    layout.source,
                    np.array(keys, dtype=object)[mask],
                    columns[column.statistic][mask],
                )
            )
            if without:
                part = _long(
                    column,
                    year,
                    layout.source,
                    np.array(without, dtype=object),
                    np.zeros(len(without)),
                )
                part["note"] = "not in the table of plants: no plant"
                parts.append(part)
    rows = pd.concat(parts, ignore_index=True)
    for name in ("region", "statistic", "unit", "source", "certainty", "flag", "note"):
        rows[name] = rows[name].astype("category")
    return StatisticsFiles(
        _regions(known, names, years), rows[list(LONG_COLUMNS)], ignored, foreign
    )


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
        parent = (
            next(iter(parent for parent in parents(key) if parent in known), None)
            if key != GERMANY
            else None
        )
        records.append(
            (key, names.get(key) or key, kind.value, parent, tuple(sorted(years.get(key, ()))))
        )
    return pd.DataFrame(records, columns=["ags", "name", "kind", "parent", "years"])
