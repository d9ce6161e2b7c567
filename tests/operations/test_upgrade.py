"""A rolling update: while it lasts, the release before works on the new schema.

The rule is expand, migrate, contract (docs/operations.md): a release may add to the schema; what
the release before uses goes one release later. Two tests hold it: today's program on a schema that
has grown in every table, and yesterday's program on the schema of today.
"""

from __future__ import annotations

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest

from klima_local.home import root
from klima_local.processes import python_module
from klima_local.services import SERVICES
from tests.fixtures.databases import DatabaseFactory
from tests.operations.conftest import Runner, unlike

DATA = {
    "balance": [["load-method"], ["compute", "--year", "2021", "--region", "05974", "--publish"]]
}
# What a release must be able to do to be started beside a newer one: be ready on a schema it does
# not know.
NEEDED = "shared/src/klima_shared/draining.py"


def expand(url: str, service: str) -> int:
    """Do what a later release may do: columns, with and without a default, in every table, and a
    new table."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select tablename, tableowner from pg_tables where schemaname = %s", (service,)
        )
        found = tables.fetchall()
        for table, owner in found:
            connection.execute(f'set local role "{owner}"'.encode())
            if table == "alembic_version":
                connection.execute(
                    f"update {service}.alembic_version set version_num = '9999'".encode()
                )
                continue
            connection.execute(
                f"alter table {service}.{table} add column added_later text,"
                " add column added_with_default integer not null default 7".encode()
            )
        connection.execute(f"create table {service}.added_later (id bigint primary key)".encode())
    return len(found)


@pytest.mark.parametrize("service", SERVICES)
def test_today_on_a_schema_that_has_grown(
    fresh_database: DatabaseFactory, start: Runner, bodies: dict[str, dict[str, Any]], service: str
) -> None:
    database = fresh_database(service)
    assert expand(database.owner_url, service) > 5
    for command in DATA.get(service, []):  # what loads in bulk has to name its columns too
        line = python_module(f"klima_{service}.cli", *command)
        subprocess.run(line, env=database.environment, check=True, capture_output=True)
    running = start(service, database)
    assert running.read()
    location = running.write(unlike(bodies[service]))
    assert running.find(location)


@pytest.mark.parametrize("service", SERVICES)
def test_a_schema_that_has_not_grown_yet_is_not_ready(
    fresh_database: DatabaseFactory, start: Runner, service: str
) -> None:
    database = fresh_database(service)
    running = start(service, database)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(f"update {service}.alembic_version set version_num = '0001'".encode())
    answer = running.http.get("/health/ready")
    assert (answer.status_code, answer.json()["migrated"]) == (503, False)


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=root(), check=True, capture_output=True).stdout


def previous_release(service: str) -> str:
    """The newest tag; before there is one, the commit before the schema's newest step, else the
    last but one."""
    tags = (
        git("tag", "--list", "v*", "--sort=-version:refname", "--merged", "HEAD").decode().split()
    )
    if tags:
        return tags[0]
    package = f"services/{service}/src/klima_{service}"
    versions = [f"{package}/{place}/versions" for place in ("migrations", "storage/migrations")]
    log = ("log", "-M", "--diff-filter=A", "-1", "--format=%H", "--")
    added = git(*log, *versions).decode().strip()
    for candidate in (f"{added}^", "HEAD^"):
        found = subprocess.run(
            ["git", "cat-file", "-e", f"{candidate}:{NEEDED}"],
            cwd=root(),
            check=False,
            capture_output=True,
        )
        if found.returncode == 0:
            return git("rev-parse", candidate).decode().strip()
    pytest.skip("this clone holds no earlier program that can start beside a newer one")


@pytest.mark.parametrize("service", SERVICES)
def test_yesterday_on_todays_schema(
    fresh_database: DatabaseFactory,
    start: Runner,
    bodies: dict[str, dict[str, Any]],
    tmp_path: Path,
    service: str,
) -> None:
    if not (root() / ".git").exists():
        pytest.skip("no git here, so there is no earlier program to run")
    release = previous_release(service)
    archive = git("archive", release, "shared/src", f"services/{service}/src")
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(tmp_path, filter="data")
    database = fresh_database(service, *DATA.get(service, []))
    today, yesterday = start(service, database), start(service, database, source=tmp_path)
    # Side by side: what one writes the other reads.
    body = bodies[service]
    assert yesterday.find(today.write(unlike(body)))
    assert today.find(yesterday.write(unlike(body)))
    assert yesterday.read()
