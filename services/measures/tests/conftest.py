"""The real measures application in process, on a real Postgres; clients of everybody; sheets to
write."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row
from sqlalchemy import event

from klima_measures.app import create_app
from klima_measures.migrations import metadata
from klima_measures.settings import Settings
from tests.fixtures.databases import DatabaseFactory, ServiceDatabase
from tests.fixtures.tokens import TokenFactory

COUNTY = "05974000"
SOEST, LIPPSTADT, WERL = "05974040", "05974028", "05974052"

SHEET: dict[str, Any] = {
    "number": "MOB-01",
    "title": "Radnetz schließen",
    "level": "municipality",
    "regions": [SOEST],
    "field": "mobility",
    "type": "technical",
    "goal": "Wege verbinden.",
    "planned_start": "2027-01-01",
    "planned_end": "2029-12-31",
    "milestones": [{"title": "Erster Abschnitt", "due": "2028-06-30"}],
}


class Client(httpx.AsyncClient):
    """Nobody; `as_` is somebody. Writes are asserted to succeed, so that a test says only what it
    is about."""

    app: Any
    database: ServiceDatabase
    tokens: TokenFactory
    opened: AsyncExitStack  # closes all clients of a test when it ends

    @classmethod
    def of(
        cls,
        app: Any,
        database: ServiceDatabase,
        tokens: TokenFactory,
        opened: AsyncExitStack,
        **options: Any,
    ) -> Client:
        client = cls(transport=httpx.ASGITransport(app), base_url="http://measures", **options)
        client.app, client.database, client.tokens, client.opened = app, database, tokens, opened
        opened.push_async_callback(client.aclose)
        return client

    def as_(self, role: str, region: str = COUNTY, subject: str = "test") -> Client:
        headers = self.tokens.headers(role, region=region, subject=subject)
        return Client.of(self.app, self.database, self.tokens, self.opened, headers=headers)

    async def made(self, **change: Any) -> dict[str, Any]:
        """A new measure, as its county's manager."""
        answer = await self.as_("manager").post("/v1/measures", json=sheet(**change))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def etag(self, measure_id: str) -> str:
        answer = await self.as_("manager").get(f"/v1/measures/{measure_id}")
        assert answer.status_code == 200, answer.text
        return str(answer.headers["etag"])

    async def step(
        self, measure_id: str, step: str, json: Any = None, role: str = "manager"
    ) -> httpx.Response:
        """A step of the workflow (publish, archive, transitions ...) on the present version."""
        headers = {"If-Match": await self.etag(measure_id)}
        return await self.as_(role).post(
            f"/v1/measures/{measure_id}/{step}", json=json, headers=headers
        )

    async def published(self, **change: Any) -> dict[str, Any]:
        found = await self.made(**change)
        answer = await self.step(found["id"], "publish")
        assert answer.status_code == 200, answer.text
        return found

    async def changed(self, measure_id: str, **change: Any) -> httpx.Response:
        headers = {"If-Match": await self.etag(measure_id)}
        return await self.as_("manager").patch(
            f"/v1/measures/{measure_id}", json=change, headers=headers
        )

    async def told(self, measure_id: str, what: str, **row: Any) -> None:
        """What the controlling service tells about a measure: `evaluations` or `status-reports`."""
        answer = await self.as_("service").post(f"/v1/measures/{measure_id}/{what}", json=row)
        assert answer.status_code == 201, answer.text

    def rows(self, query: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.database.owner_url, row_factory=dict_row) as connection:
            return connection.execute(query.encode()).fetchall()


def sheet(**change: Any) -> dict[str, Any]:
    return copy.deepcopy(SHEET) | change


def settings(database: ServiceDatabase, tokens: TokenFactory, **more: Any) -> Settings:
    return Settings(
        environment="test",
        database_url=database.url,
        auth_issuer=tokens.issuer,
        auth_audience=tokens.audience,
        auth_jwks=str(tokens.jwks_path),
        **more,
    )


Opened = Callable[..., Client]


@pytest.fixture
async def open_client(token_factory: TokenFactory) -> AsyncIterator[Opened]:
    """`open_client(database, further_fields=...)`: the service with some settings; closed when the
    test ends."""
    async with AsyncExitStack() as stack:

        def opened(database: ServiceDatabase, **more: Any) -> Client:
            app = create_app(settings(database, token_factory, **more))
            stack.push_async_callback(app.state.database.close)
            return Client.of(app, database, token_factory, stack)

        yield opened


@pytest.fixture(scope="session")
def applications(token_factory: TokenFactory) -> Callable[[ServiceDatabase], Any]:
    """One application a worker for each database that tests share: the first request to one takes
    longer than a test."""
    made: dict[str, Any] = {}

    def application(database: ServiceDatabase) -> Any:
        if database.name not in made:
            made[database.name] = create_app(settings(database, token_factory))
        return made[database.name]

    return application


@pytest.fixture
async def client_of(
    applications: Callable[[ServiceDatabase], Any], token_factory: TokenFactory
) -> AsyncIterator[Callable[[ServiceDatabase], Client]]:
    """A client of the shared application on a shared database; its connections end with the test
    and its event loop."""
    async with AsyncExitStack() as stack:

        def client(database: ServiceDatabase) -> Client:
            app = applications(database)
            stack.push_async_callback(app.state.database.close)
            return Client.of(app, database, token_factory, stack)

        yield client


@pytest.fixture(scope="session")
def emptied_database(databases: Any) -> Iterator[ServiceDatabase]:
    """One database a worker, which `client` empties before each test."""
    database = databases.create("measures", [])
    yield database
    databases.drop(database)


@pytest.fixture
def client(
    emptied_database: ServiceDatabase, client_of: Callable[[ServiceDatabase], Client]
) -> Client:
    """A service without measures; it knows three of the county's municipalities."""
    values = ", ".join(
        f"('{ags}', '{name}', 'municipality', '{COUNTY}')"
        for ags, name in ((SOEST, "Soest"), (LIPPSTADT, "Lippstadt"), (WERL, "Werl"))
    )
    with psycopg.connect(emptied_database.owner_url) as connection:
        connection.execute(
            f"{_emptied()}; insert into measures.region (ags, name, kind, parent)"
            f" values {values}".encode()
        )
    return client_of(emptied_database)


def _emptied() -> str:
    """Rows of all tables, with triggers off: their order does not matter. The salts of callers are
    the application's."""
    names = [table.fullname for table in metadata.sorted_tables if table.name != "client_salt"]
    return "; ".join(
        ["set session_replication_role = replica", *(f"delete from {name}" for name in names)]
    )


@pytest.fixture
def example(
    service_database: DatabaseFactory, client_of: Callable[[ServiceDatabase], Client]
) -> Client:
    """The 27 published example sheets; for tests that only read."""
    return client_of(service_database("measures", ["load-example"]))


@pytest.fixture
def example_to_change(fresh_database: DatabaseFactory, open_client: Opened) -> Client:
    return open_client(fresh_database("measures", ["load-example"]))


def watch(client: Client) -> list[str]:
    """SQL that the service of `client` runs, from now on; without the check of a pooled
    connection."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, _p: Any, _x: Any, _m: Any) -> None:
        seen.append(statement)

    for engine in client.app.state.database.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    return seen
