"""Pages of the balance service: widgets with the figures already written for people."""

from __future__ import annotations

from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text


def quality_word(value: float | None, lang: Lang) -> str:
    """The wording that goes with a data quality (METHOD.md section 3)."""
    if value is None:
        return Text("unbekannt", "unknown").get(lang)
    steps = [
        (0.8, Text("gut belastbar", "well founded")),
        (0.65, Text("belastbar", "founded")),
        (0.5, Text("relativ belastbar", "fairly founded")),
    ]
    return next(
        (t for limit, t in steps if value > limit), Text("bedingt belastbar", "weakly founded")
    ).get(lang)
