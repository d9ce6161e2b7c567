"""Targets: what was decided, for whom, until when, and the path there. A new decision is a new
version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from klima_controlling.codes import Boundary, Direction, PathKind
from klima_controlling.targets.rules import (
    Law,
    Path,
    Point,
    Reduction,
    budget,
    law,
    linear,
    stepped,
)
from klima_shared.language.text import Text

NOT_DECIDED: Final = Text(
    "nicht beschlossen (kein Beschluss hinterlegt)", "not decided (no decision recorded)"
)
DATE_UNKNOWN: Final = Text("Datum nicht hinterlegt", "date not recorded")
TOLERANCE_PERCENT: Final = 5.0


@dataclass(frozen=True)
class Decision:
    """Who decided. Date and paper are null where they are not recorded; `source` says where this is
    known from."""

    body: str
    decided_on: date | None = None
    paper: str | None = None
    url: str | None = None
    source: str | None = None

    def said(self, lang: str) -> str:
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
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def decided(self) -> bool:
        return self.decision is not None

    def decision_said(self, lang: str) -> str:
        return self.decision.said(lang) if self.decision else NOT_DECIDED.get(lang)

    def faults(self) -> list[tuple[str, Text]]:
        """(field, what is wrong): everything that keeps the path from being drawn."""
        found: list[tuple[str, Text]] = []
        years = [p.year for p in self.points]
        if years != sorted(set(years)) or (years and years[-1] > self.year):
            text = Text(
                "Jahre der Stufen aufsteigend und nicht nach dem Zieljahr.",
                "Years of steps must ascend.",
            )
            found.append(("points", text))
        if self.base is not None and self.base.year >= self.year:
            found.append(
                (
                    "base",
                    Text("Das Basisjahr liegt vor dem Zieljahr.", "The base lies before the year."),
                )
            )
        if self.path is PathKind.STEPPED and not self.points:
            found.append(
                (
                    "points",
                    Text("Ein Stufenpfad braucht Stufen (points).", "A stepped path needs points."),
                )
            )
        if self.path is PathKind.BUDGET and not (self.budget_t_co2e and self.budget_t_co2e > 0):
            text = Text(
                "Der Budgetpfad braucht ein Restbudget über 0 t.",
                "A budget path needs a budget above 0 t.",
            )
            found.append(("budget_t_co2e", text))
        return found


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
