"""The way to the target: what was emitted (thick, with dots; provisional years are rings), where
it goes by scenarios (solid, the trend with its band), and the paths (dashed, each in its own way).
Each line has its name beside it: it is known without colour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import Lang, number
from klima_shared.language.text import Label
from klima_shared.look.digits import display
from klima_shared.look.picture import Picture, Point
from klima_shared.look.plot import CHARACTER, Box, Plot, baseline, place_beside

_TITLE: Final = Label("Treibhausgase und Zielpfad", "Greenhouse gases and target path")
_FROM_TO: Final = Label("von {low} bis {high}", "from {low} to {high}")
_ACTUAL: Final = Label("Bilanz", "Balance")
_PROVISIONAL: Final = Label("vorläufig", "provisional")
_DASHES: Final = ("7 5", "2 4", "12 4 2 4")
# Classes of the trend and of a second scenario, and of their names.
_AHEAD: Final = (("path2", "s"), ("path", "n"))
Actual = Sequence[tuple[int, float]]  # (year, t CO2e)


@dataclass(frozen=True)
class Series:
    """What was emitted: at least one complete year, and provisional ones after them."""

    actual: Actual
    provisional: Actual = ()
    grade: Grade | None = None
    breaks: Sequence[int] = ()


@dataclass(frozen=True)
class Line:
    """A path or a scenario as it is drawn: its corner points, its name, whether it goes in steps,
    its band (year, lowest, highest).
    """

    label: str
    points: Sequence[tuple[int, float]]
    stepped: bool = False
    band: Sequence[tuple[int, float, float]] = ()

    @property
    def corners(self) -> list[tuple[int, float]]:
        corners: list[tuple[int, float]] = []
        for year, value in self.points:
            if self.stepped and corners:
                corners.append((year, corners[-1][1]))
            corners.append((year, value))
        return corners


@dataclass(frozen=True)
class _Drawn:
    """A line in the picture, its name and the class of its name."""

    points: list[Point]
    label: str
    kind: str


class _Chart:
    """The picture with its scale. Figures are in kt; the vertical axis begins at 0, lower where
    something is."""

    def __init__(
        self, picture: Picture, known: Series, lines: Sequence[Line], ahead: Sequence[Line]
    ) -> None:
        self.picture, self.actual, self.lines, self.ahead = picture, known.actual, lines, ahead
        self.provisional, self.grade = known.provisional, known.grade
        self.breaks = [year for year in known.breaks if year > self.actual[0][0]]
        self.narrow = picture.width < 500
        points = [
            *self.actual,
            *self.provisional,
            *(point for line in (*lines, *ahead) for point in line.points),
        ]
        years, values = [year for year, _ in points], [value for _, value in points]
        highest = max([*values, *(high for line in ahead for _, _, high in line.band)]) or 1.0
        self.step = _nice(max(highest, -min(values)) / 4)
        # Grid lines above and below 0.
        self.above, self.below = ceil(highest / self.step), min(0, floor(min(values) / self.step))
        self.places = max(0, ceil(3 - log10(self.step)))
        beyond = 0.0 if self.narrow else max((len(a.label) for a in ahead), default=0) * CHARACTER
        self.height = 280 if self.narrow else 300
        right, bottom = picture.width - 14 - beyond, self.height - 34
        low, high = self.below * self.step, self.above * self.step
        self.plot = Plot(64, right, 14, bottom, min(years), max(years), low, high)

    def figure(self, tonnes: float) -> str:
        return f"{display(tonnes / 1000, self.picture.lang, self.grade, self.places)} kt"

    def draw_axes(self) -> None:
        picture, plot, lang = self.picture, self.plot, self.picture.lang
        for n in range(self.below, self.above + 1):
            y = plot.y(n * self.step)
            picture.line(plot.left, y, plot.right, y, "g" if n else "a")
            figure = number(n * self.step / 1000, lang, self.places)
            unit = " kt" if n == self.above else ""
            picture.text(plot.left - 8, y + 5, figure + unit, "e s")
        marks = {plot.first, plot.last, *(line.points[-1][0] for line in self.lines)}
        marks |= set() if self.narrow else {2030, 2040}
        for year in _apart(plot, sorted(m for m in marks if plot.first <= m <= plot.last), 44):
            anchor = "s m" if plot.first < year < plot.last else "s e" if year == plot.last else "s"
            picture.text(plot.x(year), self.height - 10, str(year), anchor)

    def draw_paths(self) -> None:
        picture, plot = self.picture, self.plot
        for line in self.ahead:
            if line.band:
                upper = [(year, high) for year, _, high in line.band]
                lower = [(year, low) for year, low, _ in reversed(line.band)]
                picture.polygon(plot.points([*upper, *lower]), "band")
        for year in self.breaks:
            x = plot.x(year - 0.5)
            picture.path([(x, plot.top), (x, plot.bottom)], "break", "4 4")
        known = plot.points(self.actual)
        solid = self._drawn(self.ahead, [kind for _, kind in _AHEAD])
        dashed = self._drawn(self.lines, ["n", *["s"] * len(self.lines)])
        for place, one in enumerate(solid):
            picture.path(one.points, _AHEAD[place % 2][0])
        for place, one in enumerate(dashed):
            picture.path(one.points, "path2" if place else "path", _DASHES[place % 3])
        picture.path(known, "actual")
        for x, y in known:
            picture.dot(x, y)
        for x, y in plot.points(self.provisional):
            picture.dot(x, y, "ring")
        self._name_lines(known, solid, dashed)

    def _drawn(self, lines: Sequence[Line], kinds: Sequence[str]) -> list[_Drawn]:
        return [
            _Drawn(self.plot.points(line.corners), line.label, kinds[place % len(kinds)])
            for place, line in enumerate(lines)
        ]

    def _name_lines(
        self, known: Sequence[Point], solid: Sequence[_Drawn], dashed: Sequence[_Drawn]
    ) -> None:
        """The balance has its name at its last point. Scenarios have theirs at their ends, where no
        other line is near, or like the paths beside them where the picture is narrow."""
        picture, width = self.picture, self.picture.width
        last_year, last_value = self.actual[-1]
        words = f"{_ACTUAL.get(picture.lang)} {last_year}: {self.figure(last_value)}"
        x, y = known[-1]
        own: Box = (x + 9, y - 12, x + 9 + len(words) * CHARACTER, y + 3)
        picture.text(own[0], baseline(own), words, "b")
        taken = [own]
        if not self.narrow:
            left, base = self.plot.right + 8, 0.0
            for one in sorted(solid, key=lambda one: one.points[-1][1]):
                base = max(one.points[-1][1] + 4, base + 16)
                picture.text(left, round(base, 1), one.label, one.kind)
                taken.append((left, base - 12, width, base + 4))
        every = [known, *(one.points for one in (*solid, *dashed))]
        area = (self.plot.left, 0.0, width, self.plot.bottom - 1.0)
        for one in (*solid, *dashed) if self.narrow else dashed:
            box = place_beside(one.points, one.label, every, taken, area)
            picture.text(round(box[0], 1), round(baseline(box), 1), one.label, one.kind)
            taken.append(box)

    def description(self) -> str:
        words = _FROM_TO.get(self.picture.lang)
        spoken = [
            f"{_ACTUAL.get(self.picture.lang)} {year}: {self.figure(tonnes)}"
            for year, tonnes in self.actual
        ]
        spoken += [
            f"{_ACTUAL.get(self.picture.lang)} {year} ({_PROVISIONAL.get(self.picture.lang)}): "
            f"{self.figure(tonnes)}"
            for year, tonnes in self.provisional
        ]
        for line in (*self.ahead, *self.lines):
            between = {
                year: f" ({words.format(low=self.figure(low), high=self.figure(high))})"
                for year, low, high in line.band
            }
            figures = (f"{a} {self.figure(b)}{between.get(a, '')}" for a, b in line.points)
            spoken.append(f"{line.label}: {', '.join(figures)}")
        return ". ".join(spoken) + "."


def path_chart(
    known: Series,
    lines: Sequence[Line],
    ahead: Sequence[Line],
    picture: Picture,
    *,
    standalone: bool = False,
) -> str:
    """`picture`: an empty one, see `path_picture`."""
    chart = _Chart(picture, known, lines, ahead)
    chart.draw_axes()
    chart.draw_paths()
    return picture.svg(chart.height, chart.description(), standalone=standalone)


def path_picture(lang: Lang, name: str, identity: str, width: int) -> Picture:
    """An empty picture with the title of the chart. `name`: the region's."""
    return Picture(lang, f"{_TITLE.get(lang)}: {name}", identity, width=width)


def _nice(rough: float) -> float:
    """1, 2 or 5 times a power of ten, at least `rough`."""
    power = 10.0 ** int(log10(rough)) if rough >= 1 else 1.0
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough)


def _apart(plot: Plot, years: Iterable[int], pixels: float) -> list[int]:
    """Years whose labels don't run into each other; the first and the last one stay."""
    first, *inner = years
    if not inner:
        return [first]
    kept, last = [first], inner.pop()
    for year in inner:
        # The last label ends at its year instead of standing around it.
        if (
            plot.x(year) - plot.x(kept[-1]) >= pixels
            and plot.x(last) - plot.x(year) >= 1.5 * pixels
        ):
            kept.append(year)
    return [*kept, last]
