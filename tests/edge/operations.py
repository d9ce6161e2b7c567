"""All operations of all services, one service after the other, with addresses that fit."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import httpx
import pytest

from tests.fixtures.databases import DatabaseFactory
from tests.fixtures.tokens import TokenFactory

SERVICES: Final = ("balance", "measures", "controlling")
METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """An operation of an API document with an address that fits its patterns."""

    method: str
    template: str
    path: str
    document: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


@dataclass(frozen=True)
class Service:
    client: httpx.AsyncClient
    operations: list[Operation]


def _filled(template: str, document: dict[str, Any]) -> str:
    path = template
    for parameter in document.get("parameters", []):
        if parameter["in"] == "path":
            schema = parameter["schema"]
            value = (
                schema.get("enum") or parameter.get("examples") or schema.get("examples") or [""]
            )[0]
            if not isinstance(value, str | int) or value == "":
                value = "00000000-0000-4000-8000-000000000000"
            path = path.replace("{" + parameter["name"] + "}", str(value))
    return path


@pytest.fixture(scope="module", params=SERVICES)
def application(
    request: pytest.FixtureRequest, service_database: DatabaseFactory, token_factory: TokenFactory
) -> Any:
    settings = import_module(f"klima_{request.param}.settings").Settings
    return import_module(f"klima_{request.param}.app").create_app(
        settings(
            environment="test",
            database_url=service_database(request.param).url,
            auth_issuer=token_factory.issuer,
            auth_audience=token_factory.audience,
            auth_jwks=str(token_factory.jwks_path),
        )
    )


@pytest.fixture
async def service(application: Any) -> AsyncIterator[Service]:
    paths = application.openapi()["paths"]
    operations = [
        Operation(method, template, _filled(template, document), document)
        for template, item in paths.items()
        for method, document in item.items()
        if method in METHODS
    ]
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        yield Service(client, operations)
