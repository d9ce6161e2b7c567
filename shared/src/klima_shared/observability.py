"""Logs and metrics of a service.

Logs are one JSON object a line (a readable form on a terminal), the ones of uvicorn, SQLAlchemy and Alembic included.
Nothing is configured at import: a program calls `configure_logging` once, in each of its processes. Tokens, bodies and
row values never reach the log, whatever a caller or a library puts there.

Metrics carry route templates (`/v1/regions/{ags}`), never paths: a path holds references and has no end of values.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import orjson
import structlog
from asgi_correlation_id import correlation_id
from fastapi import FastAPI
from prometheus_client import (
    CollectorRegistry,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_fastapi_instrumentator import Instrumentator, metrics

log = structlog.get_logger("klima.access")

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Asked every few seconds by machines; their lines would bury the others.
UNCOUNTED: Final = [r"^/metrics$", r"^/health/"]

REMOVED: Final = "[removed]"
_SECRET_KEYS: Final = re.compile(
    r"authori[sz]ation|token|password|passwd|secret|cookie|api[_-]?key|credential|^jwt$|^body$|_body$|^payload$|^content$",
    re.IGNORECASE,
)
_SECRET_TEXTS: Final = (
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {REMOVED}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?"), REMOVED),
    (re.compile(r"(://[^\s/:@]*):[^\s@]+@"), rf"\1:{REMOVED}@"),
    (re.compile(r"\b(password|passwd|secret|token|api[_-]?key)(\s*[=:]\s*)\S+", re.IGNORECASE), rf"\1\2{REMOVED}"),
    # What drivers and validators quote of the request: bound parameters, rows, inputs.
    (re.compile(r"\[parameters: .*?\](?=\n|$)", re.DOTALL), f"[parameters: {REMOVED}]"),
    (re.compile(r"^(\s*DETAIL:).*", re.MULTILINE), rf"\1 {REMOVED}"),
    (re.compile(r"input_value=.*?(, input_type=)", re.DOTALL), rf"input_value={REMOVED}\1"),
)

EventDict = MutableMapping[str, Any]


def configure_logging(
    service: str, level: str = "INFO", *, json: bool | None = None, stream: TextIO | None = None
) -> None:
    """Send every log of this process to `stream` (standard output) as JSON, or readable when that is a terminal.

    May be called again; the last call counts. `json` overrides the look at the terminal.
    """
    out = stream if stream is not None else sys.stdout
    as_json = json if json is not None else not out.isatty()

    def with_context(_logger: Any, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        request_id = correlation_id.get()
        if request_id:
            event.setdefault("request_id", request_id)
        return event

    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        with_context,
        _timestamp,
    ]
    # The traceback is made here, without local variables: those hold tokens and bodies.
    after: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(serializer=_dump)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=[*after, renderer]))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    # Our own line per request replaces these; they would print addresses with their query.
    for name in ("uvicorn.access", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _timestamp(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event["at"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _dump(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The last step before a line is written: fields and texts that may hold a secret or a body are replaced."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_KEYS.search(key):
        return REMOVED
    if isinstance(value, Mapping):
        return {str(k): _clean(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", v) for v in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    text = str(value)
    for pattern, replacement in _SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return text


def instrument(app: FastAPI, service: str) -> CollectorRegistry:
    """Count and log the requests of `app` and offer `/metrics`.

    Call it after the middleware whose answers shall count (304, 413, HEAD): what is added later lies further out. The
    registry is the app's own, also at `app.state.metrics`, for figures that a service adds; two apps in one process do
    not meet. Raises `ValueError` when the app redirects slashes, because such paths would be counted untemplated.
    """
    if app.router.redirect_slashes:
        raise ValueError("metrics need FastAPI(redirect_slashes=False): a redirected path has no template")
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    info = Gauge(
        "klima_service_info", "The service and its version; always 1.", ["service", "version"], registry=registry
    )
    info.labels(service, app.version).set(1)
    app.state.metrics = registry
    (
        Instrumentator(
            should_group_status_codes=False,
            should_group_untemplated=True,
            excluded_handlers=UNCOUNTED,
            registry=registry,
        )
        .add(_bounded(metrics.default(registry=registry, latency_lowr_buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 10))))
        .add(_log_request)
        .instrument(app)
        .expose(app, include_in_schema=False)
    )
    return registry


def _bounded(count: Callable[[metrics.Info], None] | None) -> Callable[[metrics.Info], None]:
    """HTTP allows any word as a method; as a label each would be a new series."""

    def bounded(info: metrics.Info) -> None:
        info.method = info.method if info.method in METHODS else "other"
        if count is not None:
            count(info)

    return bounded


def _log_request(info: metrics.Info) -> None:
    status = int(info.modified_status)
    write = log.warning if status >= 500 else log.info
    write(
        "request",
        method=info.method,
        route=info.modified_handler,
        status=status,
        duration_ms=round(info.modified_duration * 1000, 1),
    )
