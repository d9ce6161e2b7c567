"""What this service asks the balance service: emissions by sector, and names of regions. It may be
down at any time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from klima_shared.upstream.client import ServiceClient, UpstreamError, UpstreamNotFoundError

log = structlog.get_logger(__name__)

KEPT_SECONDS: Final = 600.0
PAUSE_SECONDS: Final = (
    20.0  # after a failure nobody waits for the balance service again for this long
)
TIMEOUT_SECONDS: Final = 2.0


class BalancePending(Exception):  # noqa: N818  (a state, not a fault)
    """The balance service can't be asked right now."""


@dataclass(frozen=True)
class Emissions:
    """The newest published balance of a region: t CO2e by sector code."""

    year: int
    by_sector: Mapping[str, float]


@dataclass
class Balance:
    """Asks and remembers; one per process. Without a client everything is pending."""

    client: ServiceClient | None
    _known: dict[str, tuple[float, Emissions | None]] = field(default_factory=dict)
    _paused_until: float = 0.0

    async def emissions(self, ags: str) -> Emissions | None:
        """Of the newest published balance; None where there is none. Raises `BalancePending`."""
        now = time.monotonic()
        kept = self._known.get(ags)
        if kept and now - kept[0] < KEPT_SECONDS:
            return kept[1]
        try:
            found = await self._ask(ags)
        except BalancePending:
            if kept:  # an old answer is better than none
                return kept[1]
            raise
        self._known[ags] = (now, found)
        return found

    async def _ask(self, ags: str) -> Emissions | None:
        try:
            return await self._newest(ags)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise self._pause(ags, error) from error

    def _pause(self, what: str, error: Exception) -> BalancePending:
        """After a failure or an answer that can't be understood the service is left alone for a
        while."""
        log.warning("balance service can't be asked", what=what, error=str(error))
        self._paused_until = time.monotonic() + PAUSE_SECONDS
        return BalancePending()

    async def _newest(self, ags: str) -> Emissions | None:
        heads = await self._get(f"/v1/regions/{ags}/balances")
        years = [
            item["year"]
            for item in (heads or {}).get("items", [])
            if item.get("published_at") or item.get("state") == "published"
        ]
        if not years:
            return None
        balance = await self._get(f"/v1/regions/{ags}/balances/{max(years)}")
        if balance is None:
            return None
        sectors = {
            row["sector"]: float(row["emissions_t_co2e"])
            for row in balance.get("sectors", [])
            if row.get("emissions_t_co2e") is not None
        }
        return Emissions(max(years), sectors)

    async def region(self, ags: str) -> dict[str, Any] | None:
        """`{"ags", "name", "kind", "parent"}`; None for an unknown key. Raises `BalancePending`."""
        found = await self._get(f"/v1/regions/{ags}")
        return (
            {name: found.get(name) for name in ("ags", "name", "kind", "parent")} if found else None
        )

    async def members(self, ags: str) -> list[dict[str, Any]]:
        """The regions whose parent this is. Raises `BalancePending`."""
        found = await self._get(f"/v1/regions?parent={ags}&limit=200")
        return list((found or {}).get("items", []))

    async def _get(self, path: str) -> Any:
        if self.client is None or time.monotonic() < self._paused_until:
            raise BalancePending
        try:
            return await self.client.get_json(path)
        except UpstreamNotFoundError:
            return None
        except (UpstreamError, ValueError) as error:
            raise self._pause(path, error) from error


def balance_client(url: str | None) -> ServiceClient | None:
    """A client that gives up soon: a sheet is shown with "check pending" rather than late."""
    if url is None:
        return None
    return ServiceClient(
        "balance", url, timeout=TIMEOUT_SECONDS, attempts=1, deadline=TIMEOUT_SECONDS
    )
