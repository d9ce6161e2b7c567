"""Calendar, news and the Decidim export, read with libraries this project did not write."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import vobject


def _soon(days: int, hour: int = 18) -> datetime:
    return (datetime.now(UTC) + timedelta(days=days)).replace(
        hour=hour, minute=0, second=0, microsecond=0
    )


async def _event(client: Any, **change: Any) -> Any:
    body = {
        "region": "05974052",
        "title": "Termin",
        "starts_at": _soon(5).isoformat(),
        "published": True,
    } | change
    answer = await client.manager.post("/v1/events", json=body)
    assert answer.status_code == 201, answer.text
    return answer


async def test_the_calendar_opens_elsewhere(start: Any) -> None:
    client = await start()
    empty = await client.get("/v1/calendar.ics")
    assert vobject.readOne(empty.text).name == "VCALENDAR"
    text = (
        "Komma, Strichpunkt; Umlaute äöü\nund eine zweite Zeile, die so lang ist, dass sie"
        " umbrochen werden muss: " + "x" * 90
    )
    await _event(
        client,
        title="Radtour; mit Rast",
        description=text,
        ends_at=_soon(5, 20).isoformat(),
        place="Markt, Werl",
    )
    await _event(client, title="Abgesagt", cancelled=True, starts_at=_soon(9).isoformat())
    await _event(client, title="Entwurf", published=False)
    await _event(client, title="Lange her", starts_at="2020-01-01T10:00:00Z")
    await _event(client, title="Anderswo", region="05974040")
    workshop = {
        "region": "05974052",
        "title": "Klimawerkstatt",
        "starts_at": _soon(12).isoformat(),
        "notes": "geheim",
    }
    item = (await client.manager.post("/v1/workshops", json=workshop)).headers["location"]
    await client.change("POST", f"{item}/transitions", {"to": "invited"}, of=item)

    answer = await client.get("/v1/calendar.ics?region=05974052")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))
    calendar = vobject.readOne(answer.text)
    events = {event.summary.value: event for event in calendar.vevent_list}
    assert list(events) == ["Radtour; mit Rast", "Abgesagt", "Klimawerkstatt"]
    tour = events["Radtour; mit Rast"]
    assert tour.description.value == text
    assert tour.location.value == "Markt, Werl"
    assert tour.dtstart.value.astimezone(UTC) == _soon(5)
    assert tour.dtend.value.astimezone(UTC) == _soon(5, 20)
    assert events["Abgesagt"].status.value == "CANCELLED"
    assert "geheim" not in answer.text
    assert len({event.uid.value for event in calendar.vevent_list}) == 3
    again = await client.get(
        "/v1/calendar.ics?region=05974052", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


async def test_dates_on_both_sides_of_the_change_to_summer_time(start: Any) -> None:
    client = await start()
    year = datetime.now(UTC).year + 1
    # Winter, summer, and the hours beside both changes.
    change = max(day for day in range(25, 32) if datetime(year, 3, day, tzinfo=UTC).weekday() == 6)
    back = max(day for day in range(25, 32) if datetime(year, 10, day, tzinfo=UTC).weekday() == 6)
    moments = [
        f"{year}-01-15T17:00:00+00:00",
        f"{year}-03-{change}T00:30:00+00:00",
        f"{year}-03-{change}T01:30:00+00:00",
        f"{year}-07-15T17:00:00+00:00",
        f"{year}-10-{back}T02:30:00+00:00",
    ]
    for moment in moments:
        await _event(client, title=moment, starts_at=moment)
    answer = await client.get("/v1/calendar.ics")
    calendar = vobject.readOne(answer.text)
    assert "BEGIN:VTIMEZONE" in answer.text
    assert f"DTSTART;TZID=Europe/Berlin:{year}0115T180000" in answer.text
    assert f"DTSTART;TZID=Europe/Berlin:{year}0715T190000" in answer.text
    for event in calendar.vevent_list:
        assert event.dtstart.value.astimezone(UTC).isoformat() == event.summary.value
    assert len(calendar.vevent_list) == len(moments)


async def test_a_moved_date_is_the_same_one(start: Any) -> None:
    client = await start()
    made = await _event(client)
    before = vobject.readOne((await client.get("/v1/calendar.ics")).text).vevent
    body = {
        "region": "05974052",
        "title": "Termin",
        "starts_at": _soon(6).isoformat(),
        "published": True,
    }
    await client.change("PUT", made.headers["location"], body)
    after = vobject.readOne((await client.get("/v1/calendar.ics")).text).vevent
    assert after.uid.value == before.uid.value
    assert int(after.sequence.value) > int(before.sequence.value)


async def test_news_are_read_by_a_feed_reader(start: Any) -> None:
    client = await start(public_url="https://klima.example")
    body = {"region": "05974052", "published": True, "channel": "press"}
    for title, released in (
        ("Alt & gut", "2026-01-01T08:00:00Z"),
        ("Neu <3 Klima", "2026-02-01T08:00:00Z"),
    ):
        item = body | {
            "title": title,
            "text": "Absatz eins.\nZwei & drei.",
            "released_at": released,
            "url": "https://a.example/x?a=1&b=2",
        }
        assert (await client.manager.post("/v1/press-items", json=item)).status_code == 201
    await client.manager.post(
        "/v1/press-items", json=body | {"title": "Später", "released_at": "2099-01-01T00:00:00Z"}
    )
    draft = body | {"title": "Entwurf", "released_at": "2026-01-01T08:00:00Z", "published": False}
    await client.manager.post("/v1/press-items", json=draft)
    answer = await client.get("/v1/news.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert [entry.title for entry in feed.entries] == ["Neu <3 Klima", "Alt & gut"]
    assert feed.entries[0].link == "https://a.example/x?a=1&b=2"
    assert feed.entries[0].content[0].value == "Absatz eins.\nZwei & drei."
    assert feed.feed.id == "https://klima.example/v1/news.atom"
    elsewhere = feedparser.parse((await client.get("/v1/news.atom?region=05974040")).content)
    assert (elsewhere.bozo, elsewhere.entries) == (False, [])


async def test_the_decidim_export_has_the_importers_columns(start: Any) -> None:
    client = await start()
    answer = await client.get("/v1/exports/decidim.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = csv.reader(io.StringIO(answer.text), delimiter=";")
    needed = {
        "id",
        "category/id",
        "parent/id",
        "title/de",
        "description/de",
        "start_date",
        "end_date",
        "status/id",
        "progress",
        "proposal_urls",
    }
    assert needed <= set(next(rows))
    assert (await client.get("/v1/exports/decidim.csv?region=5974")).status_code == 422
