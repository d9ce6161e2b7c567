"""Replicas of a new release start at once: one migrates, the others wait and find it done. Nobody
waits for ever."""

from __future__ import annotations

import subprocess
import sys
import time
import zlib

import psycopg
import pytest

from klima_local.database import Account, create_database, drop_database, grant_place, service_url
from klima_local.services import SERVICES
from klima_shared.database.migrations import LOCK_TIMEOUT_SECONDS
from tests.fixtures.databases import DatabaseFactory, owner_url

REPLICAS = 3


def migrate(url: str, service: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", f"klima_{service}.cli", "migrate"],
        env={"KLIMA_DATABASE_URL": url, "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("service", SERVICES)
def test_three_at_once_on_an_empty_database(
    postgres_url: str, service: str, worker_id: str
) -> None:
    name = f"klima_test_at_once_{service}_{worker_id}"
    drop_database(postgres_url, name)
    create_database(postgres_url, name)
    account = Account(service, f"klima_test_{service}_once", "secret")
    try:
        grant_place(postgres_url, name, account)
        url = service_url(postgres_url, name, account)
        with psycopg.connect(owner_url(postgres_url, name), autocommit=True) as holder:
            # All of them stand at the same door before the first is let in.
            key = zlib.crc32(f"klima {service}".encode())
            holder.execute("select pg_advisory_lock(%s)", (key,))
            replicas = [migrate(url, service) for _ in range(REPLICAS)]
            end = time.monotonic() + 60
            waiting = 0
            while waiting < REPLICAS and time.monotonic() < end:
                row = holder.execute(
                    "select count(*) from pg_locks where locktype = 'advisory' and not granted"
                ).fetchone()
                waiting = row[0] if row else 0
                time.sleep(0.05)
            assert waiting == REPLICAS
            holder.execute("select pg_advisory_unlock(%s)", (key,))
        for replica in replicas:
            said, _ = replica.communicate(timeout=120)
            assert replica.returncode == 0, said
        with psycopg.connect(owner_url(postgres_url, name)) as connection:
            assert (
                len(
                    connection.execute(
                        f"select * from {service}.alembic_version".encode()
                    ).fetchall()
                )
                == 1
            )
    finally:
        drop_database(postgres_url, name)


def test_a_migration_does_not_queue_behind_a_long_reader(fresh_database: DatabaseFactory) -> None:
    """Waiting for a lock, it would make everybody behind it wait too; it gives up and the job tries
    again."""
    database = fresh_database("measures")
    with psycopg.connect(database.owner_url) as reader:
        reader.execute("lock table measures.alembic_version in access exclusive mode")
        began = time.monotonic()
        replica = migrate(database.url, "measures")
        said, _ = replica.communicate(timeout=120)
        assert replica.returncode != 0
        assert "lock timeout" in said
        assert time.monotonic() - began < LOCK_TIMEOUT_SECONDS + 30
