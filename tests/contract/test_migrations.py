"""Migrations of every service: up, down, up; the tables are what the code says; several starters at
once."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from alembic import command

from klima_local.services import SERVICES
from klima_shared.database.migrations import downgrade, head_revision, upgrade


def config_of(service: str, url: str) -> Any:
    return importlib.import_module(f"klima_{service}.app").migrations(url)


def tables(url: str, service: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select tablename from pg_tables where schemaname = %s", (service,)
        ).fetchall()
    return {name for (name,) in rows}


@pytest.mark.parametrize("service", SERVICES)
def test_up_down_up(fresh_database: Any, service: str):
    database = fresh_database(service)
    full = tables(database.owner_url, service)
    assert {"audit", "idempotency_key", "alembic_version"} <= full
    downgrade(config_of(service, database.url), "base")
    assert tables(database.owner_url, service) == {"alembic_version"}
    upgrade(config_of(service, database.url))
    assert tables(database.owner_url, service) == full


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_make_the_tables_of_the_code(fresh_database: Any, service: str):
    database = fresh_database(service)
    command.check(
        config_of(service, database.url)
    )  # raises when autogenerate would still change something


@pytest.mark.parametrize("service", SERVICES)
def test_three_starters_at_once(fresh_database: Any, service: str):
    database = fresh_database(service)
    downgrade(config_of(service, database.url), "base")
    line = [sys.executable, "-m", f"klima_{service}.cli", "migrate"]
    started = [
        subprocess.Popen(
            line, env=database.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(3)
    ]
    for process in started:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output.decode()
    with psycopg.connect(database.owner_url) as connection:
        rows = connection.execute(f"select version_num from {service}.alembic_version").fetchall()
    assert rows == [(head_revision(config_of(service, "")),)]
