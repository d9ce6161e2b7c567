"""The measures service with one object of every kind that the public does not see, in two
municipalities."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final
from uuid import uuid4

import httpx
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from klima_local import openapi
from klima_shared.http.references import body_of
from tests.fixtures.databases import ServiceDatabase
from tests.fixtures.tokens import TokenFactory
from tests.rights import bodies

COUNTY: Final = "05974000"
SOEST, LIPPSTADT, WERL = "05974040", "05974028", "05974052"
NOTHING: Final = "00000000-0000-4000-8000-000000000000"
NO_IDEA: Final = "KI-0000-0000"
_KIND_OF_PATH: Final = {
    "kick-offs": "kick_off",
    "workshops": "workshop",
    "prioritisations": "prioritisation",
    "actors": "actor",
    "networks": "network",
    "meetings": "meeting",
    "resolutions": "resolution",
    "tasks": "task",
    "working-groups": "working_group",
    "contacts": "contact",
    "campaigns": "campaign",
    "press-items": "press_item",
    "events": "event",
    "concepts": "concept",
    "templates": "template",
    "funding-programmes": "funding_programme",
    "rounds": "round",
    "strategies": "strategy",
    "quarters": "quarter",
    "measures": "measure",
    "ideas": "idea",
}


@dataclass(frozen=True)
class Operation:
    """An operation of the API document."""

    name: str
    method: str
    template: str
    document: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """(name, kind of the object) of the ids in the path."""
        parts = self.template.split("/")
        return [
            (part[1:-1].partition(":")[0].split(".")[0].rstrip("}"), _KIND_OF_PATH[parts[i - 1]])
            for i, part in enumerate(parts)
            if part.startswith("{") and part != "{ags}" and parts[i - 1] in _KIND_OF_PATH
        ]

    def at(self, ids: dict[str, str]) -> str:
        """The address with these objects."""
        path = self.template
        for name, kind in self.parameters:
            path = path.replace("{" + name + "}", ids[kind])
        return path.replace("{revision}", "1")


def operations(app: Any) -> list[Operation]:
    """What a running service offers."""
    return _operations(app.openapi())


def documented_operations(service: str) -> list[Operation]:
    """What the API document of a service offers."""
    return _operations(json.loads(openapi.documents()[service]))


def _operations(document: dict[str, Any]) -> list[Operation]:
    return [
        Operation(document["operationId"], method.upper(), template, document)
        for template, item in document["paths"].items()
        for method, document in item.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def model_of(app: Any, operation: Operation) -> type[BaseModel]:
    """The model of an operation's body."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or operation.method not in route.methods:
            continue
        model = body_of(route) if route.path_format == operation.template else None
        if model is not None:
            return model
    raise AssertionError(operation)


@asynccontextmanager
async def opened(
    name: str, database: ServiceDatabase, tokens: TokenFactory
) -> AsyncIterator[World]:
    """A service on a database, asked over ASGI."""
    app = import_module(f"klima_{name}.app").create_app(
        import_module(f"klima_{name}.settings").Settings(
            environment="test",
            database_url=database.url,
            auth_issuer=tokens.issuer,
            auth_audience=tokens.audience,
            auth_jwks=str(tokens.jwks_path),
        )
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        yield World(app, client, tokens, database)


@dataclass
class World:
    app: Any
    client: httpx.AsyncClient
    tokens: TokenFactory
    database: ServiceDatabase
    foreign: dict[str, str] = field(default_factory=dict)
    """Kind -> id of an object of Soest that nobody else sees."""
    own: dict[str, str] = field(default_factory=dict)
    """The same in Lippstadt."""

    def as_(self, role: str, region: str) -> dict[str, str]:
        return dict(self.tokens.headers(role, region=region, subject=f"{role} {region}"))

    async def send(
        self, operation: Operation, path: str, headers: dict[str, str], body: Any = None
    ) -> httpx.Response:
        more = {"If-Match": "*"} if "If-Match" in str(operation.document) else {}
        if "Idempotency-Key" in str(operation.document):
            more["Idempotency-Key"] = str(uuid4())
        options: dict[str, Any] = {}
        if "multipart/form-data" in str(operation.document.get("requestBody")):
            options["files"] = {"file": ("a.json", json.dumps(body or []).encode())}
        elif operation.document.get("requestBody"):
            options["json"] = body
        return await self.client.request(
            operation.method, path, headers={**more, **headers}, **options
        )


async def _made(world: World, path: str, body: Any, manager: dict[str, str]) -> Any:
    answer = await world.client.post(path, json=body, headers=manager)
    assert answer.status_code in {200, 201}, (path, answer.text)
    return answer.json()


async def plant(world: World, region: str) -> dict[str, str]:
    """One object of every kind in a region, as drafts."""
    manager, ids = world.as_("manager", region), dict[str, str]()
    paths = {kind: path for path, kind in _KIND_OF_PATH.items()}
    for kind, body in bodies.REGISTERS.items():
        found = await _made(world, f"/v1/{paths[kind]}", body(region, ids), manager)
        ids[kind] = found["id"]
    for kind in ("workshop", "actor", "working_group", "kick_off", "contact"):
        found = await _made(world, f"/v1/{paths[kind]}", bodies.RECORDS[kind](region, ids), manager)
        ids[kind] = found["id"]
    for kind in ("accepted_idea", "idea"):
        text = {"region": region, "text": f"Eine Idee aus {region}, {kind}.", "consent": True}
        ids[kind] = (await _made(world, "/v1/ideas", text, manager))["reference"]
    await _decided(world, ids["accepted_idea"], "moderation", {"state": "accepted"}, manager)
    triage = {"triage": "municipal", "reason": "Hier."}
    await _decided(world, ids["accepted_idea"], "triage", triage, manager)
    for kind, number in (("linked", "1"), ("measure", "2")):
        plain = {**bodies.sheet(region, {**ids, "linked": ""}, f"{region}-{number}"), "links": []}
        ids[kind] = (await _made(world, "/v1/measures", plain, manager))["id"]
    for kind in ("meeting", "resolution", "task", "campaign", "network", "prioritisation"):
        prefix = "working-groups/" if kind in {"meeting", "resolution", "task"} else ""
        found = await _made(
            world, f"/v1/{prefix}{paths[kind]}", bodies.RECORDS[kind](region, ids), manager
        )
        ids[kind] = found["id"]
    for kind in ("press_item", "event"):
        found = await _made(world, f"/v1/{paths[kind]}", bodies.RECORDS[kind](region, ids), manager)
        ids[kind] = found["id"]
    return ids


async def _decided(
    world: World, reference: str, step: str, body: Any, manager: dict[str, str]
) -> None:
    answer = await world.client.post(
        f"/v1/ideas/{reference}/{step}", json=body, headers={**manager, "If-Match": "*"}
    )
    assert answer.status_code == 200, answer.text


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where the texts of a body stand."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from places(inner, (*path, position))


def put(body: Any, path: tuple[str | int, ...], value: str) -> Any:
    """The body with another text at a place."""
    if not path:
        return value
    copy = list(body) if isinstance(body, list) else dict(body)
    copy[path[0]] = put(copy[path[0]], path[1:], value)
    return copy


def at(body: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        body = body[part]
    return body
