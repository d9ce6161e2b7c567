"""Two languages, German first, and how figures are written for people in each.

Figures follow one rule in both languages: a narrow no-break space groups the thousands and stands
before the unit, the decimal mark is the reader's, a true minus sign leads. No reader can take a
grouping mark for a decimal mark that way.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from math import floor, isfinite, log10
from typing import Final, Literal

from babel.dates import format_date
from babel.numbers import get_decimal_symbol

from klima_shared.language.text import Label

Lang = Literal["de", "en"]

DEFAULT: Final[Lang] = "de"
NARROW_SPACE: Final = "\u202f"
MINUS: Final = "\u2212"
NO_DATA: Final = Label("keine Angabe", "no data")

# A float may have 309 digits before the point; the default context of 28 would refuse to round
# those.
_EXACT: Final = Context(prec=400, rounding=ROUND_HALF_UP)


def number(value: float | Decimal | None, lang: Lang = DEFAULT, decimals: int | None = None) -> str:
    """A figure for people: `1 234,5`; `None` is "keine Angabe", because missing is not zero.

    Without `decimals`, three significant digits are kept and the digits before the decimal mark are
    never rounded away: `0,0123`, `1,23`, `12,3`, `123`, `12 346`. Halves are rounded away from zero
    (DIN 1333). Raises `ValueError` for an infinite value or NaN.
    """
    if value is None:
        return NO_DATA.get(lang)
    if not isfinite(value):
        raise ValueError("only a finite number can be written for people")
    places = _places(value) if decimals is None else decimals
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    rounded = exact.quantize(Decimal(1).scaleb(-places), context=_EXACT)
    # Not babel's format_decimal: it rounds halves to even and fails beyond 28 digits.
    whole, _, fraction = f"{abs(rounded):,f}".partition(".")
    text = whole.replace(",", NARROW_SPACE) + (
        get_decimal_symbol(lang) + fraction if fraction else ""
    )
    return MINUS + text if rounded < 0 else text


def _places(value: float | Decimal) -> int:
    if float(value) == 0:
        return 0
    return min(max(2 - floor(log10(abs(float(value)))), 0), 6)


def exact(value: float | None, lang: Lang = DEFAULT) -> str:
    """A figure with all the digits that it has (15 at most), for arithmetic that somebody wants to
    repeat: `2 211,82`. None is "keine Angabe"."""
    if value is None:
        return number(None, lang)
    digits = Decimal(format(value, ".15g"))
    return number(digits, lang, max(-int(digits.as_tuple().exponent), 0))


def quantity(
    value: float | Decimal | None, unit: str, lang: Lang = DEFAULT, decimals: int | None = None
) -> str:
    """A figure with its unit: `12,3 t CO₂e`. A missing figure has no unit: "keine Angabe"."""
    written = number(value, lang, decimals)
    return written if value is None else f"{written}{NARROW_SPACE}{unit_label(unit)}"


def percent(share: float | None, lang: Lang = DEFAULT, decimals: int = 0) -> str:
    """A share (1.0 is the whole) in per cent: `65 %`."""
    return quantity(None if share is None else share * 100, "%", lang, decimals)


def unit_label(unit: str) -> str:
    """How a unit is set for people: data says `t CO2e` and `m2`, pages say `t CO₂e` and `m²`."""
    for plain, set_ in (("CO2", "CO₂"), ("CH4", "CH₄"), ("N2O", "N₂O"), ("m2", "m²"), ("m3", "m³")):
        unit = unit.replace(plain, set_)
    return unit.replace(" ", NARROW_SPACE)


def long_date(value: date, lang: Lang = DEFAULT) -> str:
    """`31. Dezember 2021` or `31 December 2021`; the day comes first in both languages."""
    text: str = format_date(value, format="d. MMMM y" if lang == "de" else "d MMMM y", locale=lang)
    return text
