"""What an Excel file may not be: a bomb, a program, a file that fetches from elsewhere.

Nothing is unpacked before its declared size and its compression are known to be harmless, and the
reader of cells gets a copy that holds only what was checked: a part that unpacks to more than it
declares never reaches it.
"""

import io
import re
import zipfile
import zlib
from typing import Final

from klima_shared.formats.sheets import Limits, RefusedError
from klima_shared.language.text import Text

MAX_RATIO: Final = 120  # sheets of real uploads shrink to a twentieth
MAX_PARTS: Final = 500
_MEBIBYTE: Final = 1 << 20
# NotImplementedError is a RuntimeError, BadZipFile and zlib.error are not.
_BROKEN: Final = (OSError, ValueError, RuntimeError, EOFError, MemoryError)
_BROKEN_ARCHIVE: Final = (*_BROKEN, zipfile.BadZipFile, zlib.error)

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


def checked_parts(data: bytes, limits: Limits) -> dict[str, bytes]:
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


def packed(parts: dict[str, bytes]) -> bytes:
    """The checked parts as a workbook again, not compressed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()
