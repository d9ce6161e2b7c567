"""What this service asks the balance service: emissions by sector, and names of regions. It may be
down at any time."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from klima_shared.upstream.balance import BalanceClient
from klima_shared.upstream.cache import CachedClient
from klima_shared.upstream.client import ServiceClient
from klima_shared.upstream.model import Patience, QuestionRefusedError, ServiceDownError, Timing
from klima_shared.wire.balance import RegionDocument

T = TypeVar("T")

# A sheet is shown with "check pending" rather than late, and while the service is down nobody waits
# for it.
PATIENCE: Final = Patience(timeout=2.0, attempts=1, deadline=2.0)
TIMING: Final = Timing(fresh=600.0, watch=5.0)


class BalancePending(Exception):  # noqa: N818  (a state, not a fault)
    """The balance service can't be asked right now."""


@dataclass(frozen=True)
class Emissions:
    """The newest complete balance of a region: t CO2e by sector code."""

    year: int
    by_sector: Mapping[str, float]


@dataclass(frozen=True)
class Balance:
    """Every method raises `BalancePending` where the service can't be asked and never answered;
    without a cache everything is pending."""

    cache: CachedClient | None

    async def emissions(self, ags: str) -> Emissions | None:
        """Of the newest complete balance; None where there is none."""
        return await _or_pending(self._newest(ags))

    async def _newest(self, ags: str) -> Emissions | None:
        newest = await self._client.newest(ags)
        if newest is None:
            return None
        year, version = newest
        document = await self._client.balance(ags, year, version)
        if document is None:
            return None
        sectors = {
            row["sector"]: row["emissions_t_co2e"]
            for row in document["sectors"]
            if row["emissions_t_co2e"] is not None
        }
        return Emissions(year, sectors)

    async def region(self, ags: str) -> RegionDocument | None:
        """None for an unknown key."""
        found = await _or_pending(self._client.region(ags))
        return found.data if found else None

    async def members(self, ags: str) -> list[RegionDocument]:
        """The regions whose parent this is."""
        return (await _or_pending(self._client.members(ags))).data

    @property
    def _client(self) -> BalanceClient:
        if self.cache is None:
            raise BalancePending
        return BalanceClient(self.cache)


async def _or_pending(call: Awaitable[T]) -> T:
    try:
        return await call
    except (ServiceDownError, QuestionRefusedError) as error:
        raise BalancePending from error


def balance_cache(client: ServiceClient) -> CachedClient:
    return CachedClient(
        "balance", client, patient=PATIENCE, quick=PATIENCE, timing=TIMING, ask_when_down=False
    )
