"""Sheets, the catalogue and the report of a workshop, whatever their texts are."""

import io
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from pypdf import PdfReader

from klima_measures.participation.files import workshop_pdf
from klima_measures.sheets.pages.blocks import (
    Block,
    Facts,
    Grid,
    Heading,
    Light,
    Mention,
    Mentions,
    Paragraphs,
    SheetPage,
)
from klima_measures.sheets.pages.rendering import Part, Print, print_pdf, sheet_html, sheet_pdf
from tests.fixtures.hostile import SCRIPTS, TEXTS

CELL: Final = 300  # characters of a name or a cell
NOW: Final = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def page(text: str, *, optional: bool = True) -> SheetPage:
    """A sheet with every kind of block; without `optional` what may be absent is absent. Names and
    cells are as long as the rules of a sheet let them be."""
    whole, text = text, text[:CELL]
    blocks: tuple[Block, ...] = (
        Paragraphs(whole),
        Paragraphs(whole, muted=True),
        Facts([(text, whole)]),
        Mentions([Mention(text, text, "00000000-0000-0000-0000-000000000000")]),
        Grid(text, [text] * 3, [[text] * 3], "lsr", [text] * 3 if optional else ()),
    )
    first = [Heading(f"h{n}", text, [Paragraphs(text)]) for n in range(6)]
    rest = [Heading(f"b{n}", text, [block]) for n, block in enumerate(blocks)]
    return SheetPage(
        lang="de",
        number=text,
        title=text,
        short_text=whole if optional else "",
        example=text if optional else None,
        draft=text if optional else None,
        facts=[(text, text)] if optional else [],
        place=(text, text),
        light=Light("on_track", text, text),
        headings=[*first, *rest, Heading("none", text, [] if not optional else [Paragraphs(text)])],
        as_of="2026-11-22",
        imprint=text,
        warnings=[whole] if optional else [],
    )


def is_readable(pdf: bytes) -> bool:
    return len(PdfReader(io.BytesIO(pdf)).pages) > 0


def workshop(text: str | None) -> dict[str, Any]:
    whole, words = text or "", (text or "")[:CELL]
    return {
        "author": words,
        "made_on": words,
        "workshop": {"title": words, "summary": whole, "participants_total": 0},
        "facts": [(words, words)] if text is not None else [],
        "participants": [(words, 1)] if text is not None else [],
        "sums": {"ideas": 1},
        "sums_lines": [(words, 1)] if text is not None else [],
        "ideas": [{"reference": words, "text": text, "facts": [words]}],
    }


@pytest.mark.parametrize("kind", TEXTS)
def test_whatever_the_texts_are(kind: str) -> None:
    text = TEXTS[kind]
    assert "<script>alert" not in sheet_html(page(text), [])
    assert is_readable(sheet_pdf(page(text), NOW))
    name = text[:CELL]
    parts = [Part(name, text, [page(text)])]
    catalogue = Print(lang="en", title=name, imprint=name, parts=parts, lead=text, example=text)
    assert is_readable(print_pdf(catalogue, NOW))
    assert is_readable(workshop_pdf(workshop(text), NOW))


def test_what_may_be_absent_is_absent() -> None:
    short = page("Kurz", optional=False)
    assert is_readable(sheet_pdf(short, NOW))
    assert sheet_html(short, [])
    assert is_readable(print_pdf(Print(lang="de", title="x", imprint="", parts=[]), NOW))
    assert is_readable(workshop_pdf(workshop(None), NOW))


@pytest.mark.fuzz
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script(script: str) -> None:
    text = SCRIPTS[script]
    assert is_readable(sheet_pdf(page(text), NOW))
    assert is_readable(workshop_pdf(workshop(text), NOW))
