"""Scales, round numbers, axes and free places for names: what charts over years have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

from klima_shared.language.numbers import number
from klima_shared.look.picture import MARGIN, Picture, Point

Box = tuple[float, float, float, float]  # left, top, right, bottom

CHARACTER: Final = 8.0  # pixels of a mean character at 13 px, in a wide system font
_UP, _DOWN, _GAP = 11.0, 4.0, 7.0
_ALONG: Final = (0.5, 0.6, 0.4, 0.7, 0.3, 0.8, 0.2, 0.9, 0.12)
_YEAR: Final = 34  # pixels between years


@dataclass(frozen=True)
class Plot:
    """A plot with years across and values up, from `low` to `high`."""

    left: float
    right: float
    top: float
    bottom: float
    first: int
    last: int
    low: float
    high: float

    def x(self, year: float) -> float:
        share = (year - self.first) / max(self.last - self.first, 1)
        return self.left + share * (self.right - self.left)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.bottom - share * (self.bottom - self.top)

    def points(self, pairs: Iterable[tuple[float, float]]) -> list[Point]:
        """Pairs of year and value as places."""
        return [(self.x(year), self.y(value)) for year, value in pairs]


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from at most `low` to at least `high`."""
    span = (high - low) or 1.0
    step = 10 ** floor(log10(span / most))
    step *= next((f for f in (1, 2, 2.5, 5, 10) if span / (step * f) <= most), 10)
    return [step * i for i in range(floor(low / step), ceil(high / step) + 1)]


def draw_scale(picture: Picture, plot: Plot, marks: Sequence[float], unit: str) -> None:
    """Lines across with their numbers, and the unit over them."""
    picture.text(MARGIN, plot.top - 16, unit, "s")
    decimals = 0 if all(abs(m - round(m)) < 1e-9 for m in marks) else 1
    for mark in marks:
        y = plot.y(mark)
        picture.line(plot.left, round(y, 1), plot.right, round(y, 1), "l" if mark else "a")
        figure = number(mark, picture.lang, decimals)
        picture.text(plot.left - 8, round(y + 4, 1), figure, "s e")


def draw_years(picture: Picture, plot: Plot) -> None:
    """The first, the last and the round years under the plot, as far as they have room."""
    inner = [y for y in range(plot.first + 1, plot.last) if y % 5 == 0]
    years = [plot.first, *inner, plot.last]
    kept = [
        year
        for before, year in pairwise(years)
        if year == plot.last or plot.x(year) - plot.x(before) > _YEAR
    ]
    for year in [plot.first, *kept]:
        if year != plot.last and plot.x(plot.last) - plot.x(year) < _YEAR:
            continue
        x = round(plot.x(year), 1)
        picture.line(x, plot.bottom, x, plot.bottom + 5, "a")
        picture.text(x, plot.bottom + 19, str(year), "m s")


def milestones(years: Sequence[int], most: int = 6) -> list[int]:
    """The years a table shows: the first, the round ones, the last."""
    chosen = [years[0], *(y for y in years[1:-1] if y % 5 == 0), years[-1]]
    while len(chosen) > most:
        chosen = [chosen[0], *chosen[1:-1][1::2], chosen[-1]]
    return chosen


def spread_apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places of labels moved just so far that they keep `gap` between each other, in their
    order."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    last = low - gap
    for i in order:
        moved[i] = max(moved[i], last + gap)
        last = moved[i]
    if last > high:
        for i in reversed(order):
            moved[i] = min(moved[i], high)
            high = moved[i] - gap
    return moved


def place_beside(
    line: Sequence[Point],
    words: str,
    lines: Sequence[Sequence[Point]],
    taken: Sequence[Box],
    area: Box,
) -> Box:
    """Where the name of a falling line stands: to its upper right, else to its lower left, inside
    `area`. Where there is no free place, the one that touches least. No other line may run between
    a line and its name.
    """
    width = len(words) * CHARACTER
    tried: list[tuple[int, Box]] = []
    for share in _ALONG:
        x, y = _at(line, share)
        for left, base in ((x + _GAP, y - _GAP + _DOWN), (x - _GAP - width, y + _UP + _DOWN)):
            box = (left, base - _UP, left + width, base + _DOWN)
            between = (min(x, left), min(y, box[1]), max(x, box[2]), max(y, box[3]))
            touched = sum(_crosses(other, box if other is line else between) for other in lines)
            touched += sum(_overlap(box, other) for other in taken)
            touched += 10 * (not _inside(box, area))
            if touched == 0:
                return box
            tried.append((touched, box))
    return min(tried)[1]


def baseline(box: Box) -> float:
    """Where the letters of a name stand."""
    return box[3] - _DOWN


def _at(line: Sequence[Point], share: float) -> Point:
    """The point of a line at a share of its width."""
    x = line[0][0] + (line[-1][0] - line[0][0]) * share
    for (x1, y1), (x2, y2) in pairwise(line):
        if x1 <= x <= x2 and x2 > x1:
            return x, y1 + (y2 - y1) * (x - x1) / (x2 - x1)
    return line[-1]


def _crosses(line: Sequence[Point], box: Box) -> bool:
    """Whether a line of straight pieces runs through a box."""
    left, top, right, bottom = box
    for (x1, y1), (x2, y2) in pairwise(line):
        a, b = max(min(x1, x2), left), min(max(x1, x2), right)
        if a > b:
            continue
        ends = [y1, y2] if x1 == x2 else [y1 + (y2 - y1) * (x - x1) / (x2 - x1) for x in (a, b)]
        if min(ends) <= bottom and max(ends) >= top:
            return True
    return False


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(box: Box, area: Box) -> bool:
    return box[0] >= area[0] and box[1] >= area[1] and box[2] <= area[2] and box[3] <= area[3]
