"""The drill: load, back up, destroy, restore, compare; and every way in which a backup must be
refused."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from klima_local import backup
from klima_local.database import (
    DATABASE,
    Account,
    connect,
    create_database,
    grant_place,
    service_url,
)
from klima_local.postgres import THROWAWAY, Server
from klima_local.processes import python_module
from klima_local.services import SERVICES

COUNTY = ["compute", "--year", "2021", "--region", "05974", "--publish"]


def digests(server: Server) -> dict[str, tuple[int, int]]:
    """Rows and a digest of every table, computed here and not by the scripts."""
    found = {}
    with connect(server.url(DATABASE)) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname = any(%s)", ([*SERVICES],)
        ).fetchall()
        for schema, table in tables:
            row = connection.execute(
                "select count(*), coalesce(sum(hashtextextended(t::text, 7)::numeric), 0) from"
                f" {schema}.{table} t".encode()
            ).fetchone()
            assert row is not None
            found[f"{schema}.{table}"] = (int(str(row[0])), int(str(row[1])))
    return found


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server with the three schemas, the county's published balances, and a backup of it."""
    directory = tmp_path_factory.mktemp("drill")
    directory.chmod(0o711)
    with Server(directory, THROWAWAY).use() as server:
        prepare(server)
        folder = directory / "backup"
        said = backup.backup(server, DATABASE, folder)
        assert "rows" in said
        yield server, folder


def prepare(server: Server) -> None:
    create_database(server.url(), DATABASE)
    for service in SERVICES:
        account = Account(service, f"klima_{service}", server.password(f"klima_{service}"))
        grant_place(server.url(), DATABASE, account)
        environment = {
            **os.environ,
            "KLIMA_DATABASE_URL": service_url(server.url(), DATABASE, account),
        }
        commands = [["migrate"], ["load-method"], COUNTY] if service == "balance" else [["migrate"]]
        for command in commands:
            subprocess.run(
                python_module(f"klima_{service}.cli", *command),
                env=environment,
                check=True,
                capture_output=True,
            )


def test_drill(installation: tuple[Server, Path]) -> None:
    server, folder = installation
    before = digests(server)
    assert before["balance.balance"][0] >= 15
    with connect(server.url(DATABASE)) as connection:
        for service in SERVICES:
            connection.execute(f"drop schema {service} cascade".encode())
    assert digests(server) == {}
    assert "compared" in backup.restore(server, DATABASE, folder)
    assert digests(server) == before
    # The services own what is theirs again, and can go on writing.
    account = Account("balance", "klima_balance", server.password("klima_balance"))
    url = service_url(server.url(), DATABASE, account).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into balance.audit (subject, action, entity, entity_id) values ('a', 'b', 'c',"
            " 'd')"
        )
        connection.rollback()


def test_on_another_server(
    installation: tuple[Server, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    server, folder = installation
    directory = tmp_path_factory.mktemp("other")
    directory.chmod(0o711)
    with Server(directory, THROWAWAY).use() as other:
        create_database(other.url(), DATABASE)
        for service in SERVICES:
            grant_place(other.url(), DATABASE, Account(service, f"klima_{service}", "x"))
        backup.restore(other, DATABASE, folder)
        assert digests(other) == digests(server)


def test_what_is_there_is_not_replaced_unasked(installation: tuple[Server, Path]) -> None:
    server, folder = installation
    with pytest.raises(backup.BackupError, match="--replace replaces them"):
        backup.restore(server, DATABASE, folder)
    backup.restore(server, DATABASE, folder, replace=True)


def test_a_backup_is_not_written_over(installation: tuple[Server, Path]) -> None:
    server, folder = installation
    with pytest.raises(backup.BackupError, match="is there already"):
        backup.backup(server, DATABASE, folder)


@pytest.mark.parametrize("name", ["klima.dump", "tables.tsv"])
def test_a_damaged_file_is_refused(
    installation: tuple[Server, Path], tmp_path: Path, name: str
) -> None:
    server, folder = installation
    copy = shutil.copytree(folder, tmp_path / "copy")
    damaged = bytearray((copy / name).read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (copy / name).write_bytes(damaged)
    before = digests(server)
    with pytest.raises(backup.BackupError, match="damaged or incomplete"):
        backup.restore(server, DATABASE, copy, replace=True)
    assert digests(server) == before


def test_rows_that_differ_from_the_list_change_nothing(
    installation: tuple[Server, Path], tmp_path: Path
) -> None:
    """The checksums fit, but a table does not hold what was written down: the transaction is rolled
    back."""
    server, folder = installation
    copy = shutil.copytree(folder, tmp_path / "copy")
    lines = (copy / "tables.tsv").read_text().splitlines()
    name, records, digest = lines[0].split("\t")
    lines[0] = f"{name}\t{records}\t{int(digest) + 1}"
    (copy / "tables.tsv").write_text("\n".join(lines) + "\n")
    sums = subprocess.run(
        ["sha256sum", "klima.dump", "tables.tsv"], cwd=copy, check=True, capture_output=True
    ).stdout
    (copy / "SHA256SUMS").write_bytes(sums)
    before = digests(server)
    with pytest.raises(backup.BackupError, match=f"differ.*{name}"):
        backup.restore(server, DATABASE, copy, replace=True)
    assert digests(server) == before


def forged(folder: Path, target: Path) -> Path:
    """Another backup of it, right in itself: whoever can write the folder can make one."""
    copy = shutil.copytree(folder, target)
    with (copy / "klima.dump").open("ab") as dump:
        dump.write(b"\0")
    sums = subprocess.run(
        ["sha256sum", "klima.dump", "tables.tsv"], cwd=copy, check=True, capture_output=True
    ).stdout
    (copy / "SHA256SUMS").write_bytes(sums)
    return copy


def test_a_backup_that_somebody_else_made_is_refused(
    installation: tuple[Server, Path], tmp_path: Path
) -> None:
    """The digest lies apart from the backups, and is looked for there."""
    server, unknown = installation
    digests_folder = tmp_path / "digests"
    folder = tmp_path / "noted"
    said = backup.backup(server, DATABASE, folder, digests=digests_folder)
    digest = said.split()[-1]
    assert (digests_folder / "digests.txt").read_text() == f"{digest} noted\n"
    before = digests(server)
    for wrong in (forged(folder, tmp_path / "forged"), unknown):
        with pytest.raises(backup.BackupError, match="nobody noted the digest"):
            backup.restore(server, DATABASE, wrong, replace=True, digests=digests_folder)
        with pytest.raises(backup.BackupError, match="is not the backup with the digest"):
            backup.restore(server, DATABASE, wrong, replace=True, digest=digest)
    assert digests(server) == before
    moved = shutil.move(folder, tmp_path / "moved")
    backup.restore(server, DATABASE, Path(moved), replace=True, digests=digests_folder)
    backup.restore(server, DATABASE, Path(moved), replace=True, digest=digest)
    assert digests(server) == before
