"""`./klima bench`: runs the services' benchmarks and holds them to their limits.

A service offers benchmarks in its module `bench` as a mapping `BENCHES` of names to functions without arguments. Each
returns its figures: `{"name of the figure": {"value": 0.31, "unit": "s", "at_most": 0.5}}`, `at_least` likewise, or
neither for a figure that is only shown. Plain data, so that no service has to know this package.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from klima_local.home import SERVICES

Figures = Mapping[str, Mapping[str, Any]]


class UnknownBenchError(RuntimeError):
    """No benchmark of that name; the message lists those there are."""


def discover() -> dict[str, Callable[[], Figures]]:
    """All benchmarks by name."""
    found: dict[str, Callable[[], Figures]] = {}
    for service in SERVICES:
        if importlib.util.find_spec(f"klima_{service}.bench"):
            found |= importlib.import_module(f"klima_{service}.bench").BENCHES
    return found


def run(names: Sequence[str]) -> list[dict[str, Any]]:
    """Run the named benchmarks, or all; one result each."""
    known = discover()
    for name in names:
        if name not in known:
            raise UnknownBenchError(f"Kein Benchmark „{name}“. Es gibt: {', '.join(sorted(known)) or 'noch keinen'}.")
    return [judge(name, known[name]()) for name in names or sorted(known)]


def judge(name: str, figures: Figures) -> dict[str, Any]:
    """The figures with the verdict on each that has a limit. A figure that is no number passes nothing."""
    rows = {}
    for figure, row in figures.items():
        value = float(row["value"])
        limits = [key for key in ("at_most", "at_least") if key in row]
        met = all(value <= row[key] if key == "at_most" else value >= row[key] for key in limits)
        rows[figure] = {**row, "passed": met and math.isfinite(value)} if limits else dict(row)
    return {
        "bench": name,
        "passed": all(row.get("passed", True) for row in rows.values()),
        "figures": rows,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
    }
