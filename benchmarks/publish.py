"""The nation's tables imported and every balance published, as an operator does it:
`./klima bench publish`."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Final

from benchmarks.figures import Figures
from benchmarks.one_service import scratch
from klima_local.processes import python_module

YEAR: Final = 2021


def publish() -> Figures:
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


BENCHES: Final = {"publish": publish}
