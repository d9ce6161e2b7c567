"""Rows of an uploaded file to figures that can be stored: codes, regions, units, one figure a
cell."""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, Generic, TypeVar

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
W = TypeVar("W", bound=Hashable)
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


class _Meaning(Generic[W, T]):
    """What a column's words mean, each looked up once: columns say the same over and over. The
    fault of a word is remembered like its meaning."""

    def __init__(self, column: str, look_up: Callable[[W], T]) -> None:
        self.column, self.look_up = column, look_up
        self.found: dict[W, T | InputError] = {}

    def of(self, word: W) -> T | InputError:
        if word not in self.found:
            try:
                self.found[word] = self.look_up(word)
            except InputError as error:
                self.found[word] = error
        return self.found[word]


class _Checker:
    def __init__(self, words: Vocabulary, known: Mapping[str, tuple[str, str]]) -> None:
        self.words, self.known = words, known
        self.errors: list[InputError] = []
        self._lines: dict[CellKey, int] = {}
        self._region = _Meaning("region", self._look_up_region)
        self._year = _Meaning("year", _year)
        self._cell = _Meaning("sector", self._look_up_cell)
        self._status = _Meaning[str, str]("status", lambda word: status_of(_given("status", word)))
        self._grade = _Meaning[str, str]("grade", lambda word: grade_of(_given("grade", word)))
        self._source = _Meaning[str, str]("source", lambda word: _given("source", word, 3))
        self._contained = _Meaning("contained_in_ghd", _yes)

    def figure(self, row: UploadedRow) -> ImportedFigure | None:
        """The figure of a row, or None with its faults noted."""
        texts, faults = row.texts, len(self.errors)

        def fault(column: str, error: InputError) -> None:
            self.errors.append(line_fault(row.line, error.place.field or column, error.text))

        def meaning(column: _Meaning[W, T], word: W) -> T | None:
            found = column.of(word)
            if not isinstance(found, InputError):
                return found
            fault(column.column, found)
            return None

        region = meaning(self._region, texts["region"])
        year = meaning(self._year, texts["year"])
        cell = meaning(self._cell, (texts["sector"], texts["carrier"], texts.get("category", "")))
        status = meaning(self._status, texts["status"])
        grade = meaning(self._grade, texts["grade"])
        source = meaning(self._source, texts["source"])
        contained = meaning(self._contained, texts.get("contained_in_ghd", ""))
        quantity = 0.0 if row.quantity is None else row.quantity
        unit = texts["unit"] or ("MWh" if status == ActivityStatus.CONFIRMED_ZERO else "")
        mwh = None
        try:
            if status:
                check_quantity(quantity, status)
        except InputError as error:
            fault("quantity", error)
        try:
            mwh = self._mwh(quantity, unit, cell) if cell else None
        except InputError as error:
            fault("unit", error)
        if len(self.errors) > faults or cell is None:
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

    def _look_up_region(self, text: str) -> str:
        ags = canonical_ags(_given("region", text))
        if ags not in self.known:
            raise InputError(Text("There is no region {ags}.", ags=ags))
        name, kind = self.known[ags]
        if kind != "municipality":
            raise InputError(
                Text(
                    "{name} is the sum of its municipalities; figures belong to one of them.",
                    name=name,
                )
            )
        return ags

    def _look_up_cell(self, names: tuple[str, str, str]) -> Cell:
        _given("sector", names[0])
        _given("carrier", names[1])
        return self.words.cell(*names)

    def _mwh(self, quantity: float, unit: str, cell: Cell) -> float | None:
        _given("unit", unit)
        try:
            return self.words.energy(quantity, unit, cell)
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
