"""The measures service's widgets for other sites: measures, next dates, whom to ask."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from babel.dates import format_datetime

from klima_measures.base.model.dates import BERLIN
from klima_measures.community.model.codes import Weekday
from klima_shared.codes.action import MeasureStatus, Phase
from klima_shared.language.numbers import Lang, long_date
from klima_shared.language.text import Label
from klima_shared.look.embeds import Source, Widget
from klima_shared.wire.json import Json
from klima_shared.wire.meta import LICENCE, LICENCE_URL, Meta

_ATTRIBUTION: Final = str(Meta.model_fields["attribution"].default)
Links = Sequence[tuple[str, str]]


def _widget(
    lang: Lang, title: str, template: str, values: Json, *, as_of: date, links: Links = ()
) -> Widget:
    source = Source(_ATTRIBUTION, long_date(as_of, lang), LICENCE, LICENCE_URL, links)
    return Widget(lang, title, source, "klima_measures.open_data", template, values)


def measures_widget(
    name: str, ags: str, groups: Sequence[tuple[str, Sequence[Json]]], as_of: date, lang: Lang
) -> Widget:
    """`groups`: fields of action with their listed measures; counts by status first, then a fold
    for each field."""
    rows = [row for _, items in groups for row in items]
    counted = Counter(row["status"] for row in rows)
    values = {
        "groups": groups,
        "count": len(rows),
        "examples": any(row["example"] for row in rows),
        "counts": [(s, counted[s.value]) for s in MeasureStatus if counted[s.value]],
        "phase": lambda row: Phase(row["phase"]).label(lang),
        "status": lambda row: MeasureStatus(row["status"]).label(lang),
    }
    title = Label("Klimaschutz-Maßnahmen", "Climate action").get(lang)
    links = [
        ("CSV", f"/v1/measures?region={ags}&format=csv-de"),
        ("JSON", f"/v1/measures?region={ags}"),
    ]
    return _widget(lang, f"{title}: {name}", "measures.html", values, as_of=as_of, links=links)


def events_widget(name: str, ags: str, events: Sequence[Json], as_of: date, lang: Lang) -> Widget:
    """The next dates, soonest first; a cancelled one stays and says so."""
    title = Label("Nächste Termine", "Next dates").get(lang)
    subscribe = Label("Kalender abonnieren", "Subscribe to the calendar").get(lang)
    values = {"events": events, "name": title, "moment": lambda value: _moment(value, lang)}
    links = [(subscribe, f"/v1/calendar.ics?region={ags}")]
    return _widget(lang, f"{title}: {name}", "events.html", values, as_of=as_of, links=links)


def contact_widget(name: str, contacts: Sequence[Json], as_of: date, lang: Lang) -> Widget:
    """Whom to ask, with opening hours and whether somebody is there now."""
    title = Label("Ansprechpersonen Klimaschutz", "Whom to ask about climate action").get(lang)
    values = {
        "contacts": contacts,
        "digits": lambda phone: "".join(c for c in phone if c in "+0123456789"),
        "hours": lambda contact: _hours(contact, lang),
        "moment": lambda value: _moment(value, lang),
    }
    return _widget(lang, f"{title}: {name}", "contact.html", values, as_of=as_of)


def _moment(value: str, lang: Lang) -> str:
    pattern = "EEE, d. MMM y, HH:mm 'Uhr'" if lang == "de" else "EEE d MMM y, HH:mm"
    moment = datetime.fromisoformat(value).astimezone(BERLIN)
    return str(format_datetime(moment, pattern, locale=lang))


def _hours(contact: Json, lang: Lang) -> list[list[str]]:
    """Days with their hours."""
    week, clock = contact["opening_hours"], " Uhr" if lang == "de" else ""
    return [
        [day.label(lang), ", ".join(f"{i['from']}–{i['to']}" for i in week[day.value]) + clock]
        for day in Weekday
        if week.get(day.value)
    ]
