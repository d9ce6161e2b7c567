"""Rows of an uploaded file to figures that can be stored: codes, regions, units, one figure a
cell."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from klima_balance.engine.figures import Figure
from klima_balance.figures.rules import (
    Cell,
    Vocabulary,
    check_quantity,
    grade_of,
    status_of,
    unit_error,
)
from klima_balance.imports.model import CellKey, ImportedFigure, UploadedRow
from klima_shared.codes.quality import ActivityStatus
from klima_shared.codes.quantities import FIRST_YEAR, LAST_YEAR
from klima_shared.codes.regions import canonical_ags
from klima_shared.formats.sheets import line_fault
from klima_shared.language.errors import InputError, Place
from klima_shared.language.text import Text

T = TypeVar("T")
_YES: Final = {
    "ja": True,
    "true": True,
    "yes": True,
    "": True,
    "nein": False,
    "false": False,
    "no": False,
}
_YEAR_EXPECTED: Final = Text(
    "A year of four digits from {first_year} to {last_year} is expected.",
    first_year=FIRST_YEAR,
    last_year=LAST_YEAR,
)


def check_rows(
    rows: Sequence[UploadedRow], words: Vocabulary, known: Mapping[str, tuple[str, str]]
) -> tuple[list[ImportedFigure], list[InputError]]:
    """Figures and faults; a row has every one of its faults named. `known`: AGS -> (name, kind)."""
    checker = _Checker(words, known)
    figures = [figure for row in rows if (figure := checker.figure(row)) is not None]
    return figures, checker.errors


class _Checker:
    def __init__(self, words: Vocabulary, known: Mapping[str, tuple[str, str]]) -> None:
        self.words, self.known = words, known
        self.errors: list[InputError] = []
        self._regions: dict[str, str | Text] = {}
        self._cells: dict[tuple[str, str, str], Cell] = {}
        self._lines: dict[CellKey, int] = {}

    def figure(self, row: UploadedRow) -> ImportedFigure | None:
        """The figure of a row, or None with its faults noted."""
        texts, faults = row.texts, len(self.errors)

        def check(column: str, read: Callable[[], T]) -> T | None:
            try:
                return read()
            except InputError as error:
                found = error.place.field or column
                self.errors.append(line_fault(row.line, found, error.text))
            return None

        names = texts["sector"], texts["carrier"], texts.get("category", "")
        region = check("region", lambda: self._region(texts["region"]))
        year = check("year", lambda: _year(texts["year"]))
        cell = check("sector", lambda: self._cell(*names))
        status = check("status", lambda: status_of(_given("status", texts["status"])))
        grade = check("grade", lambda: grade_of(_given("grade", texts["grade"])))
        source = check("source", lambda: _given("source", texts["source"], 3))
        contained = check("contained_in_ghd", lambda: _yes(texts.get("contained_in_ghd", "")))
        quantity = 0.0 if row.quantity is None else row.quantity
        if status:
            check("quantity", lambda: check_quantity(quantity, status))
        unit = texts["unit"] or ("MWh" if status == ActivityStatus.CONFIRMED_ZERO else "")
        mwh = check("unit", lambda: self._mwh(quantity, unit, cell)) if cell else None
        if len(self.errors) > faults or cell is None or mwh is None:
            return None
        figure = Figure(
            region=region or "",
            year=year or 0,
            sector=cell.sector,
            carrier=cell.carrier,
            category=cell.category,
            quantity=quantity,
            unit=unit,
            quantity_mwh=mwh,
            status=status or "",
            grade=grade or "",
            source=source or "",
            note=texts.get("note") or None,
            contained_in_ghd=bool(contained),
        )
        return self._unless_there(ImportedFigure(row.line, figure))

    def _unless_there(self, one: ImportedFigure) -> ImportedFigure | None:
        first = self._lines.setdefault(one.place, one.line)
        if first == one.line:
            return one
        there = Text("This cell stands in line {seen} already. Which figure holds?", seen=first)
        self.errors.append(line_fault(one.line, "carrier", there))
        return None

    def _region(self, text: str) -> str:
        if text not in self._regions:
            self._regions[text] = self._looked_up(_given("region", text))
        ags = self._regions[text]
        if isinstance(ags, Text):
            raise InputError(ags)
        return ags

    def _looked_up(self, text: str) -> str | Text:
        try:
            ags = canonical_ags(text)
        except InputError as error:
            return error.text
        if ags not in self.known:
            return Text("There is no region {ags}.", ags=ags)
        name, kind = self.known[ags]
        if kind != "municipality":
            return Text(
                "{name} is the sum of its municipalities; figures belong to one of them.", name=name
            )
        return ags

    def _cell(self, sector: str, carrier: str, category: str) -> Cell:
        at = (sector, carrier, category)
        if at not in self._cells:
            _given("sector", sector)
            _given("carrier", carrier)
            self._cells[at] = self.words.cell(*at)
        return self._cells[at]

    def _mwh(self, quantity: float, unit: str, cell: Cell) -> float:
        _given("unit", unit)
        try:
            return self.words.mwh(quantity, unit, cell)
        except InputError as error:
            if error.place.field == "quantity":
                raise
            raise unit_error(error, unit) from error


def _given(column: str, text: str, least: int = 1) -> str:
    if len(text) < least:
        raise InputError(Text("This value is missing."), Place(column))
    return text


def _year(text: str) -> int:
    if (
        not re.fullmatch(r"[0-9]{4}", _given("year", text))
        or not FIRST_YEAR <= int(text) <= LAST_YEAR
    ):
        shown = text[:40]
        raise InputError(
            Text("“{shown}” is no year. {year_expected}", shown=shown, year_expected=_YEAR_EXPECTED)
        )
    return int(text)


def _yes(text: str) -> bool:
    answer = _YES.get(text.casefold())
    if answer is None:
        raise InputError(Text("“{text}”: expected yes or no.", text=text[:40]))
    return answer
