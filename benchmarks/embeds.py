"""`./klima bench embeds`: how heavy and how quick what other sites embed is, on running services
with real data."""

from __future__ import annotations

import gzip
import statistics
import time
from typing import Final

import httpx

from benchmarks.all_services import all_services
from benchmarks.figures import Figure

REGION: Final = "05974040"
WIDGETS: Final = {
    "balance": "balance",
    "renewables": "balance",
    "measures": "measures",
    "events": "measures",
    "contact": "measures",
    "status": "controlling",
}
WARM: Final = 30
ASKED: Final = 200


def embeds() -> dict[str, Figure]:
    """Weight of the module and of every widget's page, time of a warm answer (p95), and whether a
    repeat is a 304."""
    measured: dict[str, Figure] = {}
    with all_services() as services, httpx.Client(timeout=30, trust_env=False) as client:
        module = client.get(f"{services.address('controlling')}/embed/klima.js").content
        measured["component_gzip"] = {
            "value": len(gzip.compress(module)) / 1000,
            "unit": "kB",
            "at_most": 15.0,
        }
        not_modified = 0
        for widget, service in WIDGETS.items():
            address = f"{services.address(service)}/embed/{widget}/{REGION}"
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
            measured[f"{widget}_page"] = {
                "value": len(first.content) / 1000,
                "unit": "kB",
                "at_most": 50.0,
            }
            measured[f"{widget}_p95"] = {"value": p95, "unit": "ms", "at_most": 15.0}
        measured["answers_304"] = {"value": not_modified, "at_least": len(WIDGETS)}
    return measured


BENCHES: Final = {"embeds": embeds}
