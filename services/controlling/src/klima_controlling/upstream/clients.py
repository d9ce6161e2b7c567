"""The two services controlling reads: what is asked of each, and where."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from klima_controlling.upstream.model import CopyStore
from klima_controlling.upstream.rules import ScenarioKind
from klima_controlling.upstream.source import QUICK_SECONDS, Fetched, NotTakenError, Source
from klima_shared.service.concurrency import together
from klima_shared.upstream.client import ServiceClient, TokenSupplier

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def source(
    service: str,
    url: str | None,
    store: CopyStore,
    *,
    transport: Any = None,
    deadline: float = 8.0,
    quick_deadline: float = QUICK_SECONDS,
) -> Source:
    """A source at `url`; without one it answers from copies only."""
    if url is None:
        return Source(service, None, None, store)
    quick = ServiceClient(
        service,
        url,
        timeout=quick_deadline,
        attempts=1,
        deadline=quick_deadline,
        transport=transport,
    )
    patient = ServiceClient(
        service, url, timeout=5.0, attempts=3, deadline=deadline, transport=transport
    )
    return Source(service, quick, patient, store)


@dataclass(frozen=True)
class BalanceService:
    """Published balances and the registry of regions; everything read here is public."""

    source: Source

    async def region(self, ags: str) -> Fetched | None:
        return await self.source.get(f"/v1/regions/{ags}")

    async def members(self, ags: str) -> Fetched:
        """The regions directly below."""
        return await self.source.listed(f"/v1/regions?parent={ags}&limit=200")

    async def versions(self, ags: str) -> Fetched | None:
        """`{year: version}` of the newest published balances."""
        found = await self.source.get(f"/v1/regions/{ags}/balances?limit=200")
        if found is None:
            return None
        newest: dict[int, int] = {}
        for item in found.data["items"]:
            if item["state"] == "published" and item["version"] > newest.get(item["year"], 0):
                newest[item["year"]] = item["version"]
        return Fetched(dict(sorted(newest.items())), found.verified_at, found.stale_since)

    async def balance(self, ags: str, year: int, version: int) -> Mapping[str, Any] | None:
        """A published version; it never changes."""
        found = await self.source.get(
            f"/v1/regions/{ags}/balances/{year}?version={version}", immutable=True
        )
        return found.data if found else None

    async def comparison(self, keys: list[str], year: int) -> Fetched | None:
        """Totals and figures per inhabitant of several regions in a year."""
        joined = ",".join(keys)
        return await self.source.get(f"/v1/comparisons?regions={joined}&year={year}&per=inhabitant")

    async def scenario(self, ags: str, kind: ScenarioKind) -> Mapping[str, Any] | None:
        """Which built-in scenario there is of a region's newest balance: its id, `base_year`,
        `version`, `horizon`."""
        found = await self.source.spare(f"/v1/scenarios?region={ags}&kind={kind.value}&limit=1")
        return found.data["items"][0] if found and found.data["items"] else None

    async def scenario_bands(self, identity: str, years: Sequence[int]) -> Mapping[str, Any] | None:
        """A built-in scenario's figures and how far they may be off, for its base year and at most
        ten others. They never change: a new balance or new assumptions have another id.
        """
        wanted = "&".join(f"years={year}" for year in years)
        found = await self.source.spare(
            f"/v1/scenarios/{identity}/uncertainty?{wanted}", immutable=True
        )
        return found.data if found else None

    async def climate_targets(self) -> Fetched | None:
        """What the country has decided and reached, row by row."""
        return await self.source.get("/v1/climate-targets")

    async def organisation_id(self, key: str, region: str) -> str | None:
        """The balance service's id of an organisation: `key` itself where it is one, else that of
        the region's organisation whose name reads like the key, else of its only one.
        """
        if is_id(key):
            return key
        found = await self.source.listed(f"/v1/organisations?region={region}&limit=200")
        named = [o for o in found.data if slug(o["name"]) == key]
        chosen = named or (found.data if len(found.data) == 1 else [])
        return str(chosen[0]["id"]) if len(chosen) == 1 else None

    async def organisation(self, identity: str) -> Fetched | None:
        return await self.source.get(f"/v1/organisations/{identity}")

    async def organisation_years(self, identity: str) -> Fetched | None:
        """`{year: t CO2e}` of an organisation's published balances."""
        found = await self.source.get(f"/v1/organisations/{identity}/timeseries")
        if found is None:
            return None
        points = [
            p
            for p in found.data["years"]
            if p["state"] == "published" and p["emissions_t_co2e"] is not None
        ]
        years = {int(p["year"]): float(p["emissions_t_co2e"]) for p in points}
        return Fetched(years, found.verified_at, found.stale_since)


def is_id(key: str) -> bool:
    """Whether a key is an id of the balance service."""
    return _UUID.fullmatch(key) is not None


def slug(name: str) -> str:
    """`Konzern Kreis Soest` -> `konzern-kreis-soest`."""
    plain = name.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


@dataclass(frozen=True)
class MeasuresService:
    """Published measures. Only what the public may see is read; the token is for telling, not for
    reading."""

    source: Source
    writer: ServiceClient | None = None

    async def of_region(self, ags: str) -> Fetched | None:
        """The published measures that concern a region, as list items; None where the service knows
        no such region."""
        try:
            return await self.source.listed(
                f"/v1/measures?region={ags}&version=published&limit=200"
            )
        except NotTakenError:
            return None

    async def measure(self, identity: str) -> Fetched | None:
        return await self.source.get(f"/v1/measures/{identity}?version=published")

    async def sheets(self, items: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The whole sheets of listed measures, eight at a time; one that is gone meanwhile is left
        out.

        A sheet is kept under the time of its last change, so that only changed ones are asked for
        again.
        """
        slots = asyncio.Semaphore(8)

        async def one(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
            path = f"/v1/measures/{item['id']}?version=published"
            async with slots:
                sheet = await self.source.get(
                    path, immutable=True, key=f"{path}#{item['changed_at']}"
                )
            return sheet.data if sheet else None

        return [sheet for sheet in await together(*map(one, items)) if sheet is not None]

    async def tell(self, identity: UUID, what: str, body: Mapping[str, Any], key: str) -> None:
        """Send something about a measure to its service, with the service token. Raises
        `UpstreamError`."""
        if self.writer is None:
            return
        await self.writer.send(
            "POST", f"/v1/measures/{identity}/{what}", body, headers={"Idempotency-Key": key}
        )


def writer(url: str | None, token: TokenSupplier | None) -> ServiceClient | None:
    """A client that may write; None where there is no address or no token."""
    if url is None or token is None:
        return None
    return ServiceClient("measures", url, token=token, timeout=5.0, attempts=1, deadline=8.0)
