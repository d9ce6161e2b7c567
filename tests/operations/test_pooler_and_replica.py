"""The database beyond one machine: behind PgBouncer in transaction mode, and with a replica that
reads go to."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from klima_local.database import (
    DATABASE,
    Account,
    connect,
    create_database,
    grant_place,
    service_url,
)
from klima_local.postgres import HOST, SUPERUSER, THROWAWAY, Server
from klima_local.processes import free_ports, python_module
from klima_local.services import SERVICES
from tests.fixtures.databases import ServiceDatabase
from tests.operations.conftest import Runner, unlike

POOL = 3
REPLICATING = {**THROWAWAY, "wal_level": "replica", "max_wal_senders": "5"}


def account(server: Server, service: str) -> Account:
    return Account(service, f"klima_{service}", server.password(f"klima_{service}"))


def described(server: Server, service: str, url: str, **environment: str) -> ServiceDatabase:
    whole = {**os.environ, "KLIMA_DATABASE_URL": url, **environment}
    return ServiceDatabase(service, DATABASE, url, server.url(DATABASE), whole)


def run(service: str, database: ServiceDatabase, *command: str) -> None:
    line = python_module(f"klima_{service}.cli", *command)
    result = subprocess.run(
        line, env=database.environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("primary")
    directory.chmod(0o711)
    with Server(directory, REPLICATING).use() as found:
        create_database(found.url(), DATABASE)
        for service in SERVICES:
            grant_place(found.url(), DATABASE, account(found, service))
        yield found


@pytest.fixture(scope="module")
def pooler(server: Server) -> Iterator[int]:
    """PgBouncer in transaction mode with three connections to the server; its port."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    directory = Path(
        tempfile.mkdtemp(prefix="klima-pgbouncer-")
    )  # not below pytest's: another user has to get in
    directory.chmod(0o711)
    (port,) = free_ports(1)
    users = [account(server, service) for service in SERVICES]
    (directory / "users.txt").write_text(
        "".join(f'"{user.role}" "{user.password}"\n' for user in users)
    )
    (directory / "pgbouncer.ini").write_text(f"""
[databases]
* = host={HOST} port={server.port}
[pgbouncer]
listen_addr = {HOST}
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {directory}/users.txt
pool_mode = transaction
default_pool_size = {POOL}
max_client_conn = 200
""")
    command = [program, str(directory / "pgbouncer.ini")]
    url = (
        service_url(server.url(), DATABASE, users[0])
        .replace("+psycopg", "")
        .replace(f":{server.port}/", f":{port}/")
    )
    user = 65534 if os.getuid() == 0 else None  # it refuses to run as root
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user
    ) as process:
        end = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(url).close()
                break
            except psycopg.OperationalError:
                assert process.poll() is None, "pgbouncer ended"
                assert time.monotonic() < end, "pgbouncer does not answer"
                time.sleep(0.1)
        yield port
        process.terminate()
    shutil.rmtree(directory)


@pytest.mark.parametrize("service", SERVICES)
def test_behind_a_pooler_in_transaction_mode(
    server: Server, pooler: int, start: Runner, bodies: dict[str, dict[str, Any]], service: str
) -> None:
    url = service_url(server.url(), DATABASE, account(server, service)).replace(
        f":{server.port}/", f":{pooler}/"
    )
    database = described(server, service, url, KLIMA_DATABASE_PREPARE="false")
    run(service, database, "migrate")
    if service == "balance":
        run(service, database, "load-method")
        run(service, database, "compute", "--year", "2021", "--region", "05974", "--publish")
    # Two replicas and many callers on three connections: every transaction may run on another one.
    replicas = [start(service, database), start(service, database)]

    def work(number: int) -> None:
        replica = replicas[number % 2]
        assert replica.read()
        assert replica.find(replica.write(unlike(bodies[service])))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    with connect(server.url(DATABASE)) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where usename = %s", (f"klima_{service}",)
        ).fetchone()
    assert row is not None
    assert 0 < int(str(row[0])) <= POOL


def test_reads_go_to_the_replica(
    server: Server,
    start: Runner,
    bodies: dict[str, dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    directory: Path = tmp_path_factory.mktemp("replica")
    directory.chmod(0o711)
    replica = Server(directory, {**REPLICATING, "hot_standby": "on"})
    replica.data.mkdir(parents=True, mode=0o700)
    if replica.installed.owner is not None:
        os.chown(replica.data, replica.installed.owner, replica.installed.owner)
    source = (
        f"host={HOST} port={server.port} user={SUPERUSER} password={server.password(SUPERUSER)}"
    )
    copied = replica.installed.run(
        "pg_basebackup", "-D", str(replica.data), "-R", "-X", "stream", "-c", "fast", "-d", source
    )
    assert copied.returncode == 0, copied.stdout
    writer = service_url(server.url(), DATABASE, account(server, "measures"))
    run("measures", described(server, "measures", writer), "migrate")
    with replica.use():
        reader = writer.replace(f":{server.port}/", f":{replica.port}/")
        secret = server.password(SUPERUSER)
        owner = f"postgresql://{SUPERUSER}:{secret}@{HOST}:{replica.port}/{DATABASE}"
        service = start(
            "measures", described(server, "measures", writer, KLIMA_DATABASE_READ_URL=reader)
        )
        with psycopg.connect(owner, autocommit=True) as standby:
            assert standby.execute("select pg_is_in_recovery()").fetchone() == (True,)
            standby.execute("select pg_wal_replay_pause()")
            location = service.write(unlike(bodies["measures"]))  # goes to the primary
            headers = service.tokens.headers("manager", region="05974")
            assert (
                service.http.get(location, headers=headers).status_code == 404
            )  # the replica does not know it yet
            standby.execute("select pg_wal_replay_resume()")
            end = time.monotonic() + 20
            while (
                service.http.get(location, headers=headers).status_code != 200
                and time.monotonic() < end
            ):
                time.sleep(0.1)
        assert service.find(location)
        service.stop()
