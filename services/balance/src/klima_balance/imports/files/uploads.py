"""Deliveries of local figures: the filled-in template, or a table in CSV or Excel, to rows and
faults.

A row is right, or it is named with its line, its column and what was expected. What people leave in
spreadsheets without meaning a figure (a row that is not filled in, a total at the end, a footnote)
is passed over and said so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any, Final

from klima_balance.figures.rules import NEGATIVE
from klima_balance.imports.files.guard import RefusedError
from klima_balance.imports.files.headings import (
    IGNORED,
    Layout,
    fill_merged,
    find_layout,
    merged_quantities,
    text_of,
)
from klima_balance.imports.files.questions import (
    CONTRADICTION,
    EMPTY,
    FORMULA,
    MARKS,
    NO_FIGURE_HERE,
    TOO_WIDE,
    apostrophes,
    dash,
    date_found,
    no_number,
    too_long,
    two_readings,
)
from klima_balance.imports.files.sheets import Grid, read_grids
from klima_shared.formats import RowError
from klima_shared.formats.cells import parse_number
from klima_shared.formats.tables import plain
from klima_shared.http.validation import TextError
from klima_shared.language.text import Label, Text

MAX_ERRORS: Final = 500
MAX_NOTICES: Final = 200
_LONGEST: Final = {"source": 500, "note": 1000}
_LONG: Final = 100
_SUSPECT: Final = frozenset("='")
_TOTAL: Final = re.compile(r"(zwischen|gesamt|end)?summe\b|(ins)?gesamt\b|total\b|sum\b", re.I)
_NO_FIGURE: Final = re.compile(
    r"k\.? ?a\.?|keine angabe|n\.? ?v\.?|n/a|na|unbekannt|unknown|missing", re.I
)
_AMBIGUOUS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
_APOSTROPHES: Final = re.compile(r"[+-]?[0-9]{1,3}(?:['’´`ʼ][0-9]{3})+(?:[.,][0-9]+)?")
_NEGATIVE: Final = re.compile(r"[-−–—] ?[0-9][0-9., ]*|[0-9][0-9., ]* ?[-−–—]|\([0-9][0-9., ]*\)")
_DATE: Final = re.compile(
    r"[0-9]{1,2}\. ?(?:[0-9]{1,2}\.(?:[0-9]{2,4})?|[A-Za-zä]{3,9}\.?(?: ?[0-9]{2,4})?)|[A-Za-zä]{3}\.?[ -][0-9]{2,4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}.*"
)
_FILLED_IN: Final = ("quantity", "status", "grade", "source", "note")


@dataclass(frozen=True, slots=True)
class DeliveredRow:
    """Texts by column name, stripped; `quantity` None only with a status that needs none."""

    line: int
    texts: dict[str, str]
    quantity: float | None


@dataclass(slots=True)
class Delivery:
    """What a file held. With any error nothing of it may be stored. `notices` say what was passed
    over."""

    kind: str
    rows: list[DeliveredRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    notices: list[RowError] = field(default_factory=list)


def read_delivery(data: bytes) -> Delivery:
    """Rows and faults of a file. `RefusedError` for a file that is not read at all."""
    grids = read_grids(data)
    found = []
    for grid in grids:
        fill_merged(grid)
        found.append((grid, *find_layout(grid)))
    tables = [(grid, layout, errors) for grid, layout, errors in found if layout is not None]
    if len(tables) > 1:
        text = Text("Several sheets hold such a table. Which one holds? Please deliver only one.")
        raise RefusedError(text)
    if not tables:
        return Delivery(
            grids[0].kind,
            errors=max((errors for _, _, errors in found), key=lambda e: (e[0].line, len(e))),
        )
    grid, layout, errors = tables[0]
    return _Reader(grid, layout).read(errors)


class _Reader:
    def __init__(self, grid: Grid, layout: Layout) -> None:
        self.grid, self.layout = grid, layout
        self.delivery = Delivery(grid.kind)
        self.columns = [(place, name) for place, name in layout.columns.items() if name != IGNORED]
        self.quantity = next(place for place, name in self.columns if name == "quantity")

    def read(self, errors: Sequence[RowError]) -> Delivery:
        d = self.delivery
        d.errors.extend(errors)
        rows = self.grid.rows[self.layout.first :]
        if rows:
            d.errors.extend(merged_quantities(self.grid, self.quantity, rows[0][0]))
        last = next(
            (i for i in reversed(range(len(rows))) if sum(1 for c in rows[i][1] if text_of(c)) > 1),
            -1,
        )
        for i, (line, cells) in enumerate(rows):
            if i > last:
                self._notice(line, "Fußnote übergangen.", "Footnote passed over.")
                continue
            self._row(line, cells)
            if len(d.errors) >= MAX_ERRORS:
                text = Text("Further faults are not listed.")
                d.errors[MAX_ERRORS:] = [RowError(line, None, text)]
                break
        return d

    def _notice(self, line: int, de: str, en: str, column: str | None = None) -> None:
        if len(self.delivery.notices) < MAX_NOTICES:
            self.delivery.notices.append(RowError(line, column, Label(de, en)))

    def _row(self, line: int, cells: Sequence[Any]) -> None:
        count = len(cells)
        texts = {
            name: _as_text(cells[place]) if place < count else "" for place, name in self.columns
        }
        if any(_TOTAL.match(texts[name]) for name in ("region", "year", "sector", "carrier")):
            self._notice(line, "Summenzeile übergangen.", "Row of totals passed over.")
            return
        if not any(texts.get(name) for name in _FILLED_IN):
            return  # a row of the template that was not filled in
        faults: list[RowError] = []

        def fault(column: str | None, text: Text) -> None:
            faults.append(RowError(line, column, text))

        if any(text_of(cell) for cell in cells[self.layout.width :]):
            fault(None, TOO_WIDE)
        self._marked(line, fault)
        for name, text in texts.items():
            if len(text) > _LONG and len(text) > _LONGEST.get(name, _LONG):
                fault(name, too_long(_LONGEST.get(name, _LONG)))
            elif text[:1] in _SUSPECT and text.startswith(("=", "'=")):
                fault(name, FORMULA)
        no_figure = _NO_FIGURE.fullmatch(texts["status"]) is not None
        quantity = None
        if (
            _NO_FIGURE.fullmatch(texts["quantity"])
            and (no_figure or not texts["status"])
            and not faults
        ):
            self._notice(
                line,
                "Keine Angabe: die Zelle bleibt offen (fehlend ist nicht null).",
                "No figure: the cell stays open (missing is not zero).",
                "quantity",
            )
            return
        if no_figure:
            fault("status", NO_FIGURE_HERE)
        elif (line, self.quantity) not in self.grid.marks:
            try:
                quantity = self._quantity(
                    cells[self.quantity] if self.quantity < count else None, texts["status"]
                )
            except TextError as error:
                fault("quantity", error.text)
        if faults:
            self.delivery.errors.extend(faults)
        else:
            self.delivery.rows.append(DeliveredRow(line, texts, quantity))
            if line in self.grid.hidden:
                self._notice(
                    line,
                    "Diese Zeile ist in der Datei ausgeblendet; sie wird mitgelesen.",
                    "This row is hidden in the file; it is read all the same.",
                )

    def _marked(self, line: int, fault: Callable[[str | None, Text], None]) -> None:
        if not self.grid.marks:
            return
        for place, name in self.layout.columns.items():
            mark = self.grid.marks.get((line, place))
            if mark is None or name == IGNORED or (mark == "percent" and name != "quantity"):
                continue
            fault(name, MARKS[mark])

    def _quantity(self, cell: Any, status: str) -> float | None:
        """The number of a cell; None for an empty one whose status needs no number."""
        if isinstance(cell, bool):
            raise TextError(no_number("WAHR" if cell else "FALSCH"))
        if isinstance(cell, int | float):
            if not isfinite(cell):
                raise TextError(no_number(str(cell)))
            return float(cell)
        if isinstance(cell, date | datetime | time | timedelta):
            raise TextError(date_found(_german(cell)))
        text = text_of(cell)
        if not text:
            if status.strip().casefold() in {"confirmed_zero", "bestätigt null", "confirmed zero"}:
                return None
            raise TextError(EMPTY)
        if "%" in text:
            raise TextError(MARKS["percent"])
        if _NO_FIGURE.fullmatch(text):
            raise TextError(CONTRADICTION)
        if re.fullmatch(r"[-–—.x*?/]+", text):
            raise TextError(dash(text))
        if _DATE.fullmatch(text):
            raise TextError(date_found(text))
        if _AMBIGUOUS.fullmatch(text) and not self.grid.decimal_comma:
            raise TextError(two_readings(text))
        if _APOSTROPHES.fullmatch(text):
            raise TextError(apostrophes(text))
        if _NEGATIVE.fullmatch(text):
            raise TextError(NEGATIVE)
        return parse_number(text, decimal_comma=self.grid.decimal_comma)


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return plain(cell).strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date | datetime | time | timedelta):
        return _german(cell)
    return text_of(cell)


def _german(value: date | datetime | time | timedelta) -> str:
    if isinstance(value, timedelta):  # a duration as Excel shows it: [h]:mm:ss
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value)
