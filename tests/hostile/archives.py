"""Hostile Excel files by what is wrong with the ZIP file, its parts and their XML; and what is
none."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator

from tests.hostile import workbooks as w
from tests.hostile.spreadsheets import ENTITY, EXTERNAL, LAUGHS, Kind, named, parts, raw


def archives() -> Iterator[tuple[str, Kind]]:
    """What is wrong with the ZIP file or its parts."""
    good = w.workbook(w.sheet(w.row('<c r="A2"><v>1</v></c>')))
    for size in (10, 30, 100, 400, len(good) - 30, len(good) - 1):
        yield f"cut off after {size}", raw(good[:size])
    for at in range(0, len(good), max(1, len(good) // 25)):
        yield f"broken at {at}", raw(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
    for size in (0, 1, 0xFFFFFFFE):
        yield f"declares {size}", raw(w.lying(good, size))
    yield "only the beginning", raw(b"PK\x03\x04")
    yield "empty archive", raw(w.archive({}))
    yield "symbolic link", raw(w.linked())
    yield "twice", raw(good + good)
    yield "behind something", raw(b"MZ" + b"\0" * 100 + good)
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        packed = w.workbook(b" " * (8 << 20), method=method)
        yield f"packed with method {method}", raw(packed)
    for name in ("../../etc/passwd", "/etc/passwd", "C:\\x", "a\0b", "xl/../../x.xml", "con", "."):
        yield f"part {name!r}", parts({name: b"<a/>", "xl/worksheets/sheet1.xml": b"<a/>"})
    for name in (
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
    ):
        for what, content in (("missing", b""), ("no XML", b"\x00\x01"), ("other", b"<x/>")):
            yield f"{name} {what}", parts({name: content})
    for name in (
        "xl/vbaProject.bin",
        "XL/VBAPROJECT.BIN",
        "xl/activeX/a.xml",
        "xl/ctrlProps/p.xml",
        "xl/macrosheets/s.xml",
        "xl/externalLinks/e.xml",
        "xl/connections.xml",
        "xl/queryTables/q.xml",
        "xl/embeddings/o.bin",
        "xl/webextensions/w.xml",
    ):
        yield f"with {name}", parts({name: b"<a/>"})
    for kind, mode in (
        ("x/externalLink", "Internal"),
        ("x/oleObject", "Internal"),
        ("x/image", "External"),
        ("x/image", "external "),
        ("x/attachedTemplate", "External"),
        ("x/vbaProject", "Internal"),
    ):
        relation = EXTERNAL.format(kind=kind, mode=mode, target="http://x.example/")
        yield (
            f"relation {kind} {mode}",
            parts({"xl/worksheets/_rels/sheet1.xml.rels": relation.encode()}),
        )
    sheet = EXTERNAL.format(kind="x/image", mode="External", target="http://x.example")
    sheet = sheet.replace("<R", "<p:R").replace("</R", "</p:R").replace("xmlns=", "xmlns:p=")
    yield (
        "external relation under a prefix",
        parts({"xl/worksheets/_rels/sheet1.xml.rels": sheet.encode()}),
    )
    yield (
        "relation to itself",
        parts(
            {
                "xl/_rels/workbook.xml.rels": w.WORKBOOK_RELATIONSHIPS.replace(
                    b"worksheets/sheet1.xml", b"workbook.xml"
                )
            }
        ),
    )
    yield (
        "relation outside",
        parts(
            {
                "xl/_rels/workbook.xml.rels": w.WORKBOOK_RELATIONSHIPS.replace(
                    b"worksheets/sheet1.xml", b"../../../../etc/passwd"
                )
            }
        ),
    )


def xml() -> Iterator[tuple[str, Kind]]:
    """Declarations, encodings, broken XML, in every part that is read."""
    plain = w.sheet("").decode()
    for part, content in (
        ("xl/worksheets/sheet1.xml", plain),
        ("xl/workbook.xml", w.WORKBOOK.decode()),
        ("xl/sharedStrings.xml", w.texts("<si><t>a</t></si>").decode()),
        ("xl/styles.xml", w.styles("0").decode()),
        ("[Content_Types].xml", w.TYPES.decode()),
        ("_rels/.rels", w.RELATIONSHIPS.decode()),
    ):
        laughs = ENTITY.format(more=LAUGHS) + content.replace(">", ">&j;", 1)
        yield f"entities in {part}", parts({part: laughs.encode()})
        file = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>{content}'
        yield f"a file in {part}", parts({part: file.encode()})
        sixteen = f'<?xml version="1.0" encoding="UTF-16"?>{laughs}'.encode("utf-16")
        yield f"entities in UTF-16 in {part}", parts({part: sixteen})
        for encoding in ("utf-7", "x-unknown", "cp037"):
            head = f'<?xml version="1.0" encoding="{encoding}"?>{content}'
            yield f"encoding {encoding} in {part}", parts({part: head.encode()})
        yield f"half of {part}", parts({part: content.encode()[: len(content) // 2]})
        yield f"wrong bytes in {part}", parts({part: content.encode() + b"\xff\xfe<"})


def others() -> Iterator[tuple[str, Kind]]:
    """What is called a workbook and is none."""
    yield "empty", raw(b"")
    yield "blanks", raw(b" \r\n" * 1000)
    yield "zeros", raw(bytes(100_000))
    yield "old Excel", raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000))
    yield "PDF", raw(b"%PDF-1.7\n" + bytes(1000))
    yield "gzip bomb", raw(gzip.compress(bytes(20 << 20)))
    yield "HTML", raw(b"<html><table><tr><td>1</table>")
    yield "program", raw(b"\x7fELF" + bytes(3000))
    yield "noise", raw(bytes((i * 7919) % 251 for i in range(50_000)))


def kinds() -> dict[str, Kind]:
    return named(archives, xml, others)
