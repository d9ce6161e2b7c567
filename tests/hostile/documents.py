"""Hostile YAML and JSON files by name."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.hostile.spreadsheets import Kind, named, raw

DEEP = (60, 1_000, 100_000)


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
    return named(yaml, json_files)
