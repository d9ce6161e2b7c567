"""A report as CSV, JSON and PDF. Every form prints the digits that the content holds."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from importlib.resources import files

from klima_controlling.base.queries import Values
from klima_controlling.reports.model import (
    Cell,
    Content,
    Row,
    Section,
    SectorOfYear,
    emissions_by_year,
)
from klima_controlling.reports.model import Column as Heading
from klima_shared.formats import Table, Value, to_bytes
from klima_shared.formats.tables import read_columns
from klima_shared.language.numbers import NO_DATA, Lang, number, unit_label
from klima_shared.language.text import Label
from klima_shared.look.design import LIGHT
from klima_shared.look.digits import display, display_gap, grade_of, place_of, worst_grade
from klima_shared.look.pdf import pdf

_COLUMNS = read_columns("klima_controlling", "report")


_WIDE = {
    "label",
    "name",
    "title",
    "target",
    "sector",
    "stage",
}  # columns that take the rest of a page's width


def word(cell: Cell, lang: Lang) -> str | None:
    """A cell as text: its words in the reader's language, its digits as they are, None where
    nothing is known."""
    return cell[lang] if isinstance(cell, dict) else cell


def local(digits: str, lang: Lang) -> str:
    """Digits of the content as people read them: grouped, with the reader's decimal mark and a true
    minus."""
    whole, _, fraction = digits.lstrip("-").partition(".")
    mark = "," if lang == "de" else "."
    text = f"{int(whole):,}".replace(",", "\u202f") + (mark + fraction if fraction else "")
    return "\u2212" + text if digits.startswith("-") else text


def shown(row: Row, columns: Sequence[Heading], at: int, lang: Lang) -> str | None:
    """The figure at a place of a row for people, with the digits that the row's grade carries; a
    path and a gap end where the figure ends that they belong to. None: not known."""
    names, text = [column["name"] for column in columns], word(row[at], lang)
    letter = row[names.index("quality")] if "quality" in names else None
    if text is None or not isinstance(letter, str):
        return None if text is None else local(text, lang)
    value, base = float(text), text
    if "actual" in names:
        actual = names.index("actual")
        if columns[actual]["unit"] == columns[at]["unit"]:
            base = word(row[actual], lang) or text
    place = place_of(float(base), grade_of(letter))
    if place is None or place >= len(text.partition(".")[2]):
        return local(text, lang)
    if names[at] == "gap":
        return display_gap(value, lang, place)
    return number(value, lang, place)


def csv_of(content: Content, lang: Lang) -> bytes:
    """One line per cell (RFC 4180): figures with a decimal point in `value`, words in `text`."""
    rows: list[list[Value]] = []
    for section in content["sections"]:
        for place, row in enumerate(section["rows"], start=1):
            label = word(row[0], lang)
            for column, cell in zip(section["columns"], row, strict=True):
                written = word(cell, lang)
                is_figure = column["unit"] is not None
                figure = Decimal(written) if is_figure and written is not None else None
                text = None if is_figure else written
                rows.append(
                    [
                        section["id"],
                        place,
                        label,
                        column["name"],
                        figure,
                        column["unit"] or None,
                        text,
                    ]
                )
    return to_bytes(
        Table("bericht", Label("Jahresbericht", "Yearly report"), _COLUMNS, rows), "csv", lang
    )


def json_of(report: Values, content: Content) -> bytes:
    """The frozen content with the words around it."""
    return json.dumps({**report, "content": content}, ensure_ascii=False, sort_keys=True).encode()


def pdf_of(report: Values, content: Content, lang: Lang, moment: datetime) -> bytes:
    """A tagged PDF (PDF/UA-1) with the fonts that come with typst, dated `moment`: the same bytes
    every time."""
    sections = []
    for section in content["sections"]:
        # Long words of arithmetic and reasons stand below the tables in the other forms; a page is
        # narrow.
        hidden = {"rule", "decision", "reason", "revision", "field"}
        places = [i for i, c in enumerate(section["columns"]) if c["name"] not in hidden]
        sections.append(
            {
                "id": section["id"],
                "title": section[lang],
                "columns": [_head(section["columns"][i], lang) for i in places],
                "figures": [section["columns"][i]["unit"] is not None for i in places],
                "wide": [section["columns"][i]["name"] in _WIDE for i in places],
                "rows": [
                    [_cell(row, section["columns"], i, lang) for i in places]
                    for row in section["rows"]
                ],
                "notes": _notes(section, lang),
            }
        )
    data = {
        **report,
        "content": {
            "region": content["region"],
            "year": content["year"],
            "as_of": content["as_of"],
            "example": content["example"],
        },
        "lang": lang,
        "sections": sections,
        "bars": _bars(content, lang),
        "colours": LIGHT,
        "sources": content["sources"],
        "attribution": content["attribution"],
        "licence": content["licence"],
    }
    return pdf((files("klima_controlling.reports") / "report.typ").read_bytes(), data, moment)


def _head(column: Heading, lang: Lang) -> str:
    """The unit stands on a line of its own, so that a long name does not widen a column of
    figures."""
    return f"{column[lang]}\n({unit_label(column['unit'])})" if column["unit"] else column[lang]


def _cell(row: Row, columns: Sequence[Heading], at: int, lang: Lang) -> str:
    if columns[at]["unit"] is not None:
        return shown(row, columns, at, lang) or NO_DATA.get(lang)
    text = word(row[at], lang)
    if text is None:
        return "–"
    return unit_label(text) if columns[at]["name"] == "unit" else text.replace("CO2", "CO₂")


def _notes(section: Section, lang: Lang) -> list[str]:
    """What is not in the table of a narrow page: the arithmetic and the decisions of the
    targets."""
    names = [c["name"] for c in section["columns"]]
    if section["id"] != "targets":
        return []
    rule, decision = names.index("rule"), names.index("decision")
    said = {"de": "Beschluss", "en": "Decision"}[lang]
    return [
        f"{word(r[0], lang)}: {word(r[rule], lang)} {said}: {word(r[decision], lang)}."
        for r in section["rows"]
    ]


def _bars(content: Content, lang: Lang) -> list[Values]:
    """Years with the emissions of their sectors, for the stacked bars."""
    return [
        {
            "year": year,
            "sum": _sum(parts, lang),
            "parts": [
                {"label": sector[lang], "t": tonnes, "code": sector["en"]}
                for sector, tonnes, _ in parts
            ],
        }
        for year, parts in emissions_by_year(content).items()
    ]


def _sum(parts: Sequence[SectorOfYear], lang: Lang) -> str:
    """The emissions of a year in kt, as far as its worst sector carries."""
    grade = worst_grade({"grade": letter} for _, _, letter in parts)
    return f"{display(sum(tonnes for _, tonnes, _ in parts) / 1000, lang, grade, 0)} kt"
