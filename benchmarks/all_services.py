"""All three services together, for benchmarks: real processes with the shipped data, on a database
of their own."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.one_service import wait_ready
from klima_local.home import Home
from klima_local.processes import free_ports, python_module
from klima_local.services import SERVICES
from klima_local.stack import Stack


class Services:
    """Each can be stopped and started again; it keeps its address."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def address(self, service: str) -> str:
        return self._stack.address(service)

    def token(self, role: str, region: str) -> str:
        return self._stack.issuer.token([role], [region])

    def start(self, service: str) -> None:
        """Start a service and wait until it is ready."""
        line = python_module(f"klima_{service}.cli", "serve")
        environment = {**self._stack.environment(service), "KLIMA_LOG_LEVEL": "WARNING"}
        child = subprocess.Popen(
            line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._running[service] = child
        wait_ready(self.address(service), child)

    def stop(self, service: str) -> None:
        child = self._running.pop(service)
        child.terminate()
        child.wait(30)

    def stop_all(self) -> None:
        for service in list(self._running):
            self.stop(service)


@contextmanager
def all_services() -> Iterator[Services]:
    """The three of them, ready. Everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="klima-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # Postgres may run as another user than root
        stack = Stack(Home(folder), dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True)))
        with stack.database():
            services = Services(stack)
            try:
                for service in SERVICES:
                    stack.migrate(service, _run)
                    stack.load_data(service, _run)
                for service in SERVICES:
                    services.start(service)
                yield services
            finally:
                services.stop_all()


def _run(module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    subprocess.run(
        python_module(module, *arguments), env=dict(environment), check=True, capture_output=True
    )
