"""Reading another service so that its being down never takes us down.

A copy that was confirmed a moment ago is used as it is. An older one is confirmed with a
conditional request and a short deadline. When that fails, the copy is used and says since when;
from then on nobody waits for the service again until a watcher in the background has seen it
answer. Without a copy there is a patient attempt, with retries. What a page can do without
(`spare`) is waited for even less, and that it fails says nothing of the service.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError

from klima_controlling.upstream.model import Copy, CopyStore
from klima_shared.upstream.client import (
    ServiceClient,
    UpstreamError,
    UpstreamNotFoundError,
    UpstreamProblemError,
    UpstreamUnavailableError,
)

log = structlog.get_logger(__name__)

FRESH_SECONDS: Final = 1.0
QUICK_SECONDS: Final = 0.4  # a page does not wait longer than this for a service whose copy it has
SPARE_SECONDS: Final = 0.1  # nor longer than this for what it can do without
REST_SECONDS: Final = 10.0  # which is left alone for so long after it could not be had
WATCH_SECONDS: Final = 1.0
PERSIST: Final = timedelta(seconds=60)  # how far the stored time of confirmation may lag behind
KEPT: Final = 600


@dataclass(frozen=True)
class Fetched:
    """An answer: its content, when it was last confirmed, and since when it could not be (None: it
    is current)."""

    data: Any
    verified_at: datetime
    stale_since: datetime | None = None


class SourceDownError(Exception):
    """The service can't be asked and there is no copy."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class NotTakenError(Exception):
    """The service answers, and refuses what it was asked (422): it has no such region, for one."""


@dataclass
class _Held:
    data: Any
    body: bytes
    verified_at: datetime
    persisted_at: datetime
    confirmed: float  # time.monotonic()
    immutable: bool


class Source:
    """One other service. `patient` and `quick` are clients of the same address; None: it is not
    configured."""

    def __init__(
        self,
        service: str,
        quick: ServiceClient | None,
        patient: ServiceClient | None,
        store: CopyStore,
        *,
        fresh_seconds: float = FRESH_SECONDS,
        watch_seconds: float = WATCH_SECONDS,
        spare_seconds: float = SPARE_SECONDS,
    ) -> None:
        self.service, self._store = service, store
        self._quick, self._patient = quick, patient
        self._fresh, self._watch_seconds, self._spare_seconds = (
            fresh_seconds,
            watch_seconds,
            spare_seconds,
        )
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        self._coming: dict[
            str, tuple[asyncio.Task[None], float]
        ] = {}  # and until when a page waits for it
        self._resting: dict[str, float] = {}
        self._down = quick is None
        self._watcher: asyncio.Task[None] | None = None

    async def close(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
        if self._coming:  # their copies are still kept; one that hangs is cut off
            _, late = await asyncio.wait([task for task, _ in self._coming.values()], timeout=1.0)
            for task in late:
                task.cancel()
            await asyncio.wait(late) if late else None
        for client in (self._quick, self._patient):
            if client is not None:
                await client.close()

    async def ready(self) -> bool:
        return self._quick is not None and await self._quick.ready()

    async def get(
        self, path: str, *, immutable: bool = False, key: str | None = None, spare: bool = False
    ) -> Fetched | None:
        """The JSON at `path`; None where the service says there is no such thing. `NotTakenError`
        where it refuses the question, `SourceDownError` without a copy.

        immutable: what lies there never changes (a published version). key: another name for the
        copy, for an answer that stays the same as long as its key does. spare: no failure of this
        question is one of the service.
        """
        name = key or path
        held = self._held.get(name)
        if held is not None and self._good(held):
            return self._answer(name, held)
        async with self._locks.setdefault(name, asyncio.Lock()):
            held = self._held.get(name) or await self._loaded(name, immutable)
            if held is not None and (self._good(held) or self._down):
                return self._answer(name, held)
            try:
                return await self._asked(path, name, held, immutable, spare)
            finally:
                if (
                    name not in self._held
                ):  # nor is anything kept of questions that nobody can answer
                    self._locks.pop(name, None)

    def _good(self, held: _Held) -> bool:
        return held.immutable or time.monotonic() - held.confirmed < self._fresh

    async def spare(self, path: str, *, immutable: bool = False) -> Fetched | None:
        """What a page can do without: the JSON at `path` when it is here or comes in a moment, else
        its last copy, else None. Nobody waits twice: what comes later is there for the next reader.
        """
        held = self._held.get(path)
        if held is None or not self._good(held):
            now = time.monotonic()
            if path not in self._coming and now >= self._resting.get(path, 0.0):
                task = asyncio.create_task(self._fetch_spare(path, immutable))
                self._coming[path] = (task, now + self._spare_seconds)
            if path in self._coming:
                task, until = self._coming[path]
                await asyncio.wait([task], timeout=max(0.0, until - now))
            held = self._held.get(path)
        return self._answer(path, held) if held is not None else None

    async def _fetch_spare(self, path: str, immutable: bool) -> None:
        began = time.monotonic()
        try:
            with suppress(SourceDownError, NotTakenError):
                await self.get(path, immutable=immutable, spare=True)
        finally:
            del self._coming[path]
        held = self._held.get(path)
        if held is None or not (held.immutable or held.confirmed >= began):
            if len(self._resting) >= KEPT:
                self._resting.clear()
            self._resting[path] = time.monotonic() + REST_SECONDS

    async def listed(self, path: str) -> Fetched:
        """All items of a paged list at `path` (with its query), page after page."""
        items: list[Any] = []
        cursor: str | None = None
        pages: list[Fetched] = []
        while True:
            page = await self.get(path + (f"&cursor={cursor}" if cursor else ""))
            if page is None:
                raise SourceDownError(self.service)
            pages.append(page)
            items += page.data["items"]
            following = page.data.get("next")
            if following is None or following == cursor:
                return Fetched(items, min(p.verified_at for p in pages), oldest(pages))
            cursor = following

    async def _loaded(self, name: str, immutable: bool) -> _Held | None:
        """The stored copy, put back into memory."""
        try:
            copy = await self._store.load(self.service, name)
        except (SQLAlchemyError, OSError) as error:
            log.warning("copies can't be read", service=self.service, error=type(error).__name__)
            return None
        if copy is None:
            return None
        long_ago = time.monotonic() - 1e6
        return self._hold(
            name,
            _Held(
                orjson.loads(copy.body),
                copy.body,
                copy.verified_at,
                copy.verified_at,
                long_ago,
                immutable,
            ),
        )

    async def _asked(
        self, path: str, name: str, held: _Held | None, immutable: bool, spare: bool
    ) -> Fetched | None:
        # Nobody waits long for a service that seems to be down; one that was only slow for a moment
        # answers all the same.
        client = self._patient if held is None and not self._down else self._quick
        if client is None:
            raise SourceDownError(self.service)
        try:
            where, _, query = path.partition("?")
            answer = await client.get(where, parse_qs(query))
            data = (
                held.data
                if held is not None and answer.content == held.body
                else orjson.loads(answer.content)
            )
        except UpstreamNotFoundError:
            self._held.pop(name, None)
            if held is not None:
                await self._store.drop(self.service, name)
            return None
        except (UpstreamError, ValueError) as error:
            if held is None and isinstance(error, UpstreamProblemError) and error.status == 422:
                raise NotTakenError(self.service) from error
            self._failed(error, spare)
            if held is None:
                raise SourceDownError(self.service) from error
            return self._answer(name, held, failed=not isinstance(error, UpstreamUnavailableError))
        self._back()
        now = datetime.now(UTC)
        changed = held is None or held.body != answer.content
        persisted = (
            now
            if changed or held is None or now - held.persisted_at > PERSIST
            else held.persisted_at
        )
        kept = self._hold(
            name, _Held(data, answer.content, now, persisted, time.monotonic(), immutable)
        )
        if persisted is now:
            await self._persist(Copy(self.service, name, kept.body, now))
        return self._answer(name, kept)

    def _answer(self, name: str, held: _Held, *, failed: bool = False) -> Fetched:
        self._held.move_to_end(name)
        stale = (self._down or failed) and not held.immutable
        return Fetched(held.data, held.verified_at, held.verified_at if stale else None)

    def _hold(self, name: str, held: _Held) -> _Held:
        self._held[name] = held
        self._held.move_to_end(name)
        while len(self._held) > KEPT:
            gone, _ = self._held.popitem(last=False)
            self._locks.pop(gone, None)
        return held

    async def _persist(self, copy: Copy) -> None:
        try:
            await self._store.save(copy)
        except (SQLAlchemyError, OSError) as error:  # the answer is good even if it can't be kept
            log.warning("a copy can't be kept", service=self.service, error=type(error).__name__)

    def _failed(self, error: Exception, spare: bool) -> None:
        log.warning("upstream failed", service=self.service, error=str(error))
        if isinstance(error, UpstreamUnavailableError) and not self._down and not spare:
            self._down = True
            self._watcher = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Ask until the service answers again."""
        while True:
            await asyncio.sleep(self._watch_seconds)
            if await self.ready():
                return self._back()

    def _back(self) -> None:
        """It has answered."""
        if self._watcher is not None:
            log.info("upstream is back", service=self.service)
            if self._watcher is not asyncio.current_task():
                self._watcher.cancel()
            self._down, self._watcher = False, None


def oldest(parts: Sequence[Fetched | None]) -> datetime | None:
    """Since when the oldest of several answers could not be confirmed; None when all are
    current."""
    since = [
        part.stale_since for part in parts if part is not None and part.stale_since is not None
    ]
    return min(since, default=None)
