"""When a contact can be reached, in Berlin time, with the holidays of North Rhine-Westphalia."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from klima_measures.community.model.opening_hours import (
    Interval,
    check,
    clock,
    closed_because,
    is_open,
    minutes,
    next_opening,
)
from klima_shared.language.errors import InputError

BERLIN = ZoneInfo("Europe/Berlin")


def _hours(*days: tuple[int, str, str]) -> list[Interval]:
    return [Interval(day, minutes(start), minutes(end)) for day, start, end in days]


# As many town halls have it: Monday later, a long lunch, Thursday late, Friday short.
TOWN_HALL = _hours(
    (0, "08:30", "12:00"),
    (0, "14:00", "16:00"),
    (1, "07:30", "12:00"),
    (1, "14:00", "16:00"),
    (2, "07:30", "12:00"),
    (3, "07:30", "12:00"),
    (3, "14:00", "18:00"),
    (4, "07:30", "12:30"),
)


def _berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-24T07:30", True),  # a Tuesday
        ("2026-11-24T07:29", False),
        ("2026-11-23T07:30", False),  # a Monday
        ("2026-11-23T08:30", True),
        ("2026-11-24T12:00", False),  # the end is not inside
        ("2026-11-24T13:00", False),
        ("2026-11-24T14:00", True),
        ("2026-11-28T10:00", False),  # a Saturday
        ("2026-05-01T10:00", False),  # 1 May, a Friday
        ("2025-05-01T10:00", False),  # 1 May, a Thursday
        ("2026-06-04T10:00", False),  # Corpus Christi, a holiday here and not in Berlin
        ("2026-11-18T10:00", True),  # Buß- und Bettag is none here
    ],
)
def test_open_now(at: str, expected: bool) -> None:
    assert is_open(TOWN_HALL, _berlin(at)) is expected


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2026-03-24T06:29", False),  # Tuesday before the change: 7:29 in Berlin
        ("2026-03-24T06:30", True),
        (
            "2026-03-31T05:29",
            False,
        ),  # Tuesday after it: the same wall clock is an hour earlier in UTC
        ("2026-03-31T05:30", True),
        ("2026-10-20T05:30", True),
        ("2026-10-27T05:30", False),  # back to winter time
        ("2026-10-27T06:30", True),
    ],
)
def test_the_change_to_summer_time(utc: str, expected: bool) -> None:
    assert is_open(TOWN_HALL, datetime.fromisoformat(utc).replace(tzinfo=UTC)) is expected


def test_the_night_of_the_change_itself() -> None:
    """An emergency desk on Sunday from 01:30 to 03:30: in spring two hours are one, in autumn
    three."""
    night = _hours((6, "01:30", "03:30"))

    def open_minutes(day: str) -> int:
        start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=6)
        return sum(is_open(night, start + timedelta(minutes=m)) for m in range(24 * 60))

    assert open_minutes("2026-03-22") == 120
    assert open_minutes("2026-03-29") == 60
    assert open_minutes("2026-10-25") == 180


def test_next_opening_passes_weekends_and_holidays() -> None:
    # Thursday 30 April 2026, evening: Friday is 1 May, so it opens on Monday.
    assert next_opening(TOWN_HALL, _berlin("2026-04-30T19:00")) == _berlin("2026-05-04T08:30")
    assert next_opening(TOWN_HALL, _berlin("2026-11-24T12:30")) == _berlin("2026-11-24T14:00")
    assert next_opening([], _berlin("2026-11-24T12:30")) is None


def test_next_opening_in_the_skipped_hour_is_a_time_that_exists() -> None:
    found = next_opening(_hours((6, "02:30", "04:00")), _berlin("2026-03-28T12:00"))
    assert found is not None
    assert found.isoformat() == "2026-03-29T03:30:00+02:00"


def test_days_the_contact_closes_itself() -> None:
    closed = {date(2026, 11, 24)}
    assert not is_open(TOWN_HALL, _berlin("2026-11-24T08:00"), closed)
    assert closed_because(date(2026, 11, 24), closed) == "closed"
    assert closed_because(date(2026, 5, 1)) == "Erster Mai"


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        is_open(TOWN_HALL, datetime(2026, 11, 24, 7, 30))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text", ["7:30", "07.30", "24:01", "07:60", "", "0730", "٠٧:٣٠", "-1:30", "07:30:00"]
)
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(InputError):
        minutes(text)


def test_the_whole_day_and_its_writing() -> None:
    assert is_open(_hours((1, "00:00", "24:00")), _berlin("2026-11-24T23:59"))
    assert clock(minutes("07:05")) == "07:05"


@pytest.mark.parametrize(
    "days",
    [
        [(0, "12:00", "08:00")],
        [(0, "08:00", "08:00")],
        [(0, "08:00", "12:00"), (0, "11:00", "13:00")],
    ],
)
def test_impossible_intervals(days: list[tuple[int, str, str]]) -> None:
    with pytest.raises(InputError):
        check(_hours(*days))


def test_neighbouring_intervals_are_possible() -> None:
    check(_hours((0, "08:00", "12:00"), (0, "12:00", "13:00"), (1, "08:00", "12:00")))
