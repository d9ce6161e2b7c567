"""A database for the services: one role and one schema each, made by
`deploy/database/service.sql`."""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from klima_local.home import root

DATABASE = "klima"


@dataclass(frozen=True)
class Account:
    """A service's role in a database. Tests use other role names: a given server's real ones stay
    as they are."""

    service: str
    role: str
    password: str

    @property
    def schema(self) -> str:
        return self.service


def connect(url: str, database: str | None = None) -> psycopg.Connection[tuple[object, ...]]:
    """A connection of the server's owner, without a transaction, to the address's database or
    another."""
    return (
        psycopg.connect(url, autocommit=True, dbname=database)
        if database
        else psycopg.connect(url, autocommit=True)
    )


def create_database(url: str, name: str, template: str | None = None) -> bool:
    """Make the database unless it is there; says whether it was made. `template` is a database to
    copy."""
    with connect(url) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            return False
        statement = sql.SQL("create database {}").format(sql.Identifier(name))
        if template:
            statement += sql.SQL(" template {}").format(sql.Identifier(template))
        connection.execute(statement)
        return True


def drop_database(url: str, name: str) -> None:
    """Remove the database if it is there, and with it whoever is connected."""
    with connect(url) as connection:
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )


def grant_place(url: str, database: str, account: Account) -> None:
    """Give a service its role and its schema in the database; repeating changes nothing."""
    script = (root() / "deploy" / "database" / "service.sql").read_bytes()
    with connect(url) as whole_server, connect(url, database) as connection:
        # Roles belong to the server, advisory locks to a database: two databases prepared at once
        # must not collide.
        whole_server.execute("select pg_advisory_lock(hashtext('klima roles'))")
        for name, value in (
            ("role", account.role),
            ("schema", account.schema),
            ("password", account.password),
        ):
            connection.execute("select set_config(%s, %s, false)", (f"klima.{name}", value))
        connection.execute(script)


def service_url(url: str, database: str, account: Account) -> str:
    """The address that a service is configured with, from the address of the server's owner."""
    info = psycopg.conninfo.conninfo_to_dict(url)
    host, port = info.get("host") or "127.0.0.1", info.get("port") or 5432
    return f"postgresql+psycopg://{account.role}:{account.password}@{host}:{port}/{database}"
