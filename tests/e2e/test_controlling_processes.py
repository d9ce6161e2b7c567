"""Three real processes over HTTP: the page stands while the balance service is stopped, and says so."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx

from klima_local.testing import free_ports

COUNTY = ("compute", "--year", "2018", "--year", "2021", "--region", "05974", "--publish")


@contextmanager
def process(service: str, port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"klima_{service}.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            end = time.monotonic() + 90
            while time.monotonic() < end:
                try:
                    if (
                        httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5, trust_env=False).status_code
                        == 200
                    ):
                        break
                except httpx.HTTPError:
                    time.sleep(0.2)
            yield running
        finally:
            running.terminate()


def test_the_page_stands_while_the_balance_service_is_stopped(service_database: Any, fresh_database: Any) -> None:
    ports = dict(zip(("balance", "measures", "controlling"), free_ports(3), strict=True))
    databases = {
        "balance": service_database("balance", ["load-method"], COUNTY),
        "measures": service_database("measures", ["load-example"]),
        "controlling": fresh_database("controlling", ["load-shipped"]),
    }
    addresses = {f"KLIMA_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(process(name, ports[name], {**databases[name].environment, **addresses}))
            for name in ports
        }
        client = stack.enter_context(
            httpx.Client(base_url=addresses["KLIMA_CONTROLLING_URL"], timeout=30, trust_env=False)
        )
        page = client.get("/?lang=de")
        assert page.status_code == 200
        assert "nicht erreichbar" not in page.text
        before = client.get("/v1/regions/05974040/status").json()
        assert [light["light"] for light in before["lights"]] == ["red", "yellow"]

        running["balance"].terminate()
        running["balance"].wait(30)
        time.sleep(1.2)
        page = client.get("/?lang=de")
        assert page.status_code == 200
        assert "Der Bilanzdienst ist seit" in page.text
        stale = client.get("/v1/regions/05974040/status").json()
        assert stale["lights"] == before["lights"]
        assert stale["stale_since"] is not None
        assert client.get("/health/ready").json()["upstreams"] == {"balance": "unreachable", "measures": "ok"}

        with process("balance", ports["balance"], {**databases["balance"].environment, **addresses}):
            for _ in range(100):
                if client.get("/v1/regions/05974040/status").json()["stale_since"] is None:
                    return
                time.sleep(0.2)
    raise AssertionError("still stale after the balance service was back")
