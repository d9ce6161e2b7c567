"""The calendar as an iCalendar file (RFC 5545). Times are Berlin times with their zone, so that a date that is moved
across the change to summer time stays at its hour in every client.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from icalendar import Calendar, Event

from klima_measures.domain.calendar import Entry
from klima_measures.domain.opening_hours import BERLIN

PRODUCT = "-//Klimakreis//Termine//DE"


def calendar_file(name: str, entries: Sequence[Entry]) -> bytes:
    """The same entries give the same bytes: the stamp of each is the moment of its last change."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Europe/Berlin")
    for entry in entries:
        calendar.add_component(_event(entry))
    if entries:
        calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.identity}@klimakreis")
    event.add("dtstamp", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.starts_at.astimezone(BERLIN))
    if entry.ends_at:
        event.add("dtend", entry.ends_at.astimezone(BERLIN))
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("categories", [entry.category])
    for name, value in (("location", entry.place), ("description", entry.text), ("url", entry.url)):
        if value:
            event.add(name, value)
    return event
