"""Bytes in, cells with their places out: what every reader of a spreadsheet or CSV file begins
with.

A file that must not be opened, or that nobody could read, is refused as a whole with the reason to
tell. What a cell means is decided by who reads the sheet (`reading` for tables of typed columns).
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Literal

from klima_shared.language.numbers import DEFAULT, Lang
from klima_shared.language.text import Text

Cell = str | float | bool | date | datetime | time | timedelta | None
Dialect = Literal["csv", "csv-de"]
Place = tuple[int, int]
_FIRST_LINES: Final = 30
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold; beyond that it is refused as a whole."""

    max_bytes: int = 20 << 20
    max_unpacked: int = 120 << 20
    max_rows: int = 200_000
    max_columns: int = 100
    max_cell: int = 10_000
    max_text: int = 120 << 20  # characters of all cells of a workbook together
    max_errors: int = 500


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class RowError:
    """A fault: its line (as an editor or Excel counts them), its column if it has one, and what is
    wrong."""

    line: int
    column: str | None
    message: Text

    def as_dict(self, lang: Lang = DEFAULT) -> dict[str, Any]:
        """The shape of the wire: `{"line", "column", "message"}`."""
        return {"line": self.line, "column": self.column, "message": self.message.get(lang)}


class RefusedError(Exception):
    """The file is refused as a whole, with the reason to tell."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class CellFault(StrEnum):
    """Why a cell is not simply its value. Whether that is wrong is the reader's to say."""

    FORMULA = "formula"
    ERROR = "error"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of cells with their line numbers, without the empty ones.

    `faults`: (line, column from 0) of cells that are not simply values. `merged`: first and last
    place (both from 0) of merged ranges. `hidden`: lines that nobody sees, of a filter for example.
    `broken`: where and why the rest of a CSV file cannot be read.
    """

    kind: Literal["csv", "csv-de", "xlsx"]
    rows: list[tuple[int, list[Cell]]]
    decimal_comma: bool
    name: str = ""
    visible: bool = True
    faults: dict[Place, CellFault] = field(default_factory=dict)
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    hidden: frozenset[int] = frozenset()
    broken: tuple[int, str] | None = None


EMPTY: Final = Text("The file is empty.")
_NO_CSV: Final = Text("The file cannot be read: expected CSV in UTF-8 with commas or semicolons.")


def check_size(data: bytes, limits: Limits) -> None:
    """`RefusedError` for a file beyond the limit."""
    if len(data) > limits.max_bytes:
        size = f"{limits.max_bytes / (1 << 20):.0f} MiB"
        raise RefusedError(Text("The file is larger than {size}.", size=size))


def too_large(limits: Limits) -> RefusedError:
    """The refusal of a sheet beyond the limits. A reader holds every cell between the first and the
    last in memory, so two cells at opposite corners would take the service down."""
    return RefusedError(
        Text(
            "A sheet goes beyond {max_rows} rows or {max_columns} columns, or its texts are too "
            "long.",
            max_rows=limits.max_rows,
            max_columns=limits.max_columns,
        )
    )


def csv_sheet(data: bytes, *, dialect: Dialect | None = None) -> Sheet:
    """A CSV file in either dialect, in UTF-8 or, with semicolons, Windows-1252: what German Excel
    saves as plain CSV. `RefusedError` when it is neither."""
    text = _decode(data)
    first, _, rest = text.partition("\n")
    skipped, separator = 0, ""
    if first.strip().lower() in {"sep=;", "sep=,"}:
        # A hint that Excel writes and reads; not a line of the table.
        text, skipped, separator = rest, 1, first.strip()[-1]
    if dialect is not None:
        separator = ";" if dialect == "csv-de" else ","
    separator = separator or _separator(text.splitlines()[:_FIRST_LINES])
    rows: list[tuple[int, list[Cell]]] = []
    broken = None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1 + skipped
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, list(cells)))
            line = reader.line_num + 1 + skipped
    except csv.Error as error:
        broken = (line, str(error))
    kind: Dialect = "csv-de" if separator == ";" else "csv"
    return Sheet(kind, rows, separator == ";", broken=broken)


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Undefined bytes of Windows-1252 (and UTF-16, which is full of zeros) are refused.
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise RefusedError(_NO_CSV) from None
        if ";" not in text:
            raise RefusedError(_NO_CSV) from None
    if "\x00" in text:
        raise RefusedError(_NO_CSV)
    return text


def _separator(lines: Iterable[str]) -> str:
    """The mark that cuts most of the lines into the same number of cells, the greater number first.

    A text may hold the other mark more often than a line has cells.
    """
    bare = [_QUOTED.sub("", line) for line in lines]
    found = [(0, 0, ",")]
    for mark in (";", ","):
        counts = Counter(count for line in bare if (count := line.count(mark)))
        if counts:
            cells, times = max(counts.items(), key=lambda item: (item[1], item[0]))
            found.append((times, cells, mark))
    return max(found)[2]


def fill_merged(sheet: Sheet, most: int = 2000) -> None:
    """Give every cell of a range merged downwards what stands in it. A heading over several columns
    names none of them."""
    at = dict(sheet.rows)
    for (top, left), (bottom, right) in sheet.merged:
        if left != right or bottom - top >= most:
            continue
        cells = at.get(top + 1, [])
        value = cells[left] if left < len(cells) else ""
        for line in range(top + 2, bottom + 2):
            cells = at.get(line, [])
            if left < len(cells) and cells[left] in ("", None):
                cells[left] = value
