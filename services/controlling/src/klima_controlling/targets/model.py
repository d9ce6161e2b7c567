"""Targets: what was decided, for whom, until when, and the path there. A new decision is a new
version."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from klima_controlling.base.model import Boundary, Direction, Entered, PathKind
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json

NOT_DECIDED: Final = Text("no decision on file")
DATE_UNKNOWN: Final = Label("Datum nicht hinterlegt", "date not recorded")
COVERS: Final = Text(
    "counts energy and transport (BISKO); agriculture, industrial processes and land use are not "
    "in it"
)
TOLERANCE_PERCENT: Final = 5.0


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


@dataclass(frozen=True)
class Decision:
    """Who decided. Date and paper are null where they are not recorded; `source` says where this is
    known from."""

    body: str
    decided_on: date | None = None
    paper: str | None = None
    url: str | None = None
    source: str | None = None

    def text(self, lang: str) -> str:
        day = f"{self.decided_on:%d.%m.%Y}" if self.decided_on else DATE_UNKNOWN.get(lang)
        return f"{self.body}, {day}" + (f", {self.paper}" if self.paper else "")


@dataclass(frozen=True)
class Target:
    """One version of a target. `key` is an AGS, or the id of an organisation.

    Without `base` a path begins at the first published figure. `metric` is a formula over the
    balance's inputs. `base_reduction` (0 to 1) replaces the published national reduction up to the
    base year.
    """

    code: str
    version: int
    title: Text
    boundary: Boundary
    key: str
    region: str
    metric: str
    unit: str
    direction: Direction
    year: int
    value: float
    path: PathKind
    base: Point | None = None
    points: tuple[Point, ...] = ()
    base_reduction: float | None = None
    budget_t_co2e: float | None = None
    tolerance_percent: float = TOLERANCE_PERCENT
    decision: Decision | None = None
    source: str = ""
    headline: bool = False
    applies_below: bool = False
    valid_from: date | None = None

    @property
    def decided(self) -> bool:
        return self.decision is not None

    def decision_text(self, lang: str) -> str:
        return self.decision.text(lang) if self.decision else NOT_DECIDED.get(lang)

    @property
    def covers(self) -> Text | None:
        """What a territory's target of BISKO emissions leaves out, for whoever reads
        "climate-neutral"; None for others."""
        partial = "emissions_t_co2e" in self.metric and "agriculture" not in self.metric
        return COVERS if partial and self.boundary is Boundary.TERRITORY else None

    def faults(self) -> list[tuple[str, Text]]:
        """(field, what is wrong): everything that keeps the path from being drawn."""
        found: list[tuple[str, Text]] = []
        years = [p.year for p in self.points]
        if years != sorted(set(years)) or (years and years[-1] > self.year):
            text = Text("Years of steps must ascend.")
            found.append(("points", text))
        if self.base is not None and self.base.year >= self.year:
            found.append(("base", Text("The base lies before the year.")))
        if self.path is PathKind.STEPPED and not self.points:
            found.append(("points", Text("A stepped path needs points.")))
        if self.path is PathKind.BUDGET and not (self.budget_t_co2e and self.budget_t_co2e > 0):
            text = Text("A budget path needs a budget above 0 t.")
            found.append(("budget_t_co2e", text))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTarget(Entered):
    """A row of `target`, which is one version of a target."""

    id: int
    code: str
    version: int
    title_de: str
    title_en: str
    boundary: str
    key: str
    region: str
    metric: str
    unit: str
    direction: str
    year: int
    value: float
    path: str
    base_year: int | None
    base_value: float | None
    points: list[Json]
    base_reduction: float | None
    budget_t_co2e: float | None
    tolerance_percent: float
    decision: Json | None
    source: str
    headline: bool
    applies_below: bool
    valid_from: date | None
