"""The change feeds of measures and controlling go by the order of commits, whatever was written
first."""

from __future__ import annotations

import importlib
from typing import Any

import psycopg
import pytest

SERVICES = ["measures", "controlling"]


def _write(connection: psycopg.Connection[Any], service: str, entity: str) -> int:
    query = (
        f"insert into {service}.audit (subject, action, entity, entity_id) values ('s', 'publish',"
        " %s, 'e') returning id"
    )
    row = connection.execute(query.encode(), (entity,)).fetchone()
    assert row is not None
    return int(row[0])


def _positions(connection: psycopg.Connection[Any], service: str) -> dict[int, int | None]:
    return dict(connection.execute(f"select id, position from {service}.audit".encode()).fetchall())


@pytest.mark.parametrize("service", SERVICES)
def test_who_commits_later_stands_later(fresh_database: Any, service: str) -> None:
    database = fresh_database(service)
    datasets = importlib.import_module(f"klima_{service}.open_data.queries").DATASETS
    url = database.url.replace("+psycopg", "")
    with (
        psycopg.connect(url) as slow,
        psycopg.connect(url) as fast,
        psycopg.connect(url, autocommit=True) as reader,
    ):
        for entity in datasets:
            first = _write(slow, service, entity)
            second = _write(fast, service, entity)
            fast.commit()
            seen = _positions(reader, service)
            assert first not in seen
            assert seen[second] == max(p for p in seen.values() if p is not None)
            slow.commit()
            after = _positions(reader, service)
            assert (after[first] or 0) > (after[second] or 0) > second - 1
        quiet = _write(fast, service, "idea")
        fast.commit()
        assert _positions(reader, service)[quiet] is None, "what no feed tells pays nothing"


@pytest.mark.parametrize("service", SERVICES)
def test_commits_at_the_same_time_wait_for_nobody_but_each_other(
    fresh_database: Any, service: str
) -> None:
    """Positions are drawn at the commit: a transaction that is still writing holds nobody up."""
    database = fresh_database(service)
    url = database.url.replace("+psycopg", "")
    entity = next(iter(importlib.import_module(f"klima_{service}.open_data.queries").DATASETS))
    with psycopg.connect(url) as one, psycopg.connect(url, options="-c lock_timeout=2000") as other:
        for _ in range(3):
            _write(one, service, entity)
            _write(other, service, entity)
            other.commit()
        one.commit()
        assert len({p for p in _positions(other, service).values() if p is not None}) >= 6
