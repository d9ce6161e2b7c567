"""The measures service as the other services read it, and what they report to it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from klima_shared.service.concurrency import results
from klima_shared.upstream.cache import CachedClient
from klima_shared.upstream.client import ServiceClient
from klima_shared.upstream.model import Cached, Page, QuestionRefusedError
from klima_shared.wire.measures import ListedMeasure, MeasureSheet

_LIST: Final = TypeAdapter(Page[ListedMeasure])
_SHEET: Final = TypeAdapter(MeasureSheet)
SHEETS_AT_ONCE: Final = 8


@dataclass(frozen=True)
class MeasuresClient:
    """Published measures: only what the public may see is read. `writer` shows the service token;
    without one nothing is reported."""

    cache: CachedClient
    writer: ServiceClient | None = None

    async def list_of_region(self, ags: str) -> Cached[list[ListedMeasure]] | None:
        """The published measures that concern a region; None where the service knows no such
        region."""
        path = f"/v1/measures?region={ags}&version=published&limit=200"
        try:
            return await self.cache.list_all(path, _LIST)
        except QuestionRefusedError:
            return None

    async def sheet(self, identity: UUID | str) -> Cached[MeasureSheet] | None:
        return await self.cache.get(f"/v1/measures/{identity}?version=published", _SHEET)

    async def sheets(self, items: Sequence[ListedMeasure]) -> list[MeasureSheet]:
        """The whole sheets of listed measures; one that is gone meanwhile is left out.

        A sheet is kept under the time of its last change, so that only changed ones are asked for
        again.
        """
        slots = asyncio.Semaphore(SHEETS_AT_ONCE)

        async def one(item: ListedMeasure) -> MeasureSheet | None:
            path = f"/v1/measures/{item['id']}?version=published"
            key = f"{path}#{item['changed_at']}"
            async with slots:
                found = await self.cache.get(path, _SHEET, immutable=True, key=key)
            return found.data if found else None

        return [sheet for sheet in await results(map(one, items)) if sheet is not None]

    async def report(self, identity: UUID, what: str, body: Mapping[str, object], key: str) -> None:
        """Report something about a measure, once for each `key`. Raises `UpstreamError`."""
        if self.writer is not None:
            path, headers = f"/v1/measures/{identity}/{what}", {"Idempotency-Key": key}
            await self.writer.send("POST", path, body, headers=headers)
