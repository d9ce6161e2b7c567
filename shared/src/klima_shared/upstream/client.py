"""One service calling another: with a deadline, few retries, conditional requests, and errors that
say what to do."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

import anyio
import httpx
import stamina
from asgi_correlation_id import correlation_id
from opentelemetry.propagate import inject

from klima_shared.database.connections import refuse_in_transaction
from klima_shared.http.service_tokens import TokenSupplier
from klima_shared.language.numbers import DEFAULT, Lang
from klima_shared.upstream.errors import (
    Answer,
    UpstreamBrokenError,
    UpstreamError,
    UpstreamNotFoundError,
    UpstreamProblemError,
    UpstreamRefusedError,
    UpstreamUnavailableError,
)
from klima_shared.upstream.model import EtagCache, Limits, Patience

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
RETRIED: Final = frozenset({502, 503, 504})
MAX_WAIT_SECONDS: Final = 2.0
MAX_PAGES: Final = 10_000

Params = Mapping[
    str, str | int | bool | Sequence[str] | None
]  # several: the name stands once for each


class _PassingError(Exception):
    """Worth another try; holds what the caller gets when no try helped."""

    def __init__(self, final: UpstreamError, retry_after: float | None = None) -> None:
        super().__init__(str(final))
        self.final = final
        self.retry_after = retry_after


def _backoff(error: Exception) -> bool | float:
    if not isinstance(error, _PassingError):
        return False
    return True if error.retry_after is None else min(error.retry_after, MAX_WAIT_SECONDS)


class ServiceClient:
    """Calls one other service. Made once per process (`async with` or `close`), shared by all
    requests.

    `token` gives the bearer token for each call, or `None` for public reads. Proxies of the
    environment are not used: the services talk inside one network.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        *,
        token: TokenSupplier | None = None,
        patience: Patience = Patience(),
        limits: Limits = Limits(),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.service = service
        self._token, self._patience, self._limits = token, patience, limits
        self._cache = EtagCache(limits.cache_entries, limits.cache_bytes)
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=patience.timeouts,
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=20),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        lang: Lang = DEFAULT,
        patience: Patience | None = None,
    ) -> Answer:
        """GET, repeated when that may help, conditional when we have a copy. Raises
        `UpstreamError`."""
        return await self._call("GET", path, params, headers=_language(lang), patience=patience)

    def forget(self, path: str) -> None:
        """Ask for the whole answer at `path` next time, in every language."""
        url = str(self._http.build_request("GET", path).url)
        for key in [key for key in self._cache.entries if key[0] == url]:
            self._cache.drop(key)

    async def get_json(
        self, path: str, params: Params | None = None, *, lang: Lang = DEFAULT
    ) -> Any:
        """The JSON document at `path`."""
        return (await self.get(path, params, lang=lang)).json()

    async def items(
        self, path: str, params: Params | None = None, *, lang: Lang = DEFAULT
    ) -> AsyncIterator[Any]:
        """Every item of a list, page after page (`{"items": [...], "next": cursor}`)."""
        asked: dict[str, str | int | bool | Sequence[str] | None] = {"limit": 200, **(params or {})}
        for _ in range(MAX_PAGES):
            page = await self.get_json(path, asked, lang=lang)
            if not isinstance(page, dict) or not isinstance(page.get("items"), list):
                raise UpstreamBrokenError(self.service, f"{path} is no list")
            for item in page["items"]:
                yield item
            cursor = page.get("next")
            if cursor is None:
                return
            if cursor == asked.get("cursor"):
                raise UpstreamBrokenError(self.service, f"{path} repeats a page")
            asked["cursor"] = cursor
        raise UpstreamBrokenError(self.service, f"{path} does not end")

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        lang: Lang = DEFAULT,
    ) -> Answer:
        """A writing call with a JSON body. Never repeated: the caller may, with an
        `Idempotency-Key` in `headers`."""
        headers = {**_language(lang), **(headers or {})}
        return await self._call(method.upper(), path, None, body=body, headers=headers)

    async def ready(self) -> bool:
        """Whether the service says it is ready; for reports, with one try and without waiting
        long."""
        try:
            with anyio.fail_after(2.0):
                return (await self._http.get("/health/ready")).status_code == 200
        except (httpx.HTTPError, TimeoutError):
            return False

    async def _call(
        self,
        method: str,
        path: str,
        params: Params | None,
        *,
        headers: Mapping[str, str],
        body: object = None,
        patience: Patience | None = None,
    ) -> Answer:
        refuse_in_transaction(f"{method} {path}")
        _, attempts, deadline = patience = patience or self._patience
        given = {name: value for name, value in (params or {}).items() if value is not None}
        request = self._http.build_request(
            method,
            path,
            params=given or None,  # an empty mapping would take the path's own query away
            timeout=patience.timeouts,
            json=body,
            headers={"Accept": "application/json", **headers},
        )
        request_id = correlation_id.get()
        if request_id:
            request.headers["X-Request-ID"] = request_id
        inject(
            request.headers
        )  # the trace goes on in the other service; nothing happens where none is recorded
        cache_key = None
        if method == "GET":
            cache_key = (str(request.url), headers["Accept-Language"])
        retries = stamina.retry_context(
            on=_backoff,
            attempts=attempts if method in SAFE else 1,
            timeout=deadline,
            wait_initial=0.1,
            wait_max=MAX_WAIT_SECONDS,
            wait_jitter=0.2,
        )
        try:
            with anyio.fail_after(deadline):
                async for attempt in retries:
                    with attempt:
                        return await self._once(request, cache_key)
        except _PassingError as error:
            raise error.final from error.__cause__
        except TimeoutError:
            raise UpstreamUnavailableError(
                self.service, f"no answer within {deadline:g} s"
            ) from None
        raise AssertionError("a retry loop ends with an answer or an error")

    async def _once(self, request: httpx.Request, cache_key: tuple[str, str] | None) -> Answer:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {await self._token()}"
        copy = self._cache.get(cache_key) if cache_key else None
        request.headers.pop("If-None-Match", None)
        if copy is not None and copy.etag is not None:
            request.headers["If-None-Match"] = copy.etag
        try:
            response = await self._http.send(request, stream=True)
            try:
                content = await self._read(response)
            finally:
                await response.aclose()
        except httpx.TimeoutException as error:
            final = UpstreamUnavailableError(
                self.service, f"no answer in time ({type(error).__name__})"
            )
            if isinstance(error, httpx.ConnectTimeout):
                raise _PassingError(final) from error
            raise final from error  # it works on it: asking again would double its work
        except httpx.TransportError as error:
            final = UpstreamUnavailableError(
                self.service, f"no connection ({type(error).__name__})"
            )
            raise _PassingError(final) from error
        except httpx.HTTPError as error:
            raise UpstreamBrokenError(
                self.service, f"unreadable answer ({type(error).__name__})"
            ) from error
        if response.status_code == 304 and copy is not None:
            return Answer(copy.status, copy.headers, copy.content, self.service, from_cache=True)
        if not response.is_success:
            self._raise(response, content)
        answer = Answer(response.status_code, response.headers, content, self.service)
        if cache_key is not None:
            self._cache.put(cache_key, answer)
        return answer

    async def _read(self, response: httpx.Response) -> bytes:
        """The body, unpacked, at most `max_bytes` of it: a runaway answer must not fill this
        service's memory."""
        content = bytearray()
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > self._limits.answer_bytes:
                raise UpstreamBrokenError(
                    self.service, f"the answer is larger than {self._limits.answer_bytes} bytes"
                )
        return bytes(content)

    def _raise(self, response: httpx.Response, content: bytes) -> None:
        status = response.status_code
        if status >= 500:
            unavailable = UpstreamUnavailableError(self.service, f"HTTP {status}")
            if status in RETRIED:
                raise _PassingError(unavailable, _seconds(response.headers.get("retry-after")))
            raise unavailable
        if status < 400:
            raise UpstreamBrokenError(self.service, f"unexpected HTTP {status}")
        try:
            problem = json.loads(content)
        except ValueError:
            problem = None
        kind = UpstreamProblemError
        if status in {404, 410}:
            kind = UpstreamNotFoundError
        elif status in {401, 403}:
            kind = UpstreamRefusedError
        raise kind(self.service, status, problem if isinstance(problem, dict) else {})


def _language(lang: Lang) -> dict[str, str]:
    return {"Accept-Language": lang}


def _seconds(retry_after: str | None) -> float | None:
    """The seconds of a `Retry-After`; a date is not worth parsing for waits of at most two
    seconds."""
    return (
        float(retry_after)
        if retry_after and retry_after.isascii() and retry_after.isdigit()
        else None
    )
