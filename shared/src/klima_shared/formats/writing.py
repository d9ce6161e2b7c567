"""Tables as bytes, piece by piece: nothing but the piece at hand is in memory, however long the
table is.

Both CSV dialects keep the names of the wire in their first line, so that an exported file can be
imported again and a program reads either; the headings for people are in the Excel form.
"""

import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

import orjson
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from klima_shared.formats.tables import (
    ABOUT,
    Kind,
    Row,
    Table,
    Value,
    digits,
    heading,
    moment,
    neutral,
    unit_column,
)
from klima_shared.language.numbers import DEFAULT, Lang
from klima_shared.language.text import Label, Text

CHUNK: Final = 1 << 16
BOM: Final = b"\xef\xbb\xbf"
# Both separators in both dialects, because spreadsheets guess the separator by counting the
# unquoted ones.
_QUOTED: Final = frozenset('",;\t\r\n')
EXCEL_ROWS: Final = 1_048_576
EXCEL_TEXT: Final = 32_767
_WIDTHS: Final = {
    Kind.TEXT: 22,
    Kind.INTEGER: 12,
    Kind.NUMBER: 16,
    Kind.MONEY: 14,
    Kind.BOOLEAN: 10,
    Kind.DATE: 12,
}
_NUMBER_FORMATS: Final = {
    Kind.INTEGER: "0",
    Kind.NUMBER: "General",
    Kind.MONEY: "#,##0.00",
    Kind.DATE: "yyyy-mm-dd",
    Kind.TIME: "yyyy-mm-dd hh:mm:ss",
}


_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
_HEAD: Final = {
    "bold": True,
    "bg_color": "#0b6b53",
    "font_color": "#ffffff",
    "text_wrap": True,
    "valign": "top",
    "border": 1,
}
_ABOUT_COLUMNS: Final = (
    Label("Spalte", "Column"),
    Label("Name in der Schnittstelle", "Name in the interface"),
    Label("Einheit", "Unit"),
)


def write_chunks(table: Table, form: str, lang: Lang = DEFAULT) -> Iterator[bytes]:
    """The table in `form` (json, csv, csv-de, xlsx) in pieces of about 64 KiB. `lang` chooses
    headings and labels.

    Raises `ValueError` while it runs for a row of the wrong length, a value that is not of its
    column's kind, NaN, or more rows than a sheet of Excel can hold.
    """
    match form:
        case "json":
            return _pieces(_json(table, lang))
        case "csv":
            return _pieces(_csv(table, ",", ".", "true", "false"))
        case "csv-de":
            return _pieces(_csv(table, ";", ",", "ja", "nein"))
        case "xlsx":
            return _xlsx(table, lang)
        case _:
            raise ValueError(f"unknown form {form!r}")


def to_bytes(table: Table, form: str, lang: Lang = DEFAULT) -> bytes:
    """The whole table at once; for short ones and for tests."""
    return b"".join(write_chunks(table, form, lang))


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    buffer = bytearray()
    for part in parts:
        buffer += part
        if len(buffer) >= CHUNK:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def _checked(table: Table) -> Iterator[Row]:
    for number, row in enumerate(table.rows, start=1):
        if len(row) != len(table.columns):
            raise ValueError(
                f"row {number} of {table.name} has {len(row)} cells, not {len(table.columns)}"
            )
        yield row


def _csv(table: Table, separator: str, decimal: str, true: str, false: str) -> Iterator[bytes]:
    def cell(value: Value, kind: Kind) -> str:
        if value is None:
            return ""
        match kind:
            case Kind.BOOLEAN:
                return true if value else false
            case Kind.INTEGER | Kind.NUMBER | Kind.MONEY:
                return digits(_number(value)).replace(".", decimal)
            case Kind.DATE | Kind.TIME:
                return moment(_moment(value))
            case _:
                return _quoted(neutral(str(value)))

    names: list[str] = []
    for column in table.columns:
        names.append(_quoted(neutral(column.name)))
        if column.unit:
            names.append(_quoted(neutral(unit_column(column))))
    # Only Excel needs the mark to recognise UTF-8; RFC 4180 files stay without.
    if separator == ";":
        yield BOM
    yield (separator.join(names) + "\r\n").encode()
    units = [_quoted(neutral(column.unit)) if column.unit else None for column in table.columns]
    kinds = [column.kind for column in table.columns]
    for row in _checked(table):
        cells: list[str] = []
        for value, kind, unit in zip(row, kinds, units, strict=True):
            cells.append(cell(value, kind))
            if unit is not None:
                cells.append(unit)
        # A lone surrogate has no UTF-8 form; it becomes "?", because one odd character must not
        # cost the table.
        yield (separator.join(cells) + "\r\n").encode("utf-8", "replace")


def _quoted(text: str) -> str:
    if _QUOTED.isdisjoint(text) and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'


def _number(value: Value) -> float | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"{value!r} is no number")
    return value


def _moment(value: Value) -> date | datetime:
    if not isinstance(value, date):
        raise ValueError(f"{value!r} is no date")
    return value


def _json(table: Table, lang: Lang) -> Iterator[bytes]:
    columns = [
        {"name": c.name, "label": c.label.get(lang), "kind": c.kind.value, "unit": c.unit}
        for c in table.columns
    ]
    yield b'{"columns":' + orjson.dumps(columns) + b',"items":['
    names = [column.name for column in table.columns]
    comma = b""
    for row in _checked(table):
        item = {name: _json_value(value) for name, value in zip(names, row, strict=True)}
        yield comma + orjson.dumps(item)
        comma = b","
    about = [{"label": label.get(lang), "text": text} for label, text in table.about]
    yield b'],"about":' + orjson.dumps(about) + b"}"


def _json_value(value: Value) -> Value:
    match value:
        case Decimal():
            return digits(value)
        case date():
            return moment(value)
        case float():
            digits(value)  # NaN would become null, and null says something else
            return value
        case str():
            return str(value).encode("utf-8", "replace").decode()
        case _:
            return value


def _xlsx(table: Table, lang: Lang) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, _OPTIONS) as book:
            _Workbook(book, lang).write(table)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


class _Workbook:
    """An Excel file: sheets of tables, and one with what stands beside the figures."""

    def __init__(self, book: Workbook, lang: Lang) -> None:
        self.book, self.lang = book, lang
        self.head = book.add_format(_HEAD)
        self.styles = {
            kind: book.add_format({"num_format": pattern})
            for kind, pattern in _NUMBER_FORMATS.items()
        }

    def write(self, table: Table) -> None:
        # A fixed moment of creation: the same figures give the same bytes, and so the same ETag.
        created = datetime(2000, 1, 1)  # noqa: DTZ001  (Excel knows no zones)
        self.book.set_properties({"title": table.title.get(self.lang), "created": created})
        self._write_table(Label("Daten", "Data"), table)
        for further in table.further:
            self._write_table(further.title, further)
        self._write_about(table)

    def _write_table(self, title: Text, table: Table) -> None:
        sheet = self.book.add_worksheet(title.get(self.lang))
        sheet.freeze_panes(1, 0)
        for index, column in enumerate(table.columns):
            name = heading(column, self.lang)
            width = min(max(_WIDTHS.get(column.kind, 20), len(name) // 2 + 2), 60)
            sheet.set_column(index, index, width)
            sheet.write_string(0, index, name, self.head)
        last = 0
        for last, row in enumerate(_checked(table), start=1):
            if last >= EXCEL_ROWS:
                most = f"more rows than a sheet of Excel holds ({EXCEL_ROWS})"
                raise ValueError(f"{table.name} has {most}")
            for index, (value, column) in enumerate(zip(row, table.columns, strict=True)):
                if value is not None:
                    self._write_cell(sheet, (last, index), value, column.kind)
        sheet.autofilter(0, 0, last, max(len(table.columns) - 1, 0))

    def _write_cell(
        self, sheet: Worksheet, place: tuple[int, int], value: Value, kind: Kind
    ) -> None:
        style = self.styles.get(kind)
        match kind:
            case Kind.BOOLEAN:
                sheet.write_boolean(*place, bool(value))
            case Kind.INTEGER | Kind.NUMBER | Kind.MONEY:
                digits(_number(value))
                sheet.write_number(*place, value, style)
            case Kind.DATE | Kind.TIME:
                when = _moment(value)
                moment(when)
                utc = when.astimezone(UTC) if isinstance(when, datetime) else when
                sheet.write_datetime(*place, utc, style)
            case _:
                # A string cell is never calculated, whatever it begins with: no mark is needed.
                text = str(value).encode("utf-8", "replace").decode()
                cut = text if len(text) <= EXCEL_TEXT else text[: EXCEL_TEXT - 2] + " …"
                sheet.write_string(*place, cut)

    def _write_about(self, table: Table) -> None:
        """What stands beside the figures, and what each column is called on the wire."""
        sheet, lang = self.book.add_worksheet(ABOUT.get(self.lang)), self.lang
        for index, width in enumerate((32, 60, 20)):
            sheet.set_column(index, index, width)
        lines: list[tuple[str, ...]] = [
            (table.title.get(lang),),
            *((label.get(lang), text) for label, text in table.about),
            (),
            tuple(text.get(lang) for text in _ABOUT_COLUMNS),
        ]
        heads = {0, len(lines) - 1}
        lines += [(c.label.get(lang), c.name, c.unit or "") for c in table.columns]
        for row, line in enumerate(lines):
            for index, text in enumerate(line):
                sheet.write_string(row, index, text, self.head if row in heads else None)
