"""A CSV table of official statistics: its keys, its columns, and everything that is wrong with
it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from klima_shared.codes.regions import GERMANY
from klima_shared.formats import read_texts
from klima_shared.language.errors import InputError

LIMIT: Final = 50
_KEY: Final = re.compile(r"^(DG000000|[0-9]{8})$")
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


class TableFile:
    """One file whose first column is `ags`. What is wrong with it is added to `problems`. unique:
    every key stands in one row."""

    def __init__(self, path: Path, problems: list[Problem], *, unique: bool = True) -> None:
        self.name, self.problems, self.unique = path.name, problems, unique
        self.header: list[str] = []
        self.lines: list[int] = []
        self.rows: list[list[str]] = []
        self._read(path.read_bytes())
        self.keys = self._keys()

    def report(self, line: int, column: str, found: str, expected: str) -> None:
        self.problems.append(Problem(self.name, line, column, found, expected))

    def _read(self, data: bytes) -> None:
        try:
            every = read_texts(data)
        except InputError as error:
            line, expected = error.place.line or 0, error.expected or error.text
            self.report(line, "", str(error.found), expected.en)
            return
        if not every:
            self.report(1, "ags", "an empty file", "a header line")
            return
        (_, headings), *rows = every
        self.header = [name.strip() for name in headings]
        width, room = len(self.header), max(LIMIT - len(self.problems), 0)
        wrong = [(line, row) for line, row in rows if len(row) != width]
        for line, row in wrong[:room]:
            hint = _COMMA_HINT if len(row) > width else ""
            self.report(line, "", f"{len(row)} columns", f"{width} columns{hint}")
        if not wrong:
            self.lines, self.rows = [line for line, _ in rows], [row for _, row in rows]

    def _keys(self) -> list[str]:
        if not self.rows:
            return []
        if self.header[0] != "ags":
            self.report(1, "ags", self.header[0], "the column ags as the first one")
            return []
        keys = [row[0].strip() for row in self.rows]
        seen: dict[str, int] = {}
        for line, key in zip(self.lines, keys, strict=True):
            if not _KEY.match(key):
                hint = " (a leading zero is missing)" if re.fullmatch("[0-9]{7}", key) else ""
                self.report(line, "ags", key, f"8 digits as text or {GERMANY}{hint}")
            elif self.unique and (first := seen.setdefault(key, line)) != line:
                expected = f"every key once; it stands in line {first} already"
                self.report(line, "ags", key, expected)
            if len(self.problems) >= LIMIT:
                break
        return keys

    def names(self) -> dict[str, str]:
        """Key to the name of the region, of the register."""
        if "description" not in self.header:
            self.report(1, "description", ",".join(self.header), "the column description")
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
                self.report(1, column.names[0], "no such column", expected)
            elif len(self.problems) < LIMIT:
                values[column.statistic] = self._numbers(name)
        return self.keys, values

    def _numbers(self, column: str) -> np.ndarray:
        at = self.header.index(column)
        texts = [row[at].strip() for row in self.rows]
        values = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(np.float64)
        empty = np.array([not text for text in texts], dtype=bool)
        with np.errstate(invalid="ignore"):
            wrong = ~empty & ~(np.isfinite(values) & (values >= 0))
        for place in np.flatnonzero(wrong)[:LIMIT]:
            expected = "a finite number of at least 0 with a decimal point, or nothing"
            if _DECIMAL_COMMA.fullmatch(texts[place]):
                expected = "a decimal point, not a decimal comma"
            self.report(self.lines[place], column, texts[place], expected)
        return values
