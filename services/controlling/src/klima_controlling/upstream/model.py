"""What is known of a region from the two other services, and where it goes by scenarios."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from klima_controlling.formulas.inputs import Inputs, from_balance, from_measures
from klima_controlling.formulas.rules import evaluate
from klima_controlling.targets.model import Point
from klima_shared.codes.labelled import Labelled
from klima_shared.wire.balance import BalanceDocument, RegionDocument, SeriesBreak
from klima_shared.wire.measures import ListedMeasure, MeasureSheet


@dataclass(frozen=True)
class RegionState:
    """A region, its balances in ascending years, its measures. `down`: services that never
    answered."""

    ags: str
    region: RegionDocument
    balances: Sequence[BalanceDocument]
    measures: Sequence[ListedMeasure]
    stale: Mapping[str, datetime] = field(default_factory=dict)
    down: frozenset[str] = frozenset()
    breaks: Sequence[SeriesBreak] = ()

    @property
    def stale_since(self) -> datetime | None:
        return min(self.stale.values(), default=None)

    @property
    def complete(self) -> Sequence[BalanceDocument]:
        """The balances whose year is known; all of them where every one is provisional."""
        found = [document for document in self.balances if not document.get("provisional")]
        return found or self.balances

    @property
    def latest(self) -> BalanceDocument | None:
        """The newest complete balance."""
        return self.complete[-1] if self.complete else None

    def of_year(self, year: int | None) -> BalanceDocument | None:
        """The balance of a year, the newest complete one for None."""
        if year is None:
            return self.latest
        return next((document for document in self.balances if document["year"] == year), None)

    def inputs(self, document: BalanceDocument) -> Inputs:
        found = from_balance(document, self.region)
        return found if "measures" in self.down else found | from_measures(self.measures)

    def series(self, metric: str) -> list[Point]:
        """The known values of a target's metric over the complete years."""
        return self._series(metric, self.complete)

    def provisional(self, metric: str) -> list[Point]:
        """Its values in the years after the newest complete one."""
        last = self.latest["year"] if self.latest else 0
        return self._series(metric, [d for d in self.balances if d["year"] > last])

    def _series(self, metric: str, balances: Sequence[BalanceDocument]) -> list[Point]:
        values = (
            (document["year"], evaluate(metric, from_balance(document, self.region)).value)
            for document in balances
        )
        return [Point(year, value) for year, value in values if value is not None]


@dataclass(frozen=True)
class Sheets:
    """The published measures of a region as list items and as whole sheets."""

    items: Sequence[ListedMeasure]
    sheets: Sequence[MeasureSheet]
    stale_since: datetime | None = None


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
