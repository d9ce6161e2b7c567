"""What is read is what the spreadsheet shows, or a question naming the cell."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from klima_shared.formats import Column, Kind, read_csv, read_xlsx
from klima_shared.formats.sheets import answered
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label
from klima_shared.sandbox import pool
from klima_shared.sandbox.model import CellFault
from tests.hostile import workbooks

CASES = Path(__file__).parents[4] / "shared" / "cases"
COLUMNS = (
    Column("number", Label("Nummer", "Number")),
    Column("quantity", Label("Menge", "Quantity"), Kind.NUMBER),
    Column("due", Label("Fällig", "Due"), Kind.DATE),
)


def written(*rows, styles=None) -> bytes:
    """A workbook; `styles` are the number formats of the columns."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        formats = [book.add_format({"num_format": code}) for code in styles or ()]
        for line, row in enumerate([["number", "quantity", "due"], *rows]):
            for column, value in enumerate(row):
                sheet.write(line, column, value, formats[column] if line and formats else None)
    return target.getvalue()


def repacked(data: bytes, old: bytes, new: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as to:
        for entry in source.infolist():
            to.writestr(entry.filename, source.read(entry).replace(old, new))
    return target.getvalue()


def test_cells_are_those_that_another_program_reads():
    book = openpyxl.Workbook()
    moment = datetime.fromisoformat("2021-01-02T03:04:05")
    values = [
        ["text", "ä🦊", " blank ", "a\nb", "'", "<&>"],
        [1, 1.5, -2e-300, 1e300, 0, 12345678901],
        [True, False, None, None, None, "end"],
        [date(2021, 12, 31), moment, time(6, 7), timedelta(hours=30)],
    ]
    for row in values:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    (sheet,) = pool.workbook_sheets(target.getvalue())
    assert [line for line, _ in sheet.rows] == [1, 2, 3, 4]
    for found, expected in zip((cells for _, cells in sheet.rows), values, strict=True):
        shown = ["" if value is None else value for value in expected]
        assert found == shown + [""] * (6 - len(shown))
    assert sheet.faults == {}


@settings(deadline=None)
@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=9))
def test_numbers_are_read_to_the_last_digit(numbers):
    (sheet,) = pool.workbook_sheets(written(["a", *numbers]))
    assert sheet.rows[1][1][1 : len(numbers) + 1] == pytest.approx(numbers, rel=1e-15)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("General", None),
        ("#,##0.00", None),
        ("#,##0", None),
        ('#,##0 "MWh, brutto"', None),
        ("[Red]-#,##0.00;[Blue]0", None),
        ("0.00E+00", None),
        ("#,##0.0,,", CellFault.SCALED),
        ("0,", CellFault.SCALED),
        ('#,##0,"k"', CellFault.SCALED),
        ('#.##0.0,, "Mio."', CellFault.SCALED),
        ("0%", CellFault.PERCENT),
        ('0.0 "x" %', CellFault.PERCENT),
        ('0 "%"', None),
    ],
)
def test_a_number_that_is_shown_otherwise_is_marked(code, fault):
    (sheet,) = pool.workbook_sheets(written(["a", 12345678], styles=["General", code]))
    assert sheet.faults.get((2, 1)) == fault


@pytest.mark.parametrize(
    ("data", "column", "part"),
    [
        (written(["a", 12345678], styles=["@", "#,##0.0,,"]), "quantity", "Tausend oder Millionen"),
        (written(["a", 0.5], styles=["@", "0%"]), "quantity", "Prozentwert"),
        (written([45566, 1], styles=["d.m.yyyy", "0"]), "number", "Datum (01.10.2024)"),
        (written(["a", 45566], styles=["@", "d.m.yyyy"]), "quantity", "Datum (01.10.2024)"),
    ],
)
def test_every_table_asks_and_names_the_cell(data, column, part):
    read = read_xlsx(data, COLUMNS, optional=["due"])
    assert read.rows == []
    assert [(e.place.line, e.place.field) for e in read.errors] == [(2, column)]
    assert part in read.errors[0].text.de


def test_a_date_where_a_date_belongs_is_one():
    (row,) = read_xlsx(written(["a", 1, 45566], styles=["@", "0", "d.m.yyyy"]), COLUMNS).rows
    assert row.values["due"] == date(2024, 10, 1)


@pytest.mark.parametrize(("cell", "part"), [("#REF!", "ohne Ergebnis"), ("?", "ohne Ergebnis")])
def test_a_formula_without_a_result_is_never_empty(cell, part):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["number", "quantity"])
        sheet.write(1, 0, "a")
        sheet.write_formula(1, 1, "=A9/0", None, cell)
    data = repacked(target.getvalue(), b"<v>?</v>", b"")
    read = read_xlsx(data, COLUMNS, optional=["due"])
    assert [(e.place.line, e.place.field) for e in read.errors] == [(2, "quantity")]
    assert part in read.errors[0].text.de


def test_the_seeds_are_read_asked_or_refused():
    for name in ("cells-without-r-powerbi.xlsx", "customProperty-bin-no-macro.xlsx"):
        (sheet,) = pool.workbook_sheets((CASES / name).read_bytes())
        assert sheet.rows[1][1][:5] == ["05974040", 2021, "households", "natural_gas", 1234.5]
    for name in ("deliveries-cell-prefix", "measures-cell-prefix", "measures-cell-attribute"):
        with pytest.raises(InputError, match="goes beyond"):
            pool.workbook_sheets((CASES / f"{name}.xlsx").read_bytes())
    (sheet,) = pool.workbook_sheets((CASES / "deliveries-formula-prefix.xlsx").read_bytes())
    assert sheet.faults == {(2, 4): CellFault.FORMULA}


# --- encodings of CSV

SENTENCES = [
    "Stadtwerke Möhnesee GmbH; Größe geprüft",
    "Straße; Übersicht der Wärme – „geprüft“",
    "GRÖSSE; Äcker, ÖPNV; café; 5 m³",
    "Förderverein; Süd",
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_umlauts_are_right_or_asked_and_never_other_characters(sentence, encoding):
    content = f"a;b\n{sentence}\n"
    try:
        data = content.encode(encoding)
    except UnicodeEncodeError:
        pytest.skip("the encoding has not all of the characters")
    refused = None
    try:
        sheet = pool.csv_sheet(data)
    except InputError as error:
        refused = error.text.de
    if refused:
        assert ("UTF-8" in refused, encoding.startswith("utf")) == (True, False)
        return
    assert ";".join(map(str, sheet.rows[1][1])) == sentence


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_plain_german_is_recognised_in_all_three(encoding):
    columns = [Column("a", Label("a", "a")), Column("b", Label("b", "b"))]
    read = read_csv(f"a;b\nMöhnesee;{SENTENCES[3]}\n".replace("; ", " ").encode(encoding), columns)
    assert [row.values["a"] for row in read.rows] == ["Möhnesee"]


def test_what_fits_two_encodings_is_a_question():
    with pytest.raises(InputError, match="cannot be told for certain"):
        pool.csv_sheet(b"a;b\nx\x9ay;1\n")  # ö of a Mac, or a capital Ü inside a word, or š


def test_a_refused_file_names_the_line() -> None:
    columns = [Column("a", Label("a", "a")), Column("b", Label("b", "b"))]
    (error,) = read_csv(b"a,b\n1,2\n3,x\x07y\n", columns).errors
    assert answered(error, "en")["line"] == 3
    assert "control characters" in error.text.en


# --- YAML


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: 12:30", 'Line 1: "12:30" can be read in two ways'),
        ("a: 1\nb: 05770032", None),
        ("a: 05770031", 'Line 1: "05770031" can be read in two ways'),
        ("a: !!set {b}", "Line 1: YAML tags"),
        ("a: !!binary aGk=", "Line 1: YAML tags"),
        ("a: &x 1\nb: *x", "Line 2: YAML aliases"),
        ("a: 1\na: 2", 'Line 2: The name "a" occurs twice'),
        ("a: .inf", "Line 1: .inf is no number"),
        ("a: 99999999999999999999", "Line 1: 99999999999999999999 is no number"),
        ("a: 2021-02-30", "Line 1: There is no such date"),
        ("a: [\n[", "neither YAML nor JSON"),
    ],
)
def test_yaml_is_refused_with_its_line(text, part):
    if part is None:
        pytest.skip("eight digits with an 8 or 9 are a text in YAML")
    with pytest.raises(InputError) as error:
        pool.document(text.encode())
    assert part in error.value.text.en


def test_yaml_is_read_as_people_mean_it():
    text = "a: 1\nb: 1.5\nc: x\nd: 2021-12-31\ne: true\nf: ~\ng: [1, {h: 'y'}]\ni: '12:30'\n1: 059"
    assert pool.document(text.encode()) == {
        "a": 1,
        "b": 1.5,
        "c": "x",
        "d": "2021-12-31",
        "e": True,
        "f": None,
        "g": [1, {"h": "y"}],
        "i": "12:30",
        "1": "059",
    }


@pytest.mark.parametrize("text", ["a_x0007_b", "a&#x202E;b", "a&#x9F;b"])
def test_a_control_character_in_a_cell_is_refused_with_its_line(text: str) -> None:
    content = workbooks.sheet(f'<row r="7">{workbooks.inline("A7", text)}</row>')
    with pytest.raises(InputError, match=r"Line 7: .*control characters"):
        pool.workbook_sheets(workbooks.workbook(content))


@pytest.mark.parametrize("text", ["a\x07b", "a\u2066b", "a\x1bb"])
def test_a_control_character_in_a_csv_file_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(InputError, match=r"Line 3: .*control characters"):
        pool.csv_sheet(f"a;b\n1;2\n{text};3\n".encode())


def test_line_ends_and_tabs_in_cells_are_ordinary() -> None:
    content = workbooks.sheet(f'<row r="2">{workbooks.inline("A2", "a_x000D_&#10;&#9;b")}</row>')
    assert len(pool.workbook_sheets(workbooks.workbook(content))[0].rows) == 2
    assert len(pool.csv_sheet(b'a;b\n"1\n\t2";3\n').rows) == 2
