"""How long the engine takes for all municipalities of Germany: `./klima bench national`.

Times are medians of several runs with the tables in memory; the slope compares twice the
municipalities with once, each by its best run.
"""

import os
import resource
import statistics as stats_of
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.figures import Figure, figure
from klima_balance.balances.rules.document import documents
from klima_balance.engine.balance import aggregate, start_balances
from klima_balance.engine.observations import Observations, wide
from klima_balance.engine.results import BLOCKS
from klima_balance.engine.statistics import Statistics
from klima_balance.method import load_method
from klima_balance.method.model import Method
from klima_balance.regions.files.statistics import read_directory

LIMITS: Final = {
    "engine_seconds": 0.5,
    "all_years_seconds": 1.0,
    "slope": 2.2,
    "peak_memory_mb": 1000.0,
}
ALL_YEARS: Final = range(2018, 2025)


def national(
    statistics_dir: Path, *, year: int = 2021, repeat: int = 11, with_documents: bool = True
) -> dict[str, Any]:
    """Measurements as a flat dict; `limits` and `passed` say what must hold."""
    method = load_method()
    begin = time.perf_counter()
    read = read_directory(statistics_dir)
    read_seconds = time.perf_counter() - begin
    once = wide(read.rows, year)
    twice = _doubled(once)
    result = start_balances(once, method, year)
    single, double = _paired(
        lambda: start_balances(once, method, year),
        lambda: start_balances(twice, method, year),
        repeat,
    )
    measured: dict[str, Any] = {
        "bench": "national",
        "year": year,
        "municipalities": once.size,
        "engine_seconds": stats_of.median(single),
        "engine_seconds_twice": stats_of.median(double),
        # The best of each: what other processes take from a run has nothing to do with the slope.
        "slope": min(double) / min(single),
        "all_years_seconds": min(
            _seconds(lambda: _every_year(read.rows, method)) for _ in range(5)
        ),
        "aggregate_seconds": _median(lambda: aggregate(result), 3),
        "read_tables_seconds": read_seconds,
        "lines": {
            block: int(sum((result.state[i] > 0).sum() for i in _lines(result, block)))
            for block in BLOCKS
        },
    }
    if with_documents:
        begin = time.perf_counter()
        count = sum(1 for _ in documents(result))
        measured |= {"documents": count, "documents_seconds": time.perf_counter() - begin}
    measured["peak_memory_mb"] = _peak_memory_mb()
    measured["limits"] = LIMITS
    measured["passed"] = all(measured[name] <= limit for name, limit in LIMITS.items())
    return measured


def figures() -> dict[str, Figure]:
    """What `./klima bench national` shows and judges; the tables lie in the folder that
    `KLIMA_STATISTICS` names."""
    measured = national(Path(os.environ["KLIMA_STATISTICS"]))
    units = {"peak_memory_mb": "MB"}
    return {
        name: figure(value, units.get(name, "s" if "_seconds" in name else None), LIMITS.get(name))
        for name, value in measured.items()
        if isinstance(value, int | float) and name != "passed"
    }


def _every_year(rows: pd.DataFrame, method: Method) -> None:
    """All years of all municipalities, from the long rows on."""
    observations = Observations(rows)
    for year in ALL_YEARS:
        start_balances(observations.of(year), method, year)


def _lines(result: Any, block: str) -> list[int]:
    return [i for i, line in enumerate(result.lines) if line.block == block]


def _seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _repeated(call: Callable[[], object], repeat: int) -> list[float]:
    return [_seconds(call) for _ in range(repeat)]


def _median(call: Callable[[], object], repeat: int) -> float:
    return stats_of.median(_repeated(call, repeat))


def _paired(
    one: Callable[[], object], other: Callable[[], object], repeat: int
) -> tuple[list[float], list[float]]:
    """Times of two calls in turn, so that a busy minute of the machine meets both."""
    times = [(_seconds(one), _seconds(other)) for _ in range(repeat)]
    return [a for a, _ in times], [b for _, b in times]


def _doubled(s: Statistics) -> Statistics:
    """Every municipality twice, the second time under a key of its own (letters keep the two digits
    of the state)."""
    second = np.asarray([f"{key[:2]}X{key[3:]}" for key in s.regions], dtype=np.str_)
    regions = np.concatenate([s.regions, second])
    order = np.argsort(regions, kind="stable")
    return Statistics(
        year=s.year,
        regions=regions[order],
        values={name: np.concatenate([v, v])[order] for name, v in s.values.items()},
        origin={name: np.concatenate([v, v])[order] for name, v in s.origin.items()},
        provenance=s.provenance,
        states=s.states,
    )


def _peak_memory_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


BENCHES: Final = {"national": figures}
