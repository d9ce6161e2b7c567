"""Fixtures for every package's tests: a real Postgres, a service's own migrated database, tokens of
every kind.

The server is the one named by `KLIMA_TEST_DATABASE_URL` (a superuser's address; Postgres 15 or
newer), else an embedded one without durability that all workers of a run share. It starts when the
first test asks for it.

    def test_x(fresh_database):                     # a database of its own, thrown away afterwards
    (about 50 ms)
        url = fresh_database("balance").url         # postgresql+psycopg://...
    def test_y(service_database):                   # one per worker and service, shared by its
    tests
        url = service_database("balance").url
    def test_z(service_database):                   # with data: commands of the service's cli, run
    once per run
        url = service_database("balance", ["load-method"], ["compute", "--year", "2021", "--region",
        "05974"]).url
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import fastapi.dependencies.models
import pytest

from klima_local.database import (
    Account,
    connect,
    create_database,
    drop_database,
    grant_place,
    service_url,
)
from klima_local.postgres import THROWAWAY, Server
from klima_local.tokens import TokenFactory

_DIRECTORY = "KLIMA_TEST_POSTGRES_DIRECTORY"
_RUN = "KLIMA_TEST_RUN"


@dataclass(frozen=True)
class ServiceDatabase:
    """One database with one service's place in it."""

    service: str
    name: str
    url: str  # of the service's own role: postgresql+psycopg://
    owner_url: str  # of the server's owner, for looking behind the service: postgresql://
    environment: dict[str, str] = field(
        repr=False
    )  # what a process of the service needs to use this database


class DatabaseFactory(Protocol):
    """`factory(service, *commands)`: the database of a service, prepared by commands of its cli
    after `migrate`."""

    def __call__(self, service: str, *commands: Sequence[str]) -> ServiceDatabase: ...


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in sockets]


def pytest_configure(config: pytest.Config) -> None:
    """Name this run and its server's directory, for the workers of xdist too. Nothing starts
    yet."""
    if _is_worker(config):
        return
    os.environ[_RUN] = secrets.token_hex(4)
    directory = Path(tempfile.mkdtemp(prefix="klima-test-"))
    directory.chmod(0o711)  # Postgres may run as another user than root
    os.environ[_DIRECTORY] = str(directory)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing: the controller removes the databases on a given server, or the embedded server
    altogether."""
    if _is_worker(config) or _DIRECTORY not in os.environ:
        return
    directory, run = Path(os.environ.pop(_DIRECTORY)), os.environ.pop(_RUN)
    given = os.environ.get("KLIMA_TEST_DATABASE_URL")
    if given:
        with connect(given) as connection:
            names = connection.execute(
                "select datname from pg_database where starts_with(datname, %s)",
                (f"klima_test_{run}_",),
            ).fetchall()
        for (name,) in names:
            drop_database(given, str(name))
    else:
        server = Server(directory, THROWAWAY)
        server.stop()
        if server.data.parent != directory:  # root without user namespaces: the data lies elsewhere
            shutil.rmtree(server.data, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """Address of a Postgres server's owner: the given one, or the run's embedded server."""
    given = os.environ.get("KLIMA_TEST_DATABASE_URL")
    if given:
        return given
    server = Server(Path(os.environ[_DIRECTORY]), THROWAWAY)
    server.start()
    return server.url()


class _Databases:
    """Makes databases by copying a prepared one; the preparing happens once per run, whichever
    worker comes first."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.run = os.environ[_RUN]

    def account(self, service: str) -> Account:
        # The same for all workers without a word between them; who does not know the server's
        # address cannot guess it.
        password = hashlib.sha256(f"{self.url}/{service}".encode()).hexdigest()[:32]
        return Account(service, f"klima_test_{service}", password)

    def create(self, service: str, commands: Sequence[Sequence[str]]) -> ServiceDatabase:
        name = f"klima_test_{self.run}_{service}_{secrets.token_hex(4)}"
        template = self._template(service, [["migrate"], *commands])
        create_database(self.url, name, template)
        grant_place(self.url, name, self.account(service))
        return self._describe(service, name)

    def drop(self, database: ServiceDatabase) -> None:
        drop_database(self.url, database.name)

    def _describe(self, service: str, name: str) -> ServiceDatabase:
        url = service_url(self.url, name, self.account(service))
        return ServiceDatabase(
            service, name, url, owner_url(self.url, name), {**os.environ, "KLIMA_DATABASE_URL": url}
        )

    def _template(self, service: str, commands: Sequence[Sequence[str]]) -> str:
        """The prepared database to copy: that of all commands but the last, with the last one
        run."""
        digest = hashlib.sha256(repr([list(command) for command in commands]).encode()).hexdigest()[
            :8
        ]
        name = f"klima_test_{self.run}_template_{service}_{digest}"
        with connect(self.url) as connection:
            connection.execute(
                "select pg_advisory_lock(hashtext(%s))", (name,)
            )  # released when the connection ends
            if connection.execute(
                "select 1 from pg_database where datname = %s and datallowconn", (name,)
            ).fetchone():
                return name
            drop_database(self.url, name)
            partial = f"{name}_partial"
            drop_database(self.url, partial)
            create_database(
                self.url,
                partial,
                self._template(service, commands[:-1]) if len(commands) > 1 else None,
            )
            grant_place(self.url, partial, self.account(service))
            self._run(service, partial, commands[-1])
            connection.execute(f'alter database "{partial}" rename to "{name}"'.encode())
        return name

    def _run(self, service: str, database: str, command: Sequence[str]) -> None:
        line = [sys.executable, "-m", f"klima_{service}.cli", *command]
        result = subprocess.run(
            line,
            env=self._describe(service, database).environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise RuntimeError(
                f"{' '.join(line[1:])} ended with {result.returncode}:\n{result.stdout}\n{result.stderr}"
            )


def owner_url(url: str, database: str) -> str:
    """The owner's address for another database of the same server."""
    base, _, query = url.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
def databases(postgres_url: str) -> _Databases:
    return _Databases(postgres_url)


@pytest.fixture(scope="session")
def service_database(databases: _Databases) -> Iterator[DatabaseFactory]:
    """One migrated database per worker, service and preparation; its tests share it."""
    made: dict[str, ServiceDatabase] = {}

    def factory(service: str, *commands: Sequence[str]) -> ServiceDatabase:
        key = repr((service, [list(command) for command in commands]))
        if key not in made:
            made[key] = databases.create(service, commands)
        return made[key]

    yield factory
    for database in made.values():
        databases.drop(database)


@pytest.fixture(scope="module", autouse=True)
def _forgotten_applications() -> Iterator[None]:
    """FastAPI remembers thousands of functions it has looked at, and those of its documentation
    pages hold their application (10 MB each). In a run of a thousand applications, a full garbage
    collection would stop everything for seconds.
    """
    yield
    for remembered in vars(fastapi.dependencies.models).values():
        if hasattr(remembered, "cache_clear"):
            remembered.cache_clear()


@pytest.fixture
def fresh_database(databases: _Databases) -> Iterator[DatabaseFactory]:
    """A migrated database for this test alone."""
    made: list[ServiceDatabase] = []

    def factory(service: str, *commands: Sequence[str]) -> ServiceDatabase:
        made.append(databases.create(service, commands))
        return made[-1]

    yield factory
    for database in made:
        databases.drop(database)


@pytest.fixture(scope="session")
def token_factory(tmp_path_factory: pytest.TempPathFactory) -> TokenFactory:
    """Good tokens and every kind of bad one; a service is configured with the `jwks_path`,
    `issuer`, `audience`."""
    return TokenFactory(tmp_path_factory.mktemp("keys"))
