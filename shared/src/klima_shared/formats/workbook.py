"""Excel files on their way in: the cells of their sheets with their places."""

import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from klima_shared.formats.guard import checked_parts, packed
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

DAMAGED: Final = Text("The Excel file is damaged.")
_NO_PLACES: Final = Text("The Excel file names no cell places.")
_CELL: Final = re.compile(
    rb"<(?:\w+:)?c((?:\s+[\w:]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*/?>"
    rb"(?:\s*(<(?:\w+:)?f\b)|\s*<(?:\w+:)?v>(\d{1,9})<)?"
)
# The same as most programs write it; read in half the time.
_PLAIN_CELL: Final = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="([0-9]+)")?(?: t="(\w+)")?/?>'
    rb"(?:<(f)\b|<v>([0-9]{1,9})<)?"
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
    parts = checked_parts(data, limits)
    try:
        percent, lengths = _percent_styles(parts), _text_lengths(parts)
        places = {name: part for name, part in _sheet_parts(parts).items() if part in parts}
        faults = {
            name: _cell_faults(parts[part], percent, lengths, limits)
            for name, part in places.items()
        }
        sheets = []
        with CalamineWorkbook.from_filelike(io.BytesIO(packed(parts))) as book:
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
