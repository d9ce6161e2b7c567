"""`./klima bench`: runs the services' benchmarks and holds them to their limits.

A service offers benchmarks in its module `bench` as a mapping `BENCHES` of names to functions
without arguments. Each returns its figures: `{"name of the figure": {"value": 0.31, "unit": "s",
"at_most": 0.5}}`, `at_least` likewise, or neither for a figure that is only shown. Plain data, so
that no service has to know this package.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from klima_local.benchmarks import BENCHES
from klima_local.home import SERVICES, root

Figures = Mapping[str, Mapping[str, Any]]


class BenchError(RuntimeError):
    """No benchmark of that name, or what it reads is not here."""


def discover() -> dict[str, Callable[[], Figures]]:
    """All benchmarks by name."""
    found: dict[str, Callable[[], Figures]] = {**BENCHES}
    for service in SERVICES:
        if importlib.util.find_spec(f"klima_{service}.bench"):
            found |= importlib.import_module(f"klima_{service}.bench").BENCHES
    return found


def run(names: Sequence[str]) -> list[dict[str, Any]]:
    """Run the named benchmarks, or all; one result each."""
    known = discover()
    for name in names:
        if name not in known:
            raise BenchError(
                f"Kein Benchmark „{name}“. Es gibt: {', '.join(sorted(known)) or 'noch keinen'}."
            )
    # The national tables are no part of the repository; where they lie beside it, they are found.
    os.environ.setdefault("KLIMA_STATISTICS", str(root().parent / "shared" / "public_statistics"))
    try:
        return [judge(name, known[name]()) for name in names or sorted(known)]
    except FileNotFoundError as error:
        raise BenchError(
            f"{error.filename or error}: nicht da. KLIMA_STATISTICS nennt das Verzeichnis."
        ) from None


def judge(name: str, figures: Figures) -> dict[str, Any]:
    """The values by name, their units and limits, and whether all limits are met. What is no number
    meets none."""
    values = {figure: row["value"] for figure, row in figures.items()}
    limits = {
        figure: {key: float(row[key]) for key in ("at_most", "at_least") if key in row}
        for figure, row in figures.items()
    }
    return {
        "bench": name,
        "passed": all(_met(value, limits[figure]) for figure, value in values.items()),
        **values,
        "limits": {figure: limit for figure, limit in limits.items() if limit},
        "units": {figure: row["unit"] for figure, row in figures.items() if "unit" in row},
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.platform(),
        },
    }


def rows(result: Mapping[str, Any]) -> Iterator[str]:
    """A result as lines for a terminal."""
    for figure in (
        n
        for n, value in result.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ):
        limit = result["limits"].get(figure, {})
        words = " ".join(
            f"{'≤' if key == 'at_most' else '≥'} {value:g}" for key, value in limit.items()
        )
        mark = "" if _met(result[figure], limit) else "  FAILED"
        yield f"  {figure:<36} {result[figure]:>14.6g} {result['units'].get(figure, ''):<6} {words}{mark}"


def _met(value: float, limits: Mapping[str, float]) -> bool:
    if not limits:
        return True
    return math.isfinite(value) and limits.get("at_least", -math.inf) <= value <= limits.get(
        "at_most", math.inf
    )
