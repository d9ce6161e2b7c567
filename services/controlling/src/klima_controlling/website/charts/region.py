"""The pictures of a region's page, and the numbers they show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from klima_controlling.base.model import Boundary, PathKind
from klima_controlling.status.model import Judged
from klima_controlling.upstream.model import Projection, ScenarioKind
from klima_controlling.website.charts.path import Line, Series, path_chart, path_picture
from klima_controlling.website.charts.sectors import sector_bars
from klima_controlling.website.rules import kilotonnes
from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label
from klima_shared.wire.json import Json

WIDE: Final = 660
WIDEST: Final = 960
NARROW: Final = 330


def sector_pictures(balances: Sequence[Json], lang: Lang, prefix: str) -> dict[str, str] | None:
    """For wide and for narrow screens; None without a balance."""
    if not balances:
        return None
    return {
        "wide": sector_bars(balances, lang, width=WIDE, identity=f"{prefix}w"),
        "narrow": sector_bars(balances, lang, width=NARROW, identity=f"{prefix}n"),
    }


@dataclass(frozen=True)
class PathContent:
    """The way to the target as the page shows it: as pictures and as a table. `actual`: year to
    t CO2e. `grade`: of the newest balance, which says how many digits are true."""

    name: str
    ags: str
    actual: Mapping[int, float]
    judged: Sequence[Judged]
    projections: Sequence[Projection]
    lang: Lang
    provisional: Mapping[int, float] = field(default_factory=dict)
    grade: Grade | None = None
    breaks: Sequence[int] = ()

    @cached_property
    def _named(self) -> list[tuple[str, Judged]]:
        """The territorial paths with names short enough to stand at a line; the whole title where
        two would be alike."""
        drawn = [
            j
            for j in self.judged
            if j.path
            and j.target.metric == "emissions_t_co2e"
            and j.target.boundary is Boundary.TERRITORY
        ]
        short = [self._short_name(j) for j in drawn]
        return [
            (name if short.count(name) == 1 else j.target.title.get(self.lang), j)
            for name, j in zip(short, drawn, strict=True)
        ]

    def _short_name(self, judged: Judged) -> str:
        own = judged.target.key == self.ags
        words = Label("Ziel", "Target") if own else Label("Kreisziel", "County target")
        return f"{words.get(self.lang)} {judged.target.year}"

    def picture(self, width: int, identity: str, *, standalone: bool = False) -> str | None:
        """None without a balance. With scenarios the narrow picture has the trend and the first
        path alone: more lines than that have no room for their names there.
        """
        lang, ahead = self.lang, self.projections
        if not self.actual:
            return None
        lines = [
            Line(
                name, [(p.year, p.value) for p in j.path.points], j.target.path is PathKind.STEPPED
            )
            for name, j in self._named
            if j.path
        ]
        if width == NARROW:
            ahead = [p for p in ahead if p.kind is ScenarioKind.TREND]
            lines = lines[:1] if ahead else lines
        picture = path_picture(lang, self.name, identity, width)
        further = [_line_of(p, lang) for p in ahead]
        known = Series(
            list(self.actual.items()), list(self.provisional.items()), self.grade, self.breaks
        )
        return path_chart(known, lines, further, picture, standalone=standalone)

    def pictures(self, width: int) -> dict[str, str] | None:
        """For wide and for narrow screens."""
        wide, narrow = self.picture(width, "pw"), self.picture(NARROW, "pn")
        return {"wide": wide, "narrow": narrow} if wide and narrow else None

    def _balance_of(self, year: int) -> str:
        lang = self.lang
        if year not in self.provisional:
            return _kilo(self.actual.get(year), lang, self.grade)
        mark = Label("vorläufig", "provisional").get(lang)
        return f"{_kilo(self.provisional[year], lang, self.grade)} ({mark})"

    @property
    def heads(self) -> list[str]:
        kinds = (p.kind.label(self.lang) for p in self.projections)
        balance = Label("Bilanz", "Balance").get(self.lang)
        return [balance, *kinds, *(name for name, _ in self._named)]

    @property
    def rows(self) -> list[list[str]]:
        """A year and its figures in kt CO2e: of the balance, the scenarios (the trend with its
        band) and the paths."""
        lang, ahead = self.lang, self.projections
        paths = [j.path for _, j in self._named if j.path]
        years = {
            *self.actual,
            *self.provisional,
            *(p.year for path in paths for p in path.points),
            *(p.year for a in ahead for p in a.points),
        }
        return [
            [
                str(year),
                self._balance_of(year),
                *(_expected(p, year, lang, self.grade) for p in ahead),
                *(_kilo(path.at(year), lang, self.grade) for path in paths),
            ]
            for year in sorted(years)
        ]


def _kilo(value: float | None, lang: Lang, grade: Grade | None) -> str:
    return "–" if value is None else kilotonnes(value, lang, grade)


def _expected(projection: Projection, year: int, lang: Lang, grade: Grade | None) -> str:
    point = projection.at(year)
    if point is None or projection.kind is not ScenarioKind.TREND:
        return _kilo(point.value if point else None, lang, grade)
    low, high = _kilo(point.low, lang, grade), _kilo(point.high, lang, grade)
    return f"{_kilo(point.value, lang, grade)} ({low} – {high})"


def _line_of(projection: Projection, lang: Lang) -> Line:
    """The trend with its band; a second band would lie across the first."""
    points = [(p.year, p.value) for p in projection.points]
    trend = projection.kind is ScenarioKind.TREND
    band = [(p.year, p.low, p.high) for p in projection.points] if trend else []
    return Line(projection.kind.label(lang), points, band=band)
