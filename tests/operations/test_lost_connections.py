"""All connections to the database break at once, as when its leading node changes: readers notice
nothing."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.fixtures.databases import DatabaseFactory
from tests.operations.conftest import WRITES, Runner, unlike


def break_all(owner_url: str) -> int:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        row = owner.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname ="
            " current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
        ).fetchone()
    return row[0] if row else 0


def test_a_read_is_done_again(fresh_database: DatabaseFactory, start: Runner) -> None:
    database = fresh_database("measures")
    running = start("measures", database)
    for _ in range(5):
        running.read()
        assert break_all(database.owner_url) > 0
        assert running.read()


def test_a_write_is_not(
    fresh_database: DatabaseFactory, start: Runner, bodies: dict[str, dict[str, Any]]
) -> None:
    """It may have been done; whoever sent it decides, and an Idempotency-Key makes a repeat
    safe."""
    database = fresh_database("measures")
    running = start("measures", database)
    headers = running.tokens.headers("manager", region="05974")
    body = unlike(bodies["measures"])
    refused = 0
    for _ in range(5):
        running.read()
        break_all(database.owner_url)
        answer = running.http.post(
            WRITES["measures"], json=body, headers={**headers, "Idempotency-Key": "once"}
        )
        refused += answer.status_code == 503
        if answer.status_code != 503:
            assert answer.status_code == 201, answer.text
    assert refused > 0
    again = running.http.post(
        WRITES["measures"], json=body, headers={**headers, "Idempotency-Key": "once"}
    )
    assert again.status_code == 201
    found = running.http.get(f"/v1/measures?q={body['number']}", headers=headers).json()["items"]
    assert len([item for item in found if item["number"] == body["number"]]) == 1


def test_without_a_database_the_answer_comes_soon(
    fresh_database: DatabaseFactory, start: Runner
) -> None:
    database = fresh_database("measures")
    running = start("measures", database)
    name = database.name
    with psycopg.connect(
        database.owner_url.replace(f"/{name}", "/postgres"), autocommit=True
    ) as owner:
        owner.execute(f'alter database "{name}" allow_connections false'.encode())
        try:
            owner.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid"
                " <> pg_backend_pid()",
                (name,),
            )
            answer = running.http.get("/v1/fields-of-action")
            assert answer.status_code == 503
            assert answer.elapsed.total_seconds() < 6
            assert running.http.get("/health/live").status_code == 200
        finally:
            owner.execute(f'alter database "{name}" allow_connections true'.encode())
