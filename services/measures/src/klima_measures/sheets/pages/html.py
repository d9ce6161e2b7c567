"""Sheets as HTML: one file without script, web fonts or third parties, made to be read, printed and
embedded.

The style stands in the page; the Content-Security-Policy names its digest, so nothing else can be
slipped in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from klima_measures.sheets.pages.blocks import SheetPage
from klima_shared.look.design import style_hash
from klima_shared.look.templates import compact, render

_PACKAGE: Final = "klima_measures.sheets.pages"


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
