"""What an Excel file may not be: a bomb, a program, a file that fetches from elsewhere.

Nothing is unpacked before its declared size and its compression are known to be harmless. XML is
read as a stream, by local names, without declarations (and so without entities).
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Final
from xml.parsers import expat

from klima_shared.language.text import Text
from klima_shared.sandbox.model import Limits, RefusedError

MAX_RATIO: Final = 120  # sheets of real uploads shrink to a twentieth
MAX_PARTS: Final = 500
_MEBIBYTE: Final = 1 << 20
# NotImplementedError is a RuntimeError, BadZipFile and zlib.error are not.
_BROKEN: Final = (OSError, ValueError, RuntimeError, EOFError, MemoryError)
_BROKEN_ARCHIVE: Final = (*_BROKEN, zipfile.BadZipFile, zlib.error)

_DEPTH: Final = 40  # parts of workbooks go down some ten elements
_PIECE: Final = 1 << 16
Attributes = dict[str, str]
DAMAGED: Final = Text("The Excel file is damaged.")
NO_WORKBOOK: Final = Text("The file is no readable Excel file (.xlsx).")
_BOMB: Final = Text(
    "The file is too large when unpacked, or suspiciously compressed, and is not opened."
)
# Parts that make a workbook act or fetch, and what to tell the sender.
_MACROS: Final = Text(
    "The file holds macros or embedded programs. Please save it as .xlsx without macros."
)
_LINKS: Final = Text(
    "The file takes values from other files or data sources. Please paste the values and break "
    "the links."
)
_OBJECTS: Final = Text("The file holds embedded objects. Please deliver the table only.")
# Names, content types and types of relationships, all in small letters.
_FORBIDDEN: Final = (
    (re.compile(r"vbaproject|macroenabled|macrosheet|activex|ctrlprop|vbadata"), _MACROS),
    (re.compile(r"externallink|connections|querytable|webextension"), _LINKS),
    (re.compile(r"embeddings/|oleobject|relationships/package$"), _OBJECTS),
)


def checked_parts(data: bytes, limits: Limits) -> dict[str, bytes]:
    """Parts of a workbook by name, unpacked, as far as they are XML."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_sizes(entries, len(data), limits)
            parts = {
                _part_name(entry.filename): _unpacked(archive, entry)
                for entry in entries
                if entry.filename.lower().endswith((".xml", ".rels"))
            }
    except _BROKEN_ARCHIVE as error:
        raise RefusedError(NO_WORKBOOK) from error
    for entry in entries:
        _refuse_forbidden("/" + _part_name(entry.filename).lower())
    for name, content in parts.items():
        _check_part(name, content)
    return parts


def _part_name(name: str) -> str:
    """Some exporters write backslashes, some a slash at the beginning."""
    return name.replace("\\", "/").lstrip("/")


def _check_sizes(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    names = [_part_name(entry.filename) for entry in entries]
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


def _refuse_forbidden(word: str) -> None:
    for pattern, text in _FORBIDDEN:
        if pattern.search(word):
            raise RefusedError(text)


def _check_part(name: str, content: bytes) -> None:
    lower = name.lower()
    try:
        if lower == "[content_types].xml":
            for _, attributes in elements(content):
                _refuse_forbidden(attributes.get("ContentType", "").lower())
        elif lower.endswith(".rels"):
            for attributes in attributes_of(content, {"Relationship"}):
                kind = attributes.get("Type", "").lower()
                _refuse_forbidden(kind)
                external = attributes.get("TargetMode", "").strip().lower() == "external"
                if external and not kind.endswith("/hyperlink"):
                    raise RefusedError(_LINKS)
    except expat.ExpatError as error:
        raise RefusedError(NO_WORKBOOK) from error


@lru_cache(maxsize=4096)
def local(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition("}")[2]


def parse(
    content: bytes,
    *,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call the handlers; the names they get may carry a namespace (`uri}name`, see `local`).

    Raises `RefusedError` for declarations and `ExpatError` for what is no XML.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    for begin in range(0, len(content), _PIECE):
        parser.Parse(content[begin : begin + _PIECE], False)
    parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    raise RefusedError(DAMAGED)


def elements(content: bytes) -> Iterator[tuple[tuple[str, ...], Attributes]]:
    """Every element of a small part: its path of local names, and its attributes."""
    path: list[str] = []
    found: list[tuple[tuple[str, ...], Attributes]] = []

    def start(name: str, attributes: Attributes) -> None:
        path.append(local(name))
        if len(path) > _DEPTH:
            raise RefusedError(DAMAGED)
        found.append((tuple(path), attributes))

    parse(content, start=start, end=lambda _: _pop(path))
    yield from found


def _pop(path: list[str]) -> None:
    path.pop()


def attributes_of(content: bytes, names: Collection[str]) -> Iterator[Attributes]:
    """The attributes of the elements with these local names."""
    return (attributes for path, attributes in elements(content) if path[-1] in names)
