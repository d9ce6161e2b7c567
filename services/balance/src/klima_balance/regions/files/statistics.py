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
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from klima_balance.engine.regions import leaves, parents
from klima_balance.engine.statistics import LONG_COLUMNS
from klima_shared.codes.regions import GERMANY, RegionKind, canonical_ags, level
from klima_shared.formats import read_texts
from klima_shared.language.errors import InputError

_LIMIT: Final = 50
_FILE: Final = re.compile(r"^(?P<table>[a-z][a-z_]*[a-z])_(?P<year>[0-9]{4})\.csv$")
_KEY: Final = re.compile(r"^(DG000000|[0-9]{8})$")
_REGISTER: Final = "ags"
_COMMA_HINT: Final = " (a decimal comma in a file with decimal points?)"
_DECIMAL_COMMA: Final = re.compile(r"-?[0-9.]*,[0-9]+")


class Column(NamedTuple):
    """A column of a table: its accepted names, the first one for messages, and the statistic it
    becomes."""

    names: tuple[str, ...]
    statistic: str
    unit: str


class Table(NamedTuple):
    """A table of the layout. `only_sites`: a municipality that is not in it has none, which is the
    number 0."""

    columns: tuple[Column, ...]
    source: str
    only_sites: bool


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


@dataclass(frozen=True)
class Problem:
    """One place that cannot be read."""

    file: str
    line: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        column = f", column {self.column}" if self.column else ""
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
    for path in sorted(directory.glob("*.csv")):
        match = _FILE.match(path.name)
        table = match["table"] if match else ""
        if match is None or (table not in TABLES and table != _REGISTER):
            ignored.append(path.name)
        elif table == _REGISTER:
            names |= _TableFile(path, problems).names()
        else:
            keys, values = _TableFile(path, problems).values(TABLES[table])
            tables.append(_YearTable(table, int(match["year"]), keys, values))
        if len(problems) >= _LIMIT:
            break
    if not problems and all(table.name != "population" for table in tables):
        expected = "at least one table of population"
        problems.append(Problem(str(directory), 0, "", "no population_<year>.csv", expected))
    if problems:
        raise StatisticsError(problems[:_LIMIT])
    return _assemble(tables, names, tuple(ignored))


class _TableFile:
    """One file. What is wrong with it is added to `problems`."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.name, self.problems = path.name, problems
        self.header: list[str] = []
        self.lines: list[int] = []
        self.rows: list[list[str]] = []
        self._read(path.read_bytes())
        self.keys = self._keys()

    def _problem(self, line: int, column: str, found: str, expected: str) -> None:
        self.problems.append(Problem(self.name, line, column, found, expected))

    def _read(self, data: bytes) -> None:
        try:
            every = read_texts(data)
        except InputError as error:
            line, expected = error.place.line or 0, error.expected or error.text
            self._problem(line, "", str(error.found), expected.en)
            return
        if not every:
            self._problem(1, "ags", "an empty file", "a header line")
            return
        (_, headings), *rows = every
        self.header = [name.strip() for name in headings]
        width, room = len(self.header), max(_LIMIT - len(self.problems), 0)
        wrong = [(line, row) for line, row in rows if len(row) != width]
        for line, row in wrong[:room]:
            hint = _COMMA_HINT if len(row) > width else ""
            self._problem(line, "", f"{len(row)} columns", f"{width} columns{hint}")
        if not wrong:
            self.lines, self.rows = [line for line, _ in rows], [row for _, row in rows]

    def _keys(self) -> list[str]:
        if not self.rows:
            return []
        if self.header[0] != "ags":
            self._problem(1, "ags", self.header[0], "the column ags as the first one")
            return []
        keys = [row[0].strip() for row in self.rows]
        seen: dict[str, int] = {}
        for line, key in zip(self.lines, keys, strict=True):
            if not _KEY.match(key):
                hint = " (a leading zero is missing)" if re.fullmatch("[0-9]{7}", key) else ""
                self._problem(line, "ags", key, f"8 digits as text or {GERMANY}{hint}")
            elif (first := seen.setdefault(key, line)) != line:
                expected = f"every key once; it stands in line {first} already"
                self._problem(line, "ags", key, expected)
            if len(self.problems) >= _LIMIT:
                break
        return keys

    def names(self) -> dict[str, str]:
        """Key to the name of the region, of the register."""
        if "description" not in self.header:
            self._problem(1, "description", ",".join(self.header), "the column description")
            return {}
        at = self.header.index("description")
        return {key: row[at].strip() for key, row in zip(self.keys, self.rows, strict=False)}

    def values(self, table: Table) -> tuple[list[str], dict[str, np.ndarray]]:
        """Keys, and by statistic a value for each of them."""
        values: dict[str, np.ndarray] = {}
        if not self.header or (self.header[0] != "ags" and self.rows):
            return self.keys, values
        for column in table.columns:
            name = next((name for name in column.names if name in self.header), None)
            if name is None:
                expected = f"the column {' or '.join(column.names)}"
                self._problem(1, column.names[0], "no such column", expected)
            elif len(self.problems) < _LIMIT:
                values[column.statistic] = self._numbers(name)
        return self.keys, values

    def _numbers(self, column: str) -> np.ndarray:
        at = self.header.index(column)
        texts = [row[at].strip() for row in self.rows]
        values = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(np.float64)
        empty = np.array([not text for text in texts], dtype=bool)
        with np.errstate(invalid="ignore"):
            wrong = ~empty & ~(np.isfinite(values) & (values >= 0))
        for place in np.flatnonzero(wrong)[:_LIMIT]:
            expected = "a finite number of at least 0 with a decimal point, or nothing"
            if _DECIMAL_COMMA.fullmatch(texts[place]):
                expected = "a decimal point, not a decimal comma"
            self._problem(self.lines[place], column, texts[place], expected)
        return values


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
