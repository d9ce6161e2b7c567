"""What a benchmark returns, and whether it keeps its limits."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NotRequired, TypedDict


class Figure(TypedDict):
    """One measured value; without a limit it is only shown."""

    value: float
    unit: NotRequired[str]
    at_most: NotRequired[float]
    at_least: NotRequired[float]


Figures = Mapping[str, Figure]


def figure(value: float, unit: str | None = None, at_most: float | None = None) -> Figure:
    """A figure that leaves out what it has not."""
    row: Figure = {"value": value}
    if unit is not None:
        row["unit"] = unit
    if at_most is not None:
        row["at_most"] = at_most
    return row


@dataclass(frozen=True)
class Result:
    """What one benchmark measured."""

    name: str
    figures: Figures

    @property
    def passed(self) -> bool:
        return all(map(keeps_limit, self.figures.values()))

    def as_json(self) -> dict[str, object]:
        """The values by name, then their limits and units, and on which machine this was."""
        limits = {name: _limits(row) for name, row in self.figures.items()}
        return {
            "bench": self.name,
            "passed": self.passed,
            **{name: row["value"] for name, row in self.figures.items()},
            "limits": {name: limit for name, limit in limits.items() if limit},
            "units": {n: row["unit"] for n, row in self.figures.items() if "unit" in row},
            "machine": {
                "cores": os.cpu_count(),
                "python": platform.python_version(),
                "system": platform.platform(),
            },
        }

    def rows(self) -> Iterator[str]:
        """The figures as rows for a terminal."""
        for name, row in self.figures.items():
            signs = {"at_most": "≤", "at_least": "≥"}
            limit = " ".join(f"{signs[key]} {value:g}" for key, value in _limits(row).items())
            failed = "" if keeps_limit(row) else "  FAILED"
            unit = row.get("unit", "")
            yield f"  {name:<36} {row['value']:>14.6g} {unit:<6} {limit}{failed}"


def keeps_limit(row: Figure) -> bool:
    """Whether the value is within its limits, if it has any; a value that is no number never is."""
    value = row["value"]
    if not _limits(row):
        return True
    low, high = row.get("at_least", -math.inf), row.get("at_most", math.inf)
    return math.isfinite(value) and low <= value <= high


def _limits(row: Figure) -> dict[str, float]:
    limits = {"at_most": row.get("at_most"), "at_least": row.get("at_least")}
    return {key: float(limit) for key, limit in limits.items() if limit is not None}
