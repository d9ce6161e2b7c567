"""A folder of broken and hostile files: each gets a clear answer, nothing is stored, nothing
crashes."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Any

import httpx
import openpyxl
import pytest
import xlsxwriter

from klima_balance.imports.files.uploads import read_upload
from klima_shared.formats.sheets import column_of, line_of
from klima_shared.language.errors import InputError

NAMES = ["region", "year", "sector", "carrier", "quantity", "unit", "status", "grade", "source"]
HEAD = ",".join(NAMES) + "\n"
GOOD: list[Any] = [
    "05974040",
    2023,
    "households",
    "natural_gas",
    412300.5,
    "MWh",
    "measured",
    "A",
    "Netzbetreiber (Beispiel)",
]
LINE = "05974040,2023,households,natural_gas,412300.5,MWh,measured,A,Netzbetreiber (Beispiel)\n"


def csv(**change: Any) -> bytes:
    """A file of one good and one changed row."""
    row = dict(zip(NAMES, GOOD, strict=True)) | {"sector": "commerce"} | change
    return (HEAD + LINE + ",".join(str(row[name]) for name in NAMES) + "\n").encode()


def german(**change: Any) -> bytes:
    row = (
        dict(zip(NAMES, GOOD, strict=True))
        | {"sector": "commerce", "quantity": "412300,5"}
        | change
    )
    lines = [NAMES, [str(row[name]) for name in NAMES]]
    return "\n".join(";".join(line) for line in lines).encode()


def xlsx(
    rows: list[list[Any]] | None = None, change: Callable[[Any, Any], None] | None = None
) -> bytes:
    """A workbook of headings and rows; `change` may do something to its (workbook, sheet)."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Angaben")
        for i, row in enumerate([NAMES, *(rows if rows is not None else [GOOD])]):
            for j, value in enumerate(row):
                sheet.write(i, j, value)
        if change is not None:
            change(book, sheet)
    return target.getvalue()


def repacked(data: bytes, change: dict[str, bytes | None], **more: bytes) -> bytes:
    """A workbook with parts replaced, removed (None) or added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = change.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in change.items():
            if name not in old.namelist() and content is not None:
                new.writestr(name, content)
    return target.getvalue()


def sheet_of(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


def bomb(mebibytes: int = 100) -> bytes:
    return repacked(xlsx(), {"xl/worksheets/sheet1.xml": b" " * (mebibytes << 20)})


def lying_bomb() -> bytes:
    """Its directory says that the sheet unpacks to a few bytes."""
    data = bytearray(
        repacked(xlsx(), {"xl/worksheets/sheet1.xml": b"<worksheet>" + b"<row/>" * (20 << 20)})
    )
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        length = struct.unpack_from("<H", data, at + 28)[0]
        if data[at + 46 : at + 46 + length] == b"xl/worksheets/sheet1.xml":
            struct.pack_into("<I", data, at + 24, 1000)
        at += 4
    return bytes(data)


def far_cell() -> bytes:
    data = xlsx()
    return repacked(
        data, {"xl/worksheets/sheet1.xml": sheet_of(data).replace(b'r="A2"', b'r="XFD1048576"')}
    )


SPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
MACRO_TYPE = b'<Types ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>'
EXTERNAL = (
    b'<R><Relationship Id="r1" Type="x/image" Target="http://x.example/"'
    b' TargetMode="External"/></R>'
)


def giant_text() -> bytes:
    """One text of 5 MB in a hundred thousand cells."""
    data = xlsx()
    text = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + b"ab c" * (1 << 18)
        + b"</t></si></sst>"
    )
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (i, i) for i in range(1, 20001)
    )
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + cells
        + b"</sheetData></worksheet>"
    )
    return repacked(data, {"xl/sharedStrings.xml": text, "xl/worksheets/sheet1.xml": sheet})


def entities() -> bytes:
    data = xlsx()
    evil = (
        b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY l2 "&lol;&lol;&lol;">]>'
    )
    return repacked(data, {"xl/worksheets/sheet1.xml": evil + sheet_of(data)})


def with_formula(book: Any, sheet: Any) -> None:
    sheet.write_formula(1, 4, "=1000*412", None, 412000)


def with_percent(book: Any, sheet: Any) -> None:
    sheet.write_number(1, 4, 0.85, book.add_format({"num_format": "0.0%"}))


def with_date(book: Any, sheet: Any) -> None:
    sheet.write_datetime(1, 4, date(2023, 3, 1), book.add_format({"num_format": "dd.mm.yyyy"}))


def with_error(book: Any, sheet: Any) -> None:
    sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")


def with_duration(book: Any, sheet: Any) -> None:
    sheet.write_datetime(1, 4, timedelta(hours=30), book.add_format({"num_format": "[h]:mm"}))


def in_red_brackets(book: Any, sheet: Any) -> None:
    sheet.write_number(1, 4, -5, book.add_format({"num_format": "#,##0.00;[Red](#,##0.00)"}))


def number_is(text: bytes) -> bytes:
    data = xlsx()
    return repacked(
        data,
        {
            "xl/worksheets/sheet1.xml": (
                sheet_of(data).replace(b"<v>412300.5</v>", b"<v>%b</v>" % text)
            )
        },
    )


def to_the_end(row: bytes) -> bytes:
    """The rest of the sheet as programs leave it behind when somebody formatted whole columns."""
    data = xlsx()
    more = b"".join(row.replace(b"%d", b"%d" % i) for i in range(3, 1_048_577))
    sheet = sheet_of(data).replace(b"</sheetData>", more + b"</sheetData>")
    return repacked(data, {"xl/worksheets/sheet1.xml": sheet})


def hidden_table() -> bytes:
    def change(book: Any, sheet: Any) -> None:
        other = book.add_worksheet("Alt")
        for i, row in enumerate([NAMES, GOOD]):
            for j, value in enumerate(row):
                other.write(i, j, value)
                sheet.write(i, j, "")
        sheet.write(0, 0, "Bitte nicht ausfüllen")
        other.hide()

    return xlsx(change=change)


def merged_number(book: Any, sheet: Any) -> None:
    for column, value in enumerate(["05974040", 2023, "households", "electricity", "", *GOOD[5:]]):
        sheet.write(2, column, value)
    sheet.merge_range(1, 4, 2, 4, 1000.5)


def two_tables(book: Any, sheet: Any) -> None:
    other = book.add_worksheet("Kopie")
    for i, row in enumerate([NAMES, GOOD]):
        for j, value in enumerate(row):
            other.write(i, j, value)


def encrypted() -> bytes:
    data = bytearray(xlsx())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1
        at += 4
    return bytes(data)


FILES: dict[str, bytes] = {
    # not a table at all
    "empty": b"",
    "blank": b" \r\n\r\n",
    "zeros": b"\x00" * 5000,
    "noise": bytes(range(256)) * 20,
    "old excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000,
    "pdf": b"%PDF-1.7\n%%EOF",
    "html": b"<html><body><table><tr><td>region</td></tr></table></body></html>",
    "json": b'{"region": "05974040"}',
    "gzip": b"\x1f\x8b\x08\x00rest",
    "utf-16": (HEAD + LINE).encode("utf-16"),
    "prose": b"Sehr geehrte Damen und Herren, anbei, wie besprochen, die Zahlen.",
    "headings only": HEAD.encode(),
    "no headings": LINE.encode(),
    "column missing": b"region,year,sector,carrier,quantity,unit,status,grade\n",
    "column twice": (HEAD.strip() + ",unit\n" + LINE.strip() + ",MWh\n").encode(),
    "unknown column": (HEAD.strip() + ",farbe\n" + LINE.strip() + ",rot\n").encode(),
    "nameless column": (HEAD.strip() + ",\n" + LINE.strip() + ",rot\n").encode(),
    "open quote": (HEAD + '05974040,2023,"households,natural_gas,1\n').encode(),
    "separator in the number": (HEAD + LINE.replace("412300.5", "412,300.5")).encode(),
    "too many columns": (",".join([*NAMES, *(f"x{i}" for i in range(100))]) + "\n").encode(),
    # a wrong cell
    "ambiguous, csv": csv(quantity="1.234"),
    "ambiguous, german": german(quantity="1.234"),
    "point in german csv": german(quantity="1234.5"),
    "percent": csv(quantity="85 %"),
    "date": german(quantity="01.03.2024"),
    "month": german(quantity="Mrz 24"),
    "no figure but a status": csv(quantity="k. A."),
    "dash": csv(quantity="-"),
    "unit in the number": csv(quantity="412300 MWh"),
    "negative": csv(quantity="-5"),
    "negative, minus sign": csv(quantity="\u22125"),
    "negative, minus behind": csv(quantity="5-"),
    "negative, dash": german(quantity="\u20135,0"),
    "negative, brackets": csv(quantity="(5)"),
    "apostrophes": csv(quantity="412'300.5"),
    "typographic apostrophes": german(quantity="412\u2019300,5"),
    "digits of another script": csv(quantity="\u0664\u0661\u0662"),
    "about": csv(quantity="ca. 500"),
    "nul in a text": csv(source="Netz\0betreiber"),
    "utf-16 without mark": (HEAD + LINE).encode("utf-16-le"),
    "tabs": (HEAD + LINE).replace(",", "\t").encode(),
    "infinite": csv(quantity="1e400"),
    "nan": csv(quantity="nan"),
    "too large": csv(quantity="1e15"),
    "too large in its unit": csv(quantity="2147483648", unit="GWh"),
    "bell in a text": csv(source="Netz\abetreiber"),
    "reading direction turned": csv(source="Netz\u202ebetreiber"),
    "quantity missing": csv(quantity=""),
    "zero but not zero": csv(quantity="5", status="confirmed_zero"),
    "formula in csv": csv(source="=HYPERLINK(A1)"),
    "formula as quantity": csv(quantity="=1+1"),
    "leading zero lost": csv(region="5974040"),
    "no such region": csv(region="05974999"),
    "a county": csv(region="05974"),
    "a name": csv(region="Soest"),
    "year as a date": csv(year="01.01.2023"),
    "year out of range": csv(year="1723"),
    "unknown sector": csv(sector="haushalt"),
    "unknown carrier": csv(carrier="atomstrom"),
    "unit of another carrier": csv(carrier="electricity", unit="m3"),
    "gross unit of oil": csv(carrier="heating_oil", unit="MWh (Hs)"),
    "unknown status": csv(status="ok"),
    "unknown grade": csv(grade="E"),
    "no source": csv(source=""),
    "long source": csv(source="x" * 501),
    "same cell twice": csv(sector="households"),
    "all at once": csv(
        region="x", year="y", sector="z", quantity="1.234", status="q", grade="9", source=""
    ),
    # excel
    "formula": xlsx(change=with_formula),
    "percent format": xlsx(change=with_percent),
    "date in a number cell": xlsx(change=with_date),
    "error value": xlsx(change=with_error),
    "not a number": number_is(b"NaN"),
    "infinite number": number_is(b"1e999"),
    "duration": xlsx(change=with_duration),
    "negative in red brackets": xlsx(change=in_red_brackets),
    "formatted rows to the end of the sheet": to_the_end(
        b'<row r="%d" spans="1:9" ht="15" customHeight="1"/>'
    ),
    "formatted cells to the end of the sheet": to_the_end(b'<row r="%d"><c r="A%d" s="0"/></row>'),
    "table on a hidden sheet": hidden_table(),
    "number over two rows": xlsx(change=merged_number),
    "number for a region": xlsx([[5974040, *GOOD[1:]]]),
    "true as a quantity": xlsx([[*GOOD[:4], True, *GOOD[5:]]]),
    "text number": xlsx([[*GOOD[:4], "1.234", *GOOD[5:]]]),
    "two tables": xlsx(change=two_tables),
    "empty workbook": xlsx([]),
    "macros": repacked(xlsx(), {"xl/vbaProject.bin": b"\xd0\xcf"}),
    "macro type": repacked(xlsx(), {"[Content_Types].xml": MACRO_TYPE}),
    "external link": repacked(xlsx(), {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}),
    "external relation": repacked(xlsx(), {"xl/worksheets/_rels/sheet1.xml.rels": EXTERNAL}),
    "data connection": repacked(xlsx(), {"xl/connections.xml": b"<connections/>"}),
    "embedded object": repacked(xlsx(), {"xl/embeddings/oleObject1.bin": b"MZ"}),
    "entities": entities(),
    "bomb": bomb(),
    "lying bomb": lying_bomb(),
    "giant text": giant_text(),
    "far cell": far_cell(),
    "encrypted": encrypted(),
    "cut off": xlsx()[:2000],
    "zip of something else": repacked(xlsx(), {"xl/workbook.xml": None}),
    "broken xml": repacked(xlsx(), {"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row r="}),
    "broken styles": repacked(xlsx(), {"xl/styles.xml": b"<styleSheet>"}),
    "no relations": repacked(xlsx(), {"xl/_rels/workbook.xml.rels": None}),
}
YEAR = ("compute", "--year", "2023", "--region", "05974", "--publish")


def test_there_are_enough_of_them():
    assert len(FILES) >= 70


@pytest.fixture
async def reader(service_database: Any, open_service: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Shared: nothing that is sent here may be stored."""
    async with open_service(service_database("balance", ["load-method"], YEAR).url) as client:
        yield client


@pytest.mark.parametrize("name", FILES)
async def test_each_gets_a_clear_answer_and_nothing_is_stored(
    reader: httpx.AsyncClient, token_factory: Any, name: str
):
    headers = token_factory.headers("editor", region="05974")
    file = {"file": (f"{name}.xlsx", FILES[name])}
    stored = await reader.post("/v1/imports", files=file, headers=headers)
    assert stored.status_code == 422, stored.text
    assert stored.headers["content-type"] == "application/problem+json"
    errors = stored.json()["errors"]
    assert errors
    for error in errors:
        assert error["line"] >= 1
        assert error["message"]
        assert set(error) == {"line", "column", "message", "pointer", "detail"}
        assert "Traceback" not in error["message"]
    dry = await reader.post("/v1/imports?dry_run=true", files=file, headers=headers)
    assert dry.status_code in {200, 422}, dry.text
    found = [(e["line"], e["column"], e["message"]) for e in dry.json()["errors"]]
    assert found == [(e["line"], e["column"], e["message"]) for e in errors]
    assert (await reader.get("/v1/imports", headers=headers)).json()["items"] == []
    assert (await reader.get("/v1/regions/05974040/activities", headers=headers)).json()[
        "items"
    ] == []


@pytest.mark.parametrize(
    ("name", "line", "column", "words"),
    [
        ("ambiguous, csv", 3, "quantity", "Ist 1234 gemeint oder 1.2340?"),
        ("ambiguous, german", 2, "quantity", "Ist 1234 gemeint oder 1,234?"),
        ("text number", 2, "quantity", "Ist 1234 gemeint oder 1,234?"),
        ("percent", 3, "quantity", "Prozentwert"),
        ("percent format", 2, "quantity", "Prozentwert"),
        ("date", 2, "quantity", "Datum (01.03.2024)"),
        ("duration", 2, "quantity", "Datum (30:00:00)"),
        ("apostrophes", 3, "quantity", "Ist 412300.5 gemeint?"),
        ("typographic apostrophes", 2, "quantity", "Ist 412300,5 gemeint?"),
        ("negative, minus sign", 3, "quantity", "Die Menge ist negativ."),
        ("negative, minus behind", 3, "quantity", "Die Menge ist negativ."),
        ("negative, dash", 2, "quantity", "Die Menge ist negativ."),
        ("negative, brackets", 3, "quantity", "Die Menge ist negativ."),
        ("not a number", 2, "quantity", "keine Zahl"),
        ("date in a number cell", 2, "quantity", "Datum (01.03.2023)"),
        ("formula", 2, "quantity", "Formel"),
        ("error value", 2, "quantity", "Formel"),
        ("number over two rows", 2, "quantity", "Zu welcher gehört sie?"),
        ("no figure but a status", 3, "quantity", "Was gilt?"),
        ("leading zero lost", 3, "region", "fehlt die führende Null"),
        ("number for a region", 2, "region", "fehlt die führende Null"),
        ("same cell twice", 3, "carrier", "Zeile 2"),
        ("unit of another carrier", 3, "unit", "Erwartet"),
        ("unknown sector", 3, "sector", "households"),
    ],
)
def test_the_place_and_the_question(name: str, line: int, column: str, words: str):
    from klima_balance.figures.rules import Vocabulary
    from klima_balance.imports.rules.rows import check_rows
    from klima_balance.method import load_method

    delivery = read_upload(FILES[name])
    known = {"05974040": ("Soest", "municipality")}
    _, errors = check_rows(delivery.rows, Vocabulary(load_method()), known)
    found = [*delivery.errors, *errors]
    assert any(
        (line_of(e), column_of(e)) == (line, column) and words in e.text.de for e in found
    ), found


def test_every_fault_of_a_row_is_named_at_once():
    columns = {error.place.field for error in read_upload(FILES["all at once"]).errors}
    assert "quantity" in columns


@pytest.mark.parametrize("name", ["bomb", "lying bomb", "giant text", "far cell", "entities"])
def test_bombs_are_refused_at_once_without_memory(name: str):
    tracemalloc.start()
    begin = time.perf_counter()
    with pytest.raises(InputError):
        read_upload(FILES[name])
    seconds = time.perf_counter() - begin
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 1.0
    assert peak < 20 << 20


async def test_an_upload_above_the_limit_is_refused_before_it_is_read(
    reader: httpx.AsyncClient, token_factory: Any
):
    headers = token_factory.headers("editor", region="05974")
    answer = await reader.post(
        "/v1/imports", files={"file": ("a.csv", b"x" * (21 << 20))}, headers=headers
    )
    assert answer.status_code == 413


COMMAS = "Netz, Gas, Strom, Wärme, a, b, c, d, e, f, g"


@pytest.mark.parametrize(
    ("data", "quantity", "source"),
    [
        (
            HEAD + LINE.replace("Netzbetreiber (Beispiel)", '"a; b; c; d; e; f; g; h; i; j"'),
            412300.5,
            "a; b; c; d; e; f; g; h; i; j",
        ),
        (german(source=f'"{COMMAS}"').decode(), 412300.5, COMMAS),
        (german(source=COMMAS).decode(), 412300.5, COMMAS),
        (
            german(source='"Netz; ""Mitte""\nzweite Zeile"').decode(),
            412300.5,
            'Netz; "Mitte"\nzweite Zeile',
        ),
        ("Zählerstände, Stand heute\n\n" + german().decode(), 412300.5, "Netzbetreiber (Beispiel)"),
    ],
)
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_marks_inside_a_text_do_not_cut_the_line(
    data: str, quantity: float, source: str, start: str
):
    delivery = read_upload((start + data).encode())
    assert delivery.errors == []
    assert [(row.quantity, row.texts["source"]) for row in delivery.rows] == [(quantity, source)]


def test_empty_rows_to_the_end_of_the_sheet_are_nothing():
    delivery = read_upload(to_the_end(b'<row r="%d"/>'))
    assert (delivery.errors, [row.line for row in delivery.rows]) == ([], [2])


def test_openpyxl_and_its_date_cells():
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (NAMES, [*GOOD[:4], date(2023, 3, 1), *GOOD[5:]]):
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    assert [e.place.field for e in read_upload(target.getvalue()).errors] == ["quantity"]
