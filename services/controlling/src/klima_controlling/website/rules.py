"""How the figures of a page are written."""

from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import Lang
from klima_shared.look.digits import display


def kilotonnes(tonnes: float | None, lang: Lang, grade: Grade | None = None) -> str:
    """Tonnes as kt with as many digits as can be true: those that the grade carries, at most 12,3
    below a hundred and whole ones above."""
    thousand = None if tonnes is None else tonnes / 1000
    return display(thousand, lang, grade, 1 if thousand is None or abs(thousand) < 100 else 0)
