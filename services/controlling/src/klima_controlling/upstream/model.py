"""What is known of a region from the two other services, and where it goes by scenarios."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from klima_controlling.formulas.inputs import Inputs, from_balance, from_measures
from klima_controlling.formulas.rules import evaluate
from klima_controlling.targets.model import Point
from klima_shared.codes.labelled import Labelled
from klima_shared.wire.balance import BalanceDocument, RegionDocument
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

    @property
    def stale_since(self) -> datetime | None:
        return min(self.stale.values(), default=None)

    @property
    def latest(self) -> BalanceDocument | None:
        return self.balances[-1] if self.balances else None

    def of_year(self, year: int | None) -> BalanceDocument | None:
        """The balance of a year, the newest one for None."""
        if year is None:
            return self.latest
        return next((document for document in self.balances if document["year"] == year), None)

    def inputs(self, document: BalanceDocument) -> Inputs:
        found = from_balance(document, self.region)
        return found if "measures" in self.down else found | from_measures(self.measures)

    def series(self, metric: str) -> list[Point]:
        """The known values of a target's metric over the years."""
        values = (
            (document["year"], evaluate(metric, from_balance(document, self.region)).value)
            for document in self.balances
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
