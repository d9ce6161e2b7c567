"""Excel files on their way in: the cells of their sheets with their places."""

import posixpath
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple
from xml.parsers import expat

from klima_shared.sandbox.archive import (
    DAMAGED,
    NO_WORKBOOK,
    attributes_of,
    checked_parts,
    elements,
)
from klima_shared.sandbox.cells import CellReader, Styles
from klima_shared.sandbox.model import Limits, RefusedError, Sheet
from klima_shared.sandbox.references import Shown, shared_texts, shown_by

MAX_SHEETS: Final = 100
MAX_STYLES: Final = 70_000  # Excel itself stops at 65,490
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 (spreadsheets know no zones)
_EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001


class _Listed(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    part: str
    visible: bool


def workbook_sheets(data: bytes, limits: Limits) -> Iterator[Sheet]:
    """All sheets in their order. `RefusedError` for what is no workbook or must not be opened."""
    parts = checked_parts(data, limits)
    try:
        main = _main_part(parts)
        if main not in parts:
            raise RefusedError(NO_WORKBOOK)
        listed = _listed(parts, main)
        styles = _styles(parts, main)
        texts = shared_texts(_related(parts, main, "sharedStrings", "xl/sharedStrings.xml"), limits)
        for sheet in listed:
            if sheet.part in parts:
                reader = CellReader(texts, styles, limits)
                yield reader.read(parts.pop(sheet.part), sheet.name, visible=sheet.visible)
    except (expat.ExpatError, ValueError, LookupError, OverflowError) as error:
        raise RefusedError(DAMAGED) from error


def _relationships(parts: dict[str, bytes], part: str) -> list[tuple[str, str, str]]:
    """(id, type, name of the part) of what a part refers to."""
    folder, name = posixpath.split(part)
    content = parts.get(posixpath.join(folder, "_rels", name + ".rels"))
    if content is None:
        return []
    found = []
    for attributes in attributes_of(content, {"Relationship"}):
        target = attributes.get("Target", "").replace("\\", "/")
        path = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
        found.append((attributes.get("Id", ""), attributes.get("Type", ""), path))
    return found


def _main_part(parts: dict[str, bytes]) -> str:
    ends = (target for _, kind, target in _relationships(parts, "") if _is(kind, "officeDocument"))
    return next(ends, "xl/workbook.xml")


def _is(kind: str, name: str) -> bool:
    return kind.rpartition("/")[2] == name


def _related(parts: dict[str, bytes], main: str, name: str, usual: str) -> bytes | None:
    """The part that the workbook refers to by this type, or the one that has the usual name."""
    found = (target for _, kind, target in _relationships(parts, main) if _is(kind, name))
    return parts.get(next(found, usual))


def _listed(parts: dict[str, bytes], main: str) -> list[_Listed]:
    targets = {identity: path for identity, _, path in _relationships(parts, main)}
    found = []
    for path, attributes in elements(parts[main]):
        if path[-2:] == ("sheets", "sheet"):
            identity = next((v for k, v in attributes.items() if k.endswith("}id")), "")
            visible = attributes.get("state", "visible") == "visible"
            found.append(_Listed(attributes.get("name", ""), targets.get(identity, ""), visible))
    if len(found) > MAX_SHEETS or len({one.name for one in found}) != len(found):
        raise RefusedError(DAMAGED)
    return found


def _styles(parts: dict[str, bytes], main: str) -> Styles:
    properties = attributes_of(parts[main], {"workbookPr"})
    epoch = _EPOCH
    if any(one.get("date1904", "0") in {"1", "true", "on"} for one in properties):
        epoch = _EPOCH_1904
    content = _related(parts, main, "styles", "xl/styles.xml")
    codes: dict[int, str] = {}
    numbers: list[int] = []
    for path, attributes in elements(content) if content else ():
        if path[-2:] == ("numFmts", "numFmt"):
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")[:500]
        elif path[-2:] == ("cellXfs", "xf"):
            numbers.append(int(attributes.get("numFmtId", "0")))
    if len(numbers) > MAX_STYLES or len(codes) > MAX_STYLES:
        raise RefusedError(DAMAGED)
    shown = {number: shown_by(number, codes) for number in set(numbers)}
    styles = {str(i): shown[number] for i, number in enumerate(numbers)}
    return Styles({i: one for i, one in styles.items() if one is not Shown.PLAIN}, epoch)
