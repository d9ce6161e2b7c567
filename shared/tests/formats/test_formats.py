"""Tables out and in: what is written reads back the same, whatever the texts and numbers are."""

import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from klima_shared.formats import (
    Column,
    Format,
    Kind,
    Limits,
    RequestedFormat,
    Table,
    negotiate_format,
    read_csv,
    read_further_sheets,
    read_xlsx,
    table_response,
    table_responses,
    to_bytes,
    write_chunks,
)
from klima_shared.formats.cells import parse_cell, parse_number
from klima_shared.formats.tables import digits, neutral, plain
from klima_shared.http.language import RequestLanguage
from klima_shared.language.characters import has_control_characters
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label

COLUMNS = (
    Column("region", Label("Gebiet", "Region")),
    Column("year", Label("Jahr", "Year"), Kind.INTEGER),
    Column("final_energy_mwh", Label("Endenergie", "Final energy"), Kind.NUMBER, "MWh"),
    Column("amount_eur", Label("Betrag", "Amount"), Kind.MONEY, "EUR"),
    Column("published", Label("Veröffentlicht", "Published"), Kind.BOOLEAN),
    Column("due", Label("Fällig", "Due"), Kind.DATE),
    Column("changed_at", Label("Geändert", "Changed"), Kind.TIME),
)
ROW = (
    "05974040",
    2021,
    1234.5,
    Decimal("-10.20"),
    True,
    date(2021, 12, 31),
    datetime(2021, 12, 31, 12, 30, tzinfo=UTC),
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def table(*rows, columns=COLUMNS):
    about = [(Label("Lizenz", "Licence"), "dl-de/by-2-0"), (Label("Quelle", "Source"), "=Quelle")]
    return Table("bilanz-05974040", Label("Bilanz", "Balance"), columns, rows, about)


def one_column(kind, value):
    return table((value,), columns=(Column("value", Label("Wert", "Value"), kind),))


# --- what the dialects look like


def test_csv_is_rfc_4180_with_unit_columns():
    data = to_bytes(table(ROW), "csv")
    assert (
        data == b"region,year,final_energy_mwh,final_energy_mwh_unit,amount_eur,amount_eur_unit,"
        b"published,due,changed_at\r\n"
        b"05974040,2021,1234.5,MWh,-10.20,EUR,true,2021-12-31,2021-12-31T12:30:00Z\r\n"
    )


def test_csv_de_is_what_german_excel_opens():
    data = to_bytes(table(ROW), "csv-de")
    assert data.startswith(b"\xef\xbb\xbfregion;year;final_energy_mwh;final_energy_mwh_unit;")
    assert data.endswith(
        b"05974040;2021;1234,5;MWh;-10,20;EUR;ja;2021-12-31;2021-12-31T12:30:00Z\r\n"
    )


@pytest.mark.parametrize("form", ["csv", "csv-de"])
def test_missing_is_an_empty_cell_and_zero_is_zero(form):
    lines = to_bytes(table(("x", None, 0.0, None, None, None, None)), form).decode().splitlines()
    assert lines[1] == {"csv": "x,,0.0,MWh,,EUR,,,", "csv-de": "x;;0,0;MWh;;EUR;;;"}[form]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
@pytest.mark.parametrize("form", list(Format))
def test_nan_is_refused_and_never_an_empty_cell(form, value):
    with pytest.raises(ValueError, match="missing is None"):
        to_bytes(one_column(Kind.NUMBER, value), form)


@pytest.mark.parametrize("form", list(Format))
def test_a_row_of_the_wrong_length_is_refused(form):
    with pytest.raises(ValueError, match=r"row 2 .* has 1 cells"):
        to_bytes(table(ROW, ("x",)), form)


@pytest.mark.parametrize("form", ["csv", "csv-de", "xlsx"])
def test_text_in_a_column_of_numbers_is_refused(form):
    with pytest.raises(ValueError, match="is no number"):
        to_bytes(one_column(Kind.NUMBER, "=1+1"), form)


# --- formula injection

ATTACKS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "'=1",
    "＝1",
    "=cmd|'/c calc'!A1",
    '=","=1',
]


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize(("form", "separator"), [("csv", ","), ("csv-de", ";")])
def test_formulas_are_neutralised(form, separator, text):
    data = to_bytes(one_column(Kind.TEXT, text), form).decode("utf-8-sig")
    (cell,) = list(csv.reader(io.StringIO(data, newline=""), delimiter=separator))[1]
    assert cell == "'" + text


@given(TEXTS)
@example("=")
@example("''=")
@example("'")
def test_no_text_is_left_that_begins_a_formula_and_each_comes_back(text):
    marked = neutral(text)
    assert not marked.lstrip().startswith(("=", "+", "-", "@"))
    assert not marked.startswith(("\t", "\r", "\n"))
    assert plain(marked) == text


@given(
    st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5),
    st.sampled_from([("csv", ","), ("csv-de", ";")]),
)
@example([('=1;"', 'a,"=2')], ("csv-de", ";"))
@example([('",=1+1', '";=1+1')], ("csv", ","))
def test_no_cell_of_a_file_begins_a_formula(rows, dialect):
    form, separator = dialect
    columns = tuple(Column(name, Label(name, name)) for name in ("a", "b"))
    data = to_bytes(table(*rows, columns=columns), form).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(data, newline=""), delimiter=separator, strict=True))
    assert [len(line) for line in lines] == [2] * (len(rows) + 1)
    for cell in (cell for line in lines for cell in line):
        assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_heading_or_unit_from_data_is_neutralised_too():
    data = to_bytes(
        table(columns=(Column("=name", Label("x", "x"), Kind.NUMBER, "=unit"),)), "csv"
    ).decode()
    assert data == "'=name,'=name_unit\r\n"


def test_negative_numbers_stay_numbers():
    assert b"\n-1.5\r\n" in to_bytes(one_column(Kind.NUMBER, -1.5), "csv")
    assert b"\n-1,5\r\n" in to_bytes(one_column(Kind.NUMBER, -1.5), "csv-de")


@given(TEXTS)
@example("=1+1")
@example("https://example.org")
@example("00123")
def test_excel_holds_texts_as_texts(text):
    data = to_bytes(one_column(Kind.TEXT, text), "xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


# --- round trips


@given(NUMBERS, st.sampled_from(["csv", "csv-de"]))
@example(1e-7, "csv-de")
@example(1.234, "csv-de")
@example(-0.0, "csv")
@example(5e-324, "csv-de")
def test_every_number_comes_back_bit_for_bit(value, form):
    column = (Column("value", Label("Wert", "Value"), Kind.NUMBER, "MWh"),)
    read = read_csv(to_bytes(table((value,), columns=column), form), column, dialect=form)
    if form == "csv-de" and read.errors:
        pytest.fail(str(read.errors[0].text))
    assert read.rows[0].values["value"] == value


@given(NUMBERS)
def test_the_decimal_comma_is_the_point_of_the_other_dialect(value):
    point = to_bytes(one_column(Kind.NUMBER, value), "csv").decode().splitlines()[1]
    comma = to_bytes(one_column(Kind.NUMBER, value), "csv-de").decode("utf-8-sig").splitlines()[1]
    assert comma == point.replace(".", ",")
    assert float(comma.replace(",", ".")) == value


@given(
    st.lists(
        TEXTS.filter(lambda text: text == text.strip() != "" and not has_control_characters(text)),
        min_size=1,
        max_size=5,
    )
)
@example(["=1", "'=1", 'a"b', "a\nb", "a;b", "a,b", "ÄÖÜ €"])
def test_texts_come_back(texts):
    column = (Column("value", Label("Wert", "Value")),)
    for form in ("csv", "csv-de"):
        read = read_csv(
            to_bytes(table(*((t,) for t in texts), columns=column), form), column, dialect=form
        )
        assert not read.errors
        assert [row.values["value"] for row in read.rows] == texts


@pytest.mark.parametrize("form", ["csv", "csv-de"])
def test_a_whole_row_comes_back_by_dialect_found_out(form):
    read = read_csv(to_bytes(table(ROW), form), COLUMNS)
    assert not read.errors
    assert tuple(read.rows[0].values.values()) == ROW
    assert read.rows[0].line == 2


@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_whole_row_comes_back_from_excel(lang):
    read = read_xlsx(to_bytes(table(ROW), "xlsx", lang), COLUMNS)
    assert not read.errors
    assert tuple(read.rows[0].values.values()) == ROW


def test_excel_has_headings_units_and_a_sheet_about_the_source():
    book = CalamineWorkbook.from_filelike(io.BytesIO(to_bytes(table(ROW), "xlsx")))
    assert book.sheet_names == ["Daten", "Hinweise"]
    rows = book.get_sheet_by_name("Daten").to_python()
    assert rows[0][:4] == ["Gebiet", "Jahr", "Endenergie [MWh]", "Betrag [EUR]"]
    assert rows[1][:5] == ["05974040", 2021, 1234.5, -10.2, True]
    about = book.get_sheet_by_name("Hinweise").to_python()
    assert ["Lizenz", "dl-de/by-2-0", ""] in about
    assert ["Quelle", "=Quelle", ""] in about
    assert ["Endenergie", "final_energy_mwh", "MWh"] in about


def test_excel_bytes_are_the_same_for_the_same_figures():
    assert to_bytes(table(ROW), "xlsx") == to_bytes(table(ROW), "xlsx")


def test_a_long_text_is_cut_visibly_for_excel():
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(to_bytes(one_column(Kind.TEXT, "x" * 40_000), "xlsx"))
    )
    cell = book.get_sheet_by_index(0).to_python()[1][0]
    assert len(cell) == 32_767
    assert cell.endswith(" …")


def test_more_rows_than_excel_holds_are_refused(monkeypatch):
    monkeypatch.setattr("klima_shared.formats.writing.EXCEL_ROWS", 3)
    assert to_bytes(table(ROW, ROW), "xlsx")
    with pytest.raises(ValueError, match="more rows than a sheet"):
        to_bytes(table(ROW, ROW, ROW), "xlsx")


def test_json_names_columns_and_keeps_money_exact():
    import json

    document = json.loads(to_bytes(table(ROW), "json", "en"))
    assert document["columns"][2] == {
        "name": "final_energy_mwh",
        "label": "Final energy",
        "kind": "number",
        "unit": "MWh",
    }
    assert document["items"][0]["amount_eur"] == "-10.20"
    assert document["items"][0]["changed_at"] == "2021-12-31T12:30:00Z"
    assert json.loads(to_bytes(table(), "json"))["items"] == []


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        to_bytes(one_column(Kind.TIME, datetime(2021, 1, 1)), "csv")  # noqa: DTZ001


@pytest.mark.parametrize("form", ["json", "csv", "csv-de"])
def test_long_tables_are_streamed(form):
    def rows():
        for number in range(60_000):
            yield ("05974040", 2021, number / 7, None, None, None, None)

    tracemalloc.start()
    length = pieces = 0
    for piece in write_chunks(Table("x", Label("x", "x"), COLUMNS, rows()), form):
        length += len(piece)
        pieces += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length > 2_000_000
    assert pieces > 20
    assert peak < 1_000_000


# --- numbers read strictly


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", 1234.5),
        ("-3", -3),
        ("1e3", 1000),
        (" 7 ", 7),
        ("1 234.5", 1234.5),
        ("1\u202f234.5", 1234.5),
        ("1.234", 1.234),
        ("\u22125", -5),
        ("+5", 5),
        ("0.1", 0.1),
    ],
)
def test_numbers_with_a_decimal_point(text, value):
    assert parse_number(text, decimal_comma=False) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234,5", 1234.5),
        ("-3", -3),
        ("1,5e3", 1500),
        ("1 234,5", 1234.5),
        ("1.234,5", 1234.5),
        ("1.234.567", 1234567),
        ("0,5", 0.5),
        ("1234", 1234),
        ("1,234", 1.234),
        ("\u22121\u202f234,5", -1234.5),
    ],
)
def test_numbers_with_a_decimal_comma(text, value):
    assert parse_number(text, decimal_comma=True) == value


@pytest.mark.parametrize(
    ("text", "comma", "part"),
    [
        ("1.234", True, "1234 gemeint oder 1,234"),
        ("-12.500", True, "-12500 gemeint oder -12,500"),
        ("1.5", True, "Ist 1,5 gemeint"),
        ("0.123", True, "Ist 0,123 gemeint"),
        ("1,5", False, "enthält ein Komma"),
        ("1,234", False, "enthält ein Komma"),
        ("1.234,5", False, "enthält ein Komma"),
        ("1,234.5", False, "enthält ein Komma"),
        ("12 MWh", True, "eigene Spalte"),
        ("k. A.", True, "bleibt die Zelle leer"),
        ("nan", False, "keine Zahl"),
        ("inf", False, "keine Zahl"),
        ("1e999", False, "zu groß"),
        ("1.23.456,7", True, "keine Zahl"),
        ("1,2,3", True, "keine Zahl"),
        ("12 34", True, "keine Zahl"),
        ("0x10", False, "keine Zahl"),
        ("1_000", False, "keine Zahl"),
        ("٣", False, "keine Zahl"),
        ("-", True, "keine Zahl"),
    ],
)
def test_what_could_mean_two_numbers_is_asked_and_never_guessed(text, comma, part):
    with pytest.raises(InputError) as caught:
        parse_number(text, decimal_comma=comma)
    assert part in caught.value.text.de
    assert text in caught.value.text.en


@given(st.text("0123456789.,+- eE", max_size=12), st.booleans())
def test_a_number_is_never_read_two_ways(text, comma):
    """What both dialects accept has no mark at all; otherwise the dialect would decide about a
    factor of a thousand."""

    def value(decimal_comma):
        try:
            return parse_number(text, decimal_comma=decimal_comma)
        except InputError:
            return None

    point, comma_ = value(False), value(True)
    if point is not None and comma_ is not None:
        assert point == comma_


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2021", Kind.INTEGER, 2021),
        ("1234,50 €", Kind.MONEY, Decimal("1234.50")),
        ("ja", Kind.BOOLEAN, True),
        ("FALSCH", Kind.BOOLEAN, False),
        ("1.2.2021", Kind.DATE, date(2021, 2, 1)),
        ("2021-02-01", Kind.DATE, date(2021, 2, 1)),
        ("2021-02-01T10:00:00+01:00", Kind.TIME, datetime(2021, 2, 1, 9, tzinfo=UTC)),
        ("  ", Kind.NUMBER, None),
    ],
)
def test_cells_of_other_kinds(text, kind, value):
    assert parse_cell(text, kind, decimal_comma=True) == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2021,5", Kind.INTEGER),
        ("2.021", Kind.INTEGER),
        ("1,234", Kind.MONEY),
        ("vielleicht", Kind.BOOLEAN),
        ("31.02.2021", Kind.DATE),
        ("02/01/2021", Kind.DATE),
        ("2021-02-01T10:00:00", Kind.TIME),
        ("9" * 30, Kind.INTEGER),
    ],
)
def test_cells_of_other_kinds_are_refused(text, kind):
    with pytest.raises(InputError):
        parse_cell(text, kind, decimal_comma=True)


# --- files read strictly

SMALL = (
    Column("region", Label("Gebiet", "Region")),
    Column("quantity", Label("Menge", "Quantity"), Kind.NUMBER, "MWh"),
    Column("note", Label("Bemerkung", "Note")),
)


def faults(data, **options):
    return [
        (e.place.line, e.place.field or None, e.text.de)
        for e in read_csv(data, SMALL, optional=["note"], **options).errors
    ]


def test_each_fault_names_line_and_column():
    data = (
        'region;quantity;note\r\n05974040;1,5;"zwei\r\nZeilen"\r\n\r\n'
        "05974044;1.234;x\r\n05974004;2,5 MWh;\r\n"
    )
    read = read_csv(data.encode(), SMALL)
    assert [row.line for row in read.rows] == [2]
    assert [(e.place.line, e.place.field) for e in read.errors] == [
        (5, "quantity"),
        (6, "quantity"),
    ]
    assert read.errors[0].text.en.startswith('"1.234" can be read in two ways')


def test_headings_may_be_labels_in_any_case():
    read = read_csv(b"GEBIET;Menge [MWh];Bemerkung\n05974040;1;\n", SMALL)
    assert read.rows[0].values == {"region": "05974040", "quantity": 1.0, "note": None}


def test_optional_columns_may_be_absent():
    read = read_csv(b"region,quantity\n05974040,1.5\n", SMALL, optional=["note"])
    assert not read.errors
    assert read.rows[0].values["note"] is None


@pytest.mark.parametrize(
    ("data", "line", "column", "part"),
    [
        (b"", 1, None, "leer"),
        (b"\r\n\r\n", 1, None, "leer"),
        (b"region\n05974040\n", 1, "quantity", "fehlt"),
        (b"region,quantity,colour\n", 1, "colour", "nicht bekannt"),
        (b"region,quantity,Menge\n", 1, "quantity", "doppelt"),
        (b"region,quantity\n05974040,1,5\n", 2, None, "3 Zellen"),
        (b'region,quantity\nx,"1,5"\n', 2, "quantity", "enthält ein Komma"),
        (b'region,quantity\n"x"y,1\n', 2, None, "Anführungszeichen"),
        (b'region,quantity\n"x,1\n', 2, None, "Anführungszeichen"),
        (b"region,quantity,quantity_unit\nx,1,GWh\n", 2, None, "Einheit MWh"),
        (b"\xff\xfer\x00e\x00", 1, None, "nicht lesbar"),
        (b"region,note\xe4\n", 1, None, "nicht lesbar"),
        (b"region,quantity\nx\x00,1\n", 1, None, "nicht lesbar"),
    ],
)
def test_what_is_wrong_with_a_file(data, line, column, part):
    found = faults(data)
    assert found, "the file was accepted"
    assert any(fault[:2] == (line, column) and part in fault[2] for fault in found), found


def test_german_excel_saves_windows_1252():
    read = read_csv("region;quantity;note\r\nx;1;Möhnesee\r\n".encode("cp1252"), SMALL)
    assert read.rows[0].values["note"] == "Möhnesee"


def test_the_separator_hint_of_excel_is_no_row():
    read = read_csv(b"sep=;\r\nregion;quantity\r\nx;1.234\r\n", SMALL, optional=["note"])
    assert [(e.place.line, e.place.field) for e in read.errors] == [(3, "quantity")]


def test_limits():
    row = b"05974040,1,\n"
    head = b"region,quantity,note\n"
    assert "größer als" in faults(head + row * 200_000, limits=Limits(max_bytes=1 << 20))[0][2]
    assert "mehr als 2 Zeilen" in faults(head + row * 3, limits=Limits(max_rows=2))[0][2]
    assert faults(head + row * 2, limits=Limits(max_rows=2)) == []
    assert "Mehr als 2 Spalten" in faults(head + row, limits=Limits(max_columns=2))[0][2]
    assert "Länger als 5 Zeichen" in faults(head + b"x,1,abcdef\n", limits=Limits(max_cell=5))[0][2]
    many = faults(head + b"x,y,\n" * 50, limits=Limits(max_errors=10))
    assert len(many) == 11
    assert "Weitere Fehler" in many[-1][2]


@given(st.binary(max_size=300))
@example(b'region;quantity\n";1\n')
def test_no_file_makes_the_reader_fail(data):
    read_csv(data, SMALL)
    read_xlsx(data, SMALL)


# --- Excel files


def excel(cells, names=None):
    """A minimal sheet whose XML the test controls: `cells` is what stands inside <sheetData>."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("Daten")
    for row, line in enumerate(cells):
        for column, value in enumerate(line):
            sheet.write(row, column, value)
    book.close()
    return buffer.getvalue()


def test_excel_faults_name_the_row_as_excel_shows_it():
    read = read_xlsx(
        excel([["region", "quantity"], ["05974040", 1.5], [], [5974040, "1.234"]]),
        SMALL,
        optional=["note"],
    )
    assert [(row.line, row.values["quantity"]) for row in read.rows] == [(2, 1.5)]
    assert [(e.place.line, e.place.field) for e in read.errors] == [(4, "quantity")]


def test_excel_sheet_by_name():
    data = excel([["region", "quantity"], ["x", 1]])
    assert read_xlsx(data, SMALL, sheet="Daten", optional=["note"]).rows
    assert "fehlt" in read_xlsx(data, SMALL, sheet="Nein").errors[0].text.de


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'r="B2"', b'r="XFD2"'), (b'r="B2"', b'r="B1048576"'), (b'<row r="2"', b'<row r="1048576"')],
)
def test_cells_at_far_corners_are_refused_before_they_take_memory(old, new):
    data = excel([["region", "quantity"], ["x", 1]])
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith("sheet1.xml"):
                assert old in content
                content = content.replace(old, new)
            target.writestr(entry.filename, content)
    assert "reicht über" in read_xlsx(buffer.getvalue(), SMALL).errors[0].text.de


def test_a_file_that_unpacks_to_too_much_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (4 << 20))
    limits = Limits(max_bytes=1 << 19)
    assert len(buffer.getvalue()) < limits.max_bytes
    assert "ausgepackt" in read_xlsx(buffer.getvalue(), SMALL, limits=limits).errors[0].text.de


# --- negotiation


@pytest.mark.parametrize(
    ("asked", "accept", "form"),
    [
        (None, None, Format.JSON),
        (None, "text/html,application/xhtml+xml,*/*;q=0.8", Format.JSON),
        (None, "text/csv", Format.CSV),
        (None, "text/csv;q=0.5, application/json", Format.JSON),
        (None, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Format.XLSX),
        (None, "text/csv;q=nonsense", Format.JSON),
        (None, "text/csv;q=0", Format.JSON),
        (Format.CSV_DE, "application/json", Format.CSV_DE),
    ],
)
def test_negotiation(asked, accept, form):
    assert negotiate_format(asked, accept) is form


@pytest.fixture
async def client():
    app = FastAPI()

    @app.get("/v1/figures", responses=table_responses())
    async def list_figures(form: RequestedFormat, lang: RequestLanguage, rows: int = 1):
        if form is Format.JSON:
            return {"items": [{"region": "05974040"}]}
        figures = (ROW for _ in range(rows))
        return await table_response(
            Table('Bilanz "Möhnesee"/../x', Label("a", "b"), COLUMNS, figures), form, lang
        )

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield client


async def test_formats_over_http(client):
    json = await client.get("/v1/figures")
    assert json.headers["content-type"] == "application/json"
    assert json.headers["vary"] == "Accept"
    csv_ = await client.get("/v1/figures?format=csv")
    assert csv_.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert csv_.headers["content-disposition"] == 'attachment; filename="Bilanz-Moehnesee-..-x.csv"'
    assert csv_.headers["vary"] == "Accept, Accept-Language"
    assert (await client.get("/v1/figures", headers={"Accept": "text/csv"})).content == csv_.content
    german = await client.get("/v1/figures?format=csv-de")
    assert german.content.startswith(b"\xef\xbb\xbf")
    assert "1234,5" in german.content.decode()
    excel_ = await client.get("/v1/figures?format=xlsx", headers={"Accept-Language": "en"})
    assert (
        excel_.headers["content-type"]
        == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    assert excel_.headers["content-language"] == "en"
    assert CalamineWorkbook.from_filelike(io.BytesIO(excel_.content)).sheet_names == [
        "Data",
        "About",
    ]
    assert (await client.get("/v1/figures?format=pdf")).status_code == 422


async def test_short_answers_have_a_length_and_long_ones_are_streamed(client):
    short = await client.get("/v1/figures?format=csv&rows=10")
    assert "content-length" in short.headers
    long = await client.get("/v1/figures?format=csv&rows=300000")
    assert "content-length" not in long.headers
    assert long.content.count(b"\r\n") == 300_001


async def test_the_document_lists_the_forms(client):
    operation = (await client.get("/openapi.json")).json()["paths"]["/v1/figures"]["get"]
    assert "text/csv" in operation["responses"]["200"]["content"]
    (parameter,) = [p for p in operation["parameters"] if p["name"] == "format"]
    assert "csv-de" in str(parameter)


@given(NUMBERS)
def test_digits_never_use_an_exponent(value):
    assert set(digits(value)) <= set("-0123456789.")


def test_a_read_table_says_which_columns_the_file_has() -> None:
    columns = [
        Column("number", Label("Nummer", "Number")),
        Column("title", Label("Titel", "Title")),
    ]
    read = read_csv(b"number\nMOB-01\n", columns, optional={"title"})
    assert read.columns == ["number"]
    assert read.rows[0].values == {"number": "MOB-01", "title": None}
    assert read_csv(b"Titel;Nummer\n;1\n", columns).columns == ["title", "number"]


def test_further_tables_are_further_sheets_and_are_read_back() -> None:
    columns = [
        Column("key", Label("Schlüssel", "Key")),
        Column("amount", Label("Betrag", "Amount"), Kind.MONEY, "EUR"),
    ]
    more = Table("costs", Label("Kosten", "Costs"), columns, [["a", Decimal("1.50")], ["b", None]])
    data = to_bytes(
        Table("x", Label("Titel", "Title"), columns, [["c", None]], further=[more]), "xlsx"
    )
    found, others = read_further_sheets(
        data, {more.title: columns, Label("Fehlt", "Missing"): columns}
    )
    assert list(found) == [more.title]
    assert [row.values for row in found[more.title].rows] == [
        {"key": "a", "amount": Decimal("1.50")},
        {"key": "b", "amount": None},
    ]
    assert others == []
    assert read_further_sheets(data, {})[1] == ["Kosten"]
    assert [row.values["key"] for row in read_xlsx(data, columns).rows] == ["c"]
