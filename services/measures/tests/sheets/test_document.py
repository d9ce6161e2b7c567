"""The OpenAPI document of the measures' routes, and the schema against its migrations."""

from __future__ import annotations

import re
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from klima_measures.app import SHEETS
from klima_measures.catalogue.routes import lists
from klima_measures.migrations import metadata
from klima_measures.registers.routes import register_routers
from klima_measures.sheets.actions.writing import REGISTER_HOOKS
from klima_measures.sheets.routes import measures
from tests.fixtures.databases import DatabaseFactory

from ..conftest import Client


async def test_every_operation_is_described(client: Client) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    routers = [module.router for module in SHEETS]
    routers += [lists.sums_router, measures.page_router, *register_routers(REGISTER_HOOKS)]
    names = {route.name for router in routers for route in router.routes if hasattr(route, "name")}
    seen: dict[str, Any] = {}
    for operations in document["paths"].values():
        for operation in operations.values():
            if operation["operationId"] in names:
                seen[operation["operationId"]] = operation
    assert set(seen) == names
    for name, operation in seen.items():
        assert re.fullmatch(
            r"(get|list|count|create|replace|update|delete|note|import"
            r"|submit|withdraw|publish|archive)_\w+",
            name,
        )
        assert operation["summary"]
        assert any(status.startswith("4") for status in operation["responses"]), name
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body and "$ref" not in str(body.get("schema", {}).get("anyOf", "")):
            assert body.get("examples"), name


def test_the_migrations_make_the_tables_of_the_program(fresh_database: DatabaseFactory) -> None:
    url = fresh_database("measures").owner_url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url)
    with engine.connect() as connection:
        options = {
            "include_schemas": True,
            "compare_type": True,
            "target_metadata": metadata,
            "include_name": lambda name, kind, _: kind != "schema" or name == "measures",
            "include_object": lambda _o, name, kind, _r, _c: (
                kind != "table" or name != "alembic_version"
            ),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()
