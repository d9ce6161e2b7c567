"""What a delivered Excel file may not be: a bomb, a program, a file that fetches from elsewhere.

Nothing is unpacked before its declared size and its compression are known to be harmless, and the
reader of cells gets a copy that holds only what was checked: a part that unpacks to more than it
declares never reaches it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Final

from klima_shared.language.text import Text

MAX_UNPACKED: Final = 48 << 20
MAX_RATIO: Final = 120  # sheets of real deliveries shrink to a twentieth
MAX_PARTS: Final = 500
_MEBIBYTE: Final = 1 << 20

_NO_WORKBOOK: Final = Text(
    "The file is no readable Excel file (.xlsx). Expected: the template, or CSV."
)
_BOMB: Final = Text(
    "The file is too large when unpacked, or suspiciously compressed, and is not opened."
)
# Parts that make a workbook act or fetch, and what to tell the sender.
_FORBIDDEN: Final = (
    (
        re.compile(r"vbaProject|\.bin$|macrosheets?/|activeX/|ctrlProps/", re.I),
        Text("The file holds macros or embedded programs. Please save it as .xlsx without macros."),
    ),
    (
        re.compile(r"externalLinks/|connections\.xml$|queryTables/|/webExtensions/", re.I),
        Text(
            "The file takes values from other files or data sources. Please paste the values and "
            "break the links."
        ),
    ),
    (
        re.compile(r"embeddings/|oleObject", re.I),
        Text("The file holds embedded objects. Please deliver the table only."),
    ),
)
_PRINTER: Final = re.compile(r"printerSettings", re.I)
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_EXTERNAL: Final = re.compile(
    rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.I
)


_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    MemoryError,
)


class RefusedError(Exception):
    """The file is refused as a whole, with the reason to tell."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def checked_parts(data: bytes) -> dict[str, bytes]:
    """Parts of a workbook by name, unpacked. `RefusedError` for what is no workbook or must not be
    opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_sizes(entries, len(data))
            parts = {
                e.filename: _unpacked(archive, e)
                for e in entries
                if not _PRINTER.search(e.filename)
            }
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        MemoryError,
    ) as error:
        raise RefusedError(_NO_WORKBOOK) from error
    if "xl/workbook.xml" not in parts:
        raise RefusedError(_NO_WORKBOOK)
    for name, content in parts.items():
        _check_part(name, content)
    return parts


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The content in pieces: reading it at once would unpack all of a part that is larger than it
    declares."""
    pieces = []
    with archive.open(entry) as part:
        while piece := part.read(_MEBIBYTE):
            pieces.append(piece)
    return b"".join(pieces)


def _check_sizes(entries: list[zipfile.ZipInfo], size: int) -> None:
    names = [entry.filename for entry in entries]
    if len(names) != len(set(names)) or len(names) > MAX_PARTS:
        raise RefusedError(_NO_WORKBOOK)
    if any(entry.flag_bits & 1 for entry in entries):
        raise RefusedError(_NO_WORKBOOK)
    # Parts that share their packed bytes would each look harmless.
    if (
        sum(entry.compress_size for entry in entries) > size
        or sum(e.file_size for e in entries) > MAX_UNPACKED
    ):
        raise RefusedError(_BOMB)
    for entry in entries:
        if entry.file_size > _MEBIBYTE and entry.file_size > MAX_RATIO * max(
            entry.compress_size, 1
        ):
            raise RefusedError(_BOMB)


def _check_part(name: str, content: bytes) -> None:
    for pattern, text in _FORBIDDEN:
        if pattern.search(name):
            raise RefusedError(text)
    if name.endswith((".xml", ".rels")) and _DECLARATION.search(content[:4096]):
        raise RefusedError(_NO_WORKBOOK)
    if name == "[Content_Types].xml" and b"macroEnabled" in content:
        raise RefusedError(_FORBIDDEN[0][1])
    if name.endswith(".rels"):
        for found in _EXTERNAL.finditer(content):
            if b"/hyperlink" not in found[0]:
                raise RefusedError(_FORBIDDEN[1][1])


def rebuilt(parts: dict[str, bytes]) -> bytes:
    """The checked parts as a workbook again, unpacked."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()
