"""Hostile Excel files by name; each is made for the headings that a route expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tests.hostile import workbooks as w

Names = Sequence[str]
Kind = Callable[[Names], bytes]
ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{more}]>'
LAUGHS = "".join(
    f'<!ENTITY {b} "{(f"&{a};") * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
EXTERNAL = (
    (
        f'<Relationships xmlns="{w.PACKAGE}"><Relationship Id="r9" Type="{{kind}}" '
        'Target="{{target}}" TargetMode="{{mode}}"/></Relationships>'
    )
    .replace("{{", "{")
    .replace("}}", "}")
)
FAR = [
    "XFD1048576",
    "A1048576",
    "XFD2",
    "ZZZ9999999",
    "A99999999999",
    "A0",
    "1A",
    "",
    "AAAA1",
    "A-1",
]
PREFIXES = ["a-b", "ä", "_", "x.y", "A·b", "xml2", "Ω-1.2"]


def rows(content: str, more: str = "", names: str = "", root: str = "worksheet") -> Kind:
    return lambda heads: w.workbook(_sheet(heads, content, more, names, root))


def _sheet(heads: Names, content: str, more: str, names: str, root: str) -> bytes:
    return w.sheet(content, more, names, root).replace(
        w.headings().encode(), w.headings(heads).encode()
    )


def parts(changed: dict[str, bytes], content: str = "") -> Kind:
    return lambda heads: w.workbook(_sheet(heads, content, "", "", "worksheet"), changed)


def raw(data: bytes) -> Kind:
    return lambda _: data


def named(*some: Callable[[], Iterator[tuple[str, Kind]]]) -> dict[str, Kind]:
    """All of these by name."""
    found: dict[str, Kind] = {}
    for kinds_of in some:
        for name, kind in kinds_of():
            assert name not in found, name
            found[name] = kind
    return found


def cells() -> Iterator[tuple[str, Kind]]:
    """Places, prefixes, values of single cells."""
    for place in FAR:
        yield f"cell at {place!r}", rows(w.row(f'<c r="{place}"><v>1</v></c>'))
        yield f"attribute before {place!r}", rows(w.row(f'<c x=">" r="{place}"><v>1</v></c>'))
    for prefix in PREFIXES:
        name = f'xmlns:{prefix}="{w.MAIN}"'
        cell = f'<{prefix}:c r="XFD1048576"><{prefix}:v>1</{prefix}:v></{prefix}:c>'
        far = f'<{prefix}:row r="1048576">{cell}</{prefix}:row>'
        yield f"far cell with prefix {prefix}", rows(far, names=name)
        formula = f'<c r="E2"><{prefix}:f>1+1</{prefix}:f></c>'
        yield f"formula with prefix {prefix}", rows(w.row(formula), names=name)
    for number in ("1048576", "0", "-1", "99999999999", "x", "1e5", "2.5", "１"):
        yield f"row number {number}", rows(f'<row r="{number}"><c><v>1</v></c></row>')
    for value in ("NaN", "INF", "1e999", "-1e999", "1" * 400, "0x10", "1_000", "", " ", "١٢"):
        yield f"number {value[:9]!r}", rows(w.row(f'<c r="E2"><v>{value}</v></c>'))
    for kind, value in (
        ("s", "0"),
        ("s", "-1"),
        ("s", "999999999999"),
        ("s", "x"),
        ("b", "7"),
        ("e", "#REF!"),
        ("e", ""),
        ("d", "2021-99-99"),
        ("d", "x"),
        ("zz", "1"),
        ("str", "=1+1"),
        ("n", "x"),
    ):
        yield f"type {kind} of {value!r}", rows(w.row(f'<c r="E2" t="{kind}"><v>{value}</v></c>'))
    for formula in (
        "<f>1/0</f>",
        "<f/><v>5</v>",
        "<f>WEBSERVICE(A1)</f>",
        '<f t="shared" si="0"/>',
    ):
        yield f"formula {formula}", rows(w.row(f'<c r="E2">{formula}</c>'))
    yield "cell in a cell", rows(w.row('<c r="A2"><c r="B2"><v>1</v></c></c>'))
    yield "row in a row", rows('<row r="2"><row r="3"><c r="A3"><v>1</v></c></row></row>')
    yield "cell without a row", rows('<c r="A2"><v>1</v></c>')
    yield "one place twice", rows(w.row('<c r="A2"><v>1</v></c><c r="A2"><v>2</v></c>'))
    yield "one row twice", rows(w.row('<c r="A2"><v>1</v></c>') * 2)
    yield "cell of another row", rows(w.row('<c r="A7"><v>1</v></c>'))
    for code in (
        "#,##0.0,,",
        "0%",
        "0.0,",
        "yyyy",
        "[h]:mm",
        "0,&quot;k&quot;",
        "[",
        "&quot;",
        "\\",
    ):
        cell = w.row('<c r="E2" s="1"><v>12345678</v></c>')
        yield f"format {code}", parts({"xl/styles.xml": w.styles(code)}, cell)


def bombs() -> Iterator[tuple[str, Kind]]:
    """Files that become much larger than they are."""
    for count in (150_000, 500_000):
        many = "".join(f'<row r="{i}"><c r="A{i}" s="0"/></row>' for i in range(2, count))
        yield f"{count} styled cells", rows(many)
        yield f"{count} empty rows", rows("<row/>" * count)
    yield "a row of a million cells", rows(f"<row>{'<c><v>1</v></c>' * 1_000_000}</row>")
    yield (
        "a million merged ranges",
        rows("", "<mergeCells>" + '<mergeCell ref="A1:A9"/>' * 1_000_000 + "</mergeCells>"),
    )
    yield (
        "merged to the end",
        rows(
            w.row('<c r="A2"><v>1</v></c>'),
            '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        ),
    )
    yield "merged nowhere", rows("", '<mergeCells><mergeCell ref="??"/></mergeCells>')
    yield "dimension to the end", rows("", '<dimension ref="A1:XFD1048576"/>')
    long = w.texts(f"<si><t>{'x' * 30_000}</t></si>")
    refs = "".join(w.row('<c t="s"><v>0</v></c>' * 90, i) for i in range(2, 120))
    yield "one long text everywhere", parts({"xl/sharedStrings.xml": long}, refs)
    yield (
        "a million texts",
        parts({"xl/sharedStrings.xml": w.texts("<si><t>a</t></si>" * 1_000_000)}),
    )
    yield "texts in texts", parts({"xl/sharedStrings.xml": w.texts("<si>" * 5000 + "</si>" * 5000)})
    yield "a million styles", parts({"xl/styles.xml": w.styles("0", 1_000_000)})
    yield "a long format", parts({"xl/styles.xml": w.styles("#," * 100_000)})
    yield (
        "a million attributes",
        rows("<row " + " ".join(f'a{i}="1"' for i in range(200_000)) + "/>"),
    )
    yield "deep XML", rows("<a>" * 100_000 + "</a>" * 100_000)
    yield "deep XML that ends", rows("<a>" * 100_000)
    yield "a long name", rows(f"<{'a' * 1_000_000}/>")
    yield "a million comments", rows("<!-- -->" * 500_000)
    yield "a million namespaces", rows("".join(f'<a xmlns:n{i}="u{i}"/>' for i in range(100_000)))
    yield "processing instructions", rows("<?x y?>" * 300_000)
    yield (
        "sheets without end",
        parts(
            {
                "xl/workbook.xml": w.WORKBOOK.replace(
                    b"<sheets>",
                    b"<sheets>"
                    + b"".join(b'<sheet name="n%d" r:id="r1"/>' % i for i in range(20_000)),
                )
            }
        ),
    )
    yield (
        "relationships without end",
        parts(
            {
                "xl/_rels/workbook.xml.rels": w.WORKBOOK_RELATIONSHIPS.replace(
                    b'Id="r1"', b'Id="r1"'
                ).replace(
                    b"</Rel", b'<Relationship Id="q" Type="t" Target="x"/>' * 100_000 + b"</Rel"
                )
            }
        ),
    )
    for size in (2 << 20, 60 << 20):
        yield f"{size >> 20} MiB of blanks", parts({"xl/worksheets/sheet1.xml": b" " * size})
        yield f"{size >> 20} MiB of zeros", parts({"xl/media/a.xml": bytes(size)})
    inner = w.archive({"a": b" " * (30 << 20)})
    yield "archive in an archive", raw(w.archive({"xl/workbook.xml": inner, "b.zip": inner}))
    yield "overlapping parts", raw(w.overlapping())
    yield "ten thousand parts", raw(w.archive({f"xl/{i}.xml": b"" for i in range(10_000)}))
    yield "a long part name", raw(w.archive({"xl/" + "a" * 60_000: b""}))


def kinds() -> dict[str, Kind]:
    return named(cells, bombs)
