"""Deliveries: dates that follow from the interval, the reminder, the calendar."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from icalendar import Calendar

from klima_controlling.deliveries.rules import Delivery, add_months, calendar, due, due_list, notice

BALANCE = Delivery(
    UUID(int=1),
    "Bilanz",
    "balance",
    "05974000",
    "Klimaschutz",
    "Kreistag",
    36,
    60,
    date(2024, 12, 31),
    None,
    None,
)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 12, 31), 36, date(2027, 12, 31)),
        (date(2026, 6, 30), 6, date(2026, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
    ],
)
def test_months(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_the_interval_moves_the_date() -> None:
    served = Delivery(
        **{**BALANCE.__dict__, "last_due": date(2024, 12, 31), "last_delivered": date(2025, 3, 1)}
    )
    assert due(served, date(2026, 1, 1)).due_on == date(2027, 12, 31)
    assert due(served, date(2026, 1, 1)).latest_on == date(2030, 3, 1)
    yearly = Delivery(**{**served.__dict__, "interval_months": 12})
    assert due(yearly, date(2026, 1, 1)).due_on == date(2025, 12, 31)
    assert due(yearly, date(2026, 1, 1)).overdue_days == 1


def test_due_today_is_not_overdue() -> None:
    assert not due(BALANCE, date(2024, 12, 31)).overdue
    assert due(BALANCE, date(2025, 1, 1)).overdue


def test_notice_and_calendar() -> None:
    items = due_list([BALANCE], date(2025, 1, 31))
    text = notice(items[0], "de")
    assert "Subject: Überfällig: Bilanz" in text
    assert "31 Tagen" in text
    made = calendar(items, "de", datetime(2025, 1, 31, tzinfo=UTC))
    events = Calendar.from_ical(made).walk("VEVENT")
    assert [e["dtstart"].dt for e in events] == [date(2024, 12, 31)]
    assert made == calendar(items, "de", datetime(2025, 1, 31, tzinfo=UTC))
