"""One installation below one KLIMA_HOME: its database, and everything that a service is given on
this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from klima_local.database import (
    DATABASE,
    Account,
    connect,
    create_database,
    grant_place,
    service_url,
)
from klima_local.home import SERVICES, Home, root, write_secret
from klima_local.postgres import Server
from klima_local.tokens import LocalIssuer

HOST = "127.0.0.1"
PORTS: Mapping[str, int] = {"balance": 8001, "measures": 8002, "controlling": 8003}
SERVICE_TOKEN_SECONDS = 24 * 3600
COUNTY = "05974"
YEARS = (2018, 2021)

# Runs `python -m module arguments` with that environment to its end; raises if it fails.
Runner = Callable[[str, Sequence[str], Mapping[str, str]], None]


@dataclass
class Stack:
    """The parts, each made when first needed."""

    home: Home = field(default_factory=Home.current)
    ports: Mapping[str, int] = field(default_factory=lambda: PORTS)

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
                    "create table if not exists klima_local.done (step text primary key, digest text not null)"
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
        migrations = (
            root() / "services" / service / "src" / f"klima_{service}" / "storage" / "migrations"
        )
        return self._once(
            f"migrate {service}",
            digest([migrations]),
            lambda: run(f"klima_{service}.cli", ["migrate"], self.environment(service)),
        )

    def load_data(
        self, service: str, run: Runner, years: Sequence[int] = YEARS, region: str = COUNTY
    ) -> bool:
        """What the service shows from its first day on; False if that was already brought in from
        the same files.

        Balance: the method, and the county's balances computed and published. Measures: the example
        sheets. Controlling: the shipped indicators, targets and deliveries.
        """
        sources = root() / "services" / service / "src" / f"klima_{service}"
        chosen = [part for year in years for part in ("--year", str(year))]
        commands, made_from = {
            "balance": (
                [["load-method"], ["compute", *chosen, "--region", region, "--publish"]],
                digest([sources / "method", sources / "domain"], [*map(str, years), region]),
            ),
            "measures": ([["load-example"]], digest([sources / "examples"])),
            "controlling": ([["load-shipped"]], digest([sources / "shipped"])),
        }[service]

        def load() -> None:
            for command in commands:
                run(f"klima_{service}.cli", command, self.environment(service))

        return self._once(f"data {service}", made_from, load)

    def _account(self, service: str) -> Account:
        role = f"klima_{service}"
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


def digest(directories: Sequence[Path], words: Sequence[str] = ()) -> str:
    """The content of directories and some words as one number; compiled files do not count."""
    seen = hashlib.sha256(repr(list(words)).encode())
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                seen.update(repr((str(path.relative_to(directory)), path.stat().st_size)).encode())
                seen.update(path.read_bytes())
    return seen.hexdigest()
