"""The form that a utility, a chimney sweep or a building office fills in, as an Excel file in
German. What stands in it is data beside this module."""

import csv
import io
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from klima_balance.imports.rules.forms import FormRow
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quality import ActivityStatus, Grade

SHEET: Final = "Angaben"
FIRST_ROW: Final = 5  # of the cells, counted from 0; the headings stand above
QUANTITY, UNIT, STATUS, GRADE, SOURCE, NOTE, DEFAULT = range(6, 13)
_DATA: Final = files("klima_balance.imports.files")
_HINTS: Final = (_DATA / "template_hints.txt").read_text(encoding="utf-8").splitlines()
_COLUMNS: Final = (_DATA / "template_columns.csv").read_text(encoding="utf-8").splitlines()
HEADINGS: Final = [(row["heading"], int(row["width"])) for row in csv.DictReader(_COLUMNS)]
_EXTRA: Final = 30  # empty rows for what the form does not foresee
_STATUS: Final = [
    s.de for s in (ActivityStatus.MEASURED, ActivityStatus.ESTIMATED, ActivityStatus.CONFIRMED_ZERO)
]
_FRAMED: Final = {"border": 1, "border_color": "#cccccc"}
_FILL: Final = {"locked": False, "bg_color": "#fffbe6", **_FRAMED}
_FORMATS: Final[dict[str, dict[str, object]]] = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "text_wrap": True, "bottom": 2, "valign": "top"},
    "fixed": {"font_color": "#444444", "bg_color": "#f2f2f2", **_FRAMED},
    "fill": _FILL,
    "number": {**_FILL, "num_format": "#,##0.###"},
    "information": {"font_color": "#777777", "num_format": "#,##0"},
}
Defaults = Mapping[tuple[str, str, str], float]  # (AGS, sector, carrier) to MWh


def template(
    regions: Sequence[tuple[str, str]], year: int, rows: Sequence[FormRow], defaults: Defaults
) -> bytes:
    """The form for some municipalities (AGS, name) and a year. `defaults` are for the eye."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        names = ", ".join(name for _, name in regions[:3]) + (" …" if len(regions) > 3 else "")
        title = f"Verbrauchsdaten {names} {year}"
        book.set_properties({"title": title, "company": "Klimakreis"})
        page = book.add_worksheet(SHEET)
        hints, lists = book.add_worksheet("Hinweise"), book.add_worksheet("Listen")
        _write_lists(lists)
        for i, line in enumerate(_HINTS):
            hints.write_string(i, 0, line, book.add_format({"bold": i == 0, "text_wrap": True}))
        hints.set_column(0, 0, 110)
        form = _Form(book, page, year)
        form.write_head(title)
        for region in regions:
            form.write_region(*region, rows, defaults)
        form.protect()
    return target.getvalue()


def _write_lists(page: Worksheet) -> None:
    page.hide()
    lists = ([s.de for s in Sector], [c.de for c in Carrier], _STATUS, [g.value for g in Grade])
    for column, words in enumerate(lists):
        for i, word in enumerate(words):
            page.write_string(i, column, word)


class _Form:
    """The sheet to fill in, written from the top down."""

    def __init__(self, book: Workbook, page: Worksheet, year: int) -> None:
        self.page, self.year = page, year
        self.formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
        self.at = FIRST_ROW

    def write_head(self, title: str) -> None:
        page = self.page
        page.merge_range(0, 0, 0, 6, title, self.formats["title"])
        fill_in = "Bitte nur die hellgelben Zellen ausfüllen"
        page.write_string(1, 0, f"{fill_in}; Erläuterungen stehen auf dem Blatt „Hinweise“.")
        empty = "Leer heißt: keine Angabe. Kein Verbrauch: 0 mit Status „bestätigt null“."
        page.write_string(2, 0, empty)
        for column, (heading, width) in enumerate(HEADINGS):
            page.write_string(FIRST_ROW - 1, column, heading, self.formats["head"])
            page.set_column(column, column, width)
        page.freeze_panes(FIRST_ROW, QUANTITY)

    def write_region(
        self, ags: str, name: str, rows: Sequence[FormRow], defaults: Defaults
    ) -> None:
        """The rows of a municipality, and empty ones for what the form does not foresee."""
        for row in rows:
            self._write_fixed(ags, name, self.year, row.sector, row.carrier, row.category)
            self.page.write_blank(self.at, QUANTITY, None, self.formats["number"])
            self.page.write_string(self.at, UNIT, row.units[0], self.formats["fill"])
            self._write_blanks(range(STATUS, NOTE + 1))
            self._offer(self.at, UNIT, self.at, list(row.units), "Einheit")
            mwh = defaults.get((ags, row.cell.sector, row.cell.carrier))
            if mwh is not None and not row.cell.category:
                self.page.write_number(self.at, DEFAULT, mwh, self.formats["information"])
            self.at += 1
        first, last = self.at, self.at + _EXTRA - 1
        for _ in range(_EXTRA):
            self._write_fixed(ags, name, self.year)
            self._write_blanks(range(3, NOTE + 1))
            self.at += 1
        self._offer(first, 3, last, f"=Listen!$A$1:$A${len(Sector)}", "Sektor")
        self._offer(first, 4, last, f"=Listen!$B$1:$B${len(Carrier)}", "Energieträger")

    def _write_fixed(self, *values: str | int) -> None:
        for column, value in enumerate(values):
            self.page.write(self.at, column, value, self.formats["fixed"])

    def _write_blanks(self, columns: range) -> None:
        for column in columns:
            self.page.write_blank(self.at, column, None, self.formats["fill"])

    def _offer(
        self, first: int, column: int, last: int, source: list[str] | str, name: str
    ) -> None:
        """Let a cell of these rows be chosen from a list."""
        choice = {
            "validate": "list",
            "source": source,
            "error_title": name,
            "error_message": "Bitte aus der Liste wählen.",
        }
        self.page.data_validation(first, column, last, column, choice)

    def protect(self) -> None:
        last = self.at - 1
        hint = {
            "validate": "any",
            "input_title": "Menge",
            "input_message": "Zahl ohne Einheit; leer, wenn unbekannt",
        }
        self.page.data_validation(FIRST_ROW, QUANTITY, last, QUANTITY, hint)
        self._offer(FIRST_ROW, STATUS, last, "=Listen!$C$1:$C$3", "Status")
        self._offer(FIRST_ROW, GRADE, last, "=Listen!$D$1:$D$4", "Datengüte")
        may = {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
        self.page.protect("", may)
