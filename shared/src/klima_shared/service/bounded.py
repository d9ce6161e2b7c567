"""How much and how slowly somebody may send before the application hears of it.

uvicorn bounds neither the header of a request nor the time it takes (httptools keeps whatever
comes; `timeout_keep_alive` counts between requests only), so its protocol is told to here. What is
refused gets a problem like every other error, then the connection ends.
"""

import asyncio
import sys
from asyncio import TimerHandle
from collections.abc import Callable
from typing import Any, Final

import httptools
import orjson
import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from klima_shared.http import problems
from klima_shared.http.language import negotiate
from klima_shared.http.problems import Problem
from klima_shared.service.settings import ServiceSettings

log = structlog.get_logger(__name__)

LINGER_SECONDS: Final = 1.0
"""A refused request is read for so long, and thrown away, so that the answer arrives."""
LEAST_BYTES_PER_SECOND: Final = 500
"""Of a body, over one period of `body_seconds`."""
_CLOSED: Final = (
    b"content-type: application/problem+json\r\n"
    b"cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits: connections, bytes and number of header fields, length of
    the address, time for the header, pace of the body, time that an unread answer is kept."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.settings: ServiceSettings = config.loaded_app.state.settings
        self._refusal: Problem | None = None
        self._refused = False
        self._events = False
        # Since the parser last made something of it: a field that never ends, blank lines, the
        # extension of a chunk, trailers.
        self._unread = 0
        self._header_bytes = 0
        self._body_bytes = 0
        self._begun = False
        """Something of the next request is there."""
        self._receiving = False
        """The header of the present request is there, its body not yet whole."""
        self._deadline: TimerHandle | None = None
        self._writing: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.settings.max_connections:
            self._refuse(problems.too_many_connections())
        else:
            self._within(self.settings.header_seconds, self._header_late)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._deadline, self._writing):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._events = False
        self._unread += len(data)
        self._begun = True
        if self._deadline is None and not self._receiving:
            self._within(self.settings.header_seconds, self._header_late)
        super().data_received(data)
        if self._events:
            self._unread = 0
        elif self._unread > self.settings.max_header_bytes:
            self._refusal = self._refusal or problems.header_too_large()
        if self._refusal is not None:
            self._refuse(self._refusal)

    def on_message_begin(self) -> None:
        self._events = True
        self._header_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        if len(self.url) + len(url) > self.settings.max_address_bytes:
            self._refusal = problems.address_too_long()
        else:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if (
            self._header_bytes > self.settings.max_header_bytes
            or len(self.headers) >= self.settings.max_header_fields
        ):
            self._refusal = self._refusal or problems.header_too_large()
        elif self._refusal is None:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._events = True
        if self._refusal is None:
            self._receiving, self._body_bytes = True, 0
            self._within(self.settings.body_seconds, self._body_late)
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._events = True
        if self._refusal is None:
            self._body_bytes += len(body)
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._events = True
        if self._refusal is None:
            self._receiving = self._begun = False
            self._cancel()
            super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._writing = self.loop.call_later(self.settings.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (uvicorn's own word)
        """What the parser can't read."""
        error = sys.exc_info()[1]
        if self._refusal is None:
            unknown = isinstance(error, httptools.HttpParserInvalidMethodError)
            self._refusal = problems.unknown_method() if unknown else problems.unreadable()

    def _within(self, seconds: float, then: Callable[[], None]) -> None:
        self._cancel()
        self._deadline = self.loop.call_later(seconds, then)

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _header_late(self) -> None:
        self._deadline = None
        if self._begun:
            self._refuse(problems.too_slow())
        else:  # nothing came: nobody waits for an answer
            self.transport.close()

    def _body_late(self) -> None:
        seconds, came = self.settings.body_seconds, self._body_bytes
        self._deadline, self._body_bytes = None, 0
        # Who was not asked to send, or can't because we don't read, is not slow.
        waiting = self.flow.read_paused or self.cycle.waiting_for_100_continue
        if waiting or came >= seconds * LEAST_BYTES_PER_SECOND or self.cycle.response_started:
            self._within(seconds, self._body_late)
        else:
            self._refuse(problems.too_slow())

    def _refuse(self, problem: Problem) -> None:
        """Say why, unless another answer is under way, and end the connection."""
        self._refused = True
        self._cancel()
        self._unset_keepalive_if_required()
        log.info("connection refused", status=problem.status)
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            own = self._receiving and not self.cycle.response_started
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if not own:
                self.transport.close()
                return
        self.transport.write(self._answer(problem))
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _answer(self, problem: Problem) -> bytes:
        fields = dict(getattr(self, "headers", None) or ())
        language = negotiate(fields.get(b"accept-language", b"").decode("latin-1"))
        place = getattr(self, "url", b"").decode("latin-1").partition("?")[0][:200] or "/"
        content = orjson.dumps(problems.document(problem, language, place))
        return b"".join(
            (
                STATUS_LINE[problem.status],
                _CLOSED,
                b"content-language: %s\r\n" % language.encode(),
                *(f"{name}: {value}\r\n".encode() for name, value in problem.headers.items()),
                b"content-length: %d\r\n\r\n" % len(content),
                content,
            )
        )
