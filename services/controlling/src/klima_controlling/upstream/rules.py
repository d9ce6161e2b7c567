"""Figures of the balance service's scenarios and comparisons, as controlling shows them."""

from collections.abc import Iterable
from typing import Final

from klima_controlling.targets.model import Point
from klima_controlling.upstream.model import Expected, Projection, ScenarioKind
from klima_shared.wire.balance import Comparison, ScenarioBands

# years from one figure to the next; straight lines between them keep within 2 % of the balance
EVERY: Final = 5


def years_between(base: int, horizon: int) -> list[int]:
    """The years shown after the base year: every one until a full five, for factors known year by
    year bend the path there; then full fives, and the horizon."""
    full = base + EVERY - base % EVERY
    return [*range(base + 1, min(full, horizon)), *range(full, horizon, EVERY), horizon]


def projection_of(kind: ScenarioKind, document: ScenarioBands) -> Projection | None:
    """None where the scenario has no figure for a year (which is not zero)."""
    points = []
    for row in document["years"]:
        band = row["totals"]["emissions_t_co2e"]
        stated, low, high = band["stated"], band["p5"], band["p95"]
        if stated is None or low is None or high is None:
            return None
        points.append(Expected(row["year"], stated, low, high))
    return Projection(document["scenario"]["id"], kind, tuple(points)) if points else None


def series_of_comparisons(documents: Iterable[Comparison], ags: str) -> list[Point]:
    """Emissions of one region out of several comparisons (one per year)."""
    return [
        Point(document["year"], item["value"])
        for document in documents
        for item in document["items"]
        if item["region"]["ags"] == ags and item["value"] is not None
    ]
