"""What the actions of controlling are given: the county, the two other services, the day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from klima_controlling.base.model import BERLIN, Contact
from klima_shared.codes.regions import covers
from klima_shared.upstream.balance import BalanceClient
from klima_shared.upstream.measures import MeasuresClient


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    county: str
    balance: BalanceClient
    measures: MeasuresClient
    contact: Contact = field(default_factory=lambda: Contact("Klimaschutzmanagement"))
    balance_public_url: str = ""
    measures_public_url: str = ""
    now: Callable[[], datetime] = _now

    def today(self) -> date:
        """The date where the municipalities are."""
        return self.now().astimezone(BERLIN).date()

    def county_of(self, ags: str) -> str | None:
        """The installation's county when the region is a part of it."""
        return self.county if ags != self.county and covers(self.county, ags) else None
