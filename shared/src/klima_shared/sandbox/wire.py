"""What goes between the service and the process that parses: pieces of JSON, each with its length
before it.

Nothing is unpickled, and the service trusts nothing of it: every piece is checked for what it is.
Pieces are small, so that decoding one never stops the other threads for long.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO, Final

import orjson

from klima_shared.language import catalogue
from klima_shared.language.text import Text
from klima_shared.sandbox.model import Cell, CellFault, Place, Sheet

PIECE: Final = 1 << 16
MOST: Final = 1 << 22
"""Bytes of one piece, at the very most: one cell, or one entry of a document."""
TOO_MUCH: Final = 75
"""How a process ends that could not get the memory it asked for."""
_HEAD: Final = 4
_PLAIN: Final = frozenset({str, float, int, bool, type(None)})
_FROM_TEXT: Final[Mapping[str, Callable[[str], date | time]]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
}
Piece = list[Any]
Receive = Callable[[Piece], None]


class BrokenError(Exception):
    """What arrived is not what was agreed."""


def write(stream: BinaryIO, piece: Sequence[object]) -> int:
    """Write one piece; its size. `ValueError` for what JSON cannot hold, or too much of it."""
    content = orjson.dumps(piece)
    if len(content) > MOST:
        raise ValueError("a piece is too large")
    stream.write(len(content).to_bytes(_HEAD, "big") + content)
    return len(content)


def read(stream: BinaryIO) -> Piece:
    """The next piece. `BrokenError` at the end of the stream and for anything else."""
    head = stream.read(_HEAD)
    size = int.from_bytes(head, "big")
    if len(head) < _HEAD or size > MOST:
        raise BrokenError
    content = stream.read(size)
    if len(content) < size:
        raise BrokenError
    piece = orjson.loads(content)
    if not isinstance(piece, list) or not piece or not isinstance(piece[0], str):
        raise BrokenError
    return piece


def text_out(text: Text) -> list[object]:
    """A message as its English wording and its values."""
    return [text.message, {name: _value_out(value) for name, value in text.values.items()}]


def _value_out(value: object) -> object:
    if isinstance(value, Text):
        return text_out(value)
    return value if isinstance(value, int | float) else str(value)[:500]


def text_in(piece: object) -> Text:
    """The message again; only one that the code knows is taken."""
    if not isinstance(piece, list) or len(piece) != 2 or not isinstance(piece[0], str):
        raise BrokenError
    message, values = piece
    if not catalogue.has(message) or not isinstance(values, dict):
        raise BrokenError
    filled = {name: text_in(v) if isinstance(v, list) else v for name, v in values.items()}
    return Text.received(message, filled)


def sheet_out(sheet: Sheet) -> Iterator[list[object]]:
    """The pieces of a sheet."""
    yield ["sheet", sheet.kind, sheet.decimal_comma, sheet.name, sheet.visible, sheet.broken]
    yield from _batches(
        "rows", ([line, [_cell_out(c) for c in cells]] for line, cells in sheet.rows)
    )
    yield from _batches("faults", ([*place, fault] for place, fault in sheet.faults.items()))
    yield from _batches("merged", ([*begin, *end] for begin, end in sheet.merged))
    yield from _batches("hidden", sorted(sheet.hidden))


def document_out(value: object) -> Iterator[list[object]]:
    """The pieces of a document: its fields one by one, its lists in batches."""
    if isinstance(value, list):
        yield ["array"]
        yield from _batches("items", value)
        return
    if not isinstance(value, dict):
        yield ["value", value]
        return
    yield ["object"]
    for name, inner in value.items():
        yield ["field", name, [] if isinstance(inner, list) else inner]
        if isinstance(inner, list):
            yield from _batches("items", inner)


class DocumentReader:
    """Puts a document together again from its pieces."""

    def __init__(self) -> None:
        self.value: object = None
        self.list: list[object] | None = None

    def add(self, piece: Piece) -> None:
        """Take the next piece."""
        match piece:
            case ["array"]:
                self.value = self.list = []
            case ["object"]:
                self.value = {}
            case ["value", value]:
                self.value = value
            case ["field", str(name), value] if isinstance(self.value, dict):
                self.value[name] = value
                self.list = value if isinstance(value, list) else None
            case ["items", *items] if self.list is not None:
                self.list.extend(items)
            case _:
                raise BrokenError


def _batches(kind: str, items: Iterable[object]) -> Iterator[list[object]]:
    """Pieces of about 64 KiB."""
    batch: list[object] = [kind]
    size = 0
    for item in items:
        batch.append(item)
        size += _size(item)
        if size > PIECE:
            yield batch
            batch, size = [kind], 0
    if len(batch) > 1:
        yield batch


def _size(item: object) -> int:
    """About as many bytes as it takes."""
    if isinstance(item, str):
        return len(item) + 3
    if isinstance(item, list):
        return 2 + sum(map(_size, item))
    if isinstance(item, dict):
        return 2 + sum(map(_size, item)) + sum(map(_size, item.values()))
    return 8


def _cell_out(cell: Cell) -> object:
    match cell:
        case datetime() | date() | time():
            return [type(cell).__name__, cell.isoformat()]
        case timedelta():
            return ["timedelta", cell.total_seconds()]
        case _:
            return cell


def _cell_in(cell: object) -> Cell:
    if isinstance(cell, str | float | int | bool) or cell is None:
        return cell
    if not isinstance(cell, list) or len(cell) != 2:
        raise BrokenError
    kind, value = cell
    if kind == "timedelta" and isinstance(value, int | float):
        return timedelta(seconds=value)
    if kind in _FROM_TEXT and isinstance(value, str):
        return _FROM_TEXT[kind](value)
    raise BrokenError


class SheetReader:
    """Puts sheets together again from their pieces."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []

    def add(self, piece: Piece) -> None:
        """Take the next piece."""
        kind, *items = piece
        if kind == "sheet":
            self.sheets.append(_head_in(items))
        elif not self.sheets:
            raise BrokenError
        elif kind == "rows":
            self.sheets[-1].rows.extend(_row_in(item) for item in items)
        elif kind == "faults":
            self.sheets[-1].faults.update(_fault_in(item) for item in items)
        elif kind == "merged":
            self.sheets[-1].merged.extend(_range_in(item) for item in items)
        elif kind == "hidden":
            self.sheets[-1].hidden.update(_integers(items))
        else:
            raise BrokenError


def _head_in(items: Piece) -> Sheet:
    match items:
        case ["csv" | "csv-de" | "xlsx" as kind, bool(comma), str(name), bool(visible), broken]:
            if broken is not None:
                line, reason = broken
                broken = int(line), str(reason)[:200]
            return Sheet(kind, [], comma, name=name, visible=visible, broken=broken)
    raise BrokenError


def _row_in(item: object) -> tuple[int, list[Cell]]:
    match item:
        case [int(line), list(cells)]:
            if _PLAIN.issuperset(map(type, cells)):
                return line, cells
            return line, [_cell_in(cell) for cell in cells]
    raise BrokenError


def _fault_in(item: object) -> tuple[Place, CellFault]:
    match item:
        case [int(line), int(column), str(fault)]:
            return (line, column), CellFault(fault)
    raise BrokenError


def _range_in(item: object) -> tuple[Place, Place]:
    match item:
        case [int(top), int(left), int(bottom), int(right)]:
            return (top, left), (bottom, right)
    raise BrokenError


def _integers(items: Piece) -> list[int]:
    if not all(isinstance(item, int) for item in items):
        raise BrokenError
    return items
