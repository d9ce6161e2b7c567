"""When a contact can be reached: weekly hours with several intervals, holidays of North
Rhine-Westphalia, Berlin time.

Hours are what stands on the door, so they are wall-clock times: an office that opens at 7:30 opens
at 7:30 before and after the change to summer time. Every question is asked with a time that has a
zone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from klima_measures.base.model.dates import BERLIN
from klima_measures.community.model.codes import Weekday
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.revisions.model import Document

MINUTES_A_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Open from `start` to before `end`, in minutes after midnight of one weekday (0 is Monday)."""

    weekday: int
    start: int
    end: int


def minutes(text: str) -> int:
    """Minutes after midnight of `07:30`; `24:00` is the end of the day. Raises `InputError`."""
    hours, _, rest = text.partition(":")
    valid = (
        len(hours) == 2 and len(rest) == 2 and (hours + rest).isascii() and (hours + rest).isdigit()
    )
    value = int(hours) * 60 + int(rest) if valid else -1
    if not valid or int(rest) > 59 or value > MINUTES_A_DAY:
        raise InputError(Text("A time of day like 07:30 is expected."))
    return value


def clock(value: int) -> str:
    return f"{value // 60:02d}:{value % 60:02d}"


def check(intervals: Sequence[Interval]) -> None:
    """Refuse intervals that end before they begin or overlap on a day. Raises `InputError`."""
    ordered = sorted(intervals)
    for interval in ordered:
        if interval.end <= interval.start:
            raise InputError(
                Text(
                    "The opening hours {clock}–{end_clock} end before they begin.",
                    clock=clock(interval.start),
                    end_clock=clock(interval.end),
                )
            )
    for earlier, later in pairwise(ordered):
        if earlier.weekday == later.weekday and later.start < earlier.end:
            raise InputError(
                Text("The opening hours overlap at {clock}.", clock=clock(later.start))
            )


@lru_cache(maxsize=200)
def _holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("DE", subdiv="NW", years=year, language="de"))


def holiday(day: date) -> str | None:
    """The name of the holiday in North Rhine-Westphalia, or None on an ordinary day."""
    return _holidays(day.year).get(day)


def closed_because(day: date, closed_days: Collection[date] = ()) -> str | None:
    """Why a day is closed whatever its weekday: a holiday's name, or `closed` for a day the contact
    named itself."""
    return holiday(day) or ("closed" if day in closed_days else None)


def is_open(
    intervals: Sequence[Interval], at: datetime, closed_days: Collection[date] = ()
) -> bool:
    """Whether somebody is there at a moment. `at` must have a time zone (`ValueError`)."""
    local = _local(at)
    if closed_because(local.date(), closed_days):
        return False
    now = local.hour * 60 + local.minute
    return any(i.weekday == local.weekday() and i.start <= now < i.end for i in intervals)


def next_opening(
    intervals: Sequence[Interval], at: datetime, closed_days: Collection[date] = ()
) -> datetime | None:
    """The next moment after `at` at which it opens, in Berlin time; None when it does not within
    two months."""
    local = _local(at)
    for ahead in range(62):
        day = local.date() + timedelta(days=ahead)
        if closed_because(day, closed_days):
            continue
        for interval in sorted(intervals):
            if interval.weekday != day.weekday():
                continue
            # Normalised through UTC: a wall-clock time that the change to summer time skips does
            # not exist.
            opening = datetime.combine(day, time(interval.start // 60, interval.start % 60), BERLIN)
            opening = opening.astimezone(ZoneInfo("UTC")).astimezone(BERLIN)
            if opening.timestamp() > at.timestamp():
                return opening
    return None


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(BERLIN)


def intervals(hours: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Interval]:
    """Opening hours of the wire as intervals of the week."""
    return [
        Interval(Weekday(day).rank, minutes(one["from"]), minutes(one["to"]))
        for day, ones in hours.items()
        for one in ones
    ]


def contact_state(contact: Document, moment: datetime) -> dict[str, object]:
    """Whether somebody is there at a moment, and when again."""
    at = moment.astimezone(BERLIN)
    week = intervals(contact["opening_hours"])
    closed = {date.fromisoformat(day) for day in contact["closed_days"]}
    opening = next_opening(week, at, closed)
    return {
        "open_now": is_open(week, at, closed),
        "closed_because": closed_because(at.date(), closed),
        "next_opening": opening.isoformat() if opening else None,
        "as_of": at.replace(second=0, microsecond=0).isoformat(),
    }
