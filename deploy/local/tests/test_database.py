"""The services' places in a database: each may do everything in its own, and nothing in
another's."""

import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from klima_local.database import (
    Account,
    connect,
    create_database,
    drop_database,
    grant_place,
    service_url,
)
from klima_local.home import root
from klima_local.postgres import THROWAWAY, Server
from klima_local.services import SERVICES

ACCOUNTS = {
    service: Account(service, f"klima_test_place_{service}", f"secret-of-{service}")
    for service in SERVICES
}
NAME = "klima_test_places"


@pytest.fixture(scope="module")
def places(postgres_url: str, worker_id: str) -> Iterator[tuple[str, str]]:
    name = f"{NAME}_{worker_id}"
    assert create_database(postgres_url, name)
    for account in ACCOUNTS.values():
        grant_place(postgres_url, name, account)
    yield postgres_url, name
    drop_database(postgres_url, name)


def as_service(places: tuple[str, str], service: str) -> psycopg.Connection[tuple[object, ...]]:
    url = service_url(*places, ACCOUNTS[service]).replace("postgresql+psycopg://", "postgresql://")
    return psycopg.connect(url, autocommit=True)


def test_a_service_works_in_its_own_schema_without_naming_it(places: tuple[str, str]) -> None:
    with as_service(places, "balance") as balance:
        balance.execute("create table own (n int)")
        balance.execute("insert into own values (1)")
        assert balance.execute(
            "select current_schema(), (select n from balance.own)"
        ).fetchone() == ("balance", 1)
        balance.execute("create temporary table loading (n int) on commit drop")
        balance.execute("drop table own")


@pytest.mark.parametrize(
    "statement",
    [
        "select * from balance.secrets",
        "insert into balance.secrets values (1)",
        "create table balance.mine (n int)",
        "drop schema balance cascade",
        "create table public.mine (n int)",
        "create schema mine",
        "create role mine",
        "create database mine",
        "set role postgres",
        "set role klima_test_place_balance",
    ],
)
@pytest.mark.parametrize("service", ["measures", "controlling"])
def test_a_service_may_nothing_elsewhere(
    places: tuple[str, str], service: str, statement: str
) -> None:
    with as_service(places, "balance") as balance:
        balance.execute("create table if not exists secrets (n int)")
    with as_service(places, service) as other, pytest.raises(psycopg.errors.InsufficientPrivilege):
        other.execute(statement)


def test_a_service_may_not_enter_other_databases(places: tuple[str, str]) -> None:
    url, name = places
    other = f"{name}_other"
    create_database(url, other)
    try:
        grant_place(url, other, ACCOUNTS["measures"])
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(service_url(url, other, ACCOUNTS["balance"]).replace("+psycopg", ""))
    finally:
        drop_database(url, other)


def test_repeating_changes_nothing_but_the_password(places: tuple[str, str]) -> None:
    url, name = places
    with as_service(places, "controlling") as before:
        before.execute("create table if not exists kept (n int)")
    grant_place(url, name, Account("controlling", "klima_test_place_controlling", ""))
    with as_service(places, "controlling") as after:
        assert after.execute("select count(*) from kept").fetchone() == (0,)


def test_the_script_is_plain_sql_for_psql_too() -> None:
    text = (root() / "deploy" / "database" / "service.sql").read_text()
    assert "\\" not in text, "no client command: psycopg runs this file as well"
    assert "%(" not in text


def prepare(server: Server, **passwords: str) -> subprocess.CompletedProcess[str]:
    """Run the script for containers against the server, with the wheel's own psql."""
    environment = {
        "PATH": f"{server.installed.programs}:/usr/bin:/bin",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGPASSWORD": server.password("postgres"),
        "PGDATABASE": "klima",
        **passwords,
    }
    script = root() / "deploy" / "database" / "prepare.sh"
    return subprocess.run(
        [str(script)], env=environment, capture_output=True, text=True, check=False
    )


def test_the_script_for_containers_does_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("prepared")
    secret = directory / "secret"
    secret.write_text("it's; 'quoted' \\ $1")
    passwords = {
        "KLIMA_BALANCE_PASSWORD": "b",
        "KLIMA_MEASURES_PASSWORD_FILE": str(secret),
        "KLIMA_CONTROLLING_PASSWORD": "c",
    }
    with Server(directory, THROWAWAY).use() as server:
        create_database(server.url(), "klima")
        for _ in range(2):
            result = prepare(server, **passwords)
            assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        address = f"host=127.0.0.1 port={server.port} dbname=klima user=klima_measures"
        with psycopg.connect(address, password=secret.read_text()) as measures:
            assert measures.execute("select current_schema()").fetchone() == ("measures",)
        missing = prepare(server, KLIMA_BALANCE_PASSWORD="b")
        assert missing.returncode != 0
        assert "KLIMA_MEASURES_PASSWORD is empty" in missing.stderr


def test_owner_is_not_a_service(places: tuple[str, str]) -> None:
    url, name = places
    with connect(url, name) as connection:
        rows = connection.execute(
            "select rolname, rolsuper, rolcreatedb, rolcreaterole, rolinherit from pg_roles"
            " where rolname like 'klima_test_place_%'"
        ).fetchall()
    assert sorted(rows) == [
        (role, False, False, False, False) for role in sorted(a.role for a in ACCOUNTS.values())
    ]


def test_create_database_says_whether_it_was_made(places: tuple[str, str]) -> None:
    assert create_database(*places) is False
