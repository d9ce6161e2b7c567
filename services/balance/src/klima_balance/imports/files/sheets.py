"""A delivered file as a grid of cells with their faults, whatever program wrote it: Excel or CSV in
either dialect."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook

from klima_balance.imports.files.guard import RefusedError, checked_parts, rebuilt
from klima_shared.language.text import Label, Text

MAX_ROWS: Final = 60_000
MAX_COLUMNS: Final = 80
MAX_TEXT: Final = 40 << 20  # characters of all cells together
MAX_LINE: Final = 20_000

_CELL: Final = re.compile(
    rb"<(?:\w+:)?c((?:\s+[\w:]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*/?>(?:\s*(<(?:\w+:)?f\b)|\s*<(?:\w+:)?v>(\d{1,9})<)?"
)
# The same as most programs write it; read in half the time.
_PLAIN_CELL: Final = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="([0-9]+)")?(?: t="(\w+)")?/?>(?:<(f)\b|<v>([0-9]{1,9})<)?'
)
_ANY_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ATTRIBUTE: Final = re.compile(rb"\s([rst])\s*=\s*[\"']([^\"']*)[\"']")
_PLACE: Final = re.compile(rb"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_ROW_NUMBER: Final = re.compile(rb"\sr\s*=\s*[\"']([0-9]{1,7})[\"']")
_HIDDEN: Final = re.compile(rb"\shidden\s*=\s*[\"'](?:1|true)[\"']")
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_PERCENT_FORMATS: Final = {9, 10}


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells with their line numbers. `marks`: (line, column) to `formula`, `percent` or
    `error`; `hidden`: lines that nobody sees, of a filter for example.
    """

    kind: str
    rows: list[tuple[int, list[Any]]]
    decimal_comma: bool
    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    hidden: frozenset[int] = frozenset()


def read_grids(data: bytes) -> list[Grid]:
    """The sheets of the file that hold anything (one for CSV). `RefusedError` says why it is not
    read at all."""
    if not data.strip(b"\x00\r\n\t "):
        raise RefusedError(Text("The file is empty."))
    for start, text in _OTHER_FILES:
        if data.startswith(start):
            raise RefusedError(text)
    return _workbook(data) if data.startswith(b"PK") else [_csv(data)]


_EXPECTED: Final = Text("Expected: the template (.xlsx) or CSV.")
_OTHER_FILES: Final = tuple(
    (start, Text("{text} {expected}", text=Label(de, en), expected=_EXPECTED))
    for start, de, en in (
        (
            b"\xd0\xcf\x11\xe0",
            "Das ist das alte Excel-Format (.xls) oder eine Datei mit Kennwort.",
            "This is the old Excel format (.xls) or a file with a password.",
        ),
        (b"%PDF", "Das ist ein PDF.", "This is a PDF."),
        (b"{", "Das ist JSON.", "This is JSON."),
        (b"<", "Das ist HTML oder XML.", "This is HTML or XML."),
        (b"\x1f\x8b", "Das ist ein Archiv (gzip).", "This is an archive (gzip)."),
        (b"7z\xbc\xaf", "Das ist ein Archiv (7z).", "This is an archive (7z)."),
        (b"Rar!", "Das ist ein Archiv (rar).", "This is an archive (rar)."),
        (
            b"\xff\xfe",
            "Die Datei ist UTF-16; bitte als UTF-8 speichern.",
            "The file is UTF-16; please save it as UTF-8.",
        ),
        (
            b"\xfe\xff",
            "Die Datei ist UTF-16; bitte als UTF-8 speichern.",
            "The file is UTF-16; please save it as UTF-8.",
        ),
    )
)
_NO_CSV: Final = Text(
    "The file cannot be read: expected CSV in UTF-8 with commas or semicolons, or the Excel "
    "template."
)
_TOO_LARGE: Final = Text(
    "The table has more than {max_rows} rows, {max_columns} columns, or texts that are too long.",
    max_rows=MAX_ROWS,
    max_columns=MAX_COLUMNS,
)


def _csv(data: bytes) -> Grid:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:  # what German Excel saves as plain CSV
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise RefusedError(_NO_CSV) from None
        if ";" not in text:
            raise RefusedError(_NO_CSV) from None
    if "\x00" in text:
        raise RefusedError(_NO_CSV)
    if text.count("\n") > MAX_ROWS * 2:
        raise RefusedError(_TOO_LARGE)
    lines = text.splitlines()[:30]
    skip = 1 if lines and lines[0].strip().lower() in {"sep=;", "sep=,"} else 0
    separator = lines[0].strip()[-1] if skip else _separator(lines)
    rows: list[tuple[int, list[Any]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if line > skip and any(cell.strip() for cell in cells):
                rows.append((line, list(cells)))
                if len(cells) > MAX_COLUMNS or max(map(len, cells)) > MAX_LINE:
                    raise RefusedError(_TOO_LARGE)
            line = reader.line_num + 1
    except csv.Error as error:
        text_ = Text(
            "From line {line} on the file cannot be read, probably because of a quotation mark "
            "({error}).",
            line=line,
            error=error,
        )
        raise RefusedError(text_) from error
    if len(rows) > MAX_ROWS:
        raise RefusedError(_TOO_LARGE)
    return Grid("csv-de" if separator == ";" else "csv", rows, separator == ";")


def _separator(lines: Iterable[str]) -> str:
    """The mark that cuts most of the lines into the same number of cells, the greater number first.

    A text may hold the other mark more often than a line has cells.
    """
    bare = [_QUOTED.sub("", line) for line in lines]
    found = []
    for mark in (";", ","):
        counts = Counter(count for line in bare if (count := line.count(mark)))
        if counts:
            cells, times = max(counts.items(), key=lambda item: (item[1], item[0]))
            found.append((times, cells, mark))
    if not found:
        raise RefusedError(_NO_CSV)
    return max(found)[2]


def _workbook(data: bytes) -> list[Grid]:
    parts = checked_parts(data)
    try:
        percent = _percent_styles(parts)
        lengths = _text_lengths(parts)
        places = _sheet_parts(parts)
        marks = {
            name: _marks(parts[part], percent, lengths)
            for name, part in places.items()
            if part in parts
        }
        grids = []
        with CalamineWorkbook.from_filelike(io.BytesIO(rebuilt(parts))) as book:
            for sheet in book.sheets_metadata:
                if sheet.name not in marks or str(sheet.visible) != "SheetVisibleEnum.Visible":
                    continue
                page = book.get_sheet_by_name(sheet.name)
                rows = [
                    (line, list(cells))
                    for line, cells in enumerate(page.to_python(skip_empty_area=False), start=1)
                    if any(cell not in ("", None) for cell in cells)
                    or any((line, column) in marks[sheet.name] for column in range(len(cells)))
                ]
                if rows:
                    merged = list(page.merged_cell_ranges or ())
                    hidden = _hidden_rows(parts[places[sheet.name]])
                    grids.append(Grid("xlsx", rows, True, marks[sheet.name], merged, hidden))
    except (
        CalamineError,
        ElementTree.ParseError,
        OSError,
        ValueError,
        KeyError,
        IndexError,
    ) as error:
        text = Text("The Excel file is damaged.")
        raise RefusedError(Text("{text} {expected}", text=text, expected=_EXPECTED)) from error
    if not grids:
        raise RefusedError(Text("The file holds no table with content."))
    return grids


def _tree(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314  (parts with declarations, and so with entities, are refused)


def _percent_styles(parts: dict[str, bytes]) -> set[int]:
    """Numbers of the cell styles that show a percentage."""
    if "xl/styles.xml" not in parts:
        return set()
    root = _tree(parts["xl/styles.xml"])
    percent = set(_PERCENT_FORMATS)
    for element in root.iter():
        if element.tag.endswith("}numFmt") and "%" in element.get("formatCode", ""):
            percent.add(int(element.get("numFmtId", "-1")))
    styles = next((e for e in root.iter() if e.tag.endswith("}cellXfs")), None)
    found = enumerate(styles) if styles is not None else ()
    return {number for number, style in found if int(style.get("numFmtId", "0")) in percent}


def _text_lengths(parts: dict[str, bytes]) -> list[int]:
    content = parts.get("xl/sharedStrings.xml", b"")
    return [len(piece) for piece in re.split(rb"</(?:\w+:)?si>", content)]


def _sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """Sheet names to the names of their parts."""
    targets = {
        element.get("Id", ""): element.get("Target", "")
        for element in _tree(parts.get("xl/_rels/workbook.xml.rels", b"<r/>"))
    }
    found = {}
    for element in _tree(parts["xl/workbook.xml"]).iter():
        if element.tag.endswith("}sheet"):
            identity = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            target = targets.get(identity, "")
            found[element.get("name", "")] = (
                target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            )
    return found


def _hidden_rows(xml: bytes) -> frozenset[int]:
    if b"hidden" not in xml:
        return frozenset()
    tags = (found[0] for found in _ROW.finditer(xml) if _HIDDEN.search(found[0]))
    return frozenset(int(number[1]) for number in map(_ROW_NUMBER.search, tags) if number)


def _marks(xml: bytes, percent: set[int], lengths: list[int]) -> dict[tuple[int, int], str]:
    """Cells with a formula, a percentage or an error. `RefusedError` for what would not fit into
    memory."""
    every = sum(1 for _ in _ANY_CELL.finditer(xml))
    count, marks = _marked(
        (found.groups() for found in _PLAIN_CELL.finditer(xml)), percent, lengths
    )
    return marks if count == every else _marked(_cells(xml), percent, lengths)[1]


def _marked(
    cells: Iterable[tuple[Any, ...]], percent: set[int], lengths: list[int]
) -> tuple[int, dict[tuple[int, int], str]]:
    """How many cells there are, and the marked ones. Cells come one by one: all of them at once are
    60 MB."""
    marks: dict[tuple[int, int], str] = {}
    columns: dict[bytes, int] = {}
    text = count = 0
    for letters, digits, style, kind, formula, value in cells:
        count += 1
        if letters not in columns:
            columns[letters] = _column(letters)
            if columns[letters] >= MAX_COLUMNS:
                raise RefusedError(_TOO_LARGE)
        if len(digits) > 4 and int(digits) > MAX_ROWS:
            raise RefusedError(_TOO_LARGE)
        if formula:
            marks[int(digits), columns[letters]] = "formula"
        elif kind == b"s" and value:
            text += lengths[int(value)]
            if text > MAX_TEXT:
                raise RefusedError(_TOO_LARGE)
        elif kind == b"e":
            marks[int(digits), columns[letters]] = "error"
        elif percent and style and int(style) in percent:
            marks[int(digits), columns[letters]] = "percent"
    return count, marks


def _cells(xml: bytes) -> Iterator[tuple[Any, ...]]:
    """Place, style, kind, formula and number of every cell, however its attributes are written."""
    for found in _CELL.finditer(xml):
        attributes = dict(_ATTRIBUTE.findall(found[1]))
        place = _PLACE.fullmatch(attributes.get(b"r", b""))
        if place is None:
            text = Text("The Excel file names no cell places.")
            raise RefusedError(text)
        yield place[1], place[2], attributes.get(b"s"), attributes.get(b"t"), found[2], found[3]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1
