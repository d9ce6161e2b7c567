"""How long calls to other services may take, what is kept of their answers, and what an answer
is."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, NotRequired, Protocol, TypeVar

import httpx
from typing_extensions import TypedDict

from klima_shared.upstream.errors import Answer
from klima_shared.wire.values import Cursor

T = TypeVar("T")


class Patience(NamedTuple):
    """How long a call may take: seconds for one try, tries, seconds for all of them together."""

    timeout: float = 10.0
    attempts: int = 3
    deadline: float = 20.0

    @property
    def timeouts(self) -> httpx.Timeout:
        return httpx.Timeout(self.timeout, connect=min(self.timeout, 3.0))


class Limits(NamedTuple):
    """What a client keeps at most: of one answer, and of answers with their ETag."""

    answer_bytes: int = 16 << 20
    cache_entries: int = 512
    cache_bytes: int = 64 << 20


class Timing(NamedTuple):
    """Seconds. `fresh`: an answer is used unasked for so long; `watch`: between looks at a service
    that is down; `optional`: how long a page waits for what it can do without; `rest`: how long
    that is left alone after it could not be had.
    """

    fresh: float = 1.0
    watch: float = 1.0
    optional: float = 0.1
    rest: float = 10.0


@dataclass(frozen=True)
class Cached(Generic[T]):
    """An answer: its content, when it was last confirmed, and since when it could not be (None: it
    is current)."""

    data: T
    verified_at: datetime
    stale_since: datetime | None = None


@dataclass(frozen=True)
class LastGood:
    """What `service` answered at `path`, and when it last confirmed that it would answer the
    same."""

    service: str
    path: str
    body: bytes
    verified_at: datetime


class LastGoodStore(Protocol):
    """Keeps answers beyond the life of a process."""

    async def load(self, service: str, path: str) -> LastGood | None: ...

    async def save(self, answer: LastGood) -> None: ...

    async def drop(self, service: str, path: str) -> None: ...


class Page(TypedDict, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: NotRequired[Cursor | None]


class ServiceDownError(Exception):
    """The service can't be asked and there is no earlier answer."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class QuestionRefusedError(ServiceDownError):
    """The service answers, and refuses what it was asked (422): it has no such region, for one.
    Who does not expect that goes on without the answer."""


def oldest(parts: Iterable[Cached[Any] | None]) -> datetime | None:
    """Since when the oldest of several answers could not be confirmed; None when all are
    current."""
    return min((p.stale_since for p in parts if p and p.stale_since), default=None)


@dataclass(slots=True)
class EtagCache:
    """Answers kept with their ETag, the least recently used thrown away first; bounded by number
    and by bytes."""

    max_entries: int
    max_bytes: int
    entries: OrderedDict[tuple[str, str], Answer] = field(default_factory=OrderedDict)
    size: int = 0

    def get(self, key: tuple[str, str]) -> Answer | None:
        found = self.entries.get(key)
        if found is not None:
            self.entries.move_to_end(key)
        return found

    def put(self, key: tuple[str, str], answer: Answer) -> None:
        self.drop(key)
        if answer.etag is None or "no-store" in answer.headers.get("cache-control", ""):
            return
        self.entries[key] = answer
        self.size += len(answer.content)
        while self.entries and (len(self.entries) > self.max_entries or self.size > self.max_bytes):
            self.drop(next(iter(self.entries)))

    def drop(self, key: tuple[str, str]) -> None:
        old = self.entries.pop(key, None)
        if old is not None:
            self.size -= len(old.content)
