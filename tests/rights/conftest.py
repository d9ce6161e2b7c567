from collections.abc import AsyncIterator

import httpx
import psycopg
import pytest

from klima_measures.app import create_app
from klima_measures.settings import Settings
from tests.fixtures.databases import DatabaseFactory
from tests.fixtures.tokens import TokenFactory
from tests.rights.planted import COUNTY, LIPPSTADT, SOEST, WERL, World, plant


@pytest.fixture
async def measures(
    fresh_database: DatabaseFactory, token_factory: TokenFactory
) -> AsyncIterator[World]:
    """The measures service with drafts of Soest and of Lippstadt."""
    database = fresh_database("measures")
    with psycopg.connect(database.owner_url) as connection:
        for ags, name in ((SOEST, "Soest"), (LIPPSTADT, "Lippstadt"), (WERL, "Werl")):
            connection.execute(
                "insert into measures.region (ags, name, kind, parent) values (%s, %s, %s, %s)",
                (ags, name, "municipality", COUNTY),
            )
    app = create_app(
        Settings(
            environment="test",
            database_url=database.url,
            auth_issuer=token_factory.issuer,
            auth_audience=token_factory.audience,
            auth_jwks=str(token_factory.jwks_path),
        )
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://measures") as client,
    ):
        world = World(app, client, token_factory, database)
        world.foreign = await plant(world, SOEST)
        world.own = await plant(world, LIPPSTADT)
        yield world
