"""An upstream that answers, but wrongly: every call to another service, over a real HTTP server.

The last good copy serves, is not replaced, outlives the process, and is current again with the
next right answer.
"""

import asyncio
import contextlib
import gzip
import inspect
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from klima_controlling.upstream.queries import StoredAnswers
from klima_shared.database.connections import Database
from klima_shared.upstream.balance import BalanceClient
from klima_shared.upstream.cache import CachedClient
from klima_shared.upstream.client import ServiceClient
from klima_shared.upstream.measures import MeasuresClient
from klima_shared.upstream.model import Cached, Patience, ServiceDownError, Timing

ORGANISATION = {
    "id": "0b9f0f0e-0000-4000-8000-000000000001",
    "name": "Konzern Kreis Soest",
    "region": "05974000",
}
OWN = {  # the shared balance database has no organisation
    "/v1/organisations": {"items": [ORGANISATION], "next": None},
    f"/v1/organisations/{ORGANISATION['id']}": ORGANISATION,
    f"/v1/organisations/{ORGANISATION['id']}/timeseries": {
        "years": [{"year": 2022, "state": "published", "emissions_t_co2e": 480.0}]
    },
}
JSON = "application/json"
Spoil = Callable[[bytes], tuple[int, str, bytes]]


NO_LISTS = {("lists too few", "organisation")}


def other_types(found: Any) -> Any:
    """The same document, every value of another type."""
    if isinstance(found, dict):
        return {name: other_types(value) for name, value in found.items()}
    if isinstance(found, list):
        return [other_types(value) for value in found]
    return 7 if isinstance(found, str) else "seven"


def emptied(found: Any) -> Any:
    """The same document without the rows of a list that needs some; elsewhere lists and objects
    change places."""
    for mark, needed in (("sectors", "sectors"), ("scenario", "years"), ("items", "items")):
        if mark in found and not (needed == "items" and "next" in found):
            return {**found, needed: []}
    return {
        n: [] if isinstance(v, dict) else {} if isinstance(v, list) else v for n, v in found.items()
    }


def endless(_: bytes) -> tuple[int, str, bytes]:
    return 200, JSON, b'{"items": [{}], "next": "../../health/live?x"}'


SPOILS: dict[str, Spoil] = {
    "empty list": lambda _: (200, JSON, b"[]"),
    "empty object": lambda _: (200, JSON, b"{}"),
    "null": lambda _: (200, JSON, b"null"),
    "text": lambda _: (200, JSON, b'"ok"'),
    "nothing": lambda _: (200, JSON, b""),
    "no content": lambda _: (204, JSON, b""),
    "page of a proxy": lambda _: (200, "text/html", b"<html>Please log in</html>"),
    "page of a proxy, called JSON": lambda _: (200, JSON, b"<html>Please log in</html>"),
    "404 of a proxy": lambda _: (404, "text/html", b"<html>no such host</html>"),
    "422 of a proxy": lambda _: (422, "text/html", b"<html>no</html>"),
    "cut off": lambda body: (200, JSON, body[: len(body) // 2]),
    "other types": lambda body: (200, JSON, json.dumps(other_types(json.loads(body))).encode()),
    "lists too few": lambda body: (200, JSON, json.dumps(emptied(json.loads(body))).encode()),
    "deep": lambda _: (200, JSON, b'{"items":' * 5000 + b"1" + b"}" * 5000),
    "huge number": lambda body: (200, JSON, re.sub(rb"\d+(\.\d+)?", b"9" * 400, body)),
    "huge": lambda body: (200, JSON, body[:-1] + b" " * (17 << 20) + body[-1:]),
    "UTF-16": lambda body: (200, JSON, body.decode().encode("utf-16")),
    "pages without end": endless,
    "compressed, but not": lambda body: (200, "gzip", body),
    "compressed bomb": lambda _: (200, "gzip", gzip.compress(b"[" + b" " * (40 << 20) + b"]")),
}
CALLS: dict[str, Callable[[BalanceClient, MeasuresClient], Awaitable[Any]]] = {
    "region": lambda b, _: b.region("05974040"),
    "members": lambda b, _: b.members("05974000"),
    "versions": lambda b, _: b.versions("05974040"),
    "newest": lambda b, _: b.newest("05974040"),
    "balance": lambda b, _: b.balance("05974040", 2021, 1),
    "balance_bands": lambda b, _: b.balance_bands("05974040", 2021),
    "comparison": lambda b, _: b.comparison(["05974040", "05974028"], 2021),
    "scenario": lambda b, _: b.scenario("05974040", "trend"),
    "scenario_bands": lambda b, _: b.scenario_bands("trend.05974040.2021.v1.e2026-2", [2030, 2045]),
    "climate_targets": lambda b, _: b.climate_targets(),
    "organisation_id": lambda b, _: b.organisation_id("konzern-kreis-soest", "05974000"),
    "organisation": lambda b, _: b.organisation(ORGANISATION["id"]),
    "organisation_years": lambda b, _: b.organisation_years(ORGANISATION["id"]),
    "list_of_region": lambda _, m: m.list_of_region("05974000"),
    "sheet": lambda _, m: _a_sheet(m),
    "sheets": lambda _, m: _some_sheets(m),
}
OPTIONAL = {"balance_bands", "scenario", "scenario_bands"}  # None where they can't be had


async def _listed(measures: MeasuresClient) -> list[Any]:
    listed = await measures.list_of_region("05974000")
    assert listed is not None
    return listed.data


async def _a_sheet(measures: MeasuresClient) -> Any:
    return await measures.sheet((await _listed(measures))[0]["id"])


async def _some_sheets(measures: MeasuresClient) -> Any:
    return await measures.sheets((await _listed(measures))[:2])


class Upstream:
    """Both services behind one address; `spoil` makes other answers of theirs."""

    def __init__(self, ways: dict[str, httpx.AsyncBaseTransport]) -> None:
        self.inner = {
            name: httpx.AsyncClient(transport=way, base_url="http://x")
            for name, way in ways.items()
        }
        self.spoil: Spoil | None = None
        self.url = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await (await self.answer(Request(scope)))(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        service, path = request.url.path.removeprefix("/").split("/", 1)
        own, tag = OWN.get("/" + path), None
        if own is not None:
            status, kind, body = 200, JSON, json.dumps(own).encode()
        else:
            query = request.url.query
            headers = {n: v for n, v in request.headers.items() if n == "if-none-match"}
            found = await self.inner[service].get(f"/{path}?{query}", headers=headers)
            status, body, tag = found.status_code, found.content, found.headers.get("etag")
            kind = found.headers.get("content-type", JSON)
        if self.spoil is not None and status in {200, 304} and not path.startswith("health"):
            status, kind, body = self.spoil(body or b"{}")
        extra = {"ETag": tag} if tag else {}  # the right tag, as a proxy would leave it
        if kind == "gzip":
            kind, extra["Content-Encoding"] = JSON, "gzip"
        return Response(body, status, {**extra, "Content-Type": kind})


@contextlib.asynccontextmanager
async def serving(upstream: Upstream) -> AsyncIterator[Upstream]:
    config = uvicorn.Config(upstream, port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    upstream.url = f"http://127.0.0.1:{port}"
    try:
        yield upstream
    finally:
        server.should_exit = server.force_exit = True
        await task
        for client in upstream.inner.values():
            await client.aclose()


class Process:
    """What a controlling process knows of the two services: another one has only the store."""

    def __init__(self, upstream: Upstream, database: Database) -> None:
        patience = Patience(10.0, 1, 10.0)
        self.caches = [
            CachedClient(
                name,
                ServiceClient(name, f"{upstream.url}/{name}"),
                StoredAnswers(database),
                patient=patience,
                quick=patience,
                timing=Timing(fresh=0.0, watch=0.02, optional=10.0, rest=0.0),
            )
            for name in ("balance", "measures")
        ]
        self.clients = BalanceClient(self.caches[0]), MeasuresClient(self.caches[1])

    async def ask(self, name: str) -> Any:
        return await CALLS[name](*self.clients)

    async def close(self) -> None:
        for cache in self.caches:
            await cache.close()


def content(found: Any) -> Any:
    return found.data if isinstance(found, Cached) else found


def test_every_call_is_looked_at() -> None:
    known = {
        name
        for kind in (BalanceClient, MeasuresClient)
        for name, found in vars(kind).items()
        if inspect.iscoroutinefunction(found) and not name.startswith("_")
    }
    # breaks: an empty list where there are none, and where they can't be had.
    assert known - {"report", "breaks"} == set(CALLS)


@pytest.fixture
async def upstream(world: Any) -> AsyncIterator[Upstream]:
    ways = {"balance": world.balance.inner, "measures": world.measures.inner}
    async with serving(Upstream(ways)) as found:
        yield found


async def test_a_wrong_answer_never_replaces_a_good_one(world: Any, upstream: Upstream) -> None:
    database = world.app.state.stored_answers._database
    process = Process(upstream, database)
    good = {name: content(await process.ask(name)) for name in CALLS}
    assert all(good.values())
    await process.close()

    def kept() -> Any:
        with psycopg.connect(world.database.owner_url) as connection:
            query = "select service, path, body from controlling.upstream_copy order by 1, 2"
            return connection.execute(query).fetchall()

    before = kept()
    assert len(before) >= len(CALLS)
    process = Process(upstream, database)
    for name in CALLS:
        await process.ask(name)
    for what, spoil in SPOILS.items():
        upstream.spoil = spoil
        for running in (process, Process(upstream, database)):  # and one that began afterwards
            for name in CALLS:
                found = await running.ask(name)
                assert content(found) == good[name], (what, name)
                if isinstance(found, Cached) and (what, name) not in NO_LISTS:
                    assert found.stale_since is not None, (what, name)
            if running is not process:
                await running.close()
        assert kept() == before, what
        upstream.spoil = None
        for cache in process.caches:
            while cache._down:  # noqa: ASYNC110  (a watcher in the background sees it)
                await asyncio.sleep(0.02)
        for name in CALLS:
            found = await process.ask(name)
            assert content(found) == good[name], (what, name)
            if isinstance(found, Cached):
                assert found.stale_since is None, (what, name)
    await process.close()


@pytest.mark.parametrize("what", SPOILS)
async def test_a_wrong_answer_without_a_copy_is_a_service_that_is_down(
    world: Any, upstream: Upstream, what: str
) -> None:
    """Nothing is kept of it, and every page of controlling still answers as it does while the
    service is away: with 200 or 503."""
    database = world.app.state.stored_answers._database
    upstream.spoil = SPOILS[what]
    for name in CALLS:
        process = Process(upstream, database)  # nobody of them knows that the service is down
        if (what, name) in NO_LISTS:
            continue
        if name in OPTIONAL:
            assert await process.ask(name) is None, name
        else:
            with pytest.raises(ServiceDownError):
                await process.ask(name)
        await process.close()
    with psycopg.connect(world.database.owner_url) as connection:
        kept = connection.execute("select path from controlling.upstream_copy").fetchall()
    assert kept == []


async def test_a_bad_copy_of_before_is_dropped_when_it_is_met(
    world: Any, upstream: Upstream
) -> None:
    """An earlier release kept `[]` for everything: it serves nobody, and goes."""
    database = world.app.state.stored_answers._database
    process = Process(upstream, database)
    good = {name: content(await process.ask(name)) for name in CALLS}
    await process.close()
    with psycopg.connect(world.database.owner_url) as connection:
        connection.execute("update controlling.upstream_copy set body = '[]'")
    process = Process(upstream, database)
    for name in CALLS:
        assert content(await process.ask(name)) == good[name], name
    await process.close()
    with psycopg.connect(world.database.owner_url) as connection:
        bad = connection.execute("select 1 from controlling.upstream_copy where body = '[]'")
        assert bad.fetchall() == []
        connection.execute("update controlling.upstream_copy set body = '[]'")
    upstream.spoil = SPOILS["empty list"]
    process = Process(upstream, database)
    for name in set(CALLS) - OPTIONAL:
        with pytest.raises(ServiceDownError):
            await process.ask(name)
    await process.close()
    with psycopg.connect(world.database.owner_url) as connection:
        left = connection.execute("select path from controlling.upstream_copy").fetchall()
    optional = ("scenarios", "/uncertainty", "/measures/")
    assert [path for (path,) in left if not any(part in path for part in optional)] == []


async def test_pages_stand_over_wrong_answers(world: Any) -> None:
    """Without any copy, whatever the services answer: 200 or 503, never 500."""
    caches = (world.app.state.context.balance.cache, world.app.state.context.measures.cache)
    for spoil in SPOILS.values():

        async def spoiled(
            request: httpx.Request, inner: Any = world.balance.inner, spoil: Spoil = spoil
        ) -> httpx.Response:
            status, kind, body = spoil(b'{"items": [], "next": null}')
            return httpx.Response(status, content=body, headers={"Content-Type": kind})

        for cache in caches:
            cache.client._http._transport = httpx.MockTransport(spoiled)
        pages = ("/", "/regionen/05974040", "/v1/regions/05974/status")
        for path in (*pages, "/v1/budget?region=05974000"):
            answer = await world.client.get(path)
            assert answer.status_code in {200, 503}, (path, answer.status_code)
