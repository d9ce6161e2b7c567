"""The change between two years as a waterfall: from one balance, part by part, to the other."""

from collections.abc import Sequence
from typing import Final

from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label
from klima_shared.look.digits import display, grade_of
from klima_shared.look.picture import MARGIN, Picture

_TITLE: Final = Label("Was sich geändert hat", "What changed")
_METHOD: Final = Label(
    "kt CO₂e, BISKO; die Achse beginnt nicht bei 0", "kt CO₂e, BISKO; the axis does not begin at 0"
)
_LEFT, _STEP, _BAR = 250, 40, 24
Row = tuple[str, float]
"""A name and t CO2e."""


def waterfall(
    name: str, first: Row, parts: Sequence[Row], last: Row, lang: Lang, quality: float
) -> str:
    """`first`, `last`: the two balances by their year; `parts` lie between them. quality: the
    data quality of the worse of the two."""
    grade = grade_of(quality)
    picture = Picture(lang, f"{_TITLE.get(lang)}: {name} {first[0]}–{last[0]}", "k-waterfall")
    picture.heading(_METHOD.get(lang))
    levels = [first[1]]
    for _, tonnes in parts:
        levels.append(levels[-1] + tonnes)
    # From zero the parts would be too thin to see.
    low, high = min(*levels, last[1]), max(*levels, last[1])
    room = (high - low) or 1.0
    low, high = low - 0.1 * room, high + 0.1 * room
    right = picture.width - MARGIN - 90

    def x(tonnes: float) -> float:
        return round(_LEFT + (tonnes - low) / (high - low) * (right - _LEFT), 1)

    y, spoken = 92.0, []
    for at, (label, tonnes) in enumerate((first, *parts, last)):
        whole = at in {0, len(parts) + 1}
        start = low if whole else levels[at - 1]
        end = tonnes if whole else levels[at]
        begin, width = min(x(start), x(end)), abs(x(end) - x(start))
        picture.label(MARGIN, y + 17, label, 30)
        picture.bar(begin, y, max(width, 1.0), _BAR, "brand" if whole else "industry")
        sign = "+" if not whole and tonnes > 0 else ""
        figure = f"{sign}{display(tonnes / 1000, lang, grade, 1)}"
        picture.text(max(x(start), x(end)) + 8, y + 17, figure, "b" if whole else "")
        if not whole:
            picture.line(x(start), y - (_STEP - _BAR), x(start), y)
        spoken.append(f"{label}: {figure} kt")
        y += _STEP
    return picture.svg(y + 6, f"{picture.title}. {'; '.join(spoken)}.", standalone=True)
