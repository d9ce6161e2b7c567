"""A real service over raw sockets: too much and too slow is refused, and costs no memory."""

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Final

import httpx
import psutil
import pytest

from klima_local.processes import free_ports
from tests.fixtures.databases import DatabaseFactory
from tests.fixtures.live import running_process, until_ready

SECONDS: Final = 1.0
GET: Final = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
POST: Final = b"POST /v1/ideas HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def port(
    service_database: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    (port,) = free_ports(1)
    environment = {
        **service_database("measures").environment,
        "KLIMA_ENVIRONMENT": "local",
        "KLIMA_PORT": str(port),
        "KLIMA_HEADER_SECONDS": str(SECONDS),
        "KLIMA_BODY_SECONDS": str(SECONDS),
        "KLIMA_KEEP_ALIVE_SECONDS": "1",
        "KLIMA_UNREAD_SECONDS": str(SECONDS),
        "KLIMA_MAX_CONNECTIONS": "40",
    }
    log = tmp_path_factory.mktemp("logs") / "measures"
    with running_process("measures", environment, log):
        until_ready(f"http://127.0.0.1:{port}/health/ready", log)
        yield port


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def _read(client: socket.socket) -> bytes:
    """All until the service ends the connection."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := client.recv(65536):
            received += piece
    return received


def _asked(port: int, request: bytes) -> bytes:
    with _connected(port) as client:
        client.sendall(request)
        return _read(client)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (GET + b"X-Long: " + b"x" * 40_000 + b"\r\n\r\n", 431),
        (GET + b"".join(b"X-%d: y\r\n" % n for n in range(200)) + b"\r\n", 431),
        (b"GET /v1/measures?q=" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"FETCH /v1/measures HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"\x16\x03\x01\x02\x00\x01\x00", 501),
        (b"GET /v1/measures HTTP/1.1\r\nBad Name: x\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 400_000, 431),
        (POST + b"Content-Length: 100\r\n\r\n{", 408),
        (GET, 408),
    ],
    ids=["long", "many", "address", "method", "tls", "name", "chunk", "slow body", "slow header"],
)
def test_what_is_refused_says_so_as_a_problem(port: int, request_: bytes, status: int) -> None:
    head, _, body = _asked(port, request_).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), head
    assert b"content-type: application/problem+json" in head
    assert b'"detail":' in body


def _memory(port: int) -> int:
    (process,) = {
        psutil.Process(one.pid)
        for one in psutil.net_connections("tcp4")
        if one.status == "LISTEN" and one.laddr.port == port and one.pid
    }
    return int(process.memory_info().rss)


@pytest.mark.parametrize("start", [b"X: ", b"X: y\r\n" * 40 + b"Y: "], ids=["one", "many"])
def test_200_mb_of_header_do_not_stay(port: int, start: bytes) -> None:
    before = _memory(port)
    sent = 0
    with _connected(port) as client:
        client.sendall(GET + start)
        with contextlib.suppress(OSError):
            while sent < 200_000_000:
                client.sendall(b"x" * 1_000_000)
                sent += 1_000_000
    assert _memory(port) - before < 20_000_000
    assert httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200


@pytest.mark.parametrize("start", [b"", GET, POST + b"Content-Length: 500\r\n\r\n"])
def test_a_byte_now_and_then_keeps_no_connection(port: int, start: bytes) -> None:
    began = time.monotonic()
    with _connected(port) as client:
        with contextlib.suppress(OSError):
            client.sendall(start)
            while time.monotonic() - began < 8:
                client.sendall(b"a" if start else b"")
                client.settimeout(0.2)
                with contextlib.suppress(TimeoutError):
                    if client.recv(1) == b"":
                        break
        assert time.monotonic() - began < 6


def test_an_idle_connection_is_closed_and_a_busy_one_is_kept(port: int) -> None:
    with _connected(port) as client:
        for _ in range(3):
            client.sendall(GET + b"\r\n")
            answer = client.recv(65536)
            while not answer.endswith(b"}"):
                answer += client.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200")
            time.sleep(0.5)
        assert _read(client) == b""


def test_too_many_connections_are_told_and_room_comes_back(port: int) -> None:
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(_connected(port)) for _ in range(45)]
        answers = [_read(client) for client in idle]
    assert 0 < sum(answer.startswith(b"HTTP/1.1 503") for answer in answers) <= 10
    assert httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200


def test_a_body_in_pieces_is_read(port: int) -> None:
    body = b'{"region": "05974040"' + b" " * 3000 + b"}"
    with _connected(port) as client:
        client.sendall(POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
        for start in range(0, len(body), 1000):
            client.sendall(body[start : start + 1000])
            time.sleep(0.3)
        assert _read(client).startswith(b"HTTP/1.1 422")


def test_who_does_not_read_an_answer_is_left(port: int) -> None:
    ask = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    whole = len(httpx.get(f"http://127.0.0.1:{port}/openapi.json").content)
    assert whole > 200_000
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with client:
        client.settimeout(10)
        client.connect(("127.0.0.1", port))
        client.sendall(ask * 20)
        time.sleep(SECONDS + 1.5)
        assert len(_read(client)) < 20 * whole


def test_who_reads_slowly_gets_all(port: int) -> None:
    with _connected(port) as client:
        client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = b""
        for _ in range(6):  # longer than the time that an unread answer is kept
            received += client.recv(65536)
            time.sleep(SECONDS / 3)
        received += _read(client)
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"content-length: %d\r\n" % len(body) in head.lower() + b"\r\n"
