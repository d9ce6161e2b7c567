"""Uploads of local figures: the filled-in template, or a table in CSV or Excel, to rows and
faults.

A row is right, or it is named with its line, its column and what was expected. What people leave in
spreadsheets without meaning a figure (a row that is not filled in, a total at the end, a footnote)
is passed over and said so.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Final

from klima_balance.figures.rules import NEGATIVE
from klima_balance.imports.files.columns import ColumnReader, german_date
from klima_balance.imports.files.headings import (
    IGNORED,
    Layout,
    find_layout,
    merged_quantities,
    text_of,
)
from klima_balance.imports.files.questions import (
    CELL_FAULTS,
    CONTRADICTION,
    EMPTY,
    EMPTY_FILE,
    NO_FIGURE_HERE,
    NO_TABLE,
    TOO_WIDE,
    UTF16,
    apostrophes,
    dash,
    date_in_place_of_number,
    no_number,
    two_readings,
)
from klima_balance.imports.model import Upload, UploadedRow
from klima_shared.formats import Limits, Sheet
from klima_shared.formats.cells import parse_number
from klima_shared.formats.sheets import FURTHER, Notice, line_fault
from klima_shared.language.errors import InputError, Place
from klima_shared.language.text import Text
from klima_shared.sandbox import pool
from klima_shared.sandbox.archive import DAMAGED, NO_WORKBOOK
from klima_shared.sandbox.model import Cell, CellFault, too_large

MAX_NOTICES: Final = 200
LIMITS: Final = Limits(
    max_unpacked=48 << 20,
    max_rows=60_000,
    max_columns=80,
    max_cell=20_000,
    max_text=40 << 20,
    max_errors=500,
)
# Refusals of the reader of workbooks after which it is said what is expected.
_EXPLAINED: Final = (NO_WORKBOOK, DAMAGED)
_NO_FIGURE: Final = re.compile(
    r"k\.? ?a\.?|keine angabe|n\.? ?v\.?|n/a|na|unbekannt|unknown|missing", re.I
)
_ORDINARY: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_AMBIGUOUS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
_APOSTROPHES: Final = re.compile(r"[+-]?[0-9]{1,3}(?:['’´`ʼ][0-9]{3})+(?:[.,][0-9]+)?")
_NEGATIVE: Final = re.compile(r"[-−–—] ?[0-9][0-9., ]*|[0-9][0-9., ]* ?[-−–—]|\([0-9][0-9., ]*\)")
_DATE: Final = re.compile(
    r"[0-9]{1,2}\. ?(?:[0-9]{1,2}\.(?:[0-9]{2,4})?|[A-Za-zä]{3,9}\.?(?: ?[0-9]{2,4})?)"
    r"|[A-Za-zä]{3}\.?[ -][0-9]{2,4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}.*"
)
_FILLED_IN: Final = ("quantity", "status", "grade", "source", "note")


_EXPECTED: Final = Text("Expected: the template (.xlsx) or CSV.")
_OTHER_FILES: Final = (
    (b"\xd0\xcf\x11\xe0", Text("This is the old Excel format (.xls) or a file with a password.")),
    (b"%PDF", Text("This is a PDF.")),
    (b"{", Text("This is JSON.")),
    (b"<", Text("This is HTML or XML.")),
    (b"\x1f\x8b", Text("This is an archive (gzip).")),
    (b"7z\xbc\xaf", Text("This is an archive (7z).")),
    (b"Rar!", Text("This is an archive (rar).")),
    (b"\xff\xfe", UTF16),
    (b"\xfe\xff", UTF16),
)


def read_upload(data: bytes) -> Upload:
    """Rows and faults of a file. `InputError` for a file that is not read at all."""
    sheets = _open(data)
    layouts = [(sheet, *find_layout(sheet)) for sheet in sheets]
    tables = [(sheet, layout, errors) for sheet, layout, errors in layouts if layout is not None]
    if len(tables) > 1:
        text = Text("Several sheets hold such a table. Which one holds? Please deliver only one.")
        raise InputError(text)
    if not tables:
        nearest = max(
            (errors for _, _, errors in layouts), key=lambda e: (e[0].place.line or 0, len(e))
        )
        return Upload(sheets[0].kind, errors=nearest)
    sheet, layout, errors = tables[0]
    return _Reader(sheet, layout).read(errors)


def _open(data: bytes) -> list[Sheet]:
    """The visible sheets of the file that hold anything (one for CSV)."""
    if not data.strip(b"\x00\r\n\t "):
        raise InputError(EMPTY_FILE)
    for start, text in _OTHER_FILES:
        if data.startswith(start):
            raise _unexpected(text)
    if data.startswith(b"PK"):
        try:
            sheets = [s for s in pool.workbook_sheets(data, LIMITS) if s.visible and s.rows]
        except InputError as error:
            raise _unexpected(error.text) if error.text in _EXPLAINED else error from error
        if not sheets:
            raise InputError(NO_TABLE)
    else:
        sheets = [pool.csv_sheet(data, limits=LIMITS)]
        _check_csv(sheets[0])
    if any(len(sheet.rows) > LIMITS.max_rows for sheet in sheets):
        raise InputError(too_large(LIMITS).text)
    return sheets


def _check_csv(sheet: Sheet) -> None:
    if sheet.broken is not None:
        line, reason = sheet.broken
        text = Text(
            "From line {line} on the file cannot be read, probably because of a quotation mark "
            "({error}).",
            line=line,
            error=reason,
        )
        raise InputError(text)
    for _, cells in sheet.rows:
        if len(cells) > LIMITS.max_columns or max(map(len, map(str, cells))) > LIMITS.max_cell:
            raise InputError(too_large(LIMITS).text)
    if not sheet.rows:
        raise InputError(EMPTY_FILE)


def _unexpected(text: Text) -> InputError:
    return InputError(Text("{text} {expected}", text=text, expected=_EXPECTED))


class _Reader:
    def __init__(self, sheet: Sheet, layout: Layout) -> None:
        self.sheet, self.layout = sheet, layout
        self.upload = Upload(sheet.kind)
        columns = [(place, name) for place, name in layout.columns.items() if name != IGNORED]
        self.columns = [(place, name, ColumnReader(name)) for place, name in columns]
        self.quantity = next(place for place, name in columns if name == "quantity")

    def read(self, errors: Sequence[InputError]) -> Upload:
        upload = self.upload
        upload.errors.extend(errors)
        rows = self.sheet.rows[self.layout.first :]
        if rows:
            upload.errors.extend(merged_quantities(self.sheet, self.quantity, rows[0][0]))
        last = next(
            (i for i in reversed(range(len(rows))) if sum(1 for c in rows[i][1] if text_of(c)) > 1),
            -1,
        )
        for i, (line, cells) in enumerate(rows):
            if i > last:
                self._notice(line, Text("Footnote passed over."))
                continue
            self._row(line, cells)
            if len(upload.errors) >= LIMITS.max_errors:
                upload.errors[LIMITS.max_errors :] = [line_fault(line, None, FURTHER)]
                break
        return upload

    def _notice(self, line: int, text: Text, column: str = "") -> None:
        if len(self.upload.notices) < MAX_NOTICES:
            self.upload.notices.append(Notice(Place(column, line=line), text))

    def _row(self, line: int, cells: Sequence[Cell]) -> None:
        count = len(cells)
        texts: dict[str, str] = {}
        wrong: list[tuple[str, Text]] = []
        total = False
        for place, name, column in self.columns:
            texts[name], error, sums = column.read(cells[place] if place < count else "")
            total = total or sums
            if error is not None:
                wrong.append((name, error))
        if total:
            self._notice(line, Text("Row of totals passed over."))
            return
        if not any(map(texts.get, _FILLED_IN)):
            return  # a row of the template that was not filled in

        faults: list[InputError] = []

        def fault(column: str | None, text: Text) -> None:
            faults.append(line_fault(line, column, text))

        if count > self.layout.width and any(map(text_of, cells[self.layout.width :])):
            fault(None, TOO_WIDE)
        self._check_faults(line, fault)
        for name, error in wrong:
            fault(name, error)
        no_figure = _NO_FIGURE.fullmatch(texts["status"]) is not None
        quantity = None
        if (
            _NO_FIGURE.fullmatch(texts["quantity"])
            and (no_figure or not texts["status"])
            and not faults
        ):
            self._notice(
                line, Text("No figure: the cell stays open (missing is not zero)."), "quantity"
            )
            return
        if no_figure:
            fault("status", NO_FIGURE_HERE)
        elif (line, self.quantity) not in self.sheet.faults:
            try:
                quantity = self._quantity(
                    cells[self.quantity] if self.quantity < count else None, texts["status"]
                )
            except InputError as error:
                fault("quantity", error.text)
        if faults:
            self.upload.errors.extend(faults)
        else:
            self.upload.rows.append(UploadedRow(line, texts, quantity))
            if line in self.sheet.hidden:
                self._notice(line, Text("This row is hidden in the file; it is read all the same."))

    def _check_faults(self, line: int, fault: Callable[[str | None, Text], None]) -> None:
        if not self.sheet.faults:
            return
        for place, name in self.layout.columns.items():
            mark = self.sheet.faults.get((line, place))
            if mark is None or name == IGNORED:
                continue
            fault(name, CELL_FAULTS[mark])

    def _quantity(self, cell: Cell, status: str) -> float | None:
        """The number of a cell; None for an empty one whose status needs no number."""
        if isinstance(cell, bool):
            raise InputError(no_number("WAHR" if cell else "FALSCH"))
        if isinstance(cell, int | float):
            if not isfinite(cell):
                raise InputError(no_number(str(cell)))
            return float(cell)
        if isinstance(cell, date | datetime | time | timedelta):
            raise InputError(date_in_place_of_number(german_date(cell)))
        text = text_of(cell)
        if _ORDINARY.fullmatch(text) and not _AMBIGUOUS.fullmatch(text):
            return parse_number(text, decimal_comma=self.sheet.decimal_comma)  # most of them
        if not text:
            if status.strip().casefold() in {"confirmed_zero", "bestätigt null", "confirmed zero"}:
                return None
            raise InputError(EMPTY)
        if "%" in text:
            raise InputError(CELL_FAULTS[CellFault.PERCENT])
        if _NO_FIGURE.fullmatch(text):
            raise InputError(CONTRADICTION)
        if re.fullmatch(r"[-–—.x*?/]+", text):
            raise InputError(dash(text))
        if _DATE.fullmatch(text):
            raise InputError(date_in_place_of_number(text))
        if _AMBIGUOUS.fullmatch(text) and not self.sheet.decimal_comma:
            raise InputError(two_readings(text))
        if _APOSTROPHES.fullmatch(text):
            raise InputError(apostrophes(text))
        if _NEGATIVE.fullmatch(text):
            raise InputError(NEGATIVE)
        return parse_number(text, decimal_comma=self.sheet.decimal_comma)
