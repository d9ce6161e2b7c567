"""What reaches the log and the metrics, and what never does."""

import io
import json
import logging

import anyio
import httpx
import orjson
import pytest
import structlog
from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import APIRouter, FastAPI
from fastapi.responses import StreamingResponse
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from klima_shared.service.metrics import instrument
from klima_shared.service.observability import REMOVED, configure_logging, redact

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
REQUEST_ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def lines():
    """Configures logging as a service does, and puts the process back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("balance", "info", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = before
    structlog.reset_defaults()


@pytest.fixture
def app():
    class Body(BaseModel):
        region: str

    app = FastAPI(redirect_slashes=False, version="1.2.3")
    router = APIRouter(prefix="/v1")

    @router.get("/regions/{ags}")
    async def get_region(ags: str):
        structlog.get_logger("test").info("asked", ags=ags)
        logging.getLogger("library").warning("said %s", "something")
        return {}

    @router.post("/things")
    async def create_thing(body: Body):
        return {}

    @router.get("/boom")
    async def boom():
        raise RuntimeError(f"broken with Bearer {JWT}")

    @router.get("/health-like")
    async def other():
        return {}

    app.include_router(router)
    app.get("/health/live")(other)
    instrument(app, "balance")
    app.add_middleware(CorrelationIdMiddleware)
    return app


@pytest.fixture
async def client(app):
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_lines_carry_service_request_id_and_time(lines, client):
    await client.get("/v1/regions/05974040?q=secret", headers={"X-Request-ID": REQUEST_ID})
    asked, library, request = lines()
    for line in (asked, library, request):
        assert line["service"] == "balance"
        assert line["request_id"] == REQUEST_ID
        assert line["at"].endswith("Z")
    assert (asked["event"], asked["level"], asked["logger"], asked["ags"]) == (
        "asked",
        "info",
        "test",
        "05974040",
    )
    assert (library["event"], library["level"]) == ("said something", "warning")
    assert (request["event"], request["method"], request["route"], request["status"]) == (
        "request",
        "GET",
        "/v1/regions/{ags}",
        200,
    )
    assert request["duration_ms"] >= 0
    assert "secret" not in str(lines())


async def test_probes_leave_no_line(lines, client):
    await client.get("/health/live")
    await client.get("/metrics")
    assert lines() == []


async def test_bodies_and_tokens_of_requests_never_reach_the_log(lines, client):
    headers = {"Authorization": f"Bearer {JWT}", "Cookie": "session=geheim"}
    await client.post("/v1/things", json={"region": "geheim"}, headers=headers)
    await client.post("/v1/things", json={"region": ["geheim"]}, headers=headers)
    await client.get("/v1/boom", headers=headers)
    logging.getLogger("uvicorn.error").error("Exception", exc_info=RuntimeError(f"token={JWT}"))
    assert [line.get("status") for line in lines()] == [200, 422, 500, None]
    assert "geheim" not in str(lines())
    assert "eyJ" not in str(lines())


def test_tracebacks_have_no_variables_and_no_inputs(lines):
    class Person(BaseModel):
        mail: int

    token = JWT
    mail = "@".join(("anna", "example.org"))
    try:
        Person.model_validate({"mail": mail})
    except ValueError:
        structlog.get_logger("x").error("failed", exc_info=True)
    (line,) = lines()
    assert "ValidationError" in line["exception"]
    assert mail not in str(line)
    assert token not in str(line)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("token", "geheim"),
        ("Authorization", "Bearer geheim"),
        ("headers", {"cookie": "geheim"}),
        ("headers", [{"X-Api-Key": "geheim"}]),
        ("request_body", {"text": "geheim"}),
        ("body", b"geheim"),
        ("data", b"geheim"),
        ("note", "sent Bearer geheim.geheim"),
        ("note", "basic Z2VoZWltgeheim"),
        ("url", "postgresql://balance:geheim@db:5432/klima"),
        ("error", "password=geheim host=db"),
        ("error", "INSERT INTO idea\n[parameters: {'text': 'geheim'}]\n(Background on this error)"),
        ("error", "duplicate key\nDETAIL:  Key (mail)=(geheim) already exists."),
        ("error", ValueError("secret: geheim")),
    ],
)
def test_redaction(key, value):
    assert "geheim" not in str(redact(None, "info", {"event": "x", key: value}))


def test_redaction_keeps_what_is_harmless():
    event = {
        "event": "request",
        "route": "/v1/regions/{ags}",
        "status": 200,
        "tokens": 3,
        "missing": None,
        "ok": True,
        "list": [1, "a"],
        "url": "http://balance:8001/v1",
    }
    assert redact(None, "info", event) == event


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(st.none() | st.floats() | st.text() | st.binary(), st.lists),
    )
)
def test_every_event_can_be_written(event):
    orjson.dumps(redact(None, "info", {k: str(v) for k, v in event.items()}), default=str)


def test_a_terminal_gets_readable_lines(lines):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    configure_logging("balance", stream=terminal)
    structlog.get_logger("x").info("started", token="geheim")
    assert "started" in terminal.getvalue()
    assert REMOVED in terminal.getvalue()
    assert not terminal.getvalue().lstrip().startswith("{")


def test_levels_are_respected(lines):
    structlog.get_logger("x").debug("quiet")
    logging.getLogger("httpx").info('HTTP Request: GET http://balance/v1?q=secret "200"')
    assert lines() == []


def test_importing_configures_nothing():
    import subprocess
    import sys

    code = (
        "import logging, structlog; import klima_shared.service.observability; "
        "assert not structlog.is_configured(); assert not logging.getLogger().handlers"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_metrics_have_templates_and_no_paths(client):
    for path in (
        "/v1/regions/05974040",
        "/v1/regions/05974044",
        "/nowhere/4711",
        "/v1/boom",
        "/v1/regions/4711/x",
    ):
        await client.get(path)
    await client.request("QWERTZ", "/v1/regions/1")
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.text
    assert 'http_requests_total{handler="/v1/regions/{ags}",method="GET",status="200"} 2.0' in text
    assert 'http_requests_total{handler="none",method="GET",status="404"} 2.0' in text
    assert 'http_requests_total{handler="/v1/boom",method="GET",status="500"} 1.0' in text
    assert 'method="other",status="405"' in text
    assert 'klima_service_info{service="balance",version="1.2.3"} 1.0' in text
    assert "process_cpu_seconds_total" in text
    for path in ("0597", "4711", "QWERTZ", "/metrics", "/health"):
        assert path not in text


class Endless(StreamingResponse):
    """Never comes to its first byte."""

    async def stream_response(self, send):
        await anyio.sleep_forever()


async def test_a_client_that_leaves_is_no_fault_of_the_service(app, client, lines):
    app.get("/v1/whole")(lambda: Endless(()))
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},  # uvicorn's
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/whole",
        "raw_path": b"/v1/whole",
        "query_string": b"",
        "headers": [(b"host", b"test")],
    }
    await app(scope, receive, send)
    assert not sent
    [line] = [one for one in lines() if one["event"] == "request"]
    assert (line["status"], line["level"]) == (499, "info")
    assert 'status="500"' not in (await client.get("/metrics")).text


def test_two_apps_in_one_process_do_not_meet():
    registries = [
        instrument(FastAPI(redirect_slashes=False), name) for name in ("balance", "measures")
    ]
    assert registries[0] is not registries[1]


def test_redirected_slashes_are_refused():
    with pytest.raises(ValueError, match="redirect_slashes"):
        instrument(FastAPI(), "balance")


def test_metrics_are_not_in_the_document(app):
    assert "/metrics" not in app.openapi()["paths"]
