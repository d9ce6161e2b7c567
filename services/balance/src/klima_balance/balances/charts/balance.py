"""Charts of a balance: sectors and carriers of one year as bars beside their numbers, sectors over
the years stacked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from klima_shared.codes.lists import Carrier, Sector
from klima_shared.language.numbers import Lang, number, percent
from klima_shared.language.text import Text
from klima_shared.look import svg

WIDTH = 760
_LABEL, _BAR, _MWH, _TONNES, _SHARE = 16, 236, 560, 660, 744
_LONGEST = 212

_WORDS = {
    "sector": Text("Treibhausgase nach Sektoren", "Greenhouse gases by sector"),
    "carrier": Text("Treibhausgase nach Energieträgern", "Greenhouse gases by energy carrier"),
    "timeline": Text(
        "Treibhausgase nach Sektoren im Zeitverlauf", "Greenhouse gases by sector over time"
    ),
    "final_energy": Text("Endenergie MWh", "Final energy MWh"),
    "share": Text("Anteil", "Share"),
    "total": Text("Summe BISKO", "BISKO total"),
    "method": Text(
        "BISKO-orientiert, ohne Landwirtschaft, Wald und Prozesse",
        "BISKO-style, without agriculture, forest, processes",
    ),
    "missing": Text("keine Angabe", "no data"),
}


def label(kind: str, code: str, lang: Lang) -> str:
    codes: type[Sector] | type[Carrier] = Sector if kind == "sector" else Carrier
    return codes(code).label(lang)


def _source(document: Mapping[str, Any], lang: Lang) -> str:
    words = Text(
        "Quelle: {a} · Lizenz {l} · Datengüte {q}", "Source: {a} · licence {l} · data quality {q}"
    ).get(lang)
    quality = number(document["data_quality"], lang, 2)
    return words.format(a=document["meta"]["attribution"], l=document["meta"]["licence"], q=quality)


def bars(document: Mapping[str, Any], kind: str, lang: Lang, *, standalone: bool = True) -> str:
    """`kind` sector or carrier: one row each, with bar, MWh, t CO2e and share; carriers sorted by
    emissions."""
    rows = list(document["sectors" if kind == "sector" else "carriers"])
    if kind == "carrier":
        rows = sorted(
            (r for r in rows if r["final_energy_mwh"] or r["emissions_t_co2e"]), key=_by_emissions
        )
    total = document["totals"]["bisko_t_co2e"]
    widest = max((abs(r["emissions_t_co2e"] or 0.0) for r in rows), default=0.0) or 1.0
    name = document["region"]["name"]
    title = f"{_WORDS[kind].get(lang)}: {name} {document['year']}"
    height, top, step = 0, 96, 40
    body = [
        svg.text(_LABEL, 32, title, "t"),
        svg.text(_LABEL, 52, _WORDS["method"].get(lang), "s"),
        svg.text(_MWH, top - 14, _WORDS["final_energy"].get(lang), "s e"),
        svg.text(_TONNES, top - 14, "t CO₂e", "s e"),
        svg.text(_SHARE, top - 14, _WORDS["share"].get(lang), "s e"),
    ]
    spoken = []
    for index, row in enumerate(rows):
        y = top + index * step
        tonnes = row["emissions_t_co2e"]
        lines = svg.wrap(label(kind, row[kind], lang), 32)
        for offset, part in enumerate(lines):
            body.append(svg.text(_LABEL, y + (22 if len(lines) == 1 else 15 + 15 * offset), part))
        colour = f"c-{row[kind]}" if kind == "sector" else "c-brand"
        if tonnes is not None:
            body.append(
                svg.rect(_BAR, y + 6, abs(tonnes) / widest * _LONGEST, 24, colour, ' rx="2"')
            )
        cells = _numbers(row, total, lang)
        body += [
            svg.text(x, y + 22, value, "e")
            for x, value in zip((_MWH, _TONNES, _SHARE), cells, strict=True)
        ]
        body.append(svg.line(_LABEL, y + step - 2, _SHARE, y + step - 2))
        spoken.append(f"{label(kind, row[kind], lang)} {cells[1]} t ({cells[2]})")
    height = top + len(rows) * step
    sums = (
        number(document["totals"]["final_energy_mwh"], lang, 0),
        number(total, lang, 0),
        percent(1.0, lang),
    )
    body.append(svg.text(_LABEL, height + 22, _WORDS["total"].get(lang), "b"))
    body += [
        svg.text(x, height + 22, v, "e b")
        for x, v in zip((_MWH, _TONNES, _SHARE), sums, strict=True)
    ]
    source = svg.wrap(_source(document, lang), 112, 3)
    body += [svg.text(_LABEL, height + 52 + 17 * i, part, "s") for i, part in enumerate(source)]
    description = f"{title}. {'; '.join(spoken)}. {_WORDS['total'].get(lang)}: {sums[1]} t CO₂e."
    bottom = height + 52 + 17 * len(source)
    return svg.document(
        WIDTH, bottom, title, description, body, standalone=standalone, identity=f"k-{kind}"
    )


def narrow_bars(document: Mapping[str, Any], lang: Lang) -> str:
    """The sectors for a phone: the number over its bar. For pages only, beside `bars`."""
    rows, total = document["sectors"], document["totals"]["bisko_t_co2e"]
    widest = max((row["emissions_t_co2e"] or 0.0 for row in rows), default=0.0) or 1.0
    title = f"{_WORDS['sector'].get(lang)}: {document['region']['name']} {document['year']}"
    body, y = [], 6
    for row in rows:
        for part in svg.wrap(label("sector", row["sector"], lang), 44, 2):
            y += 17
            body.append(svg.text(0, y, part))
        _, tonnes, share = _numbers(row, total, lang)
        known = row["emissions_t_co2e"] is not None
        body.append(svg.text(0, y + 19, f"{tonnes} t CO₂e · {share}" if known else tonnes, "b"))
        if known:
            length = row["emissions_t_co2e"] / widest * 320
            body.append(svg.rect(0, y + 26, length, 16, f"c-{row['sector']}", ' rx="2"'))
        y += 56
    sums = f"{_WORDS['total'].get(lang)}: {number(total, lang, 0)} t CO₂e"
    body.append(svg.text(0, y + 12, sums, "b"))
    return svg.document(
        320, y + 22, title, f"{title}. {sums}.", body, standalone=False, identity="k-narrow"
    )


def _by_emissions(row: Mapping[str, Any]) -> float:
    return -(row["emissions_t_co2e"] or 0.0)


def _numbers(row: Mapping[str, Any], total: float | None, lang: Lang) -> tuple[str, str, str]:
    tonnes = row["emissions_t_co2e"]
    share = "–" if tonnes is None or not total else percent(tonnes / total, lang, 1)
    missing = _WORDS["missing"].get(lang)
    energy = (
        missing if row["final_energy_mwh"] is None else number(row["final_energy_mwh"], lang, 0)
    )
    return energy, missing if tonnes is None else number(tonnes, lang, 0), share


def timeline(documents: Sequence[Mapping[str, Any]], lang: Lang, *, standalone: bool = True) -> str:
    """Stacked bars, one per year, with the same numbers as a table under them. At least one
    document, by year."""
    last = documents[-1]
    title = f"{_WORDS['timeline'].get(lang)}: {last['region']['name']}"
    highest = max((d["totals"]["bisko_t_co2e"] or 0.0) for d in documents) or 1.0
    left, top, plot = 256, 84, 240
    gap = (WIDTH - left - 16) / len(documents)
    width = min(gap * 0.62, 110)
    body = [
        f"<defs>{svg.patterns('kt')}</defs>",
        svg.text(_LABEL, 32, title, "t"),
        svg.text(_LABEL, 52, f"t CO₂e · {_WORDS['method'].get(lang)}", "s"),
        svg.line(left, top + plot, WIDTH - 16, top + plot, "a"),
    ]
    for index, document in enumerate(documents):
        centre = left + gap * (index + 0.5)
        y: float = top + plot
        for row in document["sectors"]:
            height = (row["emissions_t_co2e"] or 0.0) / highest * (plot - 24)
            if height <= 0:
                continue
            y -= height
            body.append(svg.rect(centre - width / 2, y, width, height - 1.5, f"c-{row['sector']}"))
            if row["sector"] != "households":
                hatch = f' fill="url(#kt-{row["sector"]})"'
                body.append(svg.rect(centre - width / 2, y, width, height - 1.5, "", hatch))
        body.append(
            svg.text(centre, y - 8, number(document["totals"]["bisko_t_co2e"], lang, 0), "m b")
        )
        body.append(svg.text(centre, top + plot + 20, str(document["year"]), "m s"))
    base = top + plot + 34
    sectors = [row["sector"] for row in last["sectors"]]
    for index, sector in enumerate(sectors):
        y = base + index * 30
        body.append(svg.rect(_LABEL, y + 8, 14, 14, f"c-{sector}"))
        if sector != "households":
            body.append(svg.rect(_LABEL, y + 8, 14, 14, "", f' fill="url(#kt-{sector})"'))
        lines = svg.wrap(label("sector", sector, lang), 32)
        for offset, part in enumerate(lines):
            body.append(
                svg.text(_LABEL + 22, y + (20 if len(lines) == 1 else 13 + 13 * offset), part)
            )
        for column, document in enumerate(documents):
            row = next(r for r in document["sectors"] if r["sector"] == sector)
            body.append(
                svg.text(left + gap * (column + 0.5), y + 19, _numbers(row, None, lang)[1], "m")
            )
        body.append(svg.line(_LABEL, y + 31, WIDTH - 16, y + 31))
    bottom = base + len(sectors) * 30
    source = svg.wrap(_source(last, lang), 112, 3)
    body += [svg.text(_LABEL, bottom + 30 + 17 * i, part, "s") for i, part in enumerate(source)]
    bottom += 17 * (len(source) - 1)
    years = "; ".join(
        f"{d['year']}: {number(d['totals']['bisko_t_co2e'], lang, 0)} t CO₂e" for d in documents
    )
    return svg.document(
        WIDTH,
        int(bottom + 46),
        title,
        f"{title}. {years}.",
        body,
        standalone=standalone,
        identity="k-timeline",
    )
