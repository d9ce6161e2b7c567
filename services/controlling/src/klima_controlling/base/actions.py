"""What the actions of controlling are given: the county, the two other services, the day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from klima_controlling.base.model import BERLIN, Contact
from klima_controlling.base.queries import regions_of_organisation
from klima_shared.codes.access import Role
from klima_shared.codes.regions import canonical_ags, covers
from klima_shared.county import served_county
from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer
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
    four_eyes: bool = False
    """Whether a report is approved by somebody else than its authors."""
    now: Callable[[], datetime] = _now

    def today(self) -> date:
        """The date where the municipalities are."""
        return self.now().astimezone(BERLIN).date()

    def county_of(self, ags: str) -> str | None:
        """The installation's county when the region is a part of it."""
        return self.county if ags != self.county and covers(self.county, ags) else None


async def require_organisation(writer: Writer, role: Role, key: str, region: str) -> None:
    """An organisation belongs to the region that named it first, one that ends with the county's
    name to the county from the start: 403 without `role` there, 422 for another region, and for the
    key of a region, whose own figures it would mix with.
    """
    if key.isdigit():
        text = Text("The key of a region is no organisation; leave this field out.")
        raise invalid_at("/body/organisation", text)
    owners = await regions_of_organisation(writer.connection, key)
    county = served_county()
    if not owners and key.endswith(county.slug):
        owners = {canonical_ags(county.key)}
    for owner in sorted(owners):
        writer.require(role, owner)
        if owner != region:
            text = Text('"{key}" belongs to the region {owner}.', key=key, owner=owner)
            raise invalid_at("/body/region", text)
