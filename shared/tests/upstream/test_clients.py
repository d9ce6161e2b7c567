"""The client against real servers on 127.0.0.1: what it repeats, what it keeps, and what it makes
of failures."""

import asyncio
import contextlib
import socket
import time

import pytest
import uvicorn
from asgi_correlation_id import CorrelationIdMiddleware, correlation_id
from fastapi import FastAPI, Request, Response
from starlette.responses import JSONResponse, StreamingResponse

from klima_shared.database import connections
from klima_shared.http.service_tokens import ClientCredentials, fixed_token
from klima_shared.upstream.client import ServiceClient
from klima_shared.upstream.errors import (
    UpstreamBrokenError,
    UpstreamNotFoundError,
    UpstreamProblemError,
    UpstreamRefusedError,
    UpstreamUnavailableError,
)
from klima_shared.upstream.model import Limits, Patience


class Upstream:
    """A service of the test: counts its requests and answers as the test tells it."""

    def __init__(self):
        self.requests: list[Request] = []
        self.failures: list[Response] = []
        self.etag = '"one"'
        self.app = FastAPI()
        self.app.add_middleware(CorrelationIdMiddleware)
        self.app.api_route("/v1/thing", methods=["GET", "POST"])(self.thing)
        self.app.get("/v1/items")(self.items)
        self.app.get("/v1/loop")(self.loop)
        self.app.get("/v1/problem/{status}")(self.problem)
        self.app.get("/v1/status/{status}")(self.status)
        self.app.get("/v1/large")(self.large)
        self.app.get("/v1/slow")(self.slow)
        self.app.get("/v1/text")(self.text)
        self.app.get("/health/ready")(self.ready)
        self.app.post("/token")(self.token)

    async def thing(self, request: Request):
        self.requests.append(request)
        if self.failures:
            return self.failures.pop(0)
        if request.headers.get("if-none-match") == self.etag:
            return Response(status_code=304, headers={"ETag": self.etag})
        return JSONResponse(
            {"etag": self.etag, "lang": request.headers["accept-language"]},
            headers={"ETag": self.etag},
        )

    async def items(self, limit: int, cursor: int = 0, total: int = 450):
        end = min(cursor + limit, total)
        return {"items": list(range(cursor, end)), "next": str(end) if end < total else None}

    async def loop(self):
        return {"items": [1], "next": "same"}

    async def problem(self, status: int):
        body = {
            "type": "urn:x",
            "title": "Nein",
            "status": status,
            "detail": "Weil.",
            "errors": [{"pointer": "/body/year", "detail": "fehlt"}, "odd"],
        }
        return JSONResponse(body, status, media_type="application/problem+json")

    async def status(self, status: int, request: Request):
        self.requests.append(request)
        return Response(b"<html>proxy</html>", status, headers={"Location": "/v1/thing"})

    async def large(self):
        return StreamingResponse(b"x" * 10_000 for _ in range(1000))

    async def slow(self, request: Request):
        self.requests.append(request)
        await asyncio.sleep(5)

    async def text(self):
        return Response("hello")

    async def ready(self):
        return Response(status_code=503 if self.failures else 200)

    async def token(self, request: Request):
        self.requests.append(request)
        return {"access_token": f"token-{len(self.requests)}", "expires_in": 2}


def listening() -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    return listener


@contextlib.asynccontextmanager
async def serving(app):
    listener = listening()
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    server.install_signal_handlers = lambda: None
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await task
        listener.close()


@pytest.fixture
async def upstream():
    service = Upstream()
    async with serving(service.app) as url:
        service.url = url
        yield service


@pytest.fixture
async def client(upstream):
    async with ServiceClient(
        "balance", upstream.url, patience=Patience(timeout=1.0), limits=Limits(answer_bytes=100_000)
    ) as client:
        yield client


def unavailable(status=503, **headers):
    return Response(status_code=status, headers=headers)


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_read_is_repeated_when_that_may_help(upstream, client, status):
    upstream.failures = [unavailable(status), unavailable(status)]
    assert (await client.get_json("/v1/thing"))["etag"] == '"one"'
    assert len(upstream.requests) == 3


async def test_a_read_is_not_repeated_for_ever(upstream, client):
    upstream.failures = [unavailable() for _ in range(10)]
    with pytest.raises(UpstreamUnavailableError, match="HTTP 503"):
        await client.get("/v1/thing")
    assert len(upstream.requests) == 3


@pytest.mark.parametrize("status", [500, 501, 429, 400, 404])
async def test_other_failures_are_not_repeated(upstream, client, status):
    with pytest.raises((UpstreamUnavailableError, UpstreamProblemError)):
        await client.get(f"/v1/status/{status}")
    assert len(upstream.requests) == 1


async def test_a_write_is_never_repeated(upstream, client):
    upstream.failures = [unavailable()]
    with pytest.raises(UpstreamUnavailableError):
        await client.send("POST", "/v1/thing", {"a": 1})
    assert len(upstream.requests) == 1


async def test_retry_after_is_honoured_within_reason(upstream, client):
    upstream.failures = [unavailable(**{"Retry-After": "1"})]
    begun = time.monotonic()
    await client.get("/v1/thing")
    assert time.monotonic() - begun >= 1.0
    upstream.failures = [unavailable(**{"Retry-After": "3600"})]
    begun = time.monotonic()
    await client.get("/v1/thing")
    assert time.monotonic() - begun < 3.0


async def test_no_connection():
    listener = listening()  # bound but not listening: connections are refused
    async with ServiceClient("balance", f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
        with pytest.raises(
            UpstreamUnavailableError, match=r"balance: no connection \(ConnectError\)"
        ):
            await client.get("/v1/thing")
        assert await client.ready() is False
    listener.close()


async def test_a_connection_that_breaks_is_tried_again():
    connections = 0

    async def break_twice(reader, writer):
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        if connections > 2:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(break_twice, "127.0.0.1", 0)
    async with (
        server,
        ServiceClient("x", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client,
    ):
        assert await client.get_json("/") == {}
    assert connections == 3


async def test_a_slow_read_times_out_and_is_not_asked_again(upstream, client):
    begun = time.monotonic()
    with pytest.raises(UpstreamUnavailableError, match="no answer in time"):
        await client.get("/v1/slow")
    assert time.monotonic() - begun < 3.0
    assert len(upstream.requests) == 1


async def test_the_deadline_holds_over_all_tries(upstream):
    async with ServiceClient(
        "x", upstream.url, patience=Patience(timeout=10.0, deadline=0.5)
    ) as client:
        begun = time.monotonic()
        with pytest.raises(UpstreamUnavailableError, match=r"within 0\.5 s"):
            await client.get("/v1/slow")
        assert time.monotonic() - begun < 1.5


async def test_conditional_requests(upstream, client):
    first = await client.get("/v1/thing")
    second = await client.get("/v1/thing")
    assert (first.from_cache, second.from_cache) == (False, True)
    assert upstream.requests[1].headers["if-none-match"] == '"one"'
    assert second.json() == first.json()
    assert second.status == 200
    upstream.etag = '"two"'
    third = await client.get("/v1/thing")
    assert (third.from_cache, third.json()["etag"]) == (False, '"two"')
    assert (await client.get("/v1/thing")).from_cache


async def test_copies_differ_by_language_and_query(upstream, client):
    german = await client.get("/v1/thing")
    english = await client.get("/v1/thing", lang="en")
    other = await client.get("/v1/thing", {"year": 2021, "empty": None})
    assert [a.from_cache for a in (german, english, other)] == [False, False, False]
    assert english.json()["lang"] == "en"
    assert str(upstream.requests[2].url).endswith("/v1/thing?year=2021")


async def test_copies_are_bounded(upstream):
    async with ServiceClient("x", upstream.url, limits=Limits(cache_entries=2)) as client:
        for year in (1, 2, 3):
            await client.get("/v1/thing", {"year": year})
        assert not (await client.get("/v1/thing", {"year": 1})).from_cache
        assert (await client.get("/v1/thing", {"year": 3})).from_cache
    async with ServiceClient("x", upstream.url, limits=Limits(cache_bytes=10)) as client:
        await client.get("/v1/thing")
        assert not (await client.get("/v1/thing")).from_cache
        assert client._cache.size == 0


async def test_no_store_is_not_kept(upstream, client):
    upstream.failures = [
        Response(b"{}", headers={"ETag": '"one"', "Cache-Control": "private, no-store"})
    ]
    await client.get("/v1/thing")
    assert not (await client.get("/v1/thing")).from_cache


async def test_request_id_and_token_go_along(upstream):
    async with ServiceClient("x", upstream.url, token=fixed_token("abc")) as client:
        token = correlation_id.set("0123456789abcdef0123456789abcdef")
        try:
            await client.get("/v1/thing")
        finally:
            correlation_id.reset(token)
    headers = upstream.requests[0].headers
    assert headers["x-request-id"] == "0123456789abcdef0123456789abcdef"
    assert headers["authorization"] == "Bearer abc"


async def test_service_tokens_are_fetched_once_and_renewed(upstream):
    supply = ClientCredentials(upstream.url + "/token", "controlling", "secret", early=1.0)
    assert [await supply() for _ in range(3)] == ["token-1"] * 3
    assert upstream.requests[0].headers["authorization"].startswith("Basic ")
    await asyncio.sleep(1.1)
    assert await supply() == "token-2"


async def test_without_identity_provider_nothing_secret_is_told():
    supply = ClientCredentials("http://127.0.0.1:9/token", "controlling", "secret")
    with pytest.raises(UpstreamUnavailableError) as caught:
        await supply()
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_problems_become_exceptions(client):
    with pytest.raises(UpstreamProblemError) as caught:
        await client.get("/v1/problem/422")
    problem = caught.value
    assert (problem.service, problem.status, problem.type, problem.title) == (
        "balance",
        422,
        "urn:x",
        "Nein",
    )
    assert problem.detail == "Weil."
    assert problem.errors == [{"pointer": "/body/year", "detail": "fehlt"}]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, UpstreamNotFoundError),
        (410, UpstreamNotFoundError),
        (401, UpstreamRefusedError),
        (403, UpstreamRefusedError),
        (409, UpstreamProblemError),
        (500, UpstreamUnavailableError),
    ],
)
async def test_kinds_of_problems(client, status, kind):
    with pytest.raises(kind) as caught:
        await client.get(f"/v1/problem/{status}")
    assert type(caught.value) is kind


async def test_a_refusal_without_a_problem_document(client):
    with pytest.raises(UpstreamProblemError) as caught:
        await client.get("/v1/status/418")
    assert (caught.value.title, caught.value.type, caught.value.detail) == (
        "HTTP 418",
        "about:blank",
        None,
    )


async def test_redirects_are_not_followed(upstream, client):
    with pytest.raises(UpstreamBrokenError, match="unexpected HTTP 307"):
        await client.get("/v1/status/307")
    assert len(upstream.requests) == 1


async def test_a_runaway_answer_is_cut_off(client):
    with pytest.raises(UpstreamBrokenError, match="larger than 100000 bytes"):
        await client.get("/v1/large")


async def test_an_answer_that_is_no_json(client):
    with pytest.raises(UpstreamBrokenError, match="no JSON"):
        await client.get_json("/v1/text")


async def test_all_pages_of_a_list(client):
    assert [item async for item in client.items("/v1/items")] == list(range(450))
    assert [item async for item in client.items("/v1/items", {"total": 0})] == []


async def test_lists_that_are_none_or_do_not_end(client):
    with pytest.raises(UpstreamBrokenError, match="repeats"):
        _ = [item async for item in client.items("/v1/loop")]
    with pytest.raises(UpstreamBrokenError, match="no list"):
        _ = [item async for item in client.items("/v1/thing")]


async def test_readiness(upstream, client):
    assert await client.ready() is True
    upstream.failures = [unavailable()]
    assert await client.ready() is False


async def test_no_call_inside_a_write_transaction(upstream, client):
    """Rows would stay locked for as long as the other service takes."""
    connections._writing.set(True)
    with pytest.raises(RuntimeError, match="GET /v1/thing was asked inside a write transaction"):
        await client.get("/v1/thing")
    connections._writing.set(False)
    assert upstream.requests == []
    assert (await client.get("/v1/thing")).status == 200
