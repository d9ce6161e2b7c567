"""The benchmarks of this service, for `./klima bench`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from klima_measures import bench_ideas, bench_measures

Figures = Mapping[str, Mapping[str, Any]]

BENCHES: dict[str, Callable[[], Figures]] = {"measures": bench_measures.figures, "ideas": bench_ideas.figures}


def run(*, as_json: bool) -> dict[str, Any]:
    """The measures' benchmark with plain figures."""
    return bench_measures.run(as_json=as_json)
