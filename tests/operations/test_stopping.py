"""A service that is told to stop: not ready at once, still answering for a while, then closed;
nobody inside loses an answer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from klima_local.processes import free_ports
from tests.fixtures.databases import DatabaseFactory, ServiceDatabase


@pytest.fixture
def database(service_database: DatabaseFactory) -> ServiceDatabase:
    return service_database("measures")


class Service:
    """A real process of the measures service."""

    def __init__(self, database: ServiceDatabase, *, delay: float) -> None:
        self.port = free_ports(1)[0]
        environment = {
            **database.environment,
            "KLIMA_ENVIRONMENT": "local",
            "KLIMA_PORT": str(self.port),
        }
        environment["KLIMA_SHUTDOWN_DELAY_SECONDS"] = str(delay)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "klima_measures.cli", "serve"],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", timeout=10, trust_env=False
        )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process.poll() is None
            try:
                if self.http.get("/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("never ready")

    def refuses(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return False
        except OSError:
            return True


@pytest.fixture
def slow_end(database: ServiceDatabase) -> Iterator[Service]:
    service = Service(database, delay=1.5)
    yield service
    service.http.close()
    service.process.kill()
    service.process.wait()


def test_not_ready_first_then_closed(slow_end: Service) -> None:
    assert "connection" not in slow_end.http.get("/v1/fields-of-action").headers
    slow_end.process.send_signal(signal.SIGTERM)
    time.sleep(0.4)
    with httpx.Client(base_url=slow_end.http.base_url, trust_env=False) as anew:
        ready = anew.get("/health/ready")
        assert (ready.status_code, ready.json()["status"], ready.json()["database"]) == (
            503,
            "draining",
            "ok",
        )
        still = anew.get("/v1/fields-of-action")
    assert still.status_code == 200
    assert still.headers["connection"] == "close"  # who keeps connections is sent elsewhere
    assert slow_end.process.wait(10) in (0, -signal.SIGTERM)
    assert slow_end.refuses()


def test_a_request_that_was_let_in_gets_its_answer(database: ServiceDatabase) -> None:
    service = Service(database, delay=0)
    try:
        body = b'{"text": "x"}'
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as inside:
            inside.sendall(
                b"POST /v1/nowhere HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            )
            inside.sendall(f"Content-Length: {len(body)}\r\n\r\n".encode())
            time.sleep(0.2)
            service.process.send_signal(signal.SIGTERM)
            time.sleep(0.25)  # the door is closed by now
            assert service.refuses()
            inside.sendall(body)
            assert inside.recv(100).startswith(b"HTTP/1.1 404")
        assert service.process.wait(20) in (0, -signal.SIGTERM)
    finally:
        service.http.close()
        service.process.kill()
        service.process.wait()


def test_a_second_signal_ends_the_waiting(database: ServiceDatabase) -> None:
    service = Service(database, delay=60)
    try:
        os.kill(service.process.pid, signal.SIGTERM)
        time.sleep(0.5)
        assert service.process.poll() is None
        os.kill(service.process.pid, signal.SIGINT)
        service.process.wait(5)
    finally:
        service.http.close()
        service.process.kill()
        service.process.wait()
