from collections.abc import AsyncIterator

import psycopg
import pytest

from tests.fixtures.databases import DatabaseFactory
from tests.fixtures.tokens import TokenFactory
from tests.rights.planted import COUNTY, LIPPSTADT, SOEST, WERL, World, opened, plant


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
    async with opened("measures", database, token_factory) as world:
        world.foreign = await plant(world, SOEST)
        world.own = await plant(world, LIPPSTADT)
        yield world
