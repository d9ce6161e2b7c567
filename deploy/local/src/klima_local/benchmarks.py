"""Benchmarks of whole jobs, with processes and a database of their own: `./klima bench publish`."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from klima_local.bench_embeds import embeds
from klima_local.database import Account, create_database, grant_place, service_url
from klima_local.postgres import Server
from klima_local.processes import python_module

YEAR: Final = 2021


@contextmanager
def scratch_environment(service: str) -> Iterator[dict[str, str]]:
    """The environment of a service's commands on an empty, durable database that is thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="klima-bench-") as folder:
        Path(folder).chmod(0o711)
        with Server(Path(folder) / "postgres").use() as server:
            account = Account(service, f"klima_{service}", server.password(f"klima_{service}"))
            create_database(server.url(), "bench")
            grant_place(server.url(), "bench", account)
            address = service_url(server.url(), "bench", account)
            yield {**os.environ, "KLIMA_DATABASE_URL": address, "KLIMA_ENVIRONMENT": "local"}


def publish() -> Mapping[str, Mapping[str, Any]]:
    """Import of the national tables and publishing of all balances of a year, as an operator does it."""
    tables = Path(os.environ["KLIMA_STATISTICS"])
    if not tables.is_dir():
        raise FileNotFoundError(2, "no tables", str(tables))
    with scratch_environment("balance") as environment:

        def seconds(*words: str) -> float:
            began = time.perf_counter()
            line = python_module("klima_balance.cli", *words)
            subprocess.run(line, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


BENCHES: Final[Mapping[str, Callable[[], Mapping[str, Mapping[str, Any]]]]] = {"publish": publish, "embeds": embeds}
