"""How the figures of a light are written."""

from dataclasses import dataclass
from typing import Final

from klima_controlling.status.model import Judged
from klima_shared.language.numbers import Lang, number

TONNES: Final = "t CO2e"
SMALL: Final = 10_000.0  # tonnes; below it, thousands of tonnes would hide the gap


@dataclass(frozen=True)
class Amounts:
    """`gap` with its sign; "keine Angabe" for what is not known."""

    actual: str
    path: str
    gap: str
    unit: str


def amounts_of(judged: Judged, lang: Lang) -> Amounts:
    """The figures of a light, all three in the same unit: thousands of tonnes, tonnes where that
    says more, else the target's unit."""
    target, actual = judged.target, judged.actual.value if judged.actual else None
    known = [abs(value) for value in (actual, judged.path_value) if value is not None]
    thousands = target.unit == TONNES and max(known, default=0.0) >= SMALL
    unit = f"k{TONNES}" if thousands else target.unit

    def write(value: float | None) -> str:
        if thousands:
            return kilotonnes(value, lang)
        return number(value, lang, 0 if target.unit == TONNES else None)

    sign = "+" if judged.gap is not None and judged.gap > 0 else ""
    return Amounts(
        write(actual),
        write(judged.path_value),
        sign + write(judged.gap),
        unit.replace("CO2", "CO₂"),
    )


def kilotonnes(tonnes: float | None, lang: Lang) -> str:
    """Tonnes as kt with as many digits as can be true: 12,3 below a hundred, whole ones above."""
    if tonnes is None:
        return number(None, lang)
    thousand = tonnes / 1000
    return number(thousand, lang, 0 if abs(thousand) >= 100 else 1)
