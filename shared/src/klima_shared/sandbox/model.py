"""What a file may hold and what comes out of it: limits, cells, sheets, and the refusal of the
whole."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Literal

from klima_shared.language.characters import NO_ORDINARY_TEXT
from klima_shared.language.text import Text

Cell = str | float | bool | date | datetime | time | timedelta | None
Dialect = Literal["csv", "csv-de"]
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold; beyond that it is refused as a whole."""

    max_bytes: int = 20 << 20
    max_unpacked: int = 120 << 20
    max_rows: int = 200_000
    max_columns: int = 100
    max_cells: int = 1_500_000  # rows times the widest of them
    max_cell: int = 10_000
    max_text: int = 40 << 20  # characters of all cells together
    max_errors: int = 500


DEFAULT_LIMITS: Final = Limits()


class RefusedError(Exception):
    """The parser refuses the file as a whole. `pointer` names a place inside, for files that are
    documents (`/measures/0/title`), `line` the line. The service gets it as an `InputError`."""

    def __init__(self, text: Text, pointer: str = "", line: int = 1) -> None:
        super().__init__(text.en)
        self.text, self.pointer, self.line = text, pointer, line


class CellFault(StrEnum):
    """Why a cell is not simply its value. Whether that is wrong is the reader's to say."""

    FORMULA = "formula"
    NO_VALUE = "no_value"
    """a formula whose result is not in the file"""
    ERROR = "error"
    PERCENT = "percent"
    SCALED = "scaled"
    """shown in thousands or millions of what is stored"""


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
    hidden: set[int] = field(default_factory=set)
    broken: tuple[int, str] | None = None


def too_large(limits: Limits) -> RefusedError:
    """The refusal of a sheet beyond the limits."""
    return RefusedError(
        Text(
            "A sheet goes beyond {max_rows} rows or {max_columns} columns, or its texts are too "
            "long.",
            max_rows=limits.max_rows,
            max_columns=limits.max_columns,
        )
    )


def unordinary(line: int) -> RefusedError:
    """The refusal of a file with control characters in this line."""
    return RefusedError(Text("Line {line}: {text}", line=line, text=NO_ORDINARY_TEXT), line=line)


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
