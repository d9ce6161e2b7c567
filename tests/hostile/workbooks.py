"""Excel files as nobody should write them, made by hand: the XML and the ZIP are the test's own."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/></Types>'
)
RELATIONSHIPS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>'
).encode()
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
).encode()
WORKBOOK_RELATIONSHIPS = (
    f'<Relationships xmlns="{PACKAGE}">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>"
).encode()
DELIVERY = ["region", "year", "sector", "carrier", "quantity", "unit", "status", "grade", "source"]


def inline(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def headings(names: Sequence[str] = DELIVERY) -> str:
    cells = "".join(inline(f"{chr(65 + i)}1", name) for i, name in enumerate(names))
    return f'<row r="1">{cells}</row>'


def sheet(rows: str, more: str = "", names: str = "", root: str = "worksheet") -> bytes:
    """A sheet with headings and these rows; `more` stands behind its data, `names` are further
    namespaces."""
    return (
        f'<{root} xmlns="{MAIN}" {names}><sheetData>{headings()}{rows}</sheetData>{more}</{root}>'
    ).encode()


def workbook(
    content: bytes, parts: Mapping[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A workbook with this sheet; `parts` come on top or in the place of others, empty ones are
    left out."""
    every = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONSHIPS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": WORKBOOK_RELATIONSHIPS,
        "xl/worksheets/sheet1.xml": content,
        **(parts or {}),
    }
    return archive({name: content for name, content in every.items() if content}, method)


def archive(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return target.getvalue()


def row(cells: str, number: int = 2) -> str:
    return f'<row r="{number}">{cells}</row>'


def styles(code: str, count: int = 2) -> bytes:
    formats = f'<numFmts><numFmt numFmtId="164" formatCode="{code}"/></numFmts>'
    cells = '<xf numFmtId="0"/>' + '<xf numFmtId="164"/>' * (count - 1)
    return f'<styleSheet xmlns="{MAIN}">{formats}<cellXfs>{cells}</cellXfs></styleSheet>'.encode()


def texts(items: str) -> bytes:
    return f'<sst xmlns="{MAIN}">{items}</sst>'.encode()


def lying(data: bytes, size: int) -> bytes:
    """The archive with other declared sizes in its directory."""
    found = bytearray(data)
    at = found.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", found, at + 24, size)
        at = found.find(b"PK\x01\x02", at + 4)
    return bytes(found)


def overlapping() -> bytes:
    """Many names for the same packed bytes."""
    content = zlib.compress(b" " * (1 << 20), 9)[2:-4]
    head = (
        struct.pack(
            "<IHHHHHIIIHH",
            0x04034B50,
            20,
            0,
            8,
            0,
            0,
            zlib.crc32(b" " * (1 << 20)),
            len(content),
            1 << 20,
            1,
            0,
        )
        + b"a"
    )
    entries = b""
    for i in range(400):
        name = b"xl/%d.xml" % i
        entries += (
            struct.pack(
                "<IHHHHHHIIIHHHHHII",
                0x02014B50,
                20,
                20,
                0,
                8,
                0,
                0,
                zlib.crc32(b" " * (1 << 20)),
                len(content),
                1 << 20,
                len(name),
                0,
                0,
                0,
                0,
                0,
                0,
            )
            + name
        )
    start = len(head) + len(content)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 400, 400, len(entries), start, 0)
    return head + content + entries + end


def linked() -> bytes:
    """An archive with a symbolic link."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        entry = zipfile.ZipInfo("xl/workbook.xml")
        entry.external_attr = 0o120777 << 16
        packed.writestr(entry, "/etc/passwd")
    return target.getvalue()
