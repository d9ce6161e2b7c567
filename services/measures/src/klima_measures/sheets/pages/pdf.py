"""Sheets as tagged PDF (PDF/UA-1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from klima_measures.sheets.pages.blocks import SheetPage
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label
from klima_shared.look.pdf import pdf

AUTHOR = "Klimakreis"


@dataclass(frozen=True)
class Part:
    """The sheets of one field of action."""

    name: str
    lead: str
    sheets: Sequence[SheetPage]


def sheet_pdf(page: SheetPage, moment: datetime) -> bytes:
    """One sheet. The same sheet at the same `moment` gives the same bytes."""
    title = f"{page.number} {page.title}"
    return _compile(
        _document(page.lang, title, page.imprint, [Part("", "", [page])], toc=False), moment
    )


def catalogue_pdf(
    lang: Lang,
    title: str,
    lead: str,
    imprint: str,
    parts: Sequence[Part],
    moment: datetime,
    *,
    example: str | None,
) -> bytes:
    """Many sheets by field, with a table of contents. Blocks for seconds: run it in a thread."""
    return _compile(
        _document(lang, title, imprint, parts, toc=True, lead=lead, example=example), moment
    )


def _document(
    lang: Lang,
    title: str,
    imprint: str,
    parts: Sequence[Part],
    *,
    toc: bool,
    lead: str = "",
    example: str | None = None,
) -> dict[str, Any]:
    words = {
        "sheet": Label("Maßnahmen-Steckbrief", "Measure sheet"),
        "page": Label("Seite", "Page"),
        "contents": Label("Inhalt", "Contents"),
    }
    return {
        "lang": lang,
        "title": title,
        "author": AUTHOR,
        "imprint": imprint,
        "toc": toc,
        "lead": lead,
        "example": example,
        "words": {name: text.get(lang) for name, text in words.items()},
        "parts": [
            {"name": part.name, "lead": part.lead, "sheets": [page.plain() for page in part.sheets]}
            for part in parts
        ],
    }


def _compile(document: dict[str, Any], moment: datetime) -> bytes:
    return pdf(
        (files("klima_measures.sheets.pages") / "templates" / "sheet.typ").read_bytes(),
        document,
        moment,
    )
