"""What every use case of measures is given: the installation's county, fields of action, and the
way to the balance."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import cast
from zoneinfo import ZoneInfo

from fastapi import Request

from klima_measures.base.model.fields import Fields
from klima_measures.catalogue.queries.listing import PUBLIC, Reader
from klima_measures.upstream.balance import Balance
from klima_shared.codes.fields import covers
from klima_shared.codes.lists import Role
from klima_shared.http.auth import Principal

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Frame:
    county: str
    fields: Fields
    balance: Balance = field(default_factory=lambda: Balance(None))

    def today(self) -> date:
        """The date where the municipalities are."""
        return datetime.now(BERLIN).date()


def beginning(day: date) -> datetime:
    """When a day began where the municipalities are: midnight there is never ahead of us, that of
    UTC may be."""
    return datetime.combine(day, time.min, BERLIN).astimezone(UTC)


def frame_of(request: Request) -> Frame:
    return cast("Frame", request.app.state.frame)


def reader_of(principal: Principal) -> Reader:
    """Whose working revisions a caller may read."""
    if principal.may(Role.SERVICE):
        return Reader(everything=True)
    return Reader(principal.regions) if principal.may(Role.VIEWER) else PUBLIC


def takes_part(region: str, owner: str, regions: list[str]) -> bool:
    """Whether a measure is a region's own, or one of its parts', or one it takes part in; as
    `listing.touches`."""
    return covers(region, owner) or any(
        covers(region, one) or covers(one, region) for one in regions
    )


def may_read_drafts(principal: Principal, owner: str, regions: list[str]) -> bool:
    """Other services, and viewers of a region that the measure is about."""
    if principal.may(Role.SERVICE):
        return True
    return principal.may(Role.VIEWER) and any(
        takes_part(own, owner, regions) for own in principal.regions
    )
