"""The disk of the database is full: writes are refused and leave nothing behind, reads go on, and
with space again everything does, without a restart."""

from __future__ import annotations

import contextlib
import os
import random
import string
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fixtures.databases import DatabaseFactory, ServiceDatabase
from tests.operations.conftest import Runner, Running

MIB = 1 << 20


@contextlib.contextmanager
def small_disk(directory: Path, size: int) -> Iterator[Path]:
    """A file system of so many bytes."""
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(directory)]
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {result.stderr.strip()}")
    try:
        yield directory
    finally:
        subprocess.run(["umount", str(directory)], check=True)


@contextlib.contextmanager
def moved(database: ServiceDatabase, disk: Path) -> Iterator[None]:
    """The database's files on that disk; the server's log of changes stays where it is."""
    server = database.owner_url.replace(f"/{database.name}", "/postgres")
    space = f"small_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as owner:
        row = owner.execute("show data_directory").fetchone()
        assert row is not None
        if not Path(row[0]).exists():
            pytest.skip("the server is on another machine")
        home, found = disk / "tablespace", Path(row[0]).stat()
        home.mkdir()
        os.chown(home, found.st_uid, found.st_gid)
        owner.execute(f"create tablespace {space} location '{home}'".encode())
        owner.execute(f'alter database "{database.name}" set tablespace {space}'.encode())
        try:
            yield
        finally:
            (disk / "filler").unlink(missing_ok=True)
            owner.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s",
                (database.name,),
            )
            owner.execute(f'alter database "{database.name}" set tablespace pg_default'.encode())
            owner.execute("checkpoint")  # files that were removed are still there until then
            owner.execute(f"drop tablespace {space}".encode())


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            if file.write(b"x" * 4096) == 0:
                return


def sheet(number: int) -> dict[str, Any]:
    """A measure of some pages that no compression makes smaller."""
    chance = random.Random(number)
    text = "".join(chance.choices(string.ascii_letters + string.digits, k=3900))
    return {
        "number": f"MOB-{number}",
        "title": "Radnetz",
        "level": "municipality",
        "regions": ["05974040"],
        "field": "mobility",
        "type": "technical",
        "goal": text,
        "description": text[::-1],
    }


def rows(database: ServiceDatabase) -> list[int]:
    """How many measures, states of them and notes of the audit there are."""
    tables = ("measure", "measure_revision", "audit")
    with psycopg.connect(database.owner_url) as owner:
        counted = [owner.execute(f"select count(*) from measures.{t}".encode()) for t in tables]
        return [row[0] for one in counted if (row := one.fetchone()) is not None]


def test_a_full_disk_refuses_writes_and_serves_reads(
    fresh_database: DatabaseFactory, start: Runner, tmp_path: Path
) -> None:
    database = fresh_database("measures")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o711)  # Postgres may run as another user than root
    with small_disk(tmp_path / "disk", 96 * MIB) as disk, moved(database, disk):
        running = start("measures", database)
        try:
            refuse_and_recover(running, database, disk)
        finally:
            running.stop()


def refuse_and_recover(running: Running, database: ServiceDatabase, disk: Path) -> None:
    headers = running.tokens.headers("manager", region="05974")
    stored: list[str] = []

    def write(number: int) -> int:
        answer = running.http.post("/v1/measures", json=sheet(number), headers=headers)
        if answer.status_code == 201:
            stored.append(answer.json()["id"])
        else:
            assert answer.status_code == 503, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert "retry-after" in answer.headers
        return answer.status_code

    assert write(0) == 201
    fill(disk)
    statuses = [write(number) for number in range(1, 60)]
    assert statuses.count(503) > 20, statuses
    assert running.http.get("/health/ready").status_code == 200
    for identity in stored:
        assert running.http.get(f"/v1/measures/{identity}", headers=headers).status_code == 200
    assert running.http.get("/v1/measures", headers=headers).status_code == 200
    assert rows(database) == [len(stored)] * 3, "each write whole or not at all"
    (disk / "filler").unlink()
    assert [write(number) for number in range(100, 105)] == [201] * 5
    again = [number for number, status in enumerate(statuses, 1) if status == 503]
    assert [write(number) for number in again] == [201] * len(again), "nothing stands in their way"
    assert rows(database) == [len(stored)] * 3
