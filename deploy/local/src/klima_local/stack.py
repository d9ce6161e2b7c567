"""One installation below one KLIMA_HOME: its database, and everything that a service is given on
this machine."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from klima_local.database import (
    DATABASE,
    Account,
    connect,
    create_database,
    grant_place,
    service_url,
)
from klima_local.home import Home, write_secret
from klima_local.postgres import Server
from klima_local.services import SERVICES, services
from klima_local.tokens import LocalIssuer

HOST = "127.0.0.1"
SERVICE_TOKEN_SECONDS = 24 * 3600
COUNTY = "05974"

# Runs `python -m module arguments` with that environment to its end; raises if it fails.
Runner = Callable[[str, Sequence[str], Mapping[str, str]], None]


@dataclass
class Stack:
    """The parts, each made when first needed."""

    home: Home = field(default_factory=Home.current)
    ports: Mapping[str, int] = field(
        default_factory=lambda: {row.name: row.port for row in services().values()}
    )

    @cached_property
    def server(self) -> Server:
        return Server(self.home.postgres)

    @cached_property
    def issuer(self) -> LocalIssuer:
        return LocalIssuer(self.home.keys)

    @contextlib.contextmanager
    def database(self) -> Iterator[None]:
        """The server running, with a database in which every service has its place."""
        with self.server.use():
            create_database(self.server.url(), DATABASE)
            for service in SERVICES:
                grant_place(self.server.url(), DATABASE, self._account(service))
            # In a schema of the owner's, where no service looks: what was done to this database,
            # and from what.
            with connect(self.server.url(DATABASE)) as connection:
                connection.execute("create schema if not exists klima_local")
                connection.execute(
                    "create table if not exists klima_local.done (step text primary key, digest"
                    " text not null)"
                )
            yield

    def environment(self, service: str) -> dict[str, str]:
        """The environment of a service's process: all that it is ever told."""
        token = self.home.keys / "service-token"
        if not token.exists():
            self.renew_service_token()
        return {
            **os.environ,
            "KLIMA_ENVIRONMENT": "local",
            "KLIMA_DATABASE_URL": service_url(self.server.url(), DATABASE, self._account(service)),
            "KLIMA_HOST": HOST,
            "KLIMA_PORT": str(self.ports[service]),
            "KLIMA_PUBLIC_URL": self.address(service),
            "KLIMA_AUTH_ISSUER": self.issuer.issuer,
            "KLIMA_AUTH_AUDIENCE": self.issuer.audience,
            "KLIMA_AUTH_JWKS": str(self.issuer.jwks_path),
            "KLIMA_SERVICE_TOKEN_FILE": str(token),
            **{f"KLIMA_{other.upper()}_URL": self.address(other) for other in SERVICES},
        }

    def address(self, service: str) -> str:
        return f"http://{HOST}:{self.ports[service]}"

    def renew_service_token(self) -> None:
        """Write the token with which services read each other; it is good for a day."""
        token = self.issuer.token(
            ["service"], lifetime=SERVICE_TOKEN_SECONDS, subject="klima-services"
        )
        write_secret(self.home.keys / "service-token", token)

    def migrate(self, service: str, run: Runner) -> bool:
        """Bring the service's schema up to date; False if it already was."""
        row = services()[service]
        migrations = digest([row.source / "migrations"])
        run_it = partial(run, row.cli, ["migrate"], self.environment(service))
        return self._once(f"migrate {service}", migrations, run_it)

    def load_data(self, service: str, run: Runner) -> bool:
        """What the service shows from its first day on; False if that was already brought in from
        the same files."""
        row = services()[service]
        commands = [load.arguments(COUNTY) for load in row.load]

        def load() -> None:
            for command in commands:
                run(row.cli, command, self.environment(service))

        made_from = digest([row.source / folder for folder in row.made_from], map(repr, commands))
        return self._once(f"data {service}", made_from, load)

    def _account(self, service: str) -> Account:
        role = services()[service].role
        return Account(service, role, self.server.password(role))

    def _once(self, step: str, made_from: str, action: Callable[[], None]) -> bool:
        """Do what was not yet done to this database from the same files. The record lies in the
        database itself."""
        with connect(self.server.url(DATABASE)) as connection:
            # Two commands at once: the second waits here, and finds it done.
            connection.execute("select pg_advisory_lock(hashtext(%s))", (f"klima_local {step}",))
            done = connection.execute(
                "select digest from klima_local.done where step = %s", (step,)
            ).fetchone()
            if done == (made_from,):
                return False
            action()
            connection.execute(
                "insert into klima_local.done values (%s, %s)"
                " on conflict (step) do update set digest = excluded.digest",
                (step, made_from),
            )
            return True


def digest(folders: Iterable[Path], words: Iterable[str] = ()) -> str:
    """The content of folders and some words as one number; compiled files do not count. A folder
    that is missing is an error: nothing would ever seem to change."""
    seen = hashlib.sha256(repr(list(words)).encode())
    for folder in folders:
        if not folder.is_dir():
            raise FileNotFoundError(2, "no folder of this name", str(folder))
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                seen.update(repr((str(path.relative_to(folder)), path.stat().st_size)).encode())
                seen.update(path.read_bytes())
    return seen.hexdigest()
