"""The balance service as the other services read it; everything read here is public."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from klima_shared.upstream.cache import CachedClient
from klima_shared.upstream.model import Cached, Page
from klima_shared.wire.balance import (
    BalanceBands,
    BalanceDocument,
    BalanceHead,
    ClimateTargets,
    Comparison,
    OrganisationDocument,
    OrganisationSeries,
    RegionDocument,
    ScenarioBands,
    ScenarioHead,
    SeriesBreak,
    Timeseries,
)

DRAWS: Final = 2000
"""Of a band: its edges move by less than a tenth of their distance from one seed to another."""
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REGION: Final = TypeAdapter(RegionDocument)
_REGIONS: Final = TypeAdapter(Page[RegionDocument])
_HEADS: Final = TypeAdapter(Page[BalanceHead])
_BALANCE: Final = TypeAdapter(BalanceDocument)
_COMPARISON: Final = TypeAdapter(Comparison)
_SCENARIOS: Final = TypeAdapter(Page[ScenarioHead])
_BANDS: Final = TypeAdapter(ScenarioBands)
_BALANCE_BANDS: Final = TypeAdapter(BalanceBands)
_CLIMATE_TARGETS: Final = TypeAdapter(ClimateTargets)
_TIMESERIES: Final = TypeAdapter(Timeseries)
_ORGANISATION: Final = TypeAdapter(OrganisationDocument)
_ORGANISATIONS: Final = TypeAdapter(Page[OrganisationDocument])
_ORGANISATION_SERIES: Final = TypeAdapter(OrganisationSeries)


@dataclass(frozen=True)
class BalanceClient:
    """Registry, published balances, scenarios and organisations. Every method raises
    `ServiceDownError` where the service can't be asked and never answered."""

    cache: CachedClient

    async def region(self, ags: str) -> Cached[RegionDocument] | None:
        return await self.cache.get(f"/v1/regions/{ags}", _REGION)

    async def members(self, ags: str) -> Cached[list[RegionDocument]]:
        """The regions directly below."""
        return await self.cache.list_all(f"/v1/regions?parent={ags}&limit=200", _REGIONS)

    async def versions(self, ags: str) -> Cached[Mapping[int, int]] | None:
        """`{year: version}` of the newest published balances, years ascending."""
        found = await self._published(ags)
        if found is None:
            return None
        versions = {head["year"]: head["version"] or 0 for head in found.data}
        return Cached(versions, found.verified_at, found.stale_since)

    async def newest(self, ags: str) -> tuple[int, int] | None:
        """Year and version of the newest complete balance; of the newest provisional one where all
        are; None where none is published."""
        found = await self._published(ags)
        if found is None or not found.data:
            return None
        head = max(found.data, key=lambda h: (not h.get("provisional", False), h["year"]))
        return head["year"], head["version"] or 0

    async def _published(self, ags: str) -> Cached[list[BalanceHead]] | None:
        """The newest published version of each year, years ascending."""
        found = await self.cache.get(f"/v1/regions/{ags}/balances?limit=200", _HEADS)
        if found is None:
            return None
        newest: dict[int, BalanceHead] = {}
        for head in found.data["items"]:
            known = newest.get(head["year"])
            older = known is None or (head["version"] or 0) > (known["version"] or 0)
            if head["state"] == "published" and older:
                newest[head["year"]] = head
        heads = [newest[year] for year in sorted(newest)]
        return Cached(heads, found.verified_at, found.stale_since)

    async def balance(self, ags: str, year: int, version: int) -> BalanceDocument | None:
        """A published version; it never changes."""
        path = f"/v1/regions/{ags}/balances/{year}?version={version}"
        found = await self.cache.get(path, _BALANCE, immutable=True)
        return found.data if found else None

    async def balance_bands(self, ags: str, year: int) -> BalanceBands | None:
        """How far the newest balance of a year may be off; None where that can't be had."""
        path = f"/v1/regions/{ags}/balances/{year}/uncertainty?draws={DRAWS}"
        found = await self.cache.get_optional(path, _BALANCE_BANDS)
        return found.data if found else None

    async def breaks(self, ags: str) -> list[SeriesBreak]:
        """Where the series of a region's balances breaks; none where that can't be had."""
        path = f"/v1/regions/{ags}/timeseries?by=total"
        found = await self.cache.get_optional(path, _TIMESERIES)
        return found.data["breaks"] if found else []

    async def comparison(self, keys: Sequence[str], year: int) -> Cached[Comparison] | None:
        """Totals and figures per inhabitant of several regions in a year."""
        query = f"regions={','.join(keys)}&year={year}&per=inhabitant"
        return await self.cache.get(f"/v1/comparisons?{query}", _COMPARISON)

    async def scenario(self, ags: str, kind: str) -> ScenarioHead | None:
        """The built-in scenario of that kind on a region's newest balance."""
        path = f"/v1/scenarios?region={ags}&kind={kind}&limit=1"
        found = await self.cache.get_optional(path, _SCENARIOS)
        return found.data["items"][0] if found and found.data["items"] else None

    async def scenario_bands(self, identity: str, years: Sequence[int]) -> ScenarioBands | None:
        """A built-in scenario's figures and how far they may be off, for its base year and at most
        ten others. They never change: a new balance or new assumptions have another id.
        """
        query = "&".join(f"years={year}" for year in years)
        path = f"/v1/scenarios/{identity}/uncertainty?{query}"
        found = await self.cache.get_optional(path, _BANDS, immutable=True)
        return found.data if found else None

    async def climate_targets(self) -> Cached[ClimateTargets] | None:
        """What the country has decided and reached, row by row."""
        return await self.cache.get("/v1/climate-targets", _CLIMATE_TARGETS)

    async def organisation_id(self, key: str, region: str) -> str | None:
        """The balance service's id of an organisation: `key` itself where it is one, else that of
        the region's organisation whose name reads like the key, else of its only one.
        """
        if is_id(key):
            return key
        path = f"/v1/organisations?region={region}&limit=200"
        found = (await self.cache.list_all(path, _ORGANISATIONS)).data
        chosen = [o for o in found if slug(o["name"]) == key] or found
        return chosen[0]["id"] if len(chosen) == 1 else None

    async def organisation(self, identity: str) -> Cached[OrganisationDocument] | None:
        return await self.cache.get(f"/v1/organisations/{identity}", _ORGANISATION)

    async def organisation_years(self, identity: str) -> Cached[Mapping[int, float]] | None:
        """`{year: t CO2e}` of an organisation's published balances."""
        path = f"/v1/organisations/{identity}/timeseries"
        found = await self.cache.get(path, _ORGANISATION_SERIES)
        if found is None:
            return None
        years = {
            point["year"]: float(point["emissions_t_co2e"])
            for point in found.data["years"]
            if point["state"] == "published" and point["emissions_t_co2e"] is not None
        }
        return Cached(years, found.verified_at, found.stale_since)


def is_id(key: str) -> bool:
    """Whether a key is an id of the balance service."""
    return _UUID.fullmatch(key) is not None


def slug(name: str) -> str:
    """`Konzern Kreis Süd` -> `konzern-kreis-sued`."""
    plain = name.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
