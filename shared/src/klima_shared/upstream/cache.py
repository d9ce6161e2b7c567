"""Reading another service so that its being down never takes us down.

An answer that was confirmed a moment ago is used as it is. An older one is confirmed with a
conditional request and a short deadline. When that fails, the last good answer is used with the
time of its last confirmation; from then on nobody waits for the service until a watcher in the
background has seen it answer. Without an earlier answer there is a patient attempt, with retries.
What a page can do without (`get_optional`) is waited for even less, and its failure says nothing of
the service.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import structlog
from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError

from klima_shared.upstream.answers import Entry, checked, refuses, says_there_is_none
from klima_shared.upstream.client import ServiceClient
from klima_shared.upstream.errors import (
    UpstreamBrokenError,
    UpstreamError,
    UpstreamUnavailableError,
)
from klima_shared.upstream.model import (
    Cached,
    LastGood,
    LastGoodStore,
    Page,
    Patience,
    QuestionRefusedError,
    ServiceDownError,
    Timing,
    oldest,
)

log = structlog.get_logger(__name__)
T = TypeVar("T")

PERSIST_AFTER: Final = timedelta(seconds=60)  # how far the stored time of confirmation may lag
MAX_ENTRIES: Final = 600
MAX_PAGES: Final = 100

PATIENT: Final = Patience(timeout=5.0, attempts=3, deadline=8.0)
QUICK: Final = Patience(timeout=0.4, attempts=1, deadline=0.4)  # where there is an earlier answer


class CachedClient:
    """One other service, read by all requests of a process. `client` None: it is not configured."""

    def __init__(
        self,
        service: str,
        client: ServiceClient | None,
        store: LastGoodStore | None = None,
        *,
        patient: Patience = PATIENT,
        quick: Patience = QUICK,
        timing: Timing = Timing(),
        ask_when_down: bool = True,
    ) -> None:
        """ask_when_down: new questions are still asked, with little patience, while the service
        seems to be down."""
        self.service, self.client, self.timing = service, client, timing
        self._ask_when_down = ask_when_down
        self._store, self._patient, self._quick = store, patient, quick
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        # questions under way, and until when a page waits for them
        self._pending: dict[str, tuple[asyncio.Task[None], float]] = {}
        self._resting: dict[str, float] = {}
        self._down = client is None
        self._watcher: asyncio.Task[None] | None = None

    async def close(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
        if self._pending:  # their answers are still kept; one that hangs is cut off
            _, late = await asyncio.wait([task for task, _ in self._pending.values()], timeout=1.0)
            for task in late:
                task.cancel()
            await asyncio.wait(late) if late else None
        if self.client is not None:
            await self.client.close()

    async def ready(self) -> bool:
        return self.client is not None and await self.client.ready()

    async def get(
        self,
        path: str,
        shape: TypeAdapter[T],
        *,
        immutable: bool = False,
        key: str | None = None,
        optional: bool = False,
    ) -> Cached[T] | None:
        """The JSON at `path`; None where the service says there is no such thing.
        `QuestionRefusedError` where it refuses the question, `ServiceDownError` without an earlier
        answer.

        immutable: what lies there never changes (a published version). key: another name for the
        answer, for one that stays the same as long as its key does. optional: no failure of this
        question is one of the service.
        """
        name = key or path
        entry = self._entries.get(name)
        if entry is not None and self._fresh(entry):
            return self._answer(name, entry)
        async with self._locks.setdefault(name, asyncio.Lock()):
            entry = self._entries.get(name) or await self._load(name, shape, immutable)
            if entry is not None and (self._fresh(entry) or self._down):
                return self._answer(name, entry)
            if self._down and not self._ask_when_down:
                raise ServiceDownError(self.service)
            try:
                return await self._ask(path, name, shape, entry, immutable, optional)
            finally:
                if name not in self._entries:  # nothing is kept of questions nobody can answer
                    self._locks.pop(name, None)

    def _fresh(self, entry: Entry) -> bool:
        return entry.immutable or time.monotonic() - entry.confirmed < self.timing.fresh

    async def get_optional(
        self, path: str, shape: TypeAdapter[T], *, immutable: bool = False
    ) -> Cached[T] | None:
        """What a page can do without: the JSON at `path` when it is here or comes in a moment, else
        the last answer, else None. Nobody waits twice: what comes later is there for the next page.
        """
        entry = self._entries.get(path)
        if entry is None or not self._fresh(entry):
            now = time.monotonic()
            if path not in self._pending and now >= self._resting.get(path, 0.0):
                task = asyncio.create_task(self._fetch_optional(path, shape, immutable))
                self._pending[path] = (task, now + self.timing.optional)
            if path in self._pending:
                task, until = self._pending[path]
                await asyncio.wait([task], timeout=max(0.0, until - now))
            entry = self._entries.get(path)
        return self._answer(path, entry) if entry is not None else None

    async def _fetch_optional(self, path: str, shape: TypeAdapter[T], immutable: bool) -> None:
        began = time.monotonic()
        try:
            with suppress(ServiceDownError, QuestionRefusedError):
                await self.get(path, shape, immutable=immutable, optional=True)
        finally:
            del self._pending[path]
        entry = self._entries.get(path)
        if entry is None or not (entry.immutable or entry.confirmed >= began):
            if len(self._resting) >= MAX_ENTRIES:
                self._resting.clear()
            self._resting[path] = time.monotonic() + self.timing.rest

    async def list_all(self, path: str, shape: TypeAdapter[Page[T]]) -> Cached[list[T]]:
        """All items of a paged list at `path` (with its query), page after page."""
        items: list[T] = []
        cursor: str | None = None
        pages: list[Cached[Page[T]]] = []
        for _ in range(MAX_PAGES):
            page = await self.get(path + (f"&cursor={cursor}" if cursor else ""), shape)
            if page is None:
                raise ServiceDownError(self.service)
            pages.append(page)
            items += page.data["items"]
            following = page.data.get("next")
            if following is None or following == cursor:
                return Cached(items, min(p.verified_at for p in pages), oldest(pages))
            cursor = following
        raise ServiceDownError(self.service)  # it gives page after page without an end

    async def _load(self, name: str, shape: TypeAdapter[T], immutable: bool) -> Entry | None:
        """The stored answer, put back into memory."""
        try:
            answer = await self._store.load(self.service, name) if self._store else None
        except (SQLAlchemyError, OSError) as error:
            log.warning(
                "kept answers can't be read", service=self.service, error=type(error).__name__
            )
            return None
        if answer is None:
            return None
        try:
            data = await checked(answer.body, shape)
        except ValueError:  # kept by an earlier release, which looked less closely
            log.warning("a kept answer is wrong and dropped", service=self.service, path=name)
            await self._drop(name)
            return None
        at, long_ago = answer.verified_at, time.monotonic() - 1e6
        return self._keep(name, Entry(data, answer.body, at, at, long_ago, immutable))

    async def _ask(
        self,
        path: str,
        name: str,
        shape: TypeAdapter[T],
        entry: Entry | None,
        immutable: bool,
        optional: bool,
    ) -> Cached[T] | None:
        if self.client is None:
            raise ServiceDownError(self.service)
        # Nobody waits long for a service that seems to be down; one that was only slow for a moment
        # answers all the same.
        patience = self._patient if entry is None and not self._down else self._quick
        try:
            body = (await self.client.get(path, patience=patience)).content
            same = entry is not None and body == entry.body
            data = entry.data if entry is not None and same else await self._read(path, body, shape)
        except UpstreamError as error:
            if says_there_is_none(error):
                self._entries.pop(name, None)
                if entry is not None:
                    await self._drop(name)
                return None
            if entry is None and refuses(error):
                raise QuestionRefusedError(self.service) from error
            self._failed(error, optional)
            if entry is None:
                raise ServiceDownError(self.service) from error
            return self._answer(name, entry, failed=True)
        self._came_back()
        now = datetime.now(UTC)
        persist = entry is None or not same or now - entry.persisted_at > PERSIST_AFTER
        persisted_at = now if persist or entry is None else entry.persisted_at
        entry = self._keep(name, Entry(data, body, now, persisted_at, time.monotonic(), immutable))
        if persist:
            await self._persist(LastGood(self.service, name, body, now))
        return self._answer(name, entry)

    async def _read(self, path: str, body: bytes, shape: TypeAdapter[T]) -> T:
        try:
            return await checked(body, shape)
        except ValueError:
            # The client's copy would come back with every 304.
            self.client.forget(path) if self.client else None
            raise UpstreamBrokenError(self.service, "the answer is not as agreed") from None

    def _answer(self, name: str, entry: Entry, *, failed: bool = False) -> Cached[Any]:
        self._entries.move_to_end(name)
        stale = (self._down or failed) and not entry.immutable
        return Cached(entry.data, entry.verified_at, entry.verified_at if stale else None)

    def _keep(self, name: str, entry: Entry) -> Entry:
        self._entries[name] = entry
        self._entries.move_to_end(name)
        while len(self._entries) > MAX_ENTRIES:
            gone, _ = self._entries.popitem(last=False)
            self._locks.pop(gone, None)
        return entry

    async def _persist(self, answer: LastGood) -> None:
        if self._store is not None:
            await self._attempt(self._store.save(answer))

    async def _drop(self, name: str) -> None:
        if self._store is not None:
            await self._attempt(self._store.drop(self.service, name))

    async def _attempt(self, change: Awaitable[None]) -> None:
        """The answer is what it is even if the store can't be changed."""
        try:
            await change
        except (SQLAlchemyError, OSError) as error:
            log.warning("the store stays", service=self.service, error=type(error).__name__)

    def _failed(self, error: Exception, optional: bool) -> None:
        log.warning("upstream failed", service=self.service, error=str(error))
        if isinstance(error, UpstreamUnavailableError) and not self._down and not optional:
            self._down = True
            self._watcher = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Ask until the service answers again."""
        while True:
            await asyncio.sleep(self.timing.watch)
            if await self.ready():
                return self._came_back()

    def _came_back(self) -> None:
        """The service has answered."""
        if self._watcher is not None:
            log.info("upstream is back", service=self.service)
            if self._watcher is not asyncio.current_task():
                self._watcher.cancel()
            self._down, self._watcher = False, None
