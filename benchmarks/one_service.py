"""What benchmarks run on: a service's process and a durable database of its own, both gone
afterwards."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from klima_local.database import Account, create_database, grant_place, service_url
from klima_local.postgres import Server
from klima_local.processes import free_ports, python_module
from klima_local.tokens import LocalIssuer

READY_SECONDS = 60.0


@dataclass(frozen=True)
class Scratch:
    """An empty database with a service's place in it. `environment` is for the service's
    commands."""

    folder: Path
    owner_url: str
    environment: dict[str, str]


@dataclass(frozen=True)
class Running:
    """A service that answers on this machine. `issuer` makes tokens that it believes."""

    port: int
    pid: int
    owner_url: str
    issuer: LocalIssuer

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def scratch(service: str) -> Iterator[Scratch]:
    """Postgres as an operator has it: it writes through to the disk."""
    with tempfile.TemporaryDirectory(prefix="klima-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # Postgres may run as another user than root
        with Server(folder / "postgres").use() as server:
            account = Account(service, f"klima_{service}", server.password(f"klima_{service}"))
            create_database(server.url(), "bench")
            grant_place(server.url(), "bench", account)
            address = service_url(server.url(), "bench", account)
            environment = {
                **os.environ,
                "KLIMA_DATABASE_URL": address,
                "KLIMA_ENVIRONMENT": "local",
            }
            yield Scratch(folder, server.url("bench"), environment)


@contextmanager
def running(service: str, *commands: Sequence[str], **settings: str) -> Iterator[Running]:
    """A service with one worker, its database migrated and prepared by `commands` of its cli.

    settings: further variables of its environment, named as they are there
    (`KLIMA_TRUSTED_PROXIES`).
    """
    module = f"klima_{service}.cli"
    with scratch(service) as place, ExitStack() as stack:
        issuer = LocalIssuer(place.folder / "keys")
        environment = {
            **place.environment,
            "KLIMA_AUTH_ISSUER": issuer.issuer,
            "KLIMA_AUTH_AUDIENCE": issuer.audience,
            "KLIMA_AUTH_JWKS": str(issuer.jwks_path),
            **settings,
        }
        for words in (["migrate"], *commands):
            line = python_module(module, *words)
            subprocess.run(
                line,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        log = stack.enter_context((place.folder / "service.log").open("wb"))
        (port,) = free_ports(1)
        child = stack.enter_context(_serving(module, port, environment, log))
        wait_ready(f"http://127.0.0.1:{port}", child)
        yield Running(port, child.pid, place.owner_url, issuer)


@contextmanager
def _serving(
    module: str, port: int, environment: dict[str, str], log: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    line = python_module(module, "serve", "--port", str(port))
    child = subprocess.Popen(line, env=environment, stdout=log, stderr=log)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(30)


def wait_ready(address: str, child: subprocess.Popen[bytes]) -> None:
    """Until a service says that it is ready; `RuntimeError` when it ended, or takes too long."""
    end = time.monotonic() + READY_SECONDS
    with httpx.Client(base_url=address, timeout=5, trust_env=False) as client:
        while time.monotonic() < end:
            if child.poll() is not None:
                raise RuntimeError(f"the service at {address} ended while it started")
            with suppress(httpx.TransportError):
                if client.get("/health/ready").status_code == 200:
                    return
            time.sleep(0.1)
    raise RuntimeError(f"the service at {address} is not ready after {READY_SECONDS:.0f} seconds")
