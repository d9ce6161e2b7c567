"""Sheets as HTML: one file without script, web fonts or third parties, made to be read, printed and
embedded.

The style stands in the page; the Content-Security-Policy names its digest, so nothing else can be
slipped in.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from klima_measures.sheets.pages.blocks import SheetPage
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text

_WORDS: Final[Mapping[str, Text]] = {
    "sheet": Label("Maßnahmen-Steckbrief", "Measure sheet"),
    "example": Label("Beispiel", "example"),
    "skip": Label("Zum Steckbrief", "To the sheet"),
}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("klima_measures.sheets.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def style() -> str:
    return (
        (files("klima_measures.sheets.pages") / "templates" / "style.css")
        .read_text(encoding="utf-8")
        .strip()
    )


@lru_cache(maxsize=1)
def _style_digest() -> str:
    return base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()


def security_policy(frame_ancestors: Sequence[str]) -> str:
    """The Content-Security-Policy of our pages."""
    frames = " ".join(frame_ancestors) or "'none'"
    return (
        f"default-src 'none'; style-src 'sha256-{_style_digest()}'; img-src data:; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors {frames}"
    )


def _words(lang: Lang) -> dict[str, str]:
    return {name: text.get(lang) for name, text in _WORDS.items()}


def sheet_html(page: SheetPage, links: Sequence[tuple[str, str]]) -> str:
    """A sheet. `links` are (word, relative address) below it."""
    template = _environment().get_template("sheet.html")
    css = Markup(style())  # noqa: S704 - our own file
    return template.render(page=page.plain(), links=links, words=_words(page.lang), style=css)
