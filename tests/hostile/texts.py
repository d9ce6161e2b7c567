"""Hostile CSV files by name."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence

from tests.hostile.spreadsheets import Kind, named, raw


def table(line: str, count: int = 1, mark: str = ",", encoding: str = "utf-8") -> Kind:
    """The headings of a route, and lines."""
    return lambda names: (mark.join(names) + "\n" + (line + "\n") * count).encode(encoding)


def ending_in(high: bytes) -> Kind:
    return lambda names: ";".join(names).encode() + b"\n;" + high


def full_of(cell: str) -> Kind:
    bare = cell.replace(",", "")
    return lambda names: table(",".join([bare] * len(names)))(names)


def _wide(names: Sequence[str]) -> str:
    return ",".join("x" for _ in names)


def csv() -> Iterator[tuple[str, Kind]]:
    for count in (1_000, 100_000, 1_000_000):
        yield f"CSV with {count} columns", raw(b"a," * count + b"\n" + b"1," * count)
        yield f"CSV with {count} short lines", table("x", count)
    yield "CSV of wrong rows", lambda names: table(_wide(names), 60_000)(names)
    yield "CSV of empty cells", lambda names: table("," * (len(names) - 1), 400_000)(names)
    yield "CSV of blanks", lambda names: table(" ," * (len(names) - 1), 200_000)(names)
    for mark in ('"', '"x', 'x"y', '"x"y', '""" ', "'", '"\n' * 1000):
        yield f"CSV with {mark[:8]!r}", table(mark)
    yield "CSV with an open mark and 5 MB", table('"' + "x" * 5_000_000)
    yield "CSV with marks only", raw(b'"' * 3_000_001)
    yield "CSV with pairs of marks", raw(b'"",' * 1_000_000)
    yield "CSV with one long line", raw(b"x" * 15_000_000)
    yield "CSV with one long cell", table("x" * 5_000_000)
    yield "CSV with returns only", raw(b"\r" * 2_000_000)
    yield "CSV with separators only", raw(b";" * 5_000_000)
    yield "CSV with both separators", raw(b";,;,;,\n" * 300_000)
    for byte in (0, 1, 7, 8, 11, 12, 27, 28, 30, 127, 133):
        yield f"CSV with character {byte}", table("x" + chr(byte) + "y")
    for mark in ("sep=;", "sep=", "sep=ab", "sep=,\nsep=,", "SEP=\0"):
        yield f"CSV with {mark!r}", raw(f"{mark}\nx;y\n1".encode())
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037", "shift_jis"):
        yield (
            f"CSV in {encoding}",
            table("Möhne" if encoding[:3] == "utf" else "x", 3, ";", encoding),
        )
    for high in (
        b"\x81",
        b"\x8d\x8f",
        b"\xff\xfe",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xf8\x88\x80",
        b"\xc0\xaf",
    ):
        yield f"CSV with bytes {high!r}", ending_in(high)
    yield "CSV with two marks of order", raw(codecs.BOM_UTF8 * 2 + b"a,b\n1,2")
    for cell in (
        "=1+1",
        "=cmd|' /C calc'!A0",
        "@SUM(1)",
        "\t=1",
        "1e999",
        "9" * 400,
        "-" * 5000,
        "1." * 5000,
        "+.,+." * 2000,
        "\u202e1",
        "🦊" * 3000,
        "ﷺ" * 3000,
    ):
        yield (f"CSV with cell {cell[:12]!r}", full_of(cell))
    yield "CSV with the same heading often", lambda n: (",".join([*n, *n]) + "\n").encode()
    yield "CSV with a heading of 100 kB", lambda n: (",".join([*n, "h" * 100_000]) + "\nx").encode()
    yield "CSV of headings only", lambda n: ",".join(n).encode()
    yield "CSV of headings without end", lambda n: (",".join(n) + "\n").encode() * 20_000
    yield "CSV that looks like YAML", raw(b"a: b, c\n" * 60_000)
    yield "CSV with colons", raw(b"region:x;year\n" + b"1;2\n" * 100_000)


def kinds() -> dict[str, Kind]:
    return named(csv)
