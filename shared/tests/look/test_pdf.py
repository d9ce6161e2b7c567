"""PDF: what people paste into texts never keeps a document from being made."""

from datetime import UTC, datetime

import pytest
import typst

from klima_shared.look.pdf import pdf, without_undisplayable

TEMPLATE = b"""#let d = json(bytes(sys.inputs.data))
#set document(title: d.title)
#set text(lang: "de")
#d.title
"""
MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "title",
    [
        "Klimaschutz",
        "Bäume 🌳 für Werl",
        "🏳️\u200d🌈",
        "\x99",
        "\ue000\U000a15b3",
        "中文",
        "e\u0301 CO₂ → m²",
        "a\u0001b",
    ],
)
def test_every_text_makes_a_document(title: str) -> None:
    made = pdf(TEMPLATE, {"title": title}, MOMENT)
    assert made.startswith(b"%PDF")
    assert made == pdf(TEMPLATE, {"title": title}, MOMENT)


def test_a_sign_no_font_has_becomes_a_box_and_the_promise_of_accessibility_stays() -> None:
    assert without_undisplayable("Bäume 🌳 für Werl – 3 ↑ č") == "Bäume □ für Werl – 3 ↑ č"
    assert b"pdfuaid" in pdf(TEMPLATE, {"title": "Bäume 🌳"}, MOMENT)


def test_thousands_of_strange_signs_are_boxed_without_looking_each_up() -> None:
    assert set(without_undisplayable("".join(chr(0x4E00 + n) for n in range(5000)))) == {"□"}


def test_a_fault_in_a_template_is_told() -> None:
    with pytest.raises(typst.TypstError):
        pdf(TEMPLATE + b"#nothing", {"title": "x"}, MOMENT)
