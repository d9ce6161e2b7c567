"""What others subscribe to or take along: the calendar (iCalendar), the news (Atom), the measures
for Decidim (CSV)."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Final
from xml.etree import ElementTree as ET

from icalendar import Calendar, Event, Timezone

from klima_measures.base.model.dates import BERLIN
from klima_measures.community.model.feeds import Entry, NewsItem, PublishedMeasure
from klima_shared.codes.action import Phase
from klima_shared.formats.tables import neutral

_FOLDER: Final = files("klima_measures.community")


def calendar_file(name: str, entries: Sequence[Entry]) -> bytes:
    """RFC 5545. The same entries give the same bytes: the stamp of each is the moment of its last
    change. Times are Berlin times with their zone, so that a date that is moved across the change
    to summer time stays at its hour in every client."""
    calendar = Calendar()
    calendar.add("prodid", "-//Klimakreis//Termine//DE")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Europe/Berlin")
    # The rule of the European Union since 1996, by hand: the library lists single changes until
    # 2037 instead, which other programs read wrongly, and begins summer time at 3 o'clock of
    # winter time.
    calendar.add_component(Timezone.from_ical((_FOLDER / "berlin.ics").read_text()))
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    changed_at = entry.changed_at.astimezone(UTC).replace(microsecond=0)
    event = Event()
    event.add("uid", f"{entry.identity}@klimakreis")
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
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


_ATOM: Final = "http://www.w3.org/2005/Atom"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def news_feed(title: str, author: str, address: str, items: Sequence[NewsItem]) -> bytes:
    """RFC 4287. `items`: newest first; `address`: where the feed itself is found. Texts are plain
    text."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "de"})
    _add(feed, "id", address if address.startswith("http") else f"urn:klimakreis:news:{address}")
    _add(feed, "title", title)
    _add(feed, "updated", _utc(max((item.changed_at for item in items), default=_EPOCH)))
    _add(_add(feed, "author"), "name", author)
    _add(feed, "link", rel="self", href=address, type="application/atom+xml")
    for item in items:
        entry = _add(feed, "entry")
        _add(entry, "id", f"urn:uuid:{item.id}")
        _add(entry, "title", item.title)
        _add(entry, "published", _utc(item.published_at))
        _add(entry, "updated", _utc(max(item.changed_at, item.published_at)))
        if item.url:
            _add(entry, "link", rel="alternate", href=item.url)
        _add(entry, "content", item.text or item.title, type="text")
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = text
    return element


def _utc(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_DONE: Final = {Phase.COMPLETED, Phase.MADE_PERMANENT}


def decidim_file(
    measures: Sequence[PublishedMeasure],
    fields: Mapping[str, str],
    regions: Mapping[str, str],
    address: str,
) -> bytes:
    """Measures as results of Decidim's component "accountability"; progress is given only where a
    measure is completed. `fields` and `regions`: their names; `address`: before the number of a
    measure.

    Names of columns (`decidim.csv`) and the separator are those of Decidim's exporter and importer
    (nested values joined by `/`, `;`). `id` stays empty: Decidim overwrites the result that has the
    number found there, and its numbers are not ours. `proposal_urls` stays empty too: the importer
    takes the last digit of each address for the number of a proposal. What the importer does not
    know it passes over, so our own columns stand at the end.

    UTF-8 without a mark (Ruby's reader would take it for part of the first column's name), lines
    ended by CRLF."""
    buffer = io.StringIO()
    columns = (_FOLDER / "decidim.csv").read_text().strip().split(";")
    writer = csv.DictWriter(buffer, columns, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for one in measures:
        row = {
            "category/name/de": fields.get(one.field, one.field),
            "scope/name/de": ", ".join(regions.get(ags, ags) for ags in one.regions),
            "title/de": one.title,
            "description/de": one.short_text or one.title,
            "start_date": one.starts_on,
            "end_date": date(one.last_year, 12, 31) if one.last_year else None,
            "status/key": one.phase.value,
            "status/name/de": one.phase.de,
            "progress": 100 if one.phase in _DONE else None,
            "created_at": one.changed_at.isoformat(),
            "url": f"{address}/{one.id}/sheet",
            "klimakreis/id": one.id,
            "klimakreis/number": one.number,
            "klimakreis/ideas": one.ideas,
        }
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return buffer.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> str:
    return "" if value is None else neutral(value) if isinstance(value, str) else str(value)
