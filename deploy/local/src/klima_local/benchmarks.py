"""Benchmarks of whole jobs, with processes and a database of their own: `./klima bench publish`.

Services know nothing of what starts them, so the benchmarks that start one are here and not in the
services.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from klima_local import bench_controlling, bench_ideas, bench_imports, bench_measures
from klima_local.bench_embeds import embeds
from klima_local.bench_service import scratch
from klima_local.processes import python_module

YEAR: Final = 2021


def publish() -> Mapping[str, Mapping[str, Any]]:
    """Import of the national tables and publishing of all balances of a year, as an operator does
    it."""
    tables = Path(os.environ["KLIMA_STATISTICS"])
    if not tables.is_dir():
        raise FileNotFoundError(2, "no tables", str(tables))
    with scratch("balance") as database:

        def seconds(*words: str) -> float:
            began = time.perf_counter()
            line = python_module("klima_balance.cli", *words)
            subprocess.run(
                line,
                env=database.environment,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            return time.perf_counter() - began

        seconds("migrate")
        seconds("load-method")
        imported = seconds("import-statistics", str(tables))
        published = seconds("compute", "--year", str(YEAR), "--all", "--publish")
        again = seconds("compute", "--year", str(YEAR), "--all", "--publish")
    return {
        "import": {"value": imported, "unit": "s"},
        "compute_and_publish": {"value": published, "unit": "s"},
        "both": {"value": imported + published, "unit": "s", "at_most": 180.0},
        "again_unchanged": {"value": again, "unit": "s"},
    }


BENCHES: Final[Mapping[str, Callable[[], Mapping[str, Mapping[str, Any]]]]] = {
    "publish": publish,
    "dashboard": bench_controlling.dashboard,
    "report": bench_controlling.report,
    "embeds": embeds,
    "ideas": bench_ideas.figures,
    "imports": bench_imports.figures,
    "measures": bench_measures.figures,
}
