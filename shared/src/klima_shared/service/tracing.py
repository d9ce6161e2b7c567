"""Traces across the services (OpenTelemetry), where the installation has a collector and the extra
`otel` is installed.

`OTEL_EXPORTER_OTLP_ENDPOINT` (or `..._TRACES_ENDPOINT`) names the collector, and OpenTelemetry's
other variables hold. Without them nothing is recorded. A span carries the route's template and
never the path or the query: those hold references.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import structlog
from fastapi.telemetry import TelemetryConfig

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

log = structlog.get_logger(__name__)

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
LEFT_OUT = ("url.path", "url.query", "client.address", "user_agent.original")


def tracer_provider(service: str, exporter: SpanExporter | None = None) -> TracerProvider | None:
    """Where a service's spans go: to `exporter`, or to the collector that the environment names;
    None for nowhere.

    A collector that is down costs nothing but its traces. Whoever made the provider calls its
    `shutdown`.
    """
    if exporter is None and not any(os.environ.get(name) for name in ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("no traces: the extra otel is not installed")
        return None

    class WithoutAddresses(SpanProcessor):
        def on_start(self, span: Span, parent_context: object = None) -> None:  # noqa: ARG002
            for name in LEFT_OUT:
                if name in (span.attributes or {}):
                    span.set_attribute(name, "")

    provider = TracerProvider(
        resource=Resource.create({"service.name": f"klima-{service}"}), shutdown_on_exit=False
    )
    provider.add_span_processor(WithoutAddresses())
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    return provider


def telemetry(provider: TracerProvider | None) -> TelemetryConfig:
    """What FastAPI is told: traces alone. Its logs would hold what ours leave out, and we have
    metrics."""
    return TelemetryConfig(
        tracing=provider is not None,
        tracer_provider=provider,
        metrics=False,
        logs=False,
        operation_spans=False,
        auto_configure=False,
        exclude=_is_machine,
    )


def _is_machine(scope: MutableMapping[str, Any]) -> bool:
    return str(scope.get("path", "")).startswith(("/health", "/metrics"))
