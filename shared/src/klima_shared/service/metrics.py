"""Every request counted, timed and logged in one line; `/metrics` for Prometheus.

Metrics carry route templates (`/v1/regions/{ags}`), never paths: a path holds references and has no
end of values.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from time import perf_counter
from typing import Final, cast

import structlog
from fastapi import FastAPI, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
    start_http_server,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("klima.access")

# HTTP allows any word as a method; as a label each would be a new series.
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Asked every few seconds by machines; their lines would bury the others.
UNCOUNTED: Final = ("/metrics", "/health/")
# nginx's word for a client that left before the answer: no fault of the service, so no 5xx.
LEFT: Final = 499

_COARSE: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_FINE: Final = (
    0.01,
    0.025,
    0.05,
    0.075,
    0.1,
    0.25,
    0.5,
    0.75,
    1,
    1.5,
    2,
    2.5,
    3,
    3.5,
    4,
    4.5,
    5,
    7.5,
    10,
    30,
    60,
)


def instrument(app: FastAPI, service: str, *, offer: bool = True) -> CollectorRegistry:
    """Count and log the requests of `app` and offer `/metrics` (not `offer`: somewhere else, see
    `metrics_server`).

    Call it after the middleware whose answers shall count (304, 413, HEAD): what is added later
    lies further out. The registry is the app's own, also at `app.state.metrics`, for figures that a
    service adds; two apps in one process do not meet. Raises `ValueError` when the app redirects
    slashes, because such paths would be counted untemplated.
    """
    if app.router.redirect_slashes:
        raise ValueError(
            "metrics need FastAPI(redirect_slashes=False): a redirected path has no template"
        )
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    info = Gauge(
        "klima_service_info",
        "The service and its version; always 1.",
        ["service", "version"],
        registry=registry,
    )
    info.labels(service, app.version).set(1)
    app.state.metrics = registry
    app.add_middleware(Metered, registry=registry)
    if offer:
        app.add_route("/metrics", _metrics, include_in_schema=False)
    return registry


@contextmanager
def metrics_server(app: FastAPI, host: str, port: int) -> Iterator[None]:
    """The metrics of `app` on a port of their own, where nothing else is: who may look at them need
    not reach the service."""
    server, thread = start_http_server(port, host, app.state.metrics)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _metrics(request: Request) -> Response:
    return Response(
        generate_latest(request.app.state.metrics), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


class Metered:
    """Counts what passes. The route is the one that was chosen on the way: looking for it again
    costs as much as answering does.
    """

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry) -> None:
        self.app = app
        labels = ["method", "status", "handler"]
        self.requests = Counter(
            "http_requests", "Requests by method, status and route.", labels, registry=registry
        )
        self.fine = Histogram(
            "http_request_duration_highr_seconds",
            "Duration of all requests.",
            buckets=_FINE,
            registry=registry,
        )
        self.coarse = Histogram(
            "http_request_duration_seconds",
            "Duration by route.",
            ["method", "handler"],
            buckets=_COARSE,
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNCOUNTED):
            await self.app(scope, receive, send)
            return
        status, began = 0, perf_counter()

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, seen)
        except BaseException:
            self._count(scope, status or 500, perf_counter() - began)
            raise
        self._count(scope, status or LEFT, perf_counter() - began)

    @cached_property
    def log(self) -> structlog.stdlib.BoundLogger:
        """Bound at the first request, when logging is configured, and not for every one anew."""
        return cast("structlog.stdlib.BoundLogger", log.bind())

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", "none")
        self.requests.labels(method, str(status), route).inc()
        self.fine.observe(seconds)
        self.coarse.labels(method, route).observe(seconds)
        write = self.log.warning if status >= 500 else self.log.info
        write(
            "request",
            method=method,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
        )
