"""Paths to a target: what the value may be in a year. Every path is a list of points with straight
lines between them (or steps), so that a reader can check each value with a ruler.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from klima_controlling.codes import PathKind
from klima_shared.language.numbers import number
from klima_shared.language.text import Text


@dataclass(frozen=True)
class Point:
    year: int
    value: float


@dataclass(frozen=True)
class Path:
    """Points in ascending years, and how one gets from one to the next."""

    kind: PathKind
    points: tuple[Point, ...]
    stepped: bool = False
    note: Text | None = None

    def at(self, year: int) -> float | None:
        """The path's value in a year; None before it begins. After its end the last value holds."""
        if not self.points or year < self.points[0].year:
            return None
        if year >= self.points[-1].year:
            return self.points[-1].value
        for before, after in zip(self.points, self.points[1:], strict=False):
            if before.year <= year < after.year:
                if self.stepped:
                    return before.value
                share = (year - before.year) / (after.year - before.year)
                return before.value + (after.value - before.value) * share
        raise AssertionError("points ascend")

    @property
    def base(self) -> Point:
        return self.points[0]


def linear(base: Point, goal: Point) -> Path:
    """In equal amounts from the base to the goal."""
    return Path(PathKind.LINEAR, (base, goal))


def stepped(base: Point, steps: Sequence[Point]) -> Path:
    """A value holds until the next one begins."""
    return Path(PathKind.STEPPED, (base, *steps), stepped=True)


@dataclass(frozen=True)
class Reduction:
    """By how much the country is or has to be below 1990 in a year (0 to 1), and who says so."""

    year: int
    share: float
    source: str


@dataclass(frozen=True)
class Law:
    """The years of the Federal Climate Change Act, and what the country had reached in years
    before."""

    decided: tuple[Reduction, ...]
    reached: tuple[Reduction, ...]

    def nearest(self, year: int) -> Reduction | None:
        """What was reached in a year, else in the nearest one that is known (the earlier of
        two)."""
        return min(self.reached, key=lambda r: (abs(r.year - year), r.year), default=None)


def law(base: Point, reached: Reduction, decided: Sequence[Reduction], goal: Point) -> Path:
    """Straight lines between the years of the law, rebased: what the country had reached by the
    base year is taken as reached here too, because there is no local value of 1990.
    """
    left = 1.0 - reached.share
    points = [
        Point(d.year, base.value * (1.0 - d.share) / left)
        for d in decided
        if base.year < d.year < goal.year
    ]
    fallen = reached.share * 100
    note = Text(
        f"Bundesziele gegenüber 1990, umgerechnet auf {base.year}, weil es keinen örtlichen Wert für 1990 gibt: "
        f"bundesweit waren es {reached.year} −{number(fallen, 'de', 1)} % ({reached.source}).",
        f"Federal targets against 1990, rebased to {base.year} because there is no local value of 1990: nationally it "
        f"was −{number(fallen, 'en', 1)} % in {reached.year} ({reached.source}).",
    )
    return Path(PathKind.LAW, (base, *points, goal), note=note)


def budget(base: Point, tonnes: float, goal: Point) -> Path:
    """Down in a straight line so that the tonnes from the base year on are spent when it ends; then
    the goal's value.

    A triangle of height `base` and area `tonnes` has the length 2 x tonnes / base; not later than
    the goal.
    """
    end = (
        min(base.year + max(1, round(2 * tonnes / base.value)), goal.year)
        if base.value > 0
        else goal.year
    )
    points = (
        (base, Point(end, goal.value)) if end == goal.year else (base, Point(end, goal.value), goal)
    )
    note = Text(
        f"Restbudget {tonnes:,.0f} t CO2e ab {base.year}.",
        f"Budget {tonnes:,.0f} t CO2e from {base.year}.",
    )
    return Path(PathKind.BUDGET, points, note=note)


def exhausted(series: Sequence[Point], tonnes: float) -> int | None:
    """The year in which a budget is spent if the last known amount goes on every year; None when it
    never is."""
    if not series or series[-1].value <= 0:
        return None
    left = tonnes
    known = {point.year: point.value for point in series}
    year = series[0].year
    while left > 0 and year < 2200:
        earlier = [y for y in known if y <= year]
        left -= known[max(earlier)]
        if left <= 0:
            return year
        year += 1
    return None
