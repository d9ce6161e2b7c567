"""The calendar as an iCalendar file (RFC 5545). Times are Berlin times with their zone, so that a
date that is moved across the change to summer time stays at its hour in every client.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from icalendar import Calendar, Event, Timezone

from klima_measures.community.rules.calendar import Entry
from klima_measures.community.rules.opening_hours import BERLIN

PRODUCT = "-//Klimakreis//Termine//DE"

# The rule of the European Union since 1996, by hand: the library lists single changes until 2037
# instead, which other programs read wrongly, and begins summer time at 3 o'clock of winter time.
_BERLIN = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19970330T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def calendar_file(name: str, entries: Sequence[Entry]) -> bytes:
    """The same entries give the same bytes: the stamp of each is the moment of its last change."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Europe/Berlin")
    calendar.add_component(Timezone.from_ical(_BERLIN))
    for entry in entries:
        calendar.add_component(_event(entry))
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
