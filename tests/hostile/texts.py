"""Hostile CSV, YAML and JSON files by name."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Sequence

from tests.hostile.spreadsheets import Kind, raw

DEEP = (60, 1_000, 100_000)


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


def yaml() -> Iterator[tuple[str, Kind]]:
    for depth in DEEP:
        yield f"YAML {depth} deep in brackets", raw(b"measures: " + b"[" * depth)
        yield f"YAML {depth} deep, closed", raw(b"measures: " + b"[" * depth + b"]" * depth)
        yield f"YAML {depth} deep in braces", raw(b"measures: " + b"{a: " * depth)
        yield f"YAML {depth} deep in lists", raw(b"measures:\n" + b"- " * depth + b"x")
        yield f"YAML {depth} deep in names", raw(b"? " * depth + b"x")
    yield "YAML with indents", raw(b"".join(b" " * i + b"a:\n" for i in range(2000)))
    yield "YAML with anchors", raw(b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\nmeasures: []")
    laughs = [b"a0: &a0 x"] + [
        b"a%d: &a%d [%s]" % (i, i, b",".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 12)
    ]
    yield "YAML of laughs", raw(b"\n".join(laughs))
    yield "YAML that holds itself", raw(b"measures: &m [*m]")
    yield "YAML with merges", raw(b"a: &a {x: 1}\nmeasures:\n- <<: *a")
    for tag in (
        "!!set {a, b}",
        "!!binary aGk=",
        "!!omap [a: 1]",
        "!!pairs [a: 1]",
        "!!python/object/apply:os.system [id]",
        "!!python/name:os.system x",
        "!!int x",
        "!!float x",
        "!!timestamp x",
        "!!null x",
        "!x y",
        "!<tag:a> b",
        "!!str 1",
        "! x",
    ):
        yield f"YAML with {tag}", raw(f"measures:\n- number: x\n  sectors: {tag}\n".encode())
    for value in (
        "12:30",
        "1:2:3",
        "190:20:30.15",
        "0o17",
        "017",
        "0x1F",
        "0b101",
        ".inf",
        "-.INF",
        ".nan",
        "1e999",
        "1_000",
        "9" * 30,
        "-" + "9" * 400,
        "2021-99-99",
        "2021-02-30",
        "0001-01-01T99:99:99Z",
        "~",
        "=",
        "<<",
        '"\\ud800"',
        '"\\U00110000"',
        '"\\x00"',
        "'\\ud800'",
        "\ufeff",
        "\x85",
        "\u2028",
        "\x07",
        "@",
        "`",
        "%",
        "*x",
        "&x",
        "|9",
        ">-",
        "? x",
        "- x",
        "}",
        "]",
        ",",
        "'",
        '"',
    ):
        yield (
            f"YAML with value {value[:14]!r} ({len(value)})",
            raw(f"measures:\n- number: {value}\n".encode()),
        )
        yield (
            f"YAML with name {value[:14]!r} ({len(value)})",
            raw(f"measures:\n- {value}: 1\n".encode()),
        )
    yield "YAML with a name twice", raw(b"measures: []\nmeasures: [1]")
    yield "YAML with a list as a name", raw(b"measures:\n- [a, b]: 1\n")
    yield "YAML of two documents", raw(b"measures: []\n---\nmeasures: []")
    yield "YAML of many documents", raw(b"---\n" * 100_000)
    yield "YAML with directives", raw(b"%YAML 9.9\n%TAG ! tag:x\n---\nmeasures: []")
    yield "YAML of 400,000 entries", raw(b"measures:\n" + b"- a\n" * 400_000)
    yield "YAML of 3 MB of text", raw(b"measures: |\n" + b"  x\n" * 700_000)
    yield "YAML of comments", raw(b"# x\n" * 1_000_000)
    yield "YAML of colons", raw(b":" * 300_000)
    yield "YAML of dashes", raw(b"-" * 300_000)
    yield "YAML of names", raw(b"".join(b"a%d: 1\n" % i for i in range(100_000)))
    yield "YAML with tabs", raw(b"measures:\n\t- a")
    yield "YAML in UTF-16", raw("measures: []".encode("utf-16"))
    yield "YAML with wrong bytes", raw(b"measures: [\xff]")
    for content in (
        "x",
        "[]",
        "{}",
        "3",
        "null",
        "measures: x",
        "measures: {}",
        "measures: [1]",
        "measures: [[]]",
        "measures: [{}]",
        "measures: [{links: x}]",
        "measures: [{funding: [1]}]",
        "measures: [{regions: [[1]]}]",
        "measures: [{regions: {a: 1}}]",
        "measures: []\nregions: [1]",
        "measures: []\nregions: [{ags: [], name: {}}]",
        "measures: []\nconcepts: x",
        "measures: []\nconcepts: [{code: []}]",
        "measures: [{id: {}, title: []}]",
        "measures: [{number: {}, phase: [1]}]",
    ):
        yield f"YAML {content!r}", raw(content.encode() + b"\n# not stored\n- : -")
        yield f"catalogue {content!r}", raw(content.encode())


def json_files() -> Iterator[tuple[str, Kind]]:
    for depth in DEEP:
        yield f"JSON {depth} deep in lists", raw(b"[" * depth + b"]" * depth)
        yield f"JSON {depth} deep in objects", raw(b'{"a":' * depth + b"1" + b"}" * depth)
        yield (
            f"JSON {depth} deep in measures",
            raw(b'{"measures":' + b"[" * depth + b"]" * depth + b"}"),
        )
        yield f"JSON {depth} deep, open", raw(b'{"ideas":' + b"[" * depth)
    for value in (
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "9" * 25,
        "-" + "9" * 25,
        "9" * 5000,
        "1" + "0" * 4000 + "e-4000",
        "01",
        "+1",
        ".5",
        "1.",
        "0x1",
        "'a'",
        '"\\ud800"',
        '"\\udc00x"',
        '"\\x"',
        '"\n"',
        '"\\u0000"',
        "tru",
        "undefined",
        "[1,]",
        "{a:1}",
        "/**/1",
        '"' + "x" * 2_000_000 + '"',
    ):
        yield (
            f"JSON measure {value[:14]!r} ({len(value)})",
            raw(f'{{"measures":[{{"number":"X-1","title":{value}}}]}}'.encode()),
        )
        yield (
            f"JSON idea {value[:14]!r} ({len(value)})",
            raw(f'[{{"region":"05974040","text":{value},"topic":1}}]'.encode()),
        )
    yield "JSON with a name twice", raw(b'{"measures":[],"measures":[{"number":"a"}]}')
    yield (
        "JSON idea with a name twice",
        raw(b'[{"region":"05974040","text":"aaaaaaaa","text":"bbbbbbbb"}]'),
    )
    yield "JSON with a surrogate as a name", raw(b'{"measures":[{"\\ud800":1}]}')
    yield "JSON of a million lists", raw(b"[" + b"[]," * 1_000_000 + b"[]]")
    yield (
        "JSON of a million numbers",
        raw(json.dumps({"measures": list(range(1_000_000))}).encode()),
    )
    yield "JSON of a million names", raw(json.dumps({str(i): 0 for i in range(500_000)}).encode())
    yield (
        "JSON of 6,000 measures",
        raw(json.dumps({"measures": [{"number": i} for i in range(6000)]}).encode()),
    )
    yield (
        "JSON of 5,000 wrong measures",
        raw(
            json.dumps({"measures": [{f"f{j}": i for j in range(9)} for i in range(5000)]}).encode()
        ),
    )
    yield (
        "JSON of 5,000 wrong ideas",
        raw(json.dumps([{f"f{j}": i for j in range(9)} for i in range(5000)]).encode()),
    )
    yield "JSON of 5,001 ideas", raw(json.dumps([{"region": "05974040"}] * 5001).encode())
    yield "JSON lines", raw(b'{"number":1}\n' * 1000)
    yield "JSON in UTF-16", raw('{"measures":[]}'.encode("utf-16"))
    yield "JSON with wrong bytes", raw(b'{"measures":["\xff"]}')
    ring = [[i, i] for i in range(100_000)]
    yield (
        "GeoJSON of a long ring",
        raw(json.dumps({"type": "Polygon", "coordinates": [ring]}).encode()),
    )
    yield "GeoJSON with NaN", raw(b'{"type":"Point","coordinates":[NaN,1]}')
    yield "GeoJSON in GeoJSON", raw(b'{"type":"GeometryCollection","geometries":[' * 5000)


def kinds() -> dict[str, Kind]:
    """All of them by name."""
    found: dict[str, Kind] = {}
    for some in (csv, yaml, json_files):
        for name, kind in some():
            assert name not in found, name
            found[name] = kind
    return found
