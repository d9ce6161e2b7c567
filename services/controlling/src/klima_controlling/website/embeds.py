"""The widget of a region's climate targets: lights in words, the path as a picture, the same
numbers as a table."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from klima_controlling.status.rules import Judged
from klima_controlling.website.charts.path import PATH_CSS
from klima_controlling.website.model import Amounts
from klima_controlling.website.pages import Page
from klima_controlling.website.pictures import WIDE, path_pictures, path_rows
from klima_shared.language.numbers import Lang, long_date, number
from klima_shared.language.text import Text
from klima_shared.look.embeds import Source, Widget, day_of, folded, table_html
from klima_shared.look.svg import FILE_CSS
from klima_shared.wire.meta import LICENCE, LICENCE_URL, Meta

_UNDECIDED = Text("nicht beschlossen", "not decided")
_AHEAD = Text(
    "Gestrichelt: Ziele. Durchgezogen: Rechnung unter Annahmen, keine Vorhersage.",
    "Dashed: targets. Solid: a projection under assumptions, no forecast.",
)


def status_widget(page: Page, lang: Lang) -> Widget:
    """Lights with their gap to the path; what is missing says so."""
    state, name = page.state, page.state.region["name"]
    figure = ""
    latest = state.latest
    if latest and latest["totals"].get("bisko_t_co2e_per_inhabitant") is not None:
        words = Text("t CO₂e je Einwohner", "t CO₂e per inhabitant").get(lang)
        each = number(latest["totals"]["bisko_t_co2e_per_inhabitant"], lang, 1)
        figure = (
            f'<p><span class="figure">{each} <small>{words} · {latest["year"]}</small></span></p>'
        )
    notices = "".join(
        f'<p class="note" role="status">{escape(text)}</p>' for text in page.values["notices"]
    )
    none = Text("Es ist kein Ziel hinterlegt.", "No target is recorded.").get(lang)
    lights = "".join(
        f'<li><div class="row"><b>{escape(light["title"])}</b><span class="light">{light["mark"]} '
        f'{escape(light["label"])}</span></div><span class="soft">{escape(_gap(light, lang))}</span></li>'
        for light in page.values["lights"]
    )
    body = f'{notices}{figure}<ul class="list">{lights or f"<li>{none}</li>"}</ul>'
    table = _table(page, lang)
    picture = path_pictures(state, page.judged, page.projections, lang, WIDE)
    svg = None
    if picture:
        body += f'<div class="only-wide">{picture["wide"]}</div><div class="only-narrow">{picture["narrow"]}</div>'
        if page.projections:
            body += f'<p class="soft">{_AHEAD.get(lang)}</p>'
        heads, rows = path_rows(state, page.judged, page.projections, lang)
        years = [[str(year), *cells] for year, cells in rows]
        table += table_html("kt CO₂e", [Text("Jahr", "Year").get(lang), *heads], years)
        svg = re.sub(
            r"(</desc>)", rf"\1<style>{FILE_CSS}{PATH_CSS}</style>", picture["wide"], count=1
        )
    title = Text("Klimaziele", "Climate targets").get(lang)
    as_of = (
        long_date(day_of(str(latest["published_at"])), lang)
        if latest
        else long_date(page.values["today"], lang)
    )
    attribution = (
        latest["meta"]["attribution"] if latest else str(Meta.model_fields["attribution"].default)
    )
    at = f"{page.frame.balance_public_url}/v1/scenarios"
    links = [
        *((p.kind.label(lang), f"{at}/{p.id}") for p in page.projections),
        ("JSON", f"/v1/regions/{state.ags}/status"),
        (Text("Mehr dazu", "More").get(lang), f"/regionen/{state.ags}?lang={lang}"),
    ]
    source = Source(attribution, as_of, LICENCE, LICENCE_URL, links)
    return Widget(lang, f"{title}: {name}", body + folded(table, lang), table, source, svg)


def _gap(light: dict[str, Any], lang: Lang) -> str:
    judged: Judged = light["judged"]
    if not judged.target.decided:
        return f"{_UNDECIDED.get(lang)} · {_how_far(light, lang)}"
    return _how_far(light, lang)


def _how_far(light: dict[str, Any], lang: Lang) -> str:
    judged: Judged = light["judged"]
    if judged.gap is None or judged.actual is None:
        return str(light["rule"])
    words = Text(
        "Abstand zum Pfad {year}: {gap} {unit}", "Gap to the path {year}: {gap} {unit}"
    ).get(lang)
    return words.format(
        year=judged.actual.year, gap=light["amounts"].gap, unit=light["amounts"].unit
    )


def _table(page: Page, lang: Lang) -> str:
    head = (
        Text("Ziel|Ampel|Jahr|Einheit|Bilanz|Pfad", "Target|Light|Year|Unit|Balance|Path")
        .get(lang)
        .split("|")
    )
    rows = []
    for light in page.values["lights"]:
        judged: Judged = light["judged"]
        amounts: Amounts = light["amounts"]
        year = str(judged.actual.year) if judged.actual else "–"
        rows.append(
            [light["title"], light["label"], year, amounts.unit, amounts.actual, amounts.path]
        )
    return table_html(Text("Ziele und Stand", "Targets and state").get(lang), head, rows)
