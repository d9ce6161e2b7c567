"""The form that a utility, a chimney sweep or a building office fills in, as an Excel file in
German."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import xlsxwriter

from klima_balance.imports.rules.forms import FormRow
from klima_shared.codes.lists import ActivityStatus, Carrier, Grade, Sector

SHEET: Final = "Angaben"
FIRST_ROW: Final = 5  # of the cells, counted from 0; the headings stand above
HEADINGS: Final = (
    ("Gemeindeschlüssel", 18),
    ("Bezeichnung (nur zur Information)", 26),
    ("Jahr", 8),
    ("Sektor", 44),
    ("Energieträger", 22),
    ("Kategorie", 36),
    ("Menge", 16),
    ("Einheit", 12),
    ("Status", 16),
    ("Datengüte", 11),
    ("Quelle", 40),
    ("Anmerkung", 40),
    ("Startwert [MWh] (nur zur Information)", 22),
)
_EXTRA: Final = 30  # empty rows for what the form does not foresee
_STATUS: Final = [
    s.de for s in (ActivityStatus.MEASURED, ActivityStatus.ESTIMATED, ActivityStatus.CONFIRMED_ZERO)
]
_HINTS: Final = (
    "So wird die Vorlage ausgefüllt",
    "1. Nur die hellgelben Zellen ausfüllen: Menge, Einheit, Status, Datengüte, Quelle, bei Bedarf Anmerkung.",
    "2. Was nicht bekannt ist, bleibt leer (oder „k. A.“ bei leerem Status). Leer heißt: keine Angabe, nicht null.",
    "3. Gibt es nachweislich keinen Verbrauch: Menge 0 und Status „bestätigt null“.",
    "4. Mengen als Zahl eingeben, ohne Einheit, ohne Prozentzeichen, ohne Formel; die Einheit steht daneben.",
    "5. Erdgas wird nach Brennwert abgerechnet: dann „kWh (Hs)“ oder „MWh (Hs)“ wählen, umgerechnet wird hier.",
    "6. Datengüte: A gemessen oder vom Versorger, B hochgerechnete regionale Primärdaten, C regionale Kennwerte, "
    "D bundesweite Kennzahlen.",
    "7. Kommunale Einrichtungen werden vom Sektor Gewerbe, Handel, Dienstleistungen abgezogen, der kommunale Fuhrpark "
    "ist ein „davon“ des Verkehrs.",
    "8. Der Startwert rechts ist die bisherige Rechnung aus bundesweiten Zahlen; er wird nicht übernommen.",
)


def template(
    regions: Sequence[tuple[str, str]],
    year: int,
    rows: Sequence[FormRow],
    defaults: Mapping[tuple[str, str, str], float],
) -> bytes:
    """The form for some municipalities (AGS, name) and a year. `defaults`: (AGS, sector, carrier)
    to MWh, for the eye."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        names = ", ".join(name for _, name in regions[:3]) + (" …" if len(regions) > 3 else "")
        book.set_properties({"title": f"Verbrauchsdaten {names} {year}", "company": "Klimakreis"})
        page = book.add_worksheet(SHEET)
        hints = book.add_worksheet("Hinweise")
        lists = book.add_worksheet("Listen")
        lists.hide()
        _lists(lists)
        for i, line in enumerate(_HINTS):
            hints.write_string(i, 0, line, book.add_format({"bold": i == 0, "text_wrap": True}))
        hints.set_column(0, 0, 110)
        _form(book, page, regions, year, rows, defaults, f"Verbrauchsdaten {names} {year}")
    return target.getvalue()


def _lists(page: Any) -> None:
    for column, words in enumerate(
        ([s.de for s in Sector], [c.de for c in Carrier], _STATUS, [g.value for g in Grade])
    ):
        for i, word in enumerate(words):
            page.write_string(i, column, word)


def _form(
    book: Any,
    page: Any,
    regions: Sequence[tuple[str, str]],
    year: int,
    rows: Sequence[FormRow],
    defaults: Mapping[tuple[str, str, str], float],
    title: str,
) -> None:
    fixed = book.add_format(
        {"font_color": "#444444", "bg_color": "#f2f2f2", "border": 1, "border_color": "#cccccc"}
    )
    fill = book.add_format(
        {"locked": False, "bg_color": "#fffbe6", "border": 1, "border_color": "#cccccc"}
    )
    number = book.add_format(
        {
            "locked": False,
            "bg_color": "#fffbe6",
            "border": 1,
            "border_color": "#cccccc",
            "num_format": "#,##0.###",
        }
    )
    information = book.add_format({"font_color": "#777777", "num_format": "#,##0"})
    head = book.add_format({"bold": True, "text_wrap": True, "bottom": 2, "valign": "top"})
    page.merge_range(0, 0, 0, 6, title, book.add_format({"bold": True, "font_size": 14}))
    page.write_string(
        1,
        0,
        "Bitte nur die hellgelben Zellen ausfüllen; Erläuterungen stehen auf dem Blatt „Hinweise“.",
    )
    page.write_string(
        2, 0, "Leer heißt: keine Angabe. Kein Verbrauch: 0 mit Status „bestätigt null“."
    )
    for column, (heading, width) in enumerate(HEADINGS):
        page.write_string(FIRST_ROW - 1, column, heading, head)
        page.set_column(column, column, width)
    page.freeze_panes(FIRST_ROW, 6)
    at = FIRST_ROW
    for ags, name in regions:
        for row in rows:
            for column, value in enumerate(
                (ags, name, year, row.sector, row.carrier, row.category)
            ):
                page.write(at, column, value, fixed)
            page.write_blank(at, 6, None, number)
            page.write_string(at, 7, row.units[0], fill)
            for column in (8, 9, 10, 11):
                page.write_blank(at, column, None, fill)
            page.data_validation(at, 7, at, 7, _choice(list(row.units), "Einheit"))
            default = (
                defaults.get((ags, row.cell.sector, row.cell.carrier))
                if not row.cell.category
                else None
            )
            if default is not None:
                page.write_number(at, 12, default, information)
            at += 1
        at = _extra_rows(page, ags, name, year, at, fill, fixed)
    last = at - 1
    page.data_validation(
        FIRST_ROW,
        6,
        last,
        6,
        {
            "validate": "any",
            "input_title": "Menge",
            "input_message": "Zahl ohne Einheit; leer, wenn unbekannt",
        },
    )
    page.data_validation(FIRST_ROW, 8, last, 8, _choice("=Listen!$C$1:$C$3", "Status"))
    page.data_validation(FIRST_ROW, 9, last, 9, _choice("=Listen!$D$1:$D$4", "Datengüte"))
    page.protect(
        "", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
    )


def _extra_rows(page: Any, ags: str, name: str, year: int, at: int, fill: Any, fixed: Any) -> int:
    """Rows for cells that the form does not foresee: sector and carrier from the lists."""
    count = _EXTRA
    for i in range(count):
        for column, value in enumerate((ags, name, year)):
            page.write(at + i, column, value, fixed)
        for column in range(3, 12):
            page.write_blank(at + i, column, None, fill)
    page.data_validation(
        at, 3, at + count - 1, 3, _choice(f"=Listen!$A$1:$A${len(Sector)}", "Sektor")
    )
    page.data_validation(
        at, 4, at + count - 1, 4, _choice(f"=Listen!$B$1:$B${len(Carrier)}", "Energieträger")
    )
    return at + count


def _choice(source: list[str] | str, name: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "error_title": name,
        "error_message": "Bitte aus der Liste wählen.",
    }
