"""What is due from whom and when: dates follow from the interval, so changing it changes them."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from icalendar import Alarm, Calendar, Event

from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text


@dataclass(frozen=True)
class Agreed:
    """What is delivered by whom to whom, and when for the first time."""

    id: UUID
    title: str
    kind: str
    region: str
    deliverer: str
    recipient: str
    interval_months: int
    most_months: int | None
    first_due: date


@dataclass(frozen=True)
class Delivery(Agreed):
    """A standing delivery. `last_due` is the due date that was served last, `last_delivered` when;
    None: never."""

    last_due: date | None
    last_delivered: date | None


@dataclass(frozen=True)
class Due:
    delivery: Delivery
    due_on: date
    latest_on: date | None
    overdue_days: int

    @property
    def overdue(self) -> bool:
        return self.overdue_days > 0


def add_months(day: date, months: int) -> date:
    """The same day months later; the last of a shorter month. The last day of a month stays the
    last day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    last = monthrange(year, month)[1]
    at_end = day.day == monthrange(day.year, day.month)[1]
    return date(year, month, last if at_end else min(day.day, last))


def due(delivery: Delivery, today: date) -> Due:
    """The next date: the first one, or an interval after the one served last."""
    served = delivery.last_due
    day = delivery.first_due if served is None else add_months(served, delivery.interval_months)
    latest = None
    if delivery.most_months is not None and delivery.last_delivered is not None:
        latest = add_months(delivery.last_delivered, delivery.most_months)
    return Due(delivery, day, latest, max((today - day).days, 0))


def due_list(deliveries: Sequence[Delivery], today: date) -> list[Due]:
    """The longest overdue first, then by date."""
    return sorted((due(d, today) for d in deliveries), key=lambda d: (d.due_on, d.delivery.title))


def notice(item: Due, lang: Lang, address: str = "") -> str:
    """The e-mail that reminds of an overdue delivery: a subject line and plain text."""
    d = item.delivery
    subject = Text("Overdue: {title}", title=d.title).get(lang)
    body = Text(
        'Hello,\n\n"{title}" ({deliverer} to {recipient}) was due on {due_on} and has been '
        "overdue for {overdue_days} days. Please deliver it, or say when it can be expected.\n",
        title=d.title,
        deliverer=d.deliverer,
        recipient=d.recipient,
        due_on=item.due_on,
        overdue_days=item.overdue_days,
    ).get(lang)
    return f"Subject: {subject}\n\n{body}" + (f"\n{address}\n" if address else "")


def calendar(items: Sequence[Due], lang: Lang, stamp: datetime) -> bytes:
    """The due dates as iCalendar, with a reminder two weeks ahead."""
    found = Calendar()
    found.add("prodid", "-//Klimakreis//Controlling//DE")
    found.add("version", "2.0")
    found.add(
        "x-wr-calname", Label("Klimaschutz: Fälligkeiten", "Climate action: due dates").get(lang)
    )
    for item in items:
        event = Event()
        event.add("uid", f"{item.delivery.id}-{item.due_on.isoformat()}@klimakreis")
        event.add("dtstamp", stamp.astimezone(UTC))
        event.add("dtstart", item.due_on)
        event.add("dtend", item.due_on + timedelta(days=1))
        late = Text("overdue: ").get(lang) if item.overdue else ""
        event.add("summary", f"{late}{item.delivery.title}")
        event.add("description", f"{item.delivery.deliverer} → {item.delivery.recipient}")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", timedelta(days=-14))
        alarm.add("description", item.delivery.title)
        event.add_component(alarm)
        found.add_component(event)
    return bytes(found.to_ical())
