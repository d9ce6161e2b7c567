"""Degree days of a region: how cold its years were, counted in one way and from one source.

A year and the mean it is compared with come from the same series: counts with other limits of
temperature differ by a quarter and more, their ratios hardly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from klima_shared.codes.regions import ancestors
from klima_shared.revisions.model import Stamps

NORMAL_PERIOD: Final = (1991, 2020)


@dataclass(frozen=True)
class Series:
    """Degree days in K d by year, and their long-term mean."""

    region: str
    definition: str
    mean: float
    mean_period: str
    years: Mapping[int, float]
    source: str
    certainty: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSeries(Stamps):
    """A region's own series as it lies in its table."""

    region: str
    definition: str
    mean: float
    mean_period: str
    years: Mapping[str, float]
    source: str
    note: str | None


def lookup_order(ags: str) -> list[str]:
    """The region itself, its county, its state, Germany: where a series is looked for, in this
    order."""
    return ancestors(ags)


def nearest(found: Sequence[Series], ags: str, year: int | None = None) -> Series | None:
    """The series of the nearest place, with a year: of those that have it. Later ones of a place
    come second."""
    ranked = sorted(found, key=lambda s: lookup_order(ags).index(s.region))
    return next((s for s in ranked if year is None or year in s.years), None)
