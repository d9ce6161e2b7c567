"""A light with what it follows from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from klima_controlling.base.model import Direction
from klima_controlling.targets.model import Path, Point, Target
from klima_shared.codes.action import Light
from klima_shared.codes.quality import Grade
from klima_shared.language.text import Label, Text
from klima_shared.look.digits import Band, place_of
from klima_shared.wire.balance import SeriesBreak


class Spread(NamedTuple):
    """How far a figure can be trusted: its band (5th and 95th percentile) and its grade, each None
    where it is not known."""

    band: Band | None = None
    grade: Grade | None = None


NO_SPREAD: Final = Spread()


@dataclass(frozen=True)
class Judged:
    """A light with everything it follows from."""

    target: Target
    light: Light
    actual: Point | None
    path: Path | None
    path_value: float | None
    gap: float | None
    gap_percent: float | None
    rule: Text
    word: Text
    settled: bool | None = None
    """Whether the path value lies outside the 5th to 95th percentile of the figure; None where that
    band is not known."""
    spread: Spread = NO_SPREAD
    breaks: Sequence[SeriesBreak] = ()
    """Where the figures between the path's base and the last one can't be compared."""
    awaits_band: bool = False
    """Whether the band was not to be had in time: `settled` may be known a moment later."""

    @property
    def label(self) -> Text:
        """The light in a word or two. What is still to come is never missed."""
        if self.light is not Light.RED or self.actual is None:
            return Label(self.light.de, self.light.en)
        if self.actual.year >= self.target.year:
            return Label("verfehlt", "missed")
        if self.target.direction is Direction.LOWER:
            return Label("deutlich über dem Pfad", "clearly above the path")
        return Label(Light.RED.de, Light.RED.en)

    @property
    def place(self) -> int | None:
        """Where the figure ends by grade and band (`place_of`); None: nothing limits it."""
        if self.actual is None:
            return None
        return place_of(self.actual.value, self.spread.grade, self.spread.band)
