"""`./klima bench embeds`: how heavy and how quick what other sites embed is, on running services with real data."""

from __future__ import annotations

import contextlib
import gzip
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from klima_local.bench_service import wait_ready
from klima_local.processes import python_module
from klima_local.stack import Stack

REGION: Final = "05974040"
WIDGETS: Final = {
    "balance": "balance", "renewables": "balance", "measures": "measures", "events": "measures", "contact": "measures",
    "status": "controlling",
}  # fmt: skip
WARM: Final = 30
ASKED: Final = 200
PREPARED: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "balance": (
        ("migrate",), ("load-method",), ("compute", "--year", "2018", "--year", "2021", "--region", "05974", "--publish"),
    ),
    "measures": (("migrate",), ("load-example",)),
    "controlling": (("migrate",), ("load-shipped",)),
}  # fmt: skip


@contextlib.contextmanager
def running() -> Iterator[dict[str, str]]:
    """The three services on a database of their own; their addresses. Everything is gone afterwards."""
    from klima_local.home import Home
    from klima_local.testing import free_ports

    with tempfile.TemporaryDirectory(prefix="klima-bench-") as folder, contextlib.ExitStack() as opened:
        Path(folder).chmod(0o711)
        stack = Stack(Home(Path(folder)), dict(zip(PREPARED, free_ports(3), strict=True)))
        opened.enter_context(stack.database())
        for service, commands in PREPARED.items():
            for words in commands:
                line = python_module(f"klima_{service}.cli", *words)
                subprocess.run(line, env=stack.environment(service), check=True, capture_output=True)
        processes = {}
        for service in PREPARED:
            line = python_module(f"klima_{service}.cli", "serve")
            environment = {**os.environ, **stack.environment(service), "KLIMA_LOG_LEVEL": "WARNING"}
            process = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            opened.callback(process.wait, 30)
            opened.callback(process.terminate)
            processes[service] = process
        addresses = {service: stack.address(service) for service in PREPARED}
        for service, process in processes.items():
            wait_ready(addresses[service], process)
        yield addresses


def embeds() -> dict[str, dict[str, Any]]:
    """Weight of the module and of every widget's page, time of a warm answer (p95), and whether a repeat is a 304."""
    found: dict[str, dict[str, Any]] = {}
    with running() as addresses, httpx.Client(timeout=30) as client:
        module = client.get(f"{addresses['controlling']}/embed/klima.js").content
        found["component_gzip"] = {"value": len(gzip.compress(module)) / 1000, "unit": "kB", "at_most": 15.0}
        not_modified = 0
        for widget, service in WIDGETS.items():
            address = f"{addresses[service]}/embed/{widget}/{REGION}"
            first = client.get(address)
            first.raise_for_status()
            times = []
            for number in range(WARM + ASKED):
                began = time.perf_counter()
                client.get(address).raise_for_status()
                if number >= WARM:
                    times.append((time.perf_counter() - began) * 1000)
            p95 = statistics.quantiles(times, n=20)[-1]
            again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
            not_modified += again.status_code == 304
            found[f"{widget}_page"] = {"value": len(first.content) / 1000, "unit": "kB", "at_most": 50.0}
            found[f"{widget}_p95"] = {"value": p95, "unit": "ms", "at_most": 15.0}
        found["answers_304"] = {"value": not_modified, "at_least": len(WIDGETS)}
    return found
