"""Sheets as HTML and as tagged PDF (PDF/UA-1).

The page is one file without script, web fonts or third parties, made to be read, printed and
embedded. Its style stands in it; the Content-Security-Policy names its digest, so nothing else can
be slipped in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final

from klima_measures.sheets.pages.blocks import SheetPage
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label
from klima_shared.look.design import style_hash
from klima_shared.look.pdf import PAGES, Room, pdf
from klima_shared.look.templates import compact, render

AUTHOR: Final = "Klimakreis"
_PACKAGE: Final = "klima_measures.sheets.pages"
_WORDS: Final = {
    "sheet": Label("Maßnahmen-Steckbrief", "Measure sheet"),
    "page": Label("Seite", "Page"),
    "contents": Label("Inhalt", "Contents"),
}


@dataclass(frozen=True)
class Part:
    """The sheets of one field of action."""

    name: str
    lead: str
    sheets: Sequence[SheetPage]


@dataclass(frozen=True, kw_only=True)
class Print:
    """What is printed: sheets in parts; with `toc` a table of contents before them."""

    lang: Lang
    title: str
    imprint: str
    parts: Sequence[Part]
    toc: bool = True
    lead: str = ""
    example: str | None = None


def security_policy(frame_ancestors: Sequence[str]) -> str:
    """The Content-Security-Policy of our pages."""
    frames = " ".join(frame_ancestors) or "'none'"
    return (
        f"default-src 'none'; style-src {style_hash(compact('style.css', _PACKAGE))}; "
        f"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
    )


def sheet_html(page: SheetPage, links: Sequence[tuple[str, str]]) -> str:
    """A sheet. `links` are (word, relative address) below it."""
    css = compact("style.css", _PACKAGE)
    return render(_PACKAGE, "sheet.html", page.lang, page=page.plain(), links=links, css=css)


def sheet_pdf(page: SheetPage, moment: datetime) -> bytes:
    """One sheet. The same sheet at the same `moment` gives the same bytes."""
    title, parts = f"{page.number} {page.title}", [Part("", "", [page])]
    one = Print(lang=page.lang, title=title, imprint=page.imprint, parts=parts, toc=False)
    return print_pdf(one, moment)


def print_pdf(content: Print, moment: datetime, room: Room = PAGES) -> bytes:
    """Many sheets by field. Blocks for seconds: run it in a thread."""
    document = {
        **vars(content),
        "author": AUTHOR,
        "words": {name: text.get(content.lang) for name, text in _WORDS.items()},
        "parts": [
            {"name": part.name, "lead": part.lead, "sheets": [page.plain() for page in part.sheets]}
            for part in content.parts
        ],
    }
    return pdf((files(_PACKAGE) / "templates" / "sheet.typ").read_bytes(), document, moment, room)
