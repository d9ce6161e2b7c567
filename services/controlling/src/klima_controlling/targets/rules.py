"""Paths to a target: what the value may be in a year. Every path is a list of points with straight
lines between them (or steps), so that a reader can check each value with a ruler.
"""

from collections.abc import Sequence

from klima_controlling.base.model import PathKind
from klima_controlling.targets.model import Law, Path, Point, Reduction, Target
from klima_shared.language.numbers import number
from klima_shared.language.text import Label, Text


def linear(base: Point, goal: Point) -> Path:
    """In equal amounts from the base to the goal."""
    return Path(PathKind.LINEAR, (base, goal))


def stepped(base: Point, steps: Sequence[Point]) -> Path:
    """A value holds until the next one begins."""
    return Path(PathKind.STEPPED, (base, *steps), stepped=True)


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
        "Federal targets against 1990, rebased to {year} because there is no local value of 1990: "
        "nationally it was −{fallen} % in {reached_year} ({source}).",
        year=base.year,
        fallen=Label(number(fallen, "de", 1), number(fallen, "en", 1)),
        reached_year=reached.year,
        source=reached.source,
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
    note = Text("Budget {tonnes:,.0f} t CO2e from {year}.", tonnes=tonnes, year=base.year)
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


def draw(target: Target, first: Point | None, act: Law | None = None) -> Path | None:
    """The path from the target's base, or from the first known figure; None when there is neither,
    or for a path by law without the law's figures.
    """
    base = target.base or first
    if base is None or base.year >= target.year or target.faults():
        return None
    goal = Point(target.year, target.value)
    match target.path:
        case PathKind.LINEAR:
            return linear(base, goal)
        case PathKind.STEPPED:
            last = () if target.points[-1].year == target.year else (goal,)
            return stepped(base, [*(p for p in target.points if p.year > base.year), *last])
        case PathKind.LAW:
            reached = _reached(target, base.year, act)
            return law(base, reached, act.decided, goal) if act and reached else None
        case _:
            return budget(base, target.budget_t_co2e or 0.0, goal)


def _reached(target: Target, year: int, act: Law | None) -> Reduction | None:
    if target.base_reduction is not None:
        return Reduction(year, target.base_reduction, target.source or target.title.de)
    return act.nearest(year) if act else None
