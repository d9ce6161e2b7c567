"""The frame that every service stands in, tried with the smallest service: tokens, origins, sizes,
repeats, failures."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import APIRouter, FastAPI, UploadFile
from pydantic import BaseModel
from sqlalchemy import insert, text

from klima_measures.migrations import (
    config as migrations,  # any service's schema holds the technical tables
)
from klima_measures.migrations import metadata
from klima_shared.codes.access import Role
from klima_shared.database.connections import Read, Write
from klima_shared.http.auth import Caller, Manager
from klima_shared.http.idempotency import Created, Idempotency
from klima_shared.service.server import create_service
from klima_shared.service.settings import ServiceSettings

router = APIRouter(prefix="/v1")


class Thing(BaseModel):
    name: str


@router.get("/who", summary="Who asks")
async def get_who(caller: Caller) -> dict[str, Any]:
    return {"subject": caller.subject, "roles": sorted(caller.roles), "regions": caller.regions}


@router.get("/drafts/{region}", summary="Drafts")
async def get_drafts(region: str, caller: Caller) -> dict[str, bool]:
    return {"may": caller.may_read_drafts(region)}


@router.post("/things", summary="Create", status_code=201)
async def create_thing(body: Thing, write: Write, caller: Manager, idempotency: Idempotency) -> Any:
    async def action() -> Created:
        if body.name == "broken":
            raise RuntimeError("broken")
        audit = metadata.tables["measures.audit"]
        row = insert(audit).values(
            subject=caller.subject, action="x", entity="thing", entity_id=body.name
        )
        identity = (await write.execute(row.returning(audit.c.id))).scalar_one()
        return Created({"id": identity}, location=f"/v1/things/{identity}")

    return await idempotency.run(write, action)


@router.post("/late", summary="A constraint that fails at commit", status_code=201)
async def create_late(write: Write) -> dict[str, str]:
    await write.execute(
        text("create temporary table t (a int unique deferrable initially deferred) on commit drop")
    )
    await write.execute(text("insert into t values (1), (1)"))
    return {"stored": "it seems"}


@router.post("/files", summary="Upload")
async def create_file(file: UploadFile) -> dict[str, int]:
    return {"size": len(await file.read())}


@router.get("/write-in-read", summary="A read that writes")
async def get_nothing(read: Read) -> None:
    await read.execute(text("delete from measures.audit"))


def app_for(url: str, tokens: Any, **more: Any) -> FastAPI:
    values = {
        "auth_issuer": tokens.issuer,
        "auth_audience": tokens.audience,
        "auth_jwks": str(tokens.jwks_path),
    } | more
    settings = ServiceSettings(
        environment="test", database_url=url, max_body_bytes=2048, max_upload_bytes=8192, **values
    )
    return create_service(
        "probe",
        "Probe",
        "Probe",
        settings=settings,
        metadata=metadata,
        migrations=migrations(),
        routers=[router],
    )


async def _client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://probe") as client,
    ):
        yield client


@pytest.fixture
async def probe(service_database: Any, token_factory: Any) -> AsyncIterator[httpx.AsyncClient]:
    url = service_database("measures").url
    async for client in _client(
        app_for(url, token_factory, write_origins=("https://editor.example",))
    ):
        yield client


async def test_roles_imply_the_lesser_ones_and_regions_become_canonical(
    probe: httpx.AsyncClient, token_factory: Any
):
    headers = token_factory.headers("manager", "offline_access", region=["05974", "nonsense"])
    who = (await probe.get("/v1/who", headers=headers)).json()
    assert who == {
        "subject": "test",
        "roles": ["editor", "manager", "viewer"],
        "regions": ["05974000"],
    }
    assert (await probe.get("/v1/who")).json()["subject"] == "anonymous"


async def test_a_bad_token_is_refused_where_none_is_needed(
    probe: httpx.AsyncClient, token_factory: Any
):
    for fault, token in token_factory.refused("viewer").items():
        response = await probe.get("/v1/who", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 401, fault
    assert (await probe.get("/v1/who", headers={"Authorization": "Basic abc"})).status_code == 401


@pytest.mark.parametrize(
    ("roles", "region", "may"),
    [
        (("viewer",), "05974", True),
        (("viewer",), "05754", False),
        (("service",), "", True),
        (("method",), "05974", False),
    ],
)
async def test_who_sees_drafts(
    probe: httpx.AsyncClient, token_factory: Any, roles: tuple[str, ...], region: str, may: bool
):
    headers = token_factory.headers(*roles, region=region or ())
    assert (await probe.get("/v1/drafts/05974040", headers=headers)).json() == {"may": may}


async def test_claims_may_have_other_names(service_database: Any, token_factory: Any):
    app = app_for(
        service_database("measures").url,
        token_factory,
        auth_roles_claim="groups",
        auth_regions_claim="org.ags",
    )
    token = token_factory(realm_access=None, groups="editor klima", org={"ags": "05974040"})
    async for client in _client(app):
        who = (await client.get("/v1/who", headers={"Authorization": f"Bearer {token}"})).json()
        assert (who["roles"], who["regions"]) == (["editor", "viewer"], ["05974040"])


class _Keys(BaseHTTPRequestHandler):
    document: dict[str, Any]

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(type(self).document).encode())

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def issuer() -> Iterator[tuple[str, type[_Keys]]]:
    handler = type("Keys", (_Keys,), {"document": {"keys": []}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/certs", handler
    server.shutdown()
    thread.join()
    server.server_close()


async def test_keys_over_http_and_their_rotation(
    service_database: Any, token_factory: Any, issuer: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("klima_shared.http.auth.KEYS_MIN_AGE", 0.0)
    url, handler = issuer
    first, handler.document = token_factory.rs256("viewer", region="05974")
    second, rotated = token_factory.rs256("viewer", region="05974")
    async for client in _client(
        app_for(service_database("measures").url, token_factory, auth_jwks=url)
    ):
        assert (
            await client.get("/v1/who", headers={"Authorization": f"Bearer {first}"})
        ).status_code == 200
        assert (
            await client.get("/v1/who", headers={"Authorization": f"Bearer {second}"})
        ).status_code == 401
        handler.document = rotated
        assert (
            await client.get("/v1/who", headers={"Authorization": f"Bearer {second}"})
        ).status_code == 200


async def test_without_keys_nobody_gets_in(service_database: Any, token_factory: Any):
    url = service_database("measures").url
    headers = token_factory.headers("manager", region="05974")
    async for client in _client(app_for(url, token_factory, auth_jwks=None)):
        assert (await client.get("/v1/who", headers=headers)).status_code == 401
    async for client in _client(app_for(url, token_factory, auth_jwks="/nowhere/keys.json")):
        response = await client.get("/v1/who", headers=headers)
        assert response.status_code == 503
        assert "nowhere" not in response.text


async def test_any_origin_reads_and_configured_ones_write(probe: httpx.AsyncClient):
    read = await probe.get("/v1/who", headers={"Origin": "https://town.example"})
    assert read.headers["access-control-allow-origin"] == "*"
    asked = {"Origin": "https://town.example", "Access-Control-Request-Method": "POST"}
    assert (await probe.options("/v1/things", headers=asked)).status_code == 400
    asked["Origin"] = "https://editor.example"
    allowed = await probe.options("/v1/things", headers=asked)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (
        200,
        "https://editor.example",
    )


async def test_sizes_differ_for_json_and_uploads(probe: httpx.AsyncClient, token_factory: Any):
    headers = token_factory.headers("manager")
    assert (
        await probe.post("/v1/things", json={"name": "x" * 3000}, headers=headers)
    ).status_code == 413
    assert (await probe.post("/v1/files", files={"file": b"x" * 4000})).json() == {"size": 4000}
    assert (await probe.post("/v1/files", files={"file": b"x" * 9000})).status_code == 413


async def test_a_failing_commit_is_not_a_success(probe: httpx.AsyncClient):
    response = await probe.post("/v1/late")
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"


async def test_what_cannot_be_stored_is_the_contents_fault(
    probe: httpx.AsyncClient, token_factory: Any
):
    response = await probe.post(
        "/v1/things", json={"name": "a\x00b"}, headers=token_factory.headers("manager")
    )
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_read_cannot_write(probe: httpx.AsyncClient):
    assert (await probe.get("/v1/write-in-read")).status_code == 500


async def test_fifty_repeats_create_one_thing(
    probe: httpx.AsyncClient, token_factory: Any, service_database: Any
):
    headers = token_factory.headers("manager") | {"Idempotency-Key": "k-1"}
    answers = await asyncio.gather(
        *(probe.post("/v1/things", json={"name": "one"}, headers=headers) for _ in range(50))
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sum(a.headers.get("idempotent-replayed") == "true" for a in answers) == 49
    with psycopg.connect(service_database("measures").owner_url) as connection:
        (count,) = connection.execute(
            "select count(*) from measures.audit where entity_id = 'one'"
        ).fetchone() or (0,)
    assert count == 1


async def test_a_key_whose_request_failed_is_free_again(
    probe: httpx.AsyncClient, token_factory: Any
):
    headers = token_factory.headers("manager") | {"Idempotency-Key": "k-2"}
    assert (
        await probe.post("/v1/things", json={"name": "broken"}, headers=headers)
    ).status_code == 500
    assert (
        await probe.post("/v1/things", json={"name": "whole"}, headers=headers)
    ).status_code == 201


async def test_a_lost_database_is_503_and_not_ready(token_factory: Any):
    async for client in _client(
        app_for("postgresql+psycopg://nobody@127.0.0.1:1/none", token_factory)
    ):
        assert (await client.get("/health/live")).status_code == 200
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["database"]) == (503, "unreachable")
        response = await client.post("/v1/late")
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        assert "127.0.0.1:1" not in response.text


async def test_every_answer_has_a_request_id(probe: httpx.AsyncClient):
    given = await probe.get(
        "/health/live", headers={"X-Request-ID": "3f1c9b1e5d0a4c0b9d7a8e6f5c4b3a21"}
    )
    assert given.headers["x-request-id"] == "3f1c9b1e5d0a4c0b9d7a8e6f5c4b3a21"
    assert len((await probe.get("/nothing")).headers["x-request-id"]) >= 32


async def test_documentation_comes_from_the_service_itself(probe: httpx.AsyncClient):
    for path in ("/docs", "/redoc"):
        page = await probe.get(path)
        assert page.status_code == 200
        assert "https://" not in page.text.replace("https://fastapi.tiangolo.com", "")
    assert (await probe.get("/static-offline-docs/swagger-ui-bundle.js")).status_code == 200


def test_roles_are_those_of_the_contract():
    assert {r.value for r in Role} == {"viewer", "editor", "manager", "method", "service"}
