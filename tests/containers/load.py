"""People who read and write while an operator works. Bounded: a few callers, gentle rates, this
machine only."""

from __future__ import annotations

import asyncio
import itertools
import time
from types import TracebackType
from typing import Any, Self

import httpx

from tests.operations.conftest import READS, WRITES, unlike

READERS, READS_PER_SECOND = 4, 8.0
WRITERS, WRITES_PER_SECOND = 2, 4.0
MOST_SECONDS = 300.0


class Load:
    """`async with`: it runs inside. Afterwards: what was acknowledged, and every answer that should
    not have been."""

    def __init__(self, origin: str, token: object, service: str, body: dict[str, Any]) -> None:
        self.service, self.body = service, body
        self.public = httpx.AsyncClient(base_url=origin, timeout=30, trust_env=False)
        self.manager = httpx.AsyncClient(
            base_url=origin, timeout=30, trust_env=False, headers={"Authorization": str(token)}
        )
        self.reads, self.slowest = 0, 0.0
        self.acknowledged: list[str] = []
        self.faults: list[str] = []
        self.longest_pause, self._last = 0.0, time.monotonic()  # between two acknowledged writes
        self._stop = asyncio.Event()
        self._count = itertools.count()

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._read()) for _ in range(READERS)]
        self._tasks += [asyncio.create_task(self._write()) for _ in range(WRITERS)]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)

    async def warm(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _read(self) -> None:
        began = time.monotonic()
        path = READS[self.service]
        joint = "&" if "?" in path else "?"
        while not self._stop.is_set() and time.monotonic() - began < MOST_SECONDS:
            # Past the cache: it is the services that are to answer.
            answer = await self._ask(self.public, "GET", f"{path}{joint}x={next(self._count)}")
            if answer is not None:
                self.reads += 1
                if answer.status_code not in (
                    200,
                    422,
                ):  # 422: a service that refuses what it does not know
                    self.faults.append(f"GET {answer.status_code} {answer.text[:200]}")
            await asyncio.sleep(1 / READS_PER_SECOND)

    async def _write(self) -> None:
        began = time.monotonic()
        while not self._stop.is_set() and time.monotonic() - began < MOST_SECONDS:
            answer = await self._ask(
                self.manager, "POST", WRITES[self.service], json=unlike(self.body)
            )
            if answer is not None and answer.status_code == 201:
                self.acknowledged.append(answer.headers["Location"])
                self.longest_pause = max(self.longest_pause, time.monotonic() - self._last)
                self._last = time.monotonic()
            elif answer is not None:
                self.faults.append(f"POST {answer.status_code} {answer.text[:200]}")
            await asyncio.sleep(1 / WRITES_PER_SECOND)

    async def _ask(
        self, client: httpx.AsyncClient, method: str, path: str, **more: Any
    ) -> httpx.Response | None:
        began = time.monotonic()
        try:
            return await client.request(method, path, **more)
        except httpx.HTTPError as error:
            self.faults.append(f"{method} {type(error).__name__}: {error}")
            return None
        finally:
            self.slowest = max(self.slowest, time.monotonic() - began)

    def summary(self) -> str:
        return (
            f"{self.reads} reads, {len(self.acknowledged)} writes acknowledged, {len(self.faults)}"
            f" faults, slowest {self.slowest:.2f} s"
        )

    async def lost(self) -> list[str]:
        """What was acknowledged and is not there."""
        missing = []
        for location in self.acknowledged:
            answer = await self.manager.get(location)
            if answer.status_code != 200:
                missing.append(f"{location}: {answer.status_code}")
        await self.public.aclose()
        await self.manager.aclose()
        return missing
