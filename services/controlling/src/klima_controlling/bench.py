"""How fast the dashboard and the report are: `./klima bench dashboard report`.

The controlling service runs as a process of its own with one worker; the services it reads are given by
`KLIMA_BENCH_BALANCE_URL` and `KLIMA_BENCH_MEASURES_URL`, its database by `KLIMA_BENCH_DATABASE_URL` (migrated, with the
shipped data). Without them the ones of a running `./klima up` are used.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from klima_controlling.domain.report import canonical

DASHBOARD_MS: Final = 60.0
COLD_MS: Final = 400.0
REPORT_S: Final = 5.0
PAGE: Final = "/regionen/05974040"
REQUESTS: Final = 200


def dashboard() -> dict[str, Any]:
    """A municipality's page: cold (first request of a process, with no copy in memory), warm, and with both other
    services out of reach.
    """
    cold: list[float] = []
    warm: list[float] = []
    for _ in range(3):
        with _service(_upstreams()) as client:
            cold.append(_milliseconds(client, PAGE))
            warm += [_milliseconds(client, PAGE) for _ in range(REQUESTS)]
    nowhere = {"KLIMA_BALANCE_URL": "http://127.0.0.1:9", "KLIMA_MEASURES_URL": "http://127.0.0.1:9"}
    with _service(nowhere) as client:
        first = _milliseconds(client, PAGE)
        down = [_milliseconds(client, PAGE) for _ in range(REQUESTS)]
    return {
        "warm_p95_ms": {"value": _p95(warm), "unit": "ms", "at_most": DASHBOARD_MS},
        "warm_median_ms": {"value": statistics.median(warm), "unit": "ms"},
        "cold_ms": {"value": max(cold), "unit": "ms", "at_most": COLD_MS},
        "upstreams_down_p95_ms": {"value": _p95(down), "unit": "ms", "at_most": DASHBOARD_MS},
        "upstreams_down_cold_ms": {"value": first, "unit": "ms", "at_most": COLD_MS},
    }


def report() -> dict[str, Any]:
    """The county's report as PDF, from the frozen content to the bytes: median of five."""
    from datetime import UTC, datetime

    from klima_controlling.files.report import pdf_of

    content = _content()
    about = {
        "id": "bench", "state": "draft", "state_label": "Entwurf", "narrative": [], "decisions": [], "used": {},
        "version": 1, "reason": None, "title": "Klimabericht (Messung)", "digest": "sha256:0", "year": 2021,
        "region": "05974000",
    }  # fmt: skip
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        size = len(pdf_of(about, content, "de", datetime(2026, 1, 1, tzinfo=UTC)))
        times.append(time.perf_counter() - begin)
    return {
        "report_pdf_s": {"value": statistics.median(times), "unit": "s", "at_most": REPORT_S},
        "report_pdf_bytes": {"value": size, "unit": "B"},
        "report_content_bytes": {"value": len(canonical(content)), "unit": "B"},
    }


def _content() -> dict[str, Any]:
    """A content as large as the county's: two balance years, 22 indicators, 150 measures."""
    sectors = ["Private households", "Commerce, trade, services and others", "Industry", "Transport"]
    sector_rows = [[y, _both(s), "2446222", "698771"] for y in ("2018", "2021") for s in sectors]
    name, title = "Ein Indikator mit einem längeren Namen", "Eine Maßnahme, deren Titel zwei Zeilen braucht"
    indicators = [[f"I{n}", _both(name), "1234.5", "t CO2e/EW"] for n in range(22)]
    measures = [[f"MOB-{n}", title, _both("in Umsetzung"), "1900", "12000000.00"] for n in range(150)]
    return {
        "region": {"ags": "05974000", "name": "Kreis Soest", "kind": "county"}, "year": 2021, "as_of": "2026-01-01",
        "example": True, "sources": ["Quelle"] * 16, "attribution": "Kreis Soest", "licence": "dl-de/by-2-0",
        "sections": [
            _section("sectors", sector_rows, year=None, sector=None, final_energy="MWh", emissions="t CO2e"),
            _section("indicators", indicators, code=None, name=None, value="", unit=None),
            _section("measures", measures, number=None, title=None, phase=None, saving="t CO2e", cost="EUR"),
        ],
    }  # fmt: skip


def _both(text: str) -> dict[str, str]:
    return {"de": text, "en": text}


def _section(identity: str, rows: list[list[Any]], **columns: str | None) -> dict[str, Any]:
    heads = [{"name": name, "unit": unit, **_both(name)} for name, unit in columns.items()]
    return {"id": identity, **_both(identity), "columns": heads, "rows": rows}


def _upstreams() -> dict[str, str]:
    return {
        "KLIMA_BALANCE_URL": os.environ.get("KLIMA_BENCH_BALANCE_URL", "http://127.0.0.1:8001"),
        "KLIMA_MEASURES_URL": os.environ.get("KLIMA_BENCH_MEASURES_URL", "http://127.0.0.1:8002"),
    }


def _database() -> str:
    found = os.environ.get("KLIMA_BENCH_DATABASE_URL") or os.environ.get("KLIMA_DATABASE_URL")
    if not found:
        raise FileNotFoundError("KLIMA_BENCH_DATABASE_URL")
    return found


@contextmanager
def _service(environment: Mapping[str, str]) -> Iterator[httpx.Client]:
    """A process of the service with one worker, ready to answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {**os.environ, **environment, "KLIMA_DATABASE_URL": _database(), "KLIMA_ENVIRONMENT": "local",
             "KLIMA_LOG_LEVEL": "WARNING"}  # fmt: skip
    command = [sys.executable, "-m", "klima_controlling.cli", "serve", "--port", str(port)]
    with (
        subprocess.Popen(command, env=given, stdout=subprocess.DEVNULL) as process,  # noqa: S603 - our own program
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client,
    ):
        try:
            _wait(client)
            yield client
        finally:
            process.terminate()


def _wait(client: httpx.Client) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if client.get("/health/live").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError("the service does not answer")


def _milliseconds(client: httpx.Client, path: str) -> float:
    begin = time.perf_counter()
    answer = client.get(path)
    spent = (time.perf_counter() - begin) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")
    return spent


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


BENCHES: Final = {"dashboard": dashboard, "report": report}
