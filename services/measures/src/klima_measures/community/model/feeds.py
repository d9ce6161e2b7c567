"""What goes out to those who subscribe: dates, news, measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from klima_shared.codes.action import Phase


@dataclass(frozen=True, slots=True)
class Entry:
    """One date of the calendar. `sequence` counts its changes, so that clients take the newest."""

    identity: UUID
    title: str
    starts_at: datetime
    ends_at: datetime | None
    place: str | None
    text: str
    url: str | None
    category: str
    cancelled: bool
    sequence: int
    changed_at: datetime


class NewsItem(NamedTuple):
    """A press item of the feed."""

    id: UUID
    title: str
    text: str
    url: str | None
    published_at: datetime
    changed_at: datetime


class PublishedMeasure(NamedTuple):
    """A measure for Decidim, with the references of the accepted ideas that became part of it."""

    id: UUID
    number: str
    title: str
    short_text: str
    field: str
    regions: Sequence[str]
    phase: Phase
    starts_on: date | None
    last_year: int | None
    changed_at: datetime
    ideas: str | None
