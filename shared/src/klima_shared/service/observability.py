"""Logs of a service.

Logs are one JSON object a line (a readable form on a terminal), the ones of uvicorn, SQLAlchemy and
Alembic included. Nothing is configured at import: a program calls `configure_logging` once, in each
of its processes. Tokens, bodies and row values never reach the log, whatever a caller or a library
puts there.
"""

import logging
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, TextIO

import orjson
import structlog
from asgi_correlation_id import correlation_id
from structlog.types import EventDict, Processor

REMOVED: Final = "[removed]"
_SECRET_KEYS: Final = re.compile(
    r"authori[sz]ation|token|password|passwd|secret|cookie|api[_-]?key|credential"
    r"|^jwt$|^body$|_body$|^payload$|^content$",
    re.IGNORECASE,
)


def _without_password(found: re.Match[str]) -> str:
    """`://user:secret@host` without the secret."""
    login, at, host = found[0][3:].rpartition("@")
    user, colon, _ = login.partition(":")
    return f"://{user}:{REMOVED}@{host}" if at and colon else found[0]


# Each is linear in the length of the text: a line of log may quote what somebody sent.
_SECRET_TEXTS: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {REMOVED}"),
    (re.compile(r"\beyJ[\w-][\w.-]*"), REMOVED),
    (re.compile(r"://\S+"), _without_password),
    (
        re.compile(r"\b(password|passwd|secret|token|api[_-]?key)(\s*[=:]\s*)\S+", re.IGNORECASE),
        rf"\1\2{REMOVED}",
    ),
    # What drivers and validators quote of the request: bound parameters, rows, inputs.
    (re.compile(r"\[parameters: (?:.*?\](?=\n|$)|.*)", re.DOTALL), f"[parameters: {REMOVED}]"),
    (re.compile(r"^([^\S\n]*DETAIL:).*", re.MULTILINE), rf"\1 {REMOVED}"),
    (re.compile(r"input_value=(?:.*?(?=, input_type=)|.*)", re.DOTALL), f"input_value={REMOVED}"),
)

# A word without any of these holds nothing of the above; most values are such words.
_SUSPICIOUS: Final = re.compile(r"[\s:=]|eyJ")


def configure_logging(
    service: str, level: str = "INFO", *, json: bool | None = None, stream: TextIO | None = None
) -> None:
    """Send every log of this process to `stream` (standard output) as JSON, or readable when that
    is a terminal.

    May be called again; the last call counts. `json` overrides the look at the terminal.
    """
    out = stream if stream is not None else sys.stdout
    as_json = json if json is not None else not out.isatty()

    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        _with_context(service),
        _timestamp,
    ]
    # The traceback is made here, without local variables: those hold tokens and bodies.
    after: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.JSONRenderer(serializer=_dump)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback
        ),
    ]
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
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=after)
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    # Our own line per request replaces these; they would print addresses with their query.
    for name in ("uvicorn.access", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _with_context(service: str) -> Processor:
    def with_context(_logger: object, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        request_id = correlation_id.get()
        if request_id:
            event.setdefault("request_id", request_id)
        return event

    return with_context


def _timestamp(_logger: object, _method: str, event: EventDict) -> EventDict:
    event["at"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _dump(event: object, **_: object) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def redact(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The last step before a line is written: fields and texts that may hold a secret or a body are
    replaced."""
    return {key: _clean(key, value) for key, value in event.items()}


@lru_cache(maxsize=1024)
def _secret(key: str) -> bool:
    return _SECRET_KEYS.search(key) is not None


def _clean(key: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _secret(key):
        return REMOVED
    if isinstance(value, Mapping):
        return {str(k): _clean(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", v) for v in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    text = str(value)
    if not _SUSPICIOUS.search(text):
        return text
    for pattern, replacement in _SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return text
