"""The balance service's widgets for other sites: a municipality's balance, and its renewable
power."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from klima_balance.balances.charts.balance import bars, narrow_bars
from klima_balance.balances.charts.renewables import generation
from klima_balance.balances.pages import quality_word
from klima_shared.codes.lists import Block
from klima_shared.language.numbers import Lang, long_date, number, percent, quantity
from klima_shared.language.text import Text
from klima_shared.look.embeds import Source, Widget, day_of, escaped, folded, table_html

_CARDS = Text(
    '<div class="cards"><div>Treibhausgase je Einwohner<div class="figure">{each} <small>t CO₂e</small></div>'
    '<span class="soft">BISKO, ohne Landwirtschaft und Wald</span></div><div>Endenergie<div class="figure">{energy}</div>'
    '<span class="soft">alle Sektoren, mit Verkehr</span></div><div>Belastbarkeit der Daten<div class="figure">{quality} '
    '<small>von 1</small></div><span class="soft">{word}{members}</span></div></div>',
    '<div class="cards"><div>Greenhouse gases per inhabitant<div class="figure">{each} <small>t CO₂e</small></div>'
    '<span class="soft">BISKO, without agriculture and forest</span></div><div>Final energy<div class="figure">{energy}</div>'
    '<span class="soft">all sectors, with transport</span></div><div>How well founded the data is<div class="figure">{quality} '
    '<small>of 1</small></div><span class="soft">{word}{members}</span></div></div>',
)
_RENEWABLES = Text(
    '<div class="cards"><div>Erneuerbarer Strom vor Ort<div class="figure">{energy}</div><span class="soft">im Jahr, '
    'geschätzt</span></div><div>Anteil am Stromverbrauch<div class="figure">{share}</div><span class="soft">von {use}</span>'
    "</div></div>",
    '<div class="cards"><div>Local renewable power<div class="figure">{energy}</div><span class="soft">a year, '
    'estimated</span></div><div>Share of the electricity used<div class="figure">{share}</div><span class="soft">of {use}'
    "</span></div></div>",
)
_BESIDE_TOTAL = (
    ("agriculture", "agriculture_t_co2e"),
    ("land_use", "land_use_t_co2e"),
    ("process_ets", "process_ets_t_co2"),
)
_BESIDE = Text(
    "Information neben der Bilanz: Strom wird in BISKO mit dem Bundesmix bewertet.",
    "Information beside the balance: BISKO values electricity with the federal mix.",
)


def _source(document: Mapping[str, Any], lang: Lang) -> Source:
    ags, year = document["region"]["ags"], document["year"]
    base = f"/v1/regions/{ags}/balances/{year}"
    version = Text("Fassung", "version").get(lang)
    return Source(
        attribution=document["meta"]["attribution"],
        as_of=f"{long_date(day_of(document['published_at']), lang)}, {version} {document['version']}",
        licence=document["meta"]["licence"],
        licence_url=document["meta"]["licence_url"],
        links=[
            ("CSV", f"{base}?format=csv-de"),
            ("Excel", f"{base}?format=xlsx"),
            ("JSON", base),
            (
                Text("Rechenweg", "How it was computed").get(lang),
                f"{base}/explain?sector=households",
            ),
        ],
    )


def balance_widget(document: Mapping[str, Any], lang: Lang) -> Widget:
    """Figures, bars by sector, and the same numbers as tables."""
    d, totals = document, document["totals"]
    energy = None if totals["final_energy_mwh"] is None else totals["final_energy_mwh"] / 1000
    some = Text("{present} von {expected} Kommunen", "{present} of {expected} municipalities").get(
        lang
    )
    members = " · " + some.format(**d["members"]) if d["members"]["expected"] > 1 else ""
    cards = _CARDS.get(lang).format(
        **escaped(
            {
                "each": number(totals["bisko_t_co2e_per_inhabitant"], lang, 1),
                "energy": quantity(energy, "GWh", lang, 0),
                "quality": number(d["data_quality"], lang, 2),
                "word": quality_word(d["data_quality"], lang),
                "members": members,
            }
        )
    )
    words = Text(
        "Sektor|Endenergie MWh|t CO₂e|Datengüte", "Sector|Final energy MWh|t CO₂e|Data quality"
    ).get(lang)
    table = table_html(
        Text("Sektoren der BISKO-Bilanz", "Sectors of the BISKO balance").get(lang)
        + f", {d['region']['name']} {d['year']}",
        words.split("|"),
        [
            [
                r["label"],
                *(number(r[n], lang, 0) for n in ("final_energy_mwh", "emissions_t_co2e")),
                number(r["data_quality"], lang, 2),
            ]
            for r in d["sectors"]
        ],
    ) + table_html(
        Text("Neben der BISKO-Summe, nie darin", "Beside the BISKO total, never in it").get(lang),
        [Text("Teilbilanz", "Block").get(lang), "t CO₂e"],
        [[Block(block).label(lang), number(totals[key], lang, 0)] for block, key in _BESIDE_TOTAL],
    )
    picture = (
        f'<div class="only-wide">{bars(document, "sector", lang, standalone=False)}</div>'
        f'<div class="only-narrow">{narrow_bars(document, lang)}</div>'
    )
    title = Text("Energie und Treibhausgase", "Energy and greenhouse gases").get(lang)
    return Widget(
        lang,
        f"{title}: {d['region']['name']} {d['year']}",
        cards + picture + folded(table, lang),
        table,
        _source(document, lang),
        bars(document, "sector", lang),
    )


def renewables_widget(document: Mapping[str, Any], lang: Lang) -> Widget:
    """Local generation by technology beside the local electricity use."""
    d, totals = document, document["totals"]
    share = totals.get("renewable_coverage")
    cards = _RENEWABLES.get(lang).format(
        **escaped(
            {
                "energy": _gwh(totals["renewable_generation_mwh"], lang),
                "share": percent(share, lang),
                "use": _gwh(totals.get("electricity_use_mwh"), lang),
            }
        )
    )
    rows = d["blocks"]["renewables"]
    head = (
        Text("Technik|Erzeugung MWh|Datengüte", "Technology|Generation MWh|Grade")
        .get(lang)
        .split("|")
    )
    name = f"{d['region']['name']} {d['year']}"
    table = table_html(
        Text("Erneuerbarer Strom nach Technik", "Renewable power by technology").get(lang)
        + f", {name}",
        head,
        [[r["label"], number(r["generation_mwh"], lang, 0), r["grade"] or "–"] for r in rows],
    )
    title = Text("Erneuerbarer Strom", "Renewable power").get(lang)
    picture = f'<div class="fixed">{generation(d, lang)}</div>'
    note = f'<p class="soft">{_BESIDE.get(lang)}</p>'
    return Widget(
        lang,
        f"{title}: {name}",
        cards + picture + note + folded(table, lang),
        table,
        _source(d, lang),
        generation(d, lang, standalone=True),
    )


def _gwh(mwh: float | None, lang: Lang) -> str:
    return quantity(
        None if mwh is None else mwh / 1000, "GWh", lang, None if mwh is None or mwh < 10_000 else 0
    )
