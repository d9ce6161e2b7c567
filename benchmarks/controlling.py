"""How fast a municipality's page and the county's report are: `./klima bench dashboard report`.

Running services with real balances and the example measures; controlling with one worker.
"""

from __future__ import annotations

import statistics
import time
from typing import Final

import httpx

from benchmarks.all_services import Services, all_services
from benchmarks.figures import Figures

DASHBOARD_MS: Final = 60.0
COLD_MS: Final = 400.0
REPORT_S: Final = 5.0
PAGE: Final = "/regionen/05974040"
FIRST: Final = (
    "/regionen/05974028",
    "/regionen/05974008",
    "/regionen/05974012",
)  # of which there is no copy yet
REQUESTS: Final = 200


def dashboard() -> Figures:
    """A municipality's page: cold (the first request to a process, for a municipality of which
    there is no copy), warm, and with both other services stopped. The very first one, when the
    other services have not answered anybody either, is shown beside it.
    """
    with all_services() as services, _client(services) as client:
        everything_cold = _milliseconds(client, PAGE)
        cold: list[float] = []
        warm: list[float] = []
        for page in FIRST:
            _restart(services)
            cold.append(_milliseconds(client, page))
            warm += _many(client)
        for service in ("balance", "measures"):
            services.stop(service)
        stopped = _many(client)
        said = "nicht erreichbar" in client.get(PAGE).text
        _restart(services)
        alone = _milliseconds(client, PAGE)
        stopped_later = _many(client)
    return {
        "warm_p95": {"value": _p95(warm), "unit": "ms", "at_most": DASHBOARD_MS},
        "warm_median": {"value": statistics.median(warm), "unit": "ms"},
        "cold": {"value": max(cold), "unit": "ms", "at_most": COLD_MS},
        "all_services_cold": {"value": everything_cold, "unit": "ms"},
        "others_stopped_p95": {"value": _p95(stopped), "unit": "ms", "at_most": DASHBOARD_MS},
        "others_stopped_says_so": {"value": int(said), "at_least": 1},
        "others_stopped_cold": {"value": alone, "unit": "ms", "at_most": COLD_MS},
        "others_stopped_cold_then_p95": {
            "value": _p95(stopped_later),
            "unit": "ms",
            "at_most": DASHBOARD_MS,
        },
    }


def report() -> Figures:
    """The county's report: composed once, then set as PDF five times (the median counts)."""
    body = {"region": "05974", "year": 2021, "title": "Klimabericht (Messung)"}
    with all_services() as services, _client(services) as client:
        headers = {"Authorization": f"Bearer {services.token('editor', '05974')}"}
        began = time.perf_counter()
        made = client.post("/v1/reports", json=body, headers=headers).raise_for_status()
        composed = time.perf_counter() - began
        printed = []
        for _ in range(5):
            began = time.perf_counter()
            pdf = client.get(
                f"/v1/reports/{made.json()['id']}.pdf", headers=headers
            ).raise_for_status()
            printed.append(time.perf_counter() - began)
    return {
        "compose": {"value": composed, "unit": "s"},
        "pdf": {"value": statistics.median(printed), "unit": "s", "at_most": REPORT_S},
        "pdf_size": {"value": len(pdf.content) / 1000, "unit": "kB"},
    }


def _client(services: Services) -> httpx.Client:
    return httpx.Client(base_url=services.address("controlling"), timeout=30, trust_env=False)


def _restart(services: Services) -> None:
    services.stop("controlling")
    services.start("controlling")


def _milliseconds(client: httpx.Client, page: str) -> float:
    began = time.perf_counter()
    client.get(page).raise_for_status()
    return (time.perf_counter() - began) * 1000


def _many(client: httpx.Client) -> list[float]:
    return [_milliseconds(client, PAGE) for _ in range(REQUESTS)]


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


BENCHES: Final = {"dashboard": dashboard, "report": report}
