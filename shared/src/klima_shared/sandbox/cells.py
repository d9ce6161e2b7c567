"""The cells of one sheet of a workbook, whatever program wrote it."""

import re
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Final, NamedTuple

from klima_shared.language.characters import has_control_characters
from klima_shared.sandbox.archive import DAMAGED, Attributes, local, parse
from klima_shared.sandbox.model import (
    Cell,
    CellFault,
    Limits,
    Place,
    RefusedError,
    Sheet,
    fill_merged,
    too_large,
    unordinary,
)
from klima_shared.sandbox.references import Shown, unescaped

MAX_MERGED: Final = 20_000
_PLACE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_TRUE: Final = frozenset({"1", "true", "on"})
_DEPTH: Final = 40
_MOST_ROWS: Final = 1_048_576
_FAULTS: Final = {Shown.PERCENT: CellFault.PERCENT, Shown.SCALED: CellFault.SCALED}


class Styles(NamedTuple):
    """Styles, by their number as it is written, that show a number otherwise than it is; and day 0
    of the dates."""

    shown: dict[str, Shown]
    epoch: datetime


class CellReader:
    """Reads one sheet. Cells come one after the other; only those that hold something are kept."""

    def __init__(self, texts: list[str], styles: Styles, limits: Limits) -> None:
        self.texts, self.styles, self.limits = texts, styles, limits
        self.rows: dict[int, dict[int, Cell]] = {}
        self.faults: dict[Place, CellFault] = {}
        self.merged: list[tuple[Place, Place]] = []
        self.hidden: set[int] = set()
        self.columns: dict[str, int] = {}
        self.width = self.size = self.depth = 0
        self.line, self.column = 0, -1
        self.row: dict[int, Cell] | None = None
        self.cell: Attributes | None = None
        self.formula = self.phonetic = self.valued = False
        self.pieces: list[str] = []
        self.reading = ""

    def read(self, content: bytes, name: str, *, visible: bool) -> Sheet:
        """The sheet; `RefusedError` for one that is damaged or beyond the limits."""
        parse(content, start=self.start, end=self.end, text=self.text)
        width = self.width
        rows = [
            (line, [cells.get(column, "") for column in range(width)])
            for line, cells in sorted(self.rows.items())
        ]
        self.rows.clear()
        sheet = Sheet(
            "xlsx",
            rows,
            decimal_comma=True,
            name=name,
            visible=visible,
            faults=self.faults,
            merged=self.merged,
            hidden=self.hidden,
        )
        fill_merged(sheet)
        return sheet

    def start(self, full: str, attributes: Attributes) -> None:
        self.depth += 1
        if self.depth > _DEPTH:
            raise RefusedError(DAMAGED)
        name = local(full)
        if self.cell is not None:
            self._inside(name)
        elif name == "c":
            self._start_cell(attributes)
        elif name == "row":
            self._start_row(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _inside(self, name: str) -> None:
        match name:
            case "v":
                self.reading, self.valued = "v", True
            case "t":
                self.reading = "" if self.phonetic else "t"
            case "f":
                self.formula = True
            case "rPh":
                self.phonetic = True
            case "c" | "row":
                raise RefusedError(DAMAGED)

    def end(self, full: str) -> None:
        self.depth -= 1
        match local(full):
            case "v" | "t":
                self.reading = ""
            case "c":
                self._end_cell()
            case "row":
                self.row = None
            case "rPh":
                self.phonetic = False

    def text(self, piece: str) -> None:
        if self.reading:
            self.pieces.append(piece)

    def _start_row(self, attributes: Attributes) -> None:
        if self.row is not None:
            raise RefusedError(DAMAGED)
        line = int(attributes["r"]) if "r" in attributes else self.line + 1
        if not 0 < line <= _MOST_ROWS or line in self.rows:
            raise RefusedError(DAMAGED)
        self.line, self.column, self.row = line, -1, {}
        if attributes.get("hidden") in _TRUE:
            self.hidden.add(line)

    def _start_cell(self, attributes: Attributes) -> None:
        if self.row is None:
            raise RefusedError(DAMAGED)
        if far := self._far(self.line):
            raise far  # whatever it holds: empty cells to the end of the sheet take time
        if "r" in attributes:
            place = _PLACE.fullmatch(attributes["r"].strip())
            if place is None:
                raise RefusedError(DAMAGED)
            letters = place[1]
            if letters not in self.columns:
                self.columns[letters] = _column(letters)
            self.column = self.columns[letters]
            if int(place[2]) != self.line:
                raise self._far(int(place[2])) or RefusedError(DAMAGED)
        else:
            self.column += 1
        self.cell, self.formula, self.valued = attributes, False, False
        self.pieces.clear()

    def _far(self, line: int) -> RefusedError | None:
        return too_large(self.limits) if line > self.limits.max_rows + 100 else None

    def _end_cell(self) -> None:
        attributes, row, column = self.cell, self.row, self.column
        self.cell, self.reading = None, ""
        if attributes is None or row is None:
            return
        text = "".join(self.pieces)
        if not text and not self.formula:
            return
        if column >= self.limits.max_columns:
            raise too_large(self.limits)
        if column in row:
            raise RefusedError(DAMAGED)
        if not row:
            self.rows[self.line] = row
        self.width = max(self.width, column + 1)
        if len(self.rows) * self.width > self.limits.max_cells:
            raise too_large(self.limits)
        value, fault = self._value(text, attributes)
        if self.formula:
            empty_text = self.valued and attributes.get("t") == "str"
            result = (text or empty_text) and fault is not CellFault.ERROR
            fault = CellFault.FORMULA if result else CellFault.NO_VALUE
        if fault is not None:
            self.faults[self.line, column] = fault
        if isinstance(value, str):
            if has_control_characters(value):
                raise unordinary(self.line)
            self.size += len(value)
            if self.size > self.limits.max_text:
                raise too_large(self.limits)
        row[column] = value

    def _value(self, text: str, attributes: Attributes) -> tuple[Cell, CellFault | None]:
        kind = attributes.get("t", "n")
        if kind == "s" and text:
            number = int(text)
            if number < 0:
                raise RefusedError(DAMAGED)
            return self.texts[number], None
        if kind == "e":
            return text, CellFault.ERROR
        if kind == "b" and text:
            return text.strip() in _TRUE, None
        if kind == "d" and text:
            return _iso(text.strip()), None
        if kind != "n" or not text:
            return unescaped(text), None
        return self._number(float(text), self.styles.shown.get(attributes.get("s", "")))

    def _number(self, number: float, shown: Shown | None) -> tuple[Cell, CellFault | None]:
        if not isfinite(number):
            return str(number), None
        if shown is Shown.DURATION:
            return _duration(number)
        if shown is Shown.DATE:
            return _moment(number, self.styles.epoch)
        if shown is Shown.SCALED and not number:
            return number, None  # nothing is nothing in thousands too
        return number, _FAULTS.get(shown) if shown else None

    def _merge(self, ref: str) -> None:
        first, _, last = ref.partition(":")
        found = _PLACE.fullmatch(first.strip()), _PLACE.fullmatch((last or first).strip())
        if len(self.merged) >= MAX_MERGED or found[0] is None or found[1] is None:
            raise RefusedError(DAMAGED)
        begin, end = ((int(place[2]) - 1, _column(place[1])) for place in found if place)
        self.merged.append((begin, end))


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _duration(number: float) -> tuple[Cell, CellFault | None]:
    if abs(number) > 1e6:
        return str(number), CellFault.ERROR
    return timedelta(seconds=round(number * 86_400)), None


def _moment(number: float, epoch: datetime) -> tuple[Cell, CellFault | None]:
    """A date, a time of the day, or both. Excel shows nothing but `###` outside of its calendar."""
    if not 0 <= number < 2_958_466:
        return str(number), CellFault.ERROR
    moment = epoch + timedelta(seconds=round(number * 86_400))
    if number < 1:
        return moment.time(), None
    return (moment.date() if moment.time() == time() else moment), None


def _iso(text: str) -> Cell:
    if "T" not in text:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text).replace(tzinfo=None)
    return moment.date() if moment.time() == time() else moment
