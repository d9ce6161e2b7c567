"""A last good copy of another service's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Copy:
    """What `service` answered at `path`, and when it last confirmed that it would answer the
    same."""

    service: str
    path: str
    body: bytes
    verified_at: datetime


class CopyStore(Protocol):
    """Keeps copies beyond the life of a process."""

    async def load(self, service: str, path: str) -> Copy | None: ...

    async def save(self, copy: Copy) -> None: ...

    async def drop(self, service: str, path: str) -> None: ...
