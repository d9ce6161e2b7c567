"""The measures service's widgets for other sites: measures, next dates, whom to ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any, Final

from babel.dates import format_datetime

from klima_measures.base.model.dates import BERLIN
from klima_measures.community.model.codes import Weekday
from klima_shared.codes.lists import MeasureStatus, Phase
from klima_shared.language.numbers import Lang, long_date
from klima_shared.language.text import Label, Text
from klima_shared.look.embeds import Source, Widget, table_html
from klima_shared.look.status_symbols import status_mark
from klima_shared.wire.meta import LICENCE, LICENCE_URL, Meta

_ATTRIBUTION: Final = str(Meta.model_fields["attribution"].default)
_EXAMPLE: Final = Text("Examples: these sheets are for demonstration. Their figures are invented.")
_NONE: Final = Text("No measure has been published here yet.")
_NO_EVENT: Final = Text("No date is announced at present.")
_NO_CONTACT: Final = Text("No contact is recorded yet.")


def _source(as_of: date, lang: Lang, links: Sequence[tuple[str, str]]) -> Source:
    return Source(_ATTRIBUTION, long_date(as_of, lang), LICENCE, LICENCE_URL, links)


def measures_widget(
    name: str,
    ags: str,
    groups: Sequence[tuple[str, Sequence[Mapping[str, Any]]]],
    as_of: date,
    lang: Lang,
) -> Widget:
    """`groups`: fields of action with their listed measures; counts by status first, then a fold
    for each field."""
    rows = [row for _, items in groups for row in items]
    counted = Counter(row["status"] for row in rows)
    counts = "".join(
        f'<li><span class="light">{status_mark(s.value)} {escape(s.label(lang))}</span> {counted[s.value]}</li>'
        for s in MeasureStatus
        if counted[s.value]
    )
    folds = "".join(
        f"<details><summary>{escape(label)} ({len(items)})</summary>"
        f'<ul class="list">{"".join(_measure(row, lang) for row in items)}</ul></details>'
        for label, items in groups
    )
    note = (
        f'<p class="note">{_EXAMPLE.get(lang)}</p>' if any(row["example"] for row in rows) else ""
    )
    lead = Text("{n} measures, shared ones too.").get(lang)
    head = Text("Number|Measure|Field of action|Phase|State").get(lang)
    table = table_html(
        lead.format(n=len(rows)),
        head.split("|"),
        [
            [
                r["number"],
                r["title"],
                label,
                Phase(r["phase"]).label(lang),
                MeasureStatus(r["status"]).label(lang),
            ]
            for label, items in groups
            for r in items
        ],
        text=True,
    )
    body = (
        f'{note}<p>{lead.format(n=len(rows))}</p><ul class="counts">{counts}</ul>{folds}'
        if rows
        else f"<p>{_NONE.get(lang)}</p>"
    )
    title = Label("Klimaschutz-Maßnahmen", "Climate action").get(lang)
    links = [
        ("CSV", f"/v1/measures?region={ags}&format=csv-de"),
        ("JSON", f"/v1/measures?region={ags}"),
    ]
    return Widget(
        lang, f"{title}: {name}", body, table if rows else body, _source(as_of, lang, links)
    )


def _measure(row: Mapping[str, Any], lang: Lang) -> str:
    years = " – ".join(str(year) for year in (row["first_year"], row["last_year"]) if year)
    together = (
        Label("gemeinsam mit anderen", "together with others").get(lang)
        if row["intermunicipal"]
        else ""
    )
    parts = [Phase(row["phase"]).label(lang), years, together]
    return (
        f'<li><div class="row"><a href="/v1/measures/{row["measure_id"]}/sheet" target="_top">{escape(row["number"])} '
        f'{escape(row["title"])}</a><span class="light">{status_mark(row["status"])} '
        f"{escape(MeasureStatus(row['status']).label(lang))}</span></div>"
        f'<span class="soft">{escape(" · ".join(p for p in parts if p))}</span></li>'
    )


def _moment(value: str, lang: Lang) -> str:
    pattern = "EEE, d. MMM y, HH:mm 'Uhr'" if lang == "de" else "EEE d MMM y, HH:mm"
    return str(
        format_datetime(datetime.fromisoformat(value).astimezone(BERLIN), pattern, locale=lang)
    )


def events_widget(
    name: str, ags: str, events: Sequence[Mapping[str, Any]], as_of: date, lang: Lang
) -> Widget:
    """The next dates, soonest first; a cancelled one stays and says so."""
    gone = Label("abgesagt", "cancelled").get(lang)
    items, rows = [], []
    for one in events:
        when, title = _moment(one["starts_at"], lang), one["title"]
        link = f"<b>{escape(title)}</b>"
        if one["url"]:
            link = f'<a href="{escape(one["url"])}" target="_top">{escape(title)}</a>'
        mark = f' <b class="light">{status_mark("late")} {gone}</b>' if one["cancelled"] else ""
        place = f" · {escape(one['place'])}" if one["place"] else ""
        time = f'<time datetime="{escape(one["starts_at"])}">{when}</time>'
        items.append(f'<li>{link}{mark}<br><span class="soft">{time}{place}</span></li>')
        rows.append([when, title + (f" ({gone})" if one["cancelled"] else ""), one["place"] or "–"])
    head = Label("Wann|Was|Wo", "When|What|Where").get(lang).split("|")
    title = Label("Nächste Termine", "Next dates").get(lang)
    table = table_html(title, head, rows, text=True)
    body = f'<ul class="list">{"".join(items)}</ul>' if events else f"<p>{_NO_EVENT.get(lang)}</p>"
    links = [
        (
            Label("Kalender abonnieren", "Subscribe to the calendar").get(lang),
            f"/v1/calendar.ics?region={ags}",
        )
    ]
    return Widget(
        lang, f"{title}: {name}", body, table if events else body, _source(as_of, lang, links)
    )


def contact_widget(
    name: str, contacts: Sequence[Mapping[str, Any]], as_of: date, lang: Lang
) -> Widget:
    """Whom to ask, with opening hours and whether somebody is there now."""
    blocks, tables = [], []
    for one in contacts:
        hours = _hours(one["opening_hours"], lang)
        pairs = "".join(f"<dt>{word}</dt><dd>{value}</dd>" for word, value in _ways(one, lang))
        department = (
            f'<br><span class="soft">{escape(one["department"])}</span>'
            if one["department"]
            else ""
        )
        top = f'<h2 class="ks">{escape(one["function"])}</h2><p>{_now(one, lang)}{department}</p>'
        blocks.append(f"{top}<dl>{pairs}</dl>{hours}")
        tables.append(f"<h2>{escape(one['function'])}</h2><dl>{pairs}</dl>{hours}")
    title = Label("Ansprechpersonen Klimaschutz", "Whom to ask about climate action").get(lang)
    none = f"<p>{_NO_CONTACT.get(lang)}</p>"
    return Widget(
        lang,
        f"{title}: {name}",
        "".join(blocks) or none,
        "".join(tables) or none,
        _source(as_of, lang, ()),
    )


def _ways(one: Mapping[str, Any], lang: Lang) -> Iterator[tuple[str, str]]:
    """(word, markup) of the ways to reach a contact."""
    if phone := one["phone"]:
        digits = "".join(c for c in phone if c in "+0123456789")
        yield Label("Telefon", "Phone").get(lang), f'<a href="tel:{digits}">{escape(phone)}</a>'
    if mail := one["mail"]:
        yield (
            Label("E-Mail", "Mail").get(lang),
            f'<a href="mailto:{escape(mail)}">{escape(mail)}</a>',
        )
    if one["address"]:
        yield Label("Anschrift", "Address").get(lang), escape(one["address"])
    if site := one["website"]:
        yield (
            Label("Internet", "Website").get(lang),
            f'<a href="{escape(site)}" target="_top">{escape(site)}</a>',
        )


def _now(one: Mapping[str, Any], lang: Lang) -> str:
    if not one["opening_hours"]:
        return ""
    if one["open_now"]:
        return f'<span class="light">{status_mark("on_track")} {Label("Jetzt geöffnet", "Open now").get(lang)}</span>'
    closed = Label("Jetzt geschlossen", "Closed now").get(lang)
    again = Label("öffnet wieder", "opens again").get(lang)
    following = f" · {again} {_moment(one['next_opening'], lang)}" if one["next_opening"] else ""
    return f'<span class="light">{status_mark("unknown")} {closed}</span>{following}'


def _hours(week: Mapping[str, Sequence[Mapping[str, str]]], lang: Lang) -> str:
    if not week:
        return ""
    until = Label("Uhr", "").get(lang)
    rows = [
        [
            day.label(lang),
            ", ".join(f"{i['from']}–{i['to']}" for i in week[day.value])
            + (f" {until}" if until else ""),
        ]
        for day in Weekday
        if week.get(day.value)
    ]
    caption = Text("Opening hours (closed on holidays)").get(lang)
    head = Label("Tag|Uhrzeit", "Day|Hours").get(lang).split("|")
    return table_html(caption, head, rows, text=True)
