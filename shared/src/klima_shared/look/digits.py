"""How many digits of a figure are true: one rule for pages, widgets, pictures and PDFs.

A figure is written as far as its grade carries: D two significant digits, B and C three, A as
delivered. Where its band is known, no digit is finer than the second one of half its width (as the
GUM, JCGM 100:2008, 7.2.6, writes an uncertainty). For people only: what programs read is never
rounded.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from math import floor, log10
from typing import Final

from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import MINUS, NARROW_SPACE, NO_DATA, Lang, number

_SIGNIFICANT: Final = {Grade.B: 3, Grade.C: 3, Grade.D: 2}
_OF_A_BAND: Final = 2
_FINEST: Final = 6
_EXACT: Final = Context(prec=400, rounding=ROUND_HALF_UP)

Band = tuple[float, float]
"""Lowest and highest value that a figure may have."""


def grade_of(quality: float | str | None) -> Grade | None:
    """The grade that a figure is written by: its own (a letter), or the one next to the data
    quality of a sum (0 to 1), halfway between two the worse one. None where neither is
    known."""
    if isinstance(quality, str):
        return Grade(quality) if quality in set(Grade) else None
    if quality is None:
        return None
    pairs = zip(list(Grade), list(Grade)[1:], strict=False)
    return next((a for a, b in pairs if quality > (a.weight + b.weight) / 2), Grade.D)


def worst_grade(rows: Iterable[Mapping[str, object]]) -> Grade | None:
    """The grade of a block: the worst of the rows in its sum, None where none has one. What is
    only part of another row, or stands beside the sum (`memo`), does not count."""
    counted = (row for row in rows if row.get("grade") and not row.get("memo"))
    found = [grade_of(str(row["grade"])) for row in counted]
    return max((g for g in found if g is not None), key=lambda g: g.rank, default=None)


def place_of(value: float, grade: Grade | None, band: Band | None = None) -> int | None:
    """After how many decimals a figure ends, below 0 before the decimal mark; None: nothing limits
    it."""
    limits = []
    if value and grade in _SIGNIFICANT:
        limits.append(_SIGNIFICANT[grade] - 1 - floor(log10(abs(value))))
    if band is not None and band[1] > band[0]:
        limits.append(_OF_A_BAND - 1 - floor(log10((band[1] - band[0]) / 2)))
    return min(*limits, _FINEST) if limits else None


def display(
    value: float | None,
    lang: Lang,
    grade: Grade | None,
    most: int | None = None,
    *,
    band: Band | None = None,
) -> str:
    """A figure for people: `2 600` of 2,636.4 by grade D. `most`: the most decimals where it
    stands."""
    if value is None:
        return number(None, lang)
    place = place_of(value, grade, band)
    if place is None:
        return number(value, lang, most)
    return number(value, lang, place if most is None else min(place, most))


def display_share(share: float | None, lang: Lang, grade: Grade | None, most: int = 0) -> str:
    """A share (1.0 is the whole) in per cent with the digits that its grade carries."""
    if share is None:
        return NO_DATA.get(lang)
    return f"{display(share * 100, lang, grade, most)}{NARROW_SPACE}%"


def display_gap(gap: float, lang: Lang, place: int) -> str:
    """A difference, ending where the figures end that it lies between: `+300`; `unter 50` for one
    that such digits do not show."""
    if gap and not rounded(gap, place):
        half = number(Decimal(5).scaleb(-place - 1), lang, max(place + 1, 0))
        return f"{'under' if lang == 'en' else 'unter'} {half}"
    written = number(gap, lang, place)
    return written if written.startswith(MINUS) or not gap else f"+{written}"


def rounded(value: float, place: int | None) -> float:
    """The figure as it is displayed, as a number. `place` as `place_of` says."""
    if place is None:
        return value
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-place), context=_EXACT))
