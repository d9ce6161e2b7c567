"""Two requests store the same at once: one is told so with 409, whatever unique constraint it
meets."""

from __future__ import annotations

import asyncio
import importlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy import text

from klima_local.services import SERVICES
from klima_shared.database.connections import Write

AT_ONCE = 12
SAMPLES = {
    "uuid": "gen_random_uuid()",
    "text": "'x'",
    "boolean": "true",
    "date": "'2026-11-02'",
    "timestamp with time zone": "'2026-11-02T12:00:00Z'",
    "jsonb": "'{}'",
    "bytea": "'\\x00'",
    "ARRAY": "'{}'",
    "tsvector": "''",
    "int4range": "'[1,2)'",
    "daterange": "'[2026-01-01,2027-01-01)'",
}

UNIQUE = """
select t.relname as table_name, i.relname as index_name
from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
join pg_namespace n on n.oid = t.relnamespace
where x.indisunique and n.nspname = %s and t.relkind = 'r' and t.relname <> 'alembic_version'
order by 1, 2
"""
COLUMNS = """
select column_name, data_type, character_maximum_length
from information_schema.columns
where table_schema = %s and table_name = %s and is_generated = 'NEVER' order by ordinal_position
"""
CHECKS = """
select conname, contype from pg_constraint c join pg_namespace n on n.oid = c.connamespace
where n.nspname = %s and conrelid = (%s)::regclass and contype in ('c', 'f')
"""


def application(service: str, database: Any, tokens: Any) -> FastAPI:
    settings = importlib.import_module(f"klima_{service}.settings").Settings
    made = importlib.import_module(f"klima_{service}.app").create_app(
        settings(
            environment="test",
            database_url=database.url,
            auth_issuer=tokens.issuer,
            auth_audience=tokens.audience,
            auth_jwks=str(tokens.jwks_path),
        )
    )
    assert isinstance(made, FastAPI)
    return made


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service", timeout=60) as client,
    ):
        yield client


def prepared(connection: Any, schema: str, table: str) -> str:
    """The statement that stores one row, the same one each time; what else would refuse it (checks,
    references, other unique indexes) is taken away inside this test's database."""
    name = f'"{schema}"."{table}"'
    for row in connection.execute(CHECKS, (schema, name)).fetchall():
        drop = sql.SQL("alter table {} drop constraint {} cascade")
        connection.execute(
            drop.format(sql.Identifier(schema, table), sql.Identifier(row["conname"]))
        )
    values = {}
    for column in connection.execute(COLUMNS, (schema, table)).fetchall():
        kind = column["data_type"]
        values[column["column_name"]] = SAMPLES.get(kind, "1" if "range" not in kind else "'empty'")
        if kind == "uuid":
            values[column["column_name"]] = "'0b9f0f0e-0000-4000-8000-000000000001'"
    names = ", ".join(f'"{n}"' for n in values)
    samples = ", ".join(values.values())
    return f"insert into {name} ({names}) overriding system value values ({samples})"


@pytest.mark.parametrize("service", SERVICES)
async def test_every_unique_constraint_answers_409(
    service: str, fresh_database: Any, token_factory: Any
) -> None:
    """Each is met by a writing route of the real application."""
    database = fresh_database(service)
    app = application(service, database, token_factory)
    statement = ""

    @app.post("/test-duplicate")
    async def duplicate(connection: Write) -> None:
        await connection.execute(text(statement.replace(":", "\\:")))

    met = []
    async with client_of(app) as client:
        with psycopg.connect(
            database.owner_url, autocommit=True, row_factory=dict_row
        ) as connection:
            found = connection.execute(UNIQUE, (service,)).fetchall()
            assert len(found) > 10
            for row in found:
                table, index = row["table_name"], row["index_name"]
                whole = f'"{service}"."{table}"'
                connection.execute("begin")
                statement = prepared(connection, service, table)
                connection.execute("commit")
                connection.execute(f"alter table {whole} disable trigger user")
                connection.execute(f"truncate {whole} cascade")
                connection.execute(statement)
                answer = await client.post("/test-duplicate")
                assert answer.status_code == 409, (table, index, answer.text)
                assert answer.headers["content-type"] == "application/problem+json"
                assert index not in answer.text, "nothing internal leaks"
                met.append(index)
                if not index.startswith("pk_"):
                    continue
                # The primary key goes, so that the next one is met by itself.
                drop = sql.SQL("alter table {} drop constraint {} cascade")
                connection.execute(
                    drop.format(sql.Identifier(service, table), sql.Identifier(index))
                )
    assert len(met) == len(found)


BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("controlling", "/v1/indicators"): {
        "code": "Neu",
        "name_de": "Neu",
        "name_en": "New",
        "unit": "t",
        "kind": "impact",
        "direction": "lower",
    },
    ("controlling", "/v1/data-deliveries"): {
        "region": "05974",
        "title": "Jahreszahlen",
        "kind": "energy_data",
        "deliverer": "Werke (Beispiel)",
        "recipient": "Klimaschutz",
        "interval_months": 12,
        "first_due": "2027-03-31",
    },
    ("controlling", "/v1/indicators/ModalSplit_UV/values"): {
        "region": "05974",
        "period": "2025",
        "value": 1.0,
        "source": "Beispiel",
    },
    ("balance", "/v1/organisations"): {"name": "Konzern", "region": "05974"},
    ("measures", "/v1/concepts"): {"code": "k1", "title": "Konzept"},
    ("measures", "/v1/templates"): {"code": "k1", "title": "Vorlage"},
    ("measures", "/v1/funding-programmes"): {"code": "k1", "title": "Programm"},
    ("measures", "/v1/rounds"): {"code": "k1", "title": "Runde", "programme": "ÖKOPROFIT"},
    ("measures", "/v1/strategies"): {"code": "k1", "title": "Strategie"},
    ("measures", "/v1/measures"): {
        "number": "MOB-01",
        "title": "Radnetz",
        "level": "municipality",
        "regions": ["05974040"],
        "field": "mobility",
        "type": "technical",
    },
}
LOADS = {
    "controlling": [["load-shipped"]],
    "balance": [["load-method"], ["compute", "--year", "2021", "--region", "05974"]],
    "measures": [],
}


@pytest.mark.parametrize("service", SERVICES)
async def test_creating_one_code_at_once_makes_one(
    service: str, fresh_database: Any, token_factory: Any
) -> None:
    app = application(service, fresh_database(service, *LOADS[service]), token_factory)
    headers = token_factory.headers("manager", region="05974")
    async with client_of(app) as client:
        for (owner, path), body in BODIES.items():
            if owner != service:
                continue
            async with asyncio.TaskGroup() as group:
                asked = [
                    group.create_task(client.post(path, json=body, headers=headers))
                    for _ in range(AT_ONCE)
                ]
            answers = [task.result() for task in asked]
            counted = Counter(answer.status_code for answer in answers)
            assert counted == {201: 1, 409: AT_ONCE - 1}, (path, counted, answers[0].text)
