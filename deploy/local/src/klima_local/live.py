"""The three services as processes on one machine, with the county's data: for tests of what a
reader meets."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from klima_local.testing import DatabaseFactory, free_ports
from klima_local.tokens import TokenFactory

SERVICES = ("balance", "measures", "controlling")
COUNTY = ("compute", "--year", "2018", "--year", "2021", "--region", "05974", "--publish")
PREPARED: dict[str, list[tuple[str, ...]]] = {
    "balance": [("load-method",), COUNTY],
    "measures": [("load-example",)],
    "controlling": [("load-shipped",)],
}


@dataclass(frozen=True)
class Live:
    """Addresses of the running services, and a manager's token for the county."""

    balance: str
    measures: str
    controlling: str
    token: str

    def addresses(self) -> dict[str, str]:
        return {service: getattr(self, service) for service in SERVICES}


@pytest.fixture(scope="session")
def live(
    service_database: DatabaseFactory,
    token_factory: TokenFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Live]:
    """One installation that all tests of a worker read."""
    with _installation(service_database, token_factory, tmp_path_factory.mktemp("logs")) as found:
        yield found


@pytest.fixture
def own_live(
    fresh_database: DatabaseFactory, token_factory: TokenFactory, tmp_path: Path
) -> Iterator[Live]:
    """An installation of the test's own, to write into."""
    with _installation(fresh_database, token_factory, tmp_path) as found:
        yield found


@contextlib.contextmanager
def _installation(databases: DatabaseFactory, tokens: TokenFactory, folder: Path) -> Iterator[Live]:
    """Real processes on real databases, ready, with a contact and some dates. Their logs:
    `folder/<service>`."""
    ports = dict(zip(SERVICES, free_ports(3), strict=True))
    urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
    service_token = folder / "service-token"
    service_token.write_text(tokens("service"))
    with contextlib.ExitStack() as stack:
        for service in SERVICES:
            environment = {
                **databases(service, *PREPARED[service]).environment,
                "KLIMA_ENVIRONMENT": "local",
                "KLIMA_PORT": str(ports[service]),
                "KLIMA_PUBLIC_URL": urls[service],
                "KLIMA_AUTH_ISSUER": tokens.issuer,
                "KLIMA_AUTH_AUDIENCE": tokens.audience,
                "KLIMA_AUTH_JWKS": str(tokens.jwks_path),
                "KLIMA_SERVICE_TOKEN_FILE": str(service_token),
                **{f"KLIMA_{other.upper()}_URL": url for other, url in urls.items()},
            }
            stack.enter_context(_process(service, environment, folder / service))
        for service in SERVICES:
            _wait(urls[service] + "/health/ready", folder / service)
        found = Live(**urls, token=tokens("manager", region="05974000"))
        _seed(found)
        yield found


@contextlib.contextmanager
def _process(service: str, environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        line = [sys.executable, "-m", f"klima_{service}.cli", "serve"]
        process = subprocess.Popen(
            line, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def _wait(address: str, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        # our own address
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):  # noqa: S310
            return
        time.sleep(0.1)
    raise RuntimeError(f"{address} is not ready:\n{log.read_text()[-3000:]}")


def _seed(live: Live) -> None:
    contact = {
        "region": "05974040",
        "function": "Klimamanagement",
        "department": "Stadtentwicklung",
        "published": True,
        "phone": "02921 103-0",
        "mail": "klima@soest.example",
        "address": "Am Vreithof 8, 59494 Soest",
        "opening_hours": {
            "monday": [{"from": "08:30", "to": "12:00"}],
            "tuesday": [{"from": "07:30", "to": "12:00"}, {"from": "14:00", "to": "16:00"}],
        },
    }
    dates: list[dict[str, Any]] = [
        {
            "region": region,
            "title": title,
            "starts_at": f"2099-0{n}-1{n}T18:00:00+01:00",
            "place": "Rathaus",
            "published": True,
            "cancelled": n == 3,
        }
        for n, (region, title) in enumerate(
            [
                ("05974040", "Auftakt Stadtradeln"),
                ("05974000", "Klimaforum"),
                ("05974040", "Solarberatung"),
            ],
            start=1,
        )
    ]
    headers = {"Authorization": f"Bearer {live.token}"}
    with httpx.Client(base_url=live.measures, headers=headers, timeout=30) as client:
        for path, body in [("/v1/contacts", contact), *(("/v1/events", date) for date in dates)]:
            answer = client.post(
                path, json=body, headers={"Idempotency-Key": str(body.get("title", path))}
            )
            if answer.status_code != 201:
                raise RuntimeError(answer.text)
