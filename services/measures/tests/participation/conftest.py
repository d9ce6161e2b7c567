"""A client of the real measures application, in process, with everybody's tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from klima_measures.app import create_app
from klima_measures.settings import Settings
from tests.fixtures.databases import DatabaseFactory, ServiceDatabase
from tests.fixtures.tokens import TokenFactory

COUNTY = "05974000"


class Client(httpx.AsyncClient):
    """Nobody; `manager` and `as_()` are somebody."""

    database: ServiceDatabase
    tokens: TokenFactory
    app: Any
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
        client = cls(
            transport=httpx.ASGITransport(app), base_url="http://measures.example", **options
        )
        client.app, client.database, client.tokens, client.opened = app, database, tokens, opened
        opened.push_async_callback(client.aclose)
        return client

    def as_(self, role: str, region: str = COUNTY) -> Client:
        headers = self.tokens.headers(role, region=region)
        return Client.of(self.app, self.database, self.tokens, self.opened, headers=headers)

    @property
    def manager(self) -> Client:
        return self.as_("manager")

    @staticmethod
    def idea(**change: Any) -> dict[str, Any]:
        text = "Ein Lastenrad zum Ausleihen am Bahnhof."
        return {
            "region": "05974052",
            "text": text,
            "consent": True,
            "field": "mobility",
            "group": "citizens",
        } | change

    async def submit(self, **change: Any) -> str:
        answer = await self.post("/v1/ideas", json=self.idea(**change))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["reference"])

    async def accepted(self, **change: Any) -> str:
        reference = await self.submit(**change)
        assert (
            await self.decide(reference, "moderation", {"state": "accepted"})
        ).status_code == 200
        return reference

    async def etag(self, path: str) -> str:
        answer = await self.manager.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.headers["etag"])

    async def decide(
        self,
        reference: str,
        what: str,
        body: Any,
        *,
        by: Client | None = None,
        method: str = "POST",
    ) -> httpx.Response:
        """A manager decides about an idea, having read its present state."""
        path = f"/v1/ideas/{reference}"
        headers = {"If-Match": await self.etag(path)}
        return await (by or self.manager).request(
            method, f"{path}/{what}", json=body, headers=headers
        )

    async def change(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        of: str | None = None,
        by: Client | None = None,
    ) -> httpx.Response:
        """A manager writes to something that exists (`of`: whose ETag counts, when it is not `path`
        itself)."""
        headers = {"If-Match": await self.etag(of or path)}
        return await (by or self.manager).request(method, path, json=body, headers=headers)

    def sql(self, query: str) -> list[dict[str, Any]]:
        with psycopg.connect(
            self.database.owner_url, row_factory=dict_row, autocommit=True
        ) as connection:
            found = connection.execute(query.encode())
            return found.fetchall() if found.description else []

    def audit(self, where: str) -> list[dict[str, Any]]:
        return self.sql(f"select * from measures.audit where {where} order by id")


@asynccontextmanager
async def running(
    database: ServiceDatabase, tokens: TokenFactory, **settings: Any
) -> AsyncIterator[Client]:
    app = create_app(
        Settings(
            environment="test",
            database_url=database.url,
            auth_issuer=tokens.issuer,
            auth_audience=tokens.audience,
            auth_jwks=str(tokens.jwks_path),
            **{"idea_rate_limit": 10_000, **settings},
        )
    )
    async with app.router.lifespan_context(app), AsyncExitStack() as opened:
        yield Client.of(app, database, tokens, opened)


@pytest.fixture
async def client(
    service_database: DatabaseFactory, token_factory: TokenFactory
) -> AsyncIterator[Client]:
    """Nobody, at an application on the database that the tests of a worker share."""
    async with running(service_database("measures"), token_factory) as client:
        yield client


@pytest.fixture
async def start(
    fresh_database: DatabaseFactory, token_factory: TokenFactory
) -> AsyncIterator[Callable[..., Any]]:
    """`await start(idea_rate_limit=3)`: an application of its own, on an empty database or on a
    given one."""
    async with AsyncExitStack() as stack:

        async def factory(database: ServiceDatabase | None = None, **settings: Any) -> Client:
            found = database or fresh_database("measures")
            return await stack.enter_async_context(running(found, token_factory, **settings))

        yield factory


_documents: list[dict[str, Any]] = []


@pytest.fixture
def example(client: Any) -> Any:
    """The example of a creating POST in the API document, its references filled in."""

    async def factory(path: str) -> dict[str, Any]:
        if not _documents:  # writing the document takes seconds
            _documents.append(client.app.openapi())
        document = _documents[0]
        schema = document["paths"][path]["post"]["requestBody"]["content"]["application/json"][
            "schema"
        ]
        body: dict[str, Any] = dict(
            document["components"]["schemas"][schema["$ref"].split("/")[-1]]["examples"][0]
        )
        if "group" in body:
            group = await client.manager.post(
                "/v1/working-groups", json=await factory("/v1/working-groups")
            )
            body["group"] = group.json()["id"]
        return body

    return factory
