"""What stands in the public calendar: dates with a place and a state, wherever they come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

KEPT: Final = timedelta(days=366)
"""How long a date that has passed stays in the calendar."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One date. `sequence` counts its changes, so that clients take the newest."""

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


def in_order(entries: Iterable[Entry], now: datetime) -> list[Entry]:
    """What is to come and what has not long passed, by time."""
    shown = [entry for entry in entries if (entry.ends_at or entry.starts_at) >= now - KEPT]
    return sorted(shown, key=lambda entry: (entry.starts_at, str(entry.identity)))
