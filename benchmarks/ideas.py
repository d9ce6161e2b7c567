"""A thousand ideas handed in by fifty clients at once: `./klima bench ideas`.

One real uvicorn process, a real Postgres that writes through to the disk, and the limits of a
default installation: the service stands behind a proxy that it trusts, as in production, and the
fifty clients come from fifty addresses with twenty ideas each, which is what one address may hand
in within an hour. Every tenth request is sent a second time with the same key, as a telephone does
that lost the first answer.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Mapping
from typing import Any, Final

import psycopg

from benchmarks.figures import Figure
from benchmarks.one_service import running

CLIENTS: Final = 50
IDEAS: Final = 1000
LAPS: Final = (
    5  # of a thousand ideas each; the middle one counts, for a machine does other things too
)
WARM: Final = 6  # of every client before the clock starts; none of them may be lost either
P95_MS: Final = 100.0


def figures() -> dict[str, Figure]:
    """What `./klima bench` shows and judges."""
    measured = run()
    rows: dict[str, Figure] = {
        "p95": {"value": measured["p95_ms"], "unit": "ms", "at_most": P95_MS},
        "p50": {"value": measured["p50_ms"], "unit": "ms"},
        "slowest": {"value": measured["max_ms"], "unit": "ms"},
        "throughput": {"value": measured["per_second"], "unit": "1/s"},
    }
    for name in ("lost", "doubled", "refused"):
        rows[name] = {"value": measured[name], "unit": "ideas", "at_most": 0}
    return rows


def run() -> dict[str, Any]:
    """Measure once; milliseconds per request as the client sees them."""
    with running("measures", KLIMA_TRUSTED_PROXIES='["127.0.0.0/8"]') as service:
        measured = asyncio.run(_hand_in(service.port))
        return measured | _check(service.owner_url, measured.pop("references"))


class Connection:
    """HTTP/1.1 with keep-alive and nothing more, so that the two cores are the service's and not
    the client's."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> tuple[int, bytes]:
        return await self._ask(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{lines}"
        return await self._ask(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


async def _hand_in(port: int) -> dict[str, Any]:
    times: list[list[float]] = [[] for _ in range(LAPS)]
    references: list[str] = []
    statuses: dict[int, int] = {}
    regions = [f"05974{number:03d}" for number in range(4, 57, 4)]

    async def hand_in(connection: Connection, number: int, turn: int, address: str) -> float:
        text = (
            f"Idee {turn} von Nachbarschaft {number}: ein gemeinsames Lastenrad am Bahnhof, mit"
            " Anhänger."
        )
        body = json.dumps(
            {"region": regions[number % 14], "text": text, "consent": True, "group": "citizens"}
        )
        headers = {"Idempotency-Key": f"bench-{number}-{turn}", "X-Forwarded-For": address}
        begin = time.perf_counter()
        status, answer = await connection.post("/v1/ideas", body.encode(), headers)
        seconds = time.perf_counter() - begin
        statuses[status] = statuses.get(status, 0) + 1
        if status == 201:
            references.append(json.loads(answer)["reference"])
        return seconds

    async def warm(number: int) -> Connection:
        """Connections are open and statements known, as in a service that runs."""
        connection = Connection(port)
        await connection.get("/v1/ideas/form")
        for turn in range(WARM):
            await hand_in(connection, number, -1 - turn, f"203.0.113.{number + 1}")
        return connection

    async def client(connection: Connection, number: int, lap: int) -> None:
        for turn in range(IDEAS // CLIENTS):
            for _ in range(2 if (number + turn) % 10 == 0 else 1):
                turn_of_all = lap * IDEAS + turn
                times[lap].append(
                    1000
                    * await hand_in(connection, number, turn_of_all, f"198.51.{lap}.{number + 1}")
                )

    connections = await asyncio.gather(*(warm(number) for number in range(CLIENTS)))
    begin = time.perf_counter()
    for lap in range(LAPS):
        await asyncio.gather(
            *(client(connection, number, lap) for number, connection in enumerate(connections))
        )
    seconds = time.perf_counter() - begin
    cuts = [statistics.quantiles(lap, n=100) for lap in times]
    return {
        "requests": sum(map(len, times)),
        "per_second": sum(map(len, times)) / seconds,
        "p50_ms": statistics.median(lap[49] for lap in cuts),
        "p95_ms": statistics.median(lap[94] for lap in cuts),
        "max_ms": max(map(max, times)),
        "refused": sum(count for status, count in statuses.items() if status != 201),
        "references": references,
    }


def _check(owner: str, references: list[str]) -> dict[str, Any]:
    """What is in the database against what the clients were told."""
    with psycopg.connect(owner) as connection:
        row = connection.execute(
            "select count(*), count(distinct text) from measures.idea"
        ).fetchone()
        stored = {str(r) for (r,) in connection.execute("select reference from measures.idea")}
        audited = connection.execute(
            "select count(*) from measures.audit where action = 'hand_in'"
        ).fetchone()
    assert row is not None and audited is not None  # noqa: S101, PT018
    told = set(references)
    return {
        "stored": row[0],
        "lost": len(told - stored) + max(0, LAPS * IDEAS + CLIENTS * WARM - row[1]),
        "doubled": row[0] - row[1],
        "audit_rows": audited[0],
        "told": len(told),
    }


BENCHES: Final = {"ideas": figures}
