"""Data quality: the energy-weighted mean of grades A=1, B=0.5, C=0.25, D=0."""

from typing import Final

import numpy as np

from klima_balance.method.equation import Floats
from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import Lang

WEIGHT: Final = {grade.value: grade.weight for grade in Grade}

_WORDING: Final = (
    (0.80, "gut belastbar", "well founded"),
    (0.65, "belastbar", "founded"),
    (0.50, "relativ belastbar", "fairly founded"),
)


def data_quality(weighted_energy: Floats, energy: Floats) -> Floats:
    """Sum(grade x E) / sum(E); missing where there is no energy."""
    return np.divide(weighted_energy, energy, out=np.full_like(energy, np.nan), where=energy > 0)


def wording(value: float | None, language: Lang = "de") -> str | None:
    """What a data quality means: above 0.80, above 0.65 to 0.80, above 0.50 to 0.65, up to 0.50;
    0 is national figures alone."""
    if value is None or value != value:
        return None
    if value == 0:
        return "national figures only" if language == "en" else "nur Bundeswerte"
    for limit, de, en in _WORDING:
        if value > limit:
            return en if language == "en" else de
    return "conditionally founded" if language == "en" else "bedingt belastbar"
