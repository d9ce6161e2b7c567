"""All operations of all services at their door: what does not belong there is refused, kindly."""

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


async def test_other_methods_are_refused_with_all_that_are_offered(service: Service) -> None:
    wrong = []
    for path in {operation.path for operation in service.operations}:
        answer = await service.client.request("TRACE", path)
        allowed = set(answer.headers.get("allow", "").split(", "))
        offered = {o.method.upper() for o in service.operations if o.path == path}
        if answer.status_code != 405 or not offered <= allowed or not answer.json()["detail"]:
            wrong.append(f"{path}: {answer.status_code} {allowed}")
        if "GET" in offered and "HEAD" not in allowed:
            wrong.append(f"{path}: {allowed}")
    assert wrong == []


async def test_an_address_written_out_has_no_methods_of_a_template(service: Service) -> None:
    """`PUT /v1/kick-offs/report` is no `PUT /v1/kick-offs/{entry_id}`."""
    plain = {o.template for o in service.operations if "{" not in o.template}
    wrong = []
    for path in plain:
        offered = {o.method.upper() for o in service.operations if o.template == path}
        for method in {m.upper() for m in METHODS} - offered:
            answer = await service.client.request(method, path, json={})
            if answer.status_code != 405:
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


async def test_a_304_says_what_the_200_said(service: Service) -> None:
    checked = 0
    for operation in service.operations:
        if operation.method != "get" or operation.template.startswith("/health"):
            continue
        whole = await service.client.get(operation.path)
        if whole.status_code != 200 or "etag" not in whole.headers:
            continue
        lines = [("If-None-Match", '"other"'), ("If-None-Match", "W/" + whole.headers["etag"])]
        again = await service.client.get(operation.path, headers=lines)
        assert again.status_code == 304, operation
        for name in ("etag", "cache-control", "vary"):
            assert again.headers.get(name) == whole.headers[name], (operation, name)
        checked += 1
    assert checked > 3
