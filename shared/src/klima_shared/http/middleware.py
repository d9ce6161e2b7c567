"""What every request passes: size limit, HEAD, CORS, conditional reads, security headers. Plain
ASGI, in this order."""

import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from klima_shared.http.etags import digest_etag, none_match
from klima_shared.http.more_headers import MORE_HEADERS
from klima_shared.language.text import Text

EXPOSED = [
    "ETag",
    "Link",
    "Location",
    "X-Request-ID",
    "Retry-After",
    "Content-Disposition",
    "Deprecation",
    "Sunset",
    "Accept-Ranges",
    "Content-Range",
    "RateLimit",
    "RateLimit-Policy",
]
HEADERS = [
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "Accept-Language",
    "Range",
    "If-Range",
]


Network = IPv4Network | IPv6Network


def real_address(peer: str | None, forwarded: str, proxies: Sequence[Network]) -> str | None:
    """Where a request came from: the peer of the connection, or what a trusted proxy says of it.

    forwarded: X-Forwarded-For; believed from the right as long as the hops are proxies we trust,
    because whatever stands further left may be the caller's own words.
    """
    nearest = _parsed(peer or "")
    if nearest is None:
        return peer
    hops = [part.strip() for part in forwarded[-2000:].split(",") if part.strip()]
    while hops and any(_plain(nearest) in network for network in proxies):
        following = _parsed(hops.pop())
        if following is None:
            break
        nearest = following
    return str(_plain(nearest))


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: with or without brackets, zone or port."""
    if text.count(":") == 1 or text.startswith("["):
        text = text.rpartition(":")[0] if not text.endswith("]") else text
    try:
        return ip_address(text.strip("[]").split("%")[0])
    except ValueError:
        return None


class RealAddress:
    """Who asks, behind proxies: the `client` of a request is what the trusted ones among them
    say."""

    def __init__(self, app: ASGIApp, *, proxies: Sequence[str]) -> None:
        self.app, self.proxies = app, [ip_network(network) for network in proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.proxies and scope["type"] == "http" and scope.get("client"):
            # Several headers are one list (RFC 9110); the nearest proxy's is the last.
            forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
            peer, port = scope["client"]
            scope["client"] = (real_address(peer, forwarded, self.proxies), port)
        await self.app(scope, receive, send)


class HeadAsGet:
    """HEAD is answered by the GET route, without its body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        inner = {**scope, "method": "GET"}
        try:
            await self.app(inner, receive, without_body)
        finally:
            if "route" in inner:  # those further out count by it
                scope["route"] = inner["route"]


class ReadAgain:
    """A read whose database connection broke is done again, on another connection: when the leading
    node of a replicated database changes, all connections to the old one break at once, and the
    next one is good. A write is never repeated.
    """

    def __init__(
        self, app: ASGIApp, *, pauses: Sequence[float] = (0.05, 0.5, 1.5), patience: float = 3.0
    ) -> None:
        self.app, self.pauses, self.patience = app, pauses, patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or scope["path"].startswith("/health")
        ):
            return await self.app(scope, receive, send)
        end = (
            time.monotonic() + self.patience
        )  # a database that does not even refuse is not asked four times
        for pause in self.pauses:
            scope["klima.connection_lost"] = held = False

            async def unless_lost(message: Message) -> None:
                nonlocal held
                if message["type"] == "http.response.start":
                    held = scope["klima.connection_lost"] and time.monotonic() < end
                if not held:
                    await send(message)

            await self.app(scope, receive, unless_lost)
            if not held:
                return None
            await anyio.sleep(pause)
        return await self.app(scope, receive, send)


class BodyLimit:
    """413 for a request larger than the limit: at once by its Content-Length, else while it is
    read."""

    def __init__(self, app: ASGIApp, *, limit: int, upload_limit: int) -> None:
        self.app, self.limit, self.upload_limit = app, limit, upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        upload = headers.get("content-type", "").startswith("multipart/")
        limit = self.upload_limit if upload else self.limit
        length = headers.get("content-length", "")
        announced = int(length) if length.isascii() and length.isdigit() else 0
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if max(seen, announced) > limit:
                mib = limit / (1 << 20)
                text = Text("At most {mib:g} MiB per request.", mib=mib)
                raise HTTPException(413, text)  # type: ignore[arg-type]
            return message

        return await self.app(scope, counted, send)


class ReadWriteCors:
    """Any origin may read; the origins of the configuration may write too."""

    def __init__(self, app: ASGIApp, *, write_origins: Sequence[str]) -> None:
        self.write_origins = frozenset(write_origins)
        self.read = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "HEAD"],
            allow_headers=HEADERS,
            expose_headers=EXPOSED,
            max_age=86400,
        )
        self.write = CORSMiddleware(
            app,
            allow_origins=list(write_origins),
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=HEADERS,
            expose_headers=EXPOSED,
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writes = (
            scope["type"] == "http" and Headers(scope=scope).get("origin") in self.write_origins
        )
        await (self.write if writes else self.read)(scope, receive, send)


class Conditional:
    """Strong ETag, `Cache-Control` and `Vary` on every read, 304 when the caller has it already.

    A route may set any of the three itself. What is streamed in pieces keeps what its route set.
    """

    def __init__(self, app: ASGIApp, *, max_age: int = 60) -> None:
        self.app, self.max_age = app, max_age

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or scope["path"].startswith(("/health", "/metrics"))
        ):
            return await self.app(scope, receive, send)
        request = Headers(scope=scope)
        start: Message | None = None
        private = "authorization" in request
        how_long = "private, no-cache" if private else f"public, max-age={self.max_age}"

        async def conditional(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                if message["status"] == 304:
                    _say_how_long(MutableHeaders(raw=message["headers"]), how_long)
                if message["status"] != 200:
                    await send(message)
                else:
                    start = message
                return
            if start is None:
                await send(message)
                return
            opening, start = start, None
            headers = MutableHeaders(raw=opening["headers"])
            _say_how_long(headers, how_long)
            if "etag" not in headers and not message.get("more_body"):
                headers["ETag"] = digest_etag(message.get("body", b""))
            if "etag" in headers and none_match(request, headers["etag"]):
                for name in ("content-length", "content-type", "content-disposition"):
                    if name in headers:
                        del headers[name]
                await send({**opening, "status": 304})
                await send({"type": "http.response.body", "body": b""})
                return
            await send(opening)
            await send(message)

        return await self.app(scope, receive, conditional)


def _say_how_long(headers: MutableHeaders, how_long: str) -> None:
    headers.setdefault("Cache-Control", how_long)
    headers.add_vary_header("Accept-Language, Authorization")


class SecurityHeaders:
    """Headers of every answer. A page that may be embedded sets its own Content-Security-Policy."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
                html = headers.get("content-type", "").startswith("text/html")
                if not html:
                    headers.setdefault(
                        "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"
                    )
                for name, value in scope.get(MORE_HEADERS, ()):
                    headers.append(name, value)
            await send(message)

        return await self.app(scope, receive, with_headers)
