"""Somebody holds a lock on one table: who reads something else notices nothing, who waits is told
soon, and the service stays ready."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.databases import DatabaseFactory
from tests.operations.conftest import Runner

LOCK, WAIT, SIZE = 1.0, 4.0, 4
SETTINGS = {
    "KLIMA_DATABASE_LOCK_SECONDS": str(LOCK),
    "KLIMA_DATABASE_WAIT_SECONDS": str(WAIT),
    "KLIMA_DATABASE_POOL_SIZE": str(SIZE),
}
LIMIT = LOCK + WAIT + 2.0  # and what a busy machine takes for itself


def wait_until_blocked(owner_url: str, count: int) -> None:
    """Until so many wait for a lock."""
    query = (
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
        " and datname = current_database()"
    )
    with psycopg.connect(owner_url, autocommit=True) as owner:
        end = time.monotonic() + 20
        while (row := owner.execute(query).fetchone()) is None or row[0] < count:
            assert time.monotonic() < end, "nobody waits"
            time.sleep(0.02)


@pytest.mark.parametrize(
    ("mode", "blocked"),
    [("exclusive", ["POST"] * 30), ("access exclusive", ["POST"] * 30 + ["GET"] * 6)],
)
def test_a_lock_on_one_table_stops_nobody_else(
    fresh_database: DatabaseFactory, start: Runner, mode: str, blocked: list[str]
) -> None:
    database = fresh_database("measures")
    running = start("measures", database, environment=SETTINGS)
    headers = running.tokens.headers("manager", region="05974")
    address = str(running.http.base_url)

    def ask(method: str, path: str, **more: Any) -> tuple[httpx.Response, float]:
        begun = time.monotonic()
        answer = httpx.request(
            method, f"{address}{path}", headers=headers, timeout=60, trust_env=False, **more
        )
        return answer, time.monotonic() - begun

    def concept(method: str, number: int) -> tuple[httpx.Response, float]:
        if method == "GET":
            return ask("GET", "/v1/concepts")
        return ask("POST", "/v1/concepts", json={"code": f"k{number}", "title": "Konzept"})

    assert concept("POST", 0)[0].status_code == 201
    with psycopg.connect(database.owner_url) as owner, ThreadPoolExecutor(len(blocked)) as pool:
        owner.execute(f"lock table measures.concept in {mode} mode".encode())
        waiting = [pool.submit(concept, method, n) for n, method in enumerate(blocked, 1)]
        wait_until_blocked(database.owner_url, SIZE)  # the others wait for these
        for _ in range(8):
            read, seconds = ask("GET", "/v1/funding-programmes")
            assert (read.status_code, seconds < WAIT) == (200, True), read.text
            ready, seconds = ask("GET", "/health/ready")
            assert (ready.status_code, seconds < 2.0) == (200, True), ready.text
        for one in waiting:
            answer, seconds = one.result()
            assert answer.status_code == 503, answer.text
            assert "retry-after" in answer.headers
            assert seconds < LIMIT
        owner.rollback()
        assert concept("POST", 99)[0].status_code == 201
        assert concept("GET", 0)[0].status_code == 200


def test_readiness_needs_no_connection_of_the_pools(
    fresh_database: DatabaseFactory, start: Runner
) -> None:
    """Every connection of both pools waits for a lock; the replica is ready all the same, and so
    are the others."""
    database = fresh_database("measures")
    running = start(
        "measures", database, environment={**SETTINGS, "KLIMA_DATABASE_LOCK_SECONDS": "6"}
    )
    headers = running.tokens.headers("manager", region="05974")
    with psycopg.connect(database.owner_url) as owner, ThreadPoolExecutor(SIZE) as pool:
        owner.execute("lock table measures.concept in exclusive mode")
        body = {"code": "k", "title": "Konzept"}
        for _ in range(SIZE):
            pool.submit(
                httpx.post,
                f"{running.http.base_url}/v1/concepts",
                json=body,
                headers=headers,
                timeout=60,
                trust_env=False,
            )
        wait_until_blocked(database.owner_url, SIZE)
        begun = time.monotonic()
        assert running.http.get("/health/ready").status_code == 200
        assert time.monotonic() - begun < 2.0
        owner.rollback()
