"""Excel files on their way in: cells with their places, and what such a file may not be: a bomb, a
program, a file that fetches from elsewhere.

Nothing is unpacked before its declared size and its compression are known to be harmless, and the
reader of cells gets a copy that holds only what was checked: a part that unpacks to more than it
declares never reaches it.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from klima_shared.formats.sheets import (
    DEFAULT_LIMITS,
    CellFault,
    Limits,
    Place,
    RefusedError,
    Sheet,
    check_size,
    fill_merged,
    too_large,
)
from klima_shared.language.text import Text

MAX_RATIO: Final = 120  # sheets of real uploads shrink to a twentieth
MAX_PARTS: Final = 500
_MEBIBYTE: Final = 1 << 20
_BROKEN_ARCHIVE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    MemoryError,
)

NO_WORKBOOK: Final = Text("The file is no readable Excel file (.xlsx).")
DAMAGED: Final = Text("The Excel file is damaged.")
_BOMB: Final = Text(
    "The file is too large when unpacked, or suspiciously compressed, and is not opened."
)
_NO_PLACES: Final = Text("The Excel file names no cell places.")
# Parts that make a workbook act or fetch, and what to tell the sender.
_MACROS: Final = Text(
    "The file holds macros or embedded programs. Please save it as .xlsx without macros."
)
_LINKS: Final = Text(
    "The file takes values from other files or data sources. Please paste the values and break "
    "the links."
)
_OBJECTS: Final = Text("The file holds embedded objects. Please deliver the table only.")
_FORBIDDEN: Final = (
    (re.compile(r"vbaProject|\.bin$|macrosheets?/|activeX/|ctrlProps/", re.I), _MACROS),
    (re.compile(r"externalLinks/|connections\.xml$|queryTables/|/webExtensions/", re.I), _LINKS),
    (re.compile(r"embeddings/|oleObject", re.I), _OBJECTS),
)
_PRINTER: Final = re.compile(r"printerSettings", re.I)
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_EXTERNAL: Final = re.compile(
    rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.I
)

_CELL: Final = re.compile(
    rb"<(?:\w+:)?c((?:\s+[\w:]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*/?>(?:\s*(<(?:\w+:)?f\b)|\s*<(?:\w+:)?v>(\d{1,9})<)?"
)
# The same as most programs write it; read in half the time.
_PLAIN_CELL: Final = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="([0-9]+)")?(?: t="(\w+)")?/?>(?:<(f)\b|<v>([0-9]{1,9})<)?'
)
_ANY_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ATTRIBUTE: Final = re.compile(rb"\s([rst])\s*=\s*[\"']([^\"']*)[\"']")
_PLACE: Final = re.compile(rb"\s*\$?([A-Za-z]{1,3})\$?([0-9]{1,9})\s*")
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_ROW_NUMBER: Final = re.compile(rb"\sr\s*=\s*[\"']([0-9]{1,9})[\"']")
_HIDDEN: Final = re.compile(rb"\shidden\s*=\s*[\"'](?:1|true)[\"']")
_PERCENT_FORMATS: Final = {9, 10}
_VISIBLE: Final = "SheetVisibleEnum.Visible"


class _RawCell(NamedTuple):
    """What the XML of a cell says, as its bytes."""

    letters: bytes
    digits: bytes
    style: bytes | None
    kind: bytes | None
    formula: bytes | None
    value: bytes | None


def workbook_sheets(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Sheet]:
    """All sheets in their order. `RefusedError` for what is no workbook or must not be opened."""
    check_size(data, limits)
    parts = _checked_parts(data, limits)
    try:
        percent, lengths = _percent_styles(parts), _text_lengths(parts)
        places = {name: part for name, part in _sheet_parts(parts).items() if part in parts}
        faults = {
            name: _cell_faults(parts[part], percent, lengths, limits)
            for name, part in places.items()
        }
        sheets = []
        with CalamineWorkbook.from_filelike(io.BytesIO(_packed(parts))) as book:
            for about in book.sheets_metadata:
                if about.name not in faults:
                    continue
                page = book.get_sheet_by_name(about.name)
                marked = faults[about.name]
                sheet = Sheet(
                    "xlsx",
                    [
                        (line, list(cells))
                        for line, cells in enumerate(page.to_python(skip_empty_area=False), start=1)
                        if any(cell not in ("", None) for cell in cells)
                        or any((line, column) in marked for column in range(len(cells)))
                    ],
                    decimal_comma=True,
                    name=about.name,
                    visible=str(about.visible) == _VISIBLE,
                    faults=marked,
                    merged=list(page.merged_cell_ranges or ()),
                    hidden=_hidden_rows(parts[places[about.name]]),
                )
                fill_merged(sheet)
                sheets.append(sheet)
    except (CalamineError, ElementTree.ParseError, OSError, ValueError, LookupError) as error:
        raise RefusedError(DAMAGED) from error
    return sheets


def _checked_parts(data: bytes, limits: Limits) -> dict[str, bytes]:
    """Parts of a workbook by name, unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_sizes(entries, len(data), limits)
            parts = {
                entry.filename: _unpacked(archive, entry)
                for entry in entries
                if not _PRINTER.search(entry.filename)
            }
    except _BROKEN_ARCHIVE as error:
        raise RefusedError(NO_WORKBOOK) from error
    if "xl/workbook.xml" not in parts:
        raise RefusedError(NO_WORKBOOK)
    for name, content in parts.items():
        _check_part(name, content)
    return parts


def _check_sizes(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    names = [entry.filename for entry in entries]
    if len(names) != len(set(names)) or len(names) > MAX_PARTS:
        raise RefusedError(NO_WORKBOOK)
    if any(entry.flag_bits & 1 for entry in entries):
        raise RefusedError(NO_WORKBOOK)
    # Parts that share their packed bytes would each look harmless.
    shared = sum(entry.compress_size for entry in entries) > size
    if shared or sum(entry.file_size for entry in entries) > limits.max_unpacked:
        raise RefusedError(_BOMB)
    for entry in entries:
        most = max(_MEBIBYTE, MAX_RATIO * max(entry.compress_size, 1))
        if entry.file_size > most:
            raise RefusedError(_BOMB)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The content in pieces: reading it at once would unpack all of a part that is larger than it
    declares."""
    pieces = []
    with archive.open(entry) as part:
        while piece := part.read(_MEBIBYTE):
            pieces.append(piece)
    return b"".join(pieces)


def _check_part(name: str, content: bytes) -> None:
    for pattern, text in _FORBIDDEN:
        if pattern.search(name):
            raise RefusedError(text)
    if name.endswith((".xml", ".rels")) and _DECLARATION.search(content[:4096]):
        raise RefusedError(NO_WORKBOOK)
    if name == "[Content_Types].xml" and b"macroEnabled" in content:
        raise RefusedError(_MACROS)
    if name.endswith(".rels"):
        for found in _EXTERNAL.finditer(content):
            if b"/hyperlink" not in found[0]:
                raise RefusedError(_LINKS)


def _packed(parts: dict[str, bytes]) -> bytes:
    """The checked parts as a workbook again, not compressed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def _tree(content: bytes) -> ElementTree.Element:
    # Parts with declarations, and so with entities, are refused.
    return ElementTree.fromstring(content)  # noqa: S314


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
    numbered = enumerate(styles) if styles is not None else ()
    return {number for number, style in numbered if int(style.get("numFmtId", "0")) in percent}


def _text_lengths(parts: dict[str, bytes]) -> list[int]:
    content = parts.get("xl/sharedStrings.xml", b"")
    return [len(piece) for piece in re.split(rb"</(?:\w+:)?si>", content)]


def _sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """Sheet names to the names of their parts."""
    targets = {
        element.get("Id", ""): element.get("Target", "")
        for element in _tree(parts.get("xl/_rels/workbook.xml.rels", b"<r/>"))
    }
    by_name = {}
    for element in _tree(parts["xl/workbook.xml"]).iter():
        if element.tag.endswith("}sheet"):
            identity = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            target = targets.get(identity, "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            by_name[element.get("name", "")] = path
    return by_name


def _hidden_rows(xml: bytes) -> frozenset[int]:
    if b"hidden" not in xml:
        return frozenset()
    tags = (found[0] for found in _ROW.finditer(xml) if _HIDDEN.search(found[0]))
    return frozenset(int(number[1]) for number in map(_ROW_NUMBER.search, tags) if number)


def _cell_faults(
    xml: bytes, percent: set[int], lengths: list[int], limits: Limits
) -> dict[Place, CellFault]:
    """Cells with a formula, a percentage or an error. `RefusedError` for what would not fit into
    memory."""
    for tag in _ROW.finditer(xml):  # an empty row, however far down, takes no memory
        number = None if tag[0].endswith(b"/>") else _ROW_NUMBER.search(tag[0])
        if number and int(number[1]) > limits.max_rows + 100:
            raise too_large(limits)
    every = sum(1 for _ in _ANY_CELL.finditer(xml))
    plain = (_RawCell(*found.groups()) for found in _PLAIN_CELL.finditer(xml))
    count, faults = _find_faults(plain, percent, lengths, limits)
    if count != every:
        _, faults = _find_faults(_every_cell(xml), percent, lengths, limits)
    return faults


def _find_faults(
    cells: Iterable[_RawCell], percent: set[int], lengths: list[int], limits: Limits
) -> tuple[int, dict[Place, CellFault]]:
    """How many cells there are, and those that are not simply values. Cells come one by one: all of
    them at once are 60 MB."""
    faults: dict[Place, CellFault] = {}
    columns: dict[bytes, int] = {}
    text = count = 0
    for letters, digits, style, kind, formula, value in cells:
        count += 1
        if letters not in columns:
            columns[letters] = _column(letters)
            if columns[letters] >= limits.max_columns:
                raise too_large(limits)
        if len(digits) > 4 and int(digits) > limits.max_rows + 100:
            raise too_large(limits)
        if formula:
            faults[int(digits), columns[letters]] = CellFault.FORMULA
        elif kind == b"s" and value:
            text += lengths[int(value)]
            if text > limits.max_text:
                raise too_large(limits)
        elif kind == b"e":
            faults[int(digits), columns[letters]] = CellFault.ERROR
        elif percent and style and int(style) in percent:
            faults[int(digits), columns[letters]] = CellFault.PERCENT
    return count, faults


def _every_cell(xml: bytes) -> Iterator[_RawCell]:
    """Every cell, however its attributes are written."""
    for found in _CELL.finditer(xml):
        attributes = dict(_ATTRIBUTE.findall(found[1]))
        place = _PLACE.fullmatch(attributes.get(b"r", b""))
        if place is None:
            raise RefusedError(_NO_PLACES)
        style, kind = attributes.get(b"s"), attributes.get(b"t")
        yield _RawCell(place[1], place[2], style, kind, found[2], found[3])


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1
