"""One trace goes through two services, and carries neither paths nor queries."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from klima_shared.service import tracing
from klima_shared.upstream.client import ServiceClient


def service(name: str, exporter: InMemorySpanExporter, router: APIRouter) -> FastAPI:
    app = FastAPI(telemetry=tracing.telemetry(tracing.tracer_provider(name, exporter)))
    app.include_router(router)
    return app


async def test_a_call_to_another_service_belongs_to_the_same_trace() -> None:
    exporter = InMemorySpanExporter()
    lower, upper = APIRouter(), APIRouter()

    @lower.get("/v1/ideas/{reference}")
    async def get_idea(reference: str) -> dict[str, str]:
        return {"reference": reference}

    @upper.get("/v1/pages/{reference}")
    async def get_page(reference: str) -> object:
        return await client.get_json(f"/v1/ideas/{reference}", {"q": "verraeterisch"})

    provider_app, caller_app = (
        service("measures", exporter, lower),
        service("controlling", exporter, upper),
    )
    client = ServiceClient(
        "measures", "http://measures", transport=httpx.ASGITransport(provider_app)
    )
    async with (
        client,
        httpx.AsyncClient(transport=httpx.ASGITransport(caller_app), base_url="http://t") as http,
    ):
        assert (await http.get("/v1/pages/geheim-4711?name=ich")).status_code == 200
    for app in (provider_app, caller_app):
        app._telemetry["tracer_provider"].force_flush()
    by_service = {
        str(span.resource.attributes["service.name"]): span
        for span in exporter.get_finished_spans()
    }
    assert by_service.keys() == {"klima-measures", "klima-controlling"}
    called, calling = by_service["klima-measures"], by_service["klima-controlling"]
    assert called.context is not None
    assert calling.context is not None
    assert called.parent is not None
    assert called.context.trace_id == calling.context.trace_id
    assert called.parent.span_id == calling.context.span_id
    assert called.name == "GET /v1/ideas/{reference}"
    written = called.to_json() + calling.to_json()
    assert "geheim" not in written
    assert "verraeterisch" not in written


def test_without_a_collector_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tracing.ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    assert tracing.tracer_provider("balance") is None
    assert tracing.telemetry(None)["tracing"] is False


def test_the_environment_names_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    provider = tracing.tracer_provider("balance")
    assert provider is not None
    provider.shutdown()
