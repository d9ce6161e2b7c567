"""Where things go by a scenario of the balance service: its figures with the band they may lie
in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from klima_shared.codes.lists import Labelled

# years from one figure to the next; straight lines between them keep within 2 % of the balance
EVERY: Final = 5


class ScenarioKind(Labelled):
    """The scenarios that every published balance has, with names short enough to stand at a
    line."""

    TREND = "trend", "Trend", "Trend"
    CLIMATE_PROTECTION = "climate_protection", "Klimaschutz", "Climate protection"


@dataclass(frozen=True)
class Expected:
    """t CO2e (BISKO) in a year: as the scenario states it, and its 5th and 95th percentile."""

    year: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Projection:
    """A scenario's figures in ascending years; the first one is the balance."""

    id: str
    kind: ScenarioKind
    points: tuple[Expected, ...]

    def at(self, year: int) -> Expected | None:
        """The figure of a year, None for a year that was not asked for."""
        return next((point for point in self.points if point.year == year), None)


def years_between(base: int, horizon: int) -> list[int]:
    """The years shown after the base year: full fives, and the horizon."""
    return [*range(base + EVERY - base % EVERY, horizon, EVERY), horizon]


def projection_of(kind: ScenarioKind, document: Mapping[str, Any]) -> Projection | None:
    """Out of the balance service's answer; None where it has no figure for a year (which is not
    zero)."""
    points = []
    for row in document["years"]:
        band = row["totals"]["emissions_t_co2e"]
        known = [band[name] for name in ("stated", "p5", "p95")]
        if None in known:
            return None
        points.append(Expected(int(row["year"]), *known))
    return Projection(str(document["scenario"]["id"]), kind, tuple(points)) if points else None
