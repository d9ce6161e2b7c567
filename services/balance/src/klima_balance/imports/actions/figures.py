"""Rows of a delivery to figures that can be stored: codes, regions, units, one figure a cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from klima_balance.figures.rules import (
    Cell,
    Vocabulary,
    WordError,
    check_quantity,
    grade_of,
    status_of,
    unit_error,
)
from klima_balance.imports.files.uploads import UploadedRow
from klima_balance.method.errors import InputError
from klima_shared.codes.fields import FIRST_YEAR, LAST_YEAR, canonical_ags
from klima_shared.formats import RowError
from klima_shared.http.validation import TextError
from klima_shared.language.text import Text

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


class DeliveredFigure(NamedTuple):
    """One figure for one cell. `content` is in the order of `storage.imports.CONTENT`."""

    line: int
    place: tuple[str, int, str]
    content: tuple[Any, ...]

    @property
    def region(self) -> str:
        return self.place[0]

    @property
    def year(self) -> int:
        return self.place[1]


def checked_rows(
    rows: Sequence[UploadedRow], words: Vocabulary, known: Mapping[str, tuple[str, str]]
) -> tuple[list[DeliveredFigure], list[RowError]]:
    """Figures and faults; a row has every one of its faults named. `known`: AGS -> (name, kind)."""
    checker = _Checker(words, known)
    figures = [figure for row in rows if (figure := checker.figure(row)) is not None]
    return figures, checker.errors


class _Checker:
    def __init__(self, words: Vocabulary, known: Mapping[str, tuple[str, str]]) -> None:
        self.words, self.known = words, known
        self.errors: list[RowError] = []
        self._regions: dict[str, str | Text] = {}
        self._cells: dict[tuple[str, str, str], Cell] = {}
        self._seen: dict[tuple[str, int, str], int] = {}

    def figure(self, row: UploadedRow) -> DeliveredFigure | None:
        texts, faults = row.texts, len(self.errors)

        def tried(column: str, call: Callable[[], Any]) -> Any:
            try:
                return call()
            except WordError as error:
                self.errors.append(RowError(row.line, error.column, error.text))
            except TextError as error:
                self.errors.append(RowError(row.line, column, error.text))
            return None

        region = tried("region", lambda: self._region(texts["region"]))
        year = tried("year", lambda: _year(texts["year"]))
        cell = tried(
            "sector",
            lambda: self._cell(texts["sector"], texts["carrier"], texts.get("category", "")),
        )
        status = tried("status", lambda: status_of(_given("status", texts["status"])))
        grade = tried("grade", lambda: grade_of(_given("grade", texts["grade"])))
        source = tried("source", lambda: _given("source", texts["source"], 3))
        contained = tried("contained_in_ghd", lambda: _yes(texts.get("contained_in_ghd", "")))
        quantity = 0.0 if row.quantity is None else row.quantity
        if status:
            tried("quantity", lambda: check_quantity(quantity, status))
        unit = texts["unit"] or ("MWh" if status == "confirmed_zero" else "")
        mwh = tried("unit", lambda: self._mwh(quantity, unit, cell)) if cell else None
        if len(self.errors) > faults or cell is None or mwh is None:
            return None
        place = (region, year, cell.key)
        if place in self._seen:
            self.errors.append(
                RowError(
                    row.line,
                    "carrier",
                    Text(
                        "This cell stands in line {seen} already. Which figure holds?",
                        seen=self._seen[place],
                    ),
                )
            )
            return None
        self._seen[place] = row.line
        content = (
            cell.sector,
            cell.carrier,
            cell.category,
            quantity,
            unit,
            mwh,
            status,
            grade,
            source,
            texts.get("note") or None,
            contained,
        )
        return DeliveredFigure(row.line, place, content)

    def _region(self, text: str) -> str:
        if text not in self._regions:
            self._regions[text] = self._looked_up(_given("region", text))
        found = self._regions[text]
        if isinstance(found, Text):
            raise TextError(found)
        return found

    def _looked_up(self, text: str) -> str | Text:
        try:
            ags = canonical_ags(text)
        except TextError as error:
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
            raise unit_error(error, unit) from error


def _given(column: str, text: str, least: int = 1) -> str:
    if len(text) < least:
        raise WordError(column, Text("This value is missing."))
    return text


def _year(text: str) -> int:
    if (
        not re.fullmatch(r"[0-9]{4}", _given("year", text))
        or not FIRST_YEAR <= int(text) <= LAST_YEAR
    ):
        shown = text[:40]
        raise TextError(
            Text("“{shown}” is no year. {year_expected}", shown=shown, year_expected=_YEAR_EXPECTED)
        )
    return int(text)


def _yes(text: str) -> bool:
    found = _YES.get(text.casefold())
    if found is None:
        raise TextError(Text("“{text}”: expected yes or no.", text=text[:40]))
    return found
