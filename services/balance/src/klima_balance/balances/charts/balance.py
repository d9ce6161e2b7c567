"""Charts of a balance: sectors and carriers of one year as bars beside their numbers, sectors over
the years stacked, local renewable power."""

from collections.abc import Sequence
from typing import Final, Literal

from klima_balance.balances.rules.breaks import breaks
from klima_balance.balances.rules.standing import year_of
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.language.numbers import Lang, number, percent
from klima_shared.language.text import Label, Text
from klima_shared.look.digits import display, display_share, grade_of
from klima_shared.look.picture import MARGIN, Picture, wrap
from klima_shared.wire.json import Json

_BAR, _LONGEST = 256, 192
_COLUMNS: Final = (560, 660, 744)
_SECTORS: Final = Label("Treibhausgase nach Sektoren", "Greenhouse gases by sector")
_CARRIERS: Final = Label("Treibhausgase nach Energieträgern", "Greenhouse gases by energy carrier")
_TIMELINE: Final = Text("Greenhouse gases by sector over time")
_RENEWABLES: Final = Label("Erneuerbarer Strom nach Technik", "Renewable power by technology")
_BREAK: Final = Label("Bruch der Reihe", "Break of the series")
_TOTAL: Final = Label("Summe BISKO", "BISKO total")
_SHORT: Final = Label("(vorl.)", "(prov.)")
_METHOD: Final = Text("BISKO-style, without agriculture, forest, processes")
_HEADS: Final = (
    Label("Endenergie MWh", "Final energy MWh"),
    Label("t CO₂e", "t CO₂e"),
    Label("Anteil", "Share"),
)
_SOURCE: Final = Text("Source: {a} · licence {l} · data quality {q}")


def bars(
    document: Json, kind: Literal["sector", "carrier"], lang: Lang, *, standalone: bool = True
) -> str:
    """One row each, with bar, MWh, t CO2e and share; carriers sorted by emissions."""
    if kind == "sector":
        rows = [(Sector(r["sector"]).label(lang), r["sector"], r) for r in document["sectors"]]
    else:
        used = [r for r in document["carriers"] if r["final_energy_mwh"] or r["emissions_t_co2e"]]
        used.sort(key=lambda r: -(r["emissions_t_co2e"] or 0.0))
        rows = [(Carrier(r["carrier"]).label(lang), "brand", r) for r in used]
    totals = document["totals"]
    widest = max((abs(r["emissions_t_co2e"] or 0.0) for *_, r in rows), default=0.0) or 1.0
    words = _SECTORS if kind == "sector" else _CARRIERS
    picture = Picture(lang, f"{words.get(lang)}: {_place(document, lang)}", f"k-{kind}")
    picture.heading(_METHOD.get(lang))
    y, step = 96, 40
    picture.texts(_COLUMNS, y - 14, [head.get(lang) for head in _HEADS], "s e")
    spoken = []
    for label, colour, row in rows:
        picture.label(MARGIN, y + 22, label, 33)
        if row["emissions_t_co2e"] is not None:
            length = abs(row["emissions_t_co2e"]) / widest * _LONGEST
            picture.rect(_BAR, y + 6, length, 24, f"c-{colour}", ' rx="2"')
        cells = _cells(row, totals["bisko_t_co2e"], lang)
        picture.texts(_COLUMNS, y + 22, cells, "e")
        picture.line(MARGIN, y + step - 2, _COLUMNS[-1], y + step - 2)
        spoken.append(f"{label} {cells[1]} t ({cells[2]})")
        y += step
    grade = grade_of(document["data_quality"])
    sums = [display(totals[name], lang, grade, 0) for name in ("final_energy_mwh", "bisko_t_co2e")]
    picture.text(MARGIN, y + 22, _TOTAL.get(lang), "b")
    picture.texts(_COLUMNS, y + 22, [*sums, percent(1.0, lang)], "e b")
    bottom = picture.paragraph(y + 52, _source(document, lang), 112, most=3)
    description = f"{picture.title}. {'; '.join(spoken)}. {_TOTAL.get(lang)}: {sums[1]} t CO₂e."
    return picture.svg(bottom, description, standalone=standalone)


def narrow_bars(document: Json, lang: Lang) -> str:
    """The sectors for a phone: the number over its bar. For pages only, beside `bars`."""
    rows, total = document["sectors"], document["totals"]["bisko_t_co2e"]
    widest = max((row["emissions_t_co2e"] or 0.0 for row in rows), default=0.0) or 1.0
    title = f"{_SECTORS.get(lang)}: {_place(document, lang)}"
    picture = Picture(lang, title, "k-narrow", width=320)
    y = 6
    for row in rows:
        for part in wrap(Sector(row["sector"]).label(lang), 44, 2):
            y += 17
            picture.text(0, y, part)
        _, tonnes, share = _cells(row, total, lang)
        known = row["emissions_t_co2e"] is not None
        picture.text(0, y + 19, f"{tonnes} t CO₂e · {share}" if known else tonnes, "b")
        if known:
            length = row["emissions_t_co2e"] / widest * 320
            picture.rect(0, y + 26, length, 16, f"c-{row['sector']}", ' rx="2"')
        y += 56
    written = display(total, lang, grade_of(document["data_quality"]), 0)
    sums = f"{_TOTAL.get(lang)}: {written} t CO₂e"
    picture.text(0, y + 12, sums, "b")
    return picture.svg(y + 22, f"{title}. {sums}.", standalone=False)


def timeline(documents: Sequence[Json], lang: Lang, *, standalone: bool = True) -> str:
    """Stacked bars, one per year, with the same numbers as a table under them. At least one
    document, by year."""
    last = documents[-1]
    title = f"{_TIMELINE.get(lang)}: {last['region']['name']}"
    picture = Picture(lang, title, "k-timeline", hatched=True)
    picture.heading(f"t CO₂e · {_METHOD.get(lang)}")
    highest = max((d["totals"]["bisko_t_co2e"] or 0.0) for d in documents) or 1.0
    left, right, base, plot = 256, picture.width - MARGIN, 324, 216
    gap = (right - left) / len(documents)
    width = min(gap * 0.62, 110)
    centres = [left + gap * (index + 0.5) for index in range(len(documents))]
    picture.line(left, base, right, base, "a")
    spoken = []
    for centre, document in zip(centres, documents, strict=True):
        y: float = base
        for row in document["sectors"]:
            height = (row["emissions_t_co2e"] or 0.0) / highest * plot
            if height > 0:
                y -= height
                look = (row["sector"], _hatch(row["sector"]))
                picture.bar(centre - width / 2, y, width, height - 1.5, *look)
        grade = grade_of(document["data_quality"])
        total = display(document["totals"]["bisko_t_co2e"], lang, grade, 0)
        picture.text(centre, y - 8, total, "m b")
        mark = f" {_SHORT.get(lang)}" if document.get("provisional") else ""
        picture.text(centre, base + 20, f"{document['year']}{mark}", "m s")
        spoken.append(f"{year_of(document, lang)}: {total} t CO₂e")
    for one in breaks(documents, lang):
        at = left + gap * [d["year"] for d in documents].index(one["year"])
        picture.polyline([(at, base - plot - 10), (at, base + 8)], "soft", "4 4", 1.4)
        spoken.append(f"{_BREAK.get(lang)} {one['year']}: {one['reason']}")
    y = base + 34
    for sector in [row["sector"] for row in last["sectors"]]:
        picture.bar(MARGIN, y + 8, 14, 14, sector, _hatch(sector))
        picture.label(MARGIN + 22, y + 20, Sector(sector).label(lang), 33, step=13)
        rows = [next(r for r in d["sectors"] if r["sector"] == sector) for d in documents]
        picture.texts(centres, y + 19, [_cells(row, None, lang)[1] for row in rows], "m")
        picture.line(MARGIN, y + 31, right, y + 31)
        y += 30
    bottom = picture.paragraph(y + 30, _source(last, lang), 112, most=3)
    return picture.svg(bottom - 1, f"{title}. {'; '.join(spoken)}.", standalone=standalone)


def generation(document: Json, lang: Lang, *, standalone: bool = False) -> str:
    """Local renewable power: one bar each, its figure over it; what is not known says so. Fits a
    phone, so it is drawn once."""
    rows = sorted(document["blocks"]["renewables"], key=lambda r: -(r["generation_mwh"] or 0.0))
    title = f"{_RENEWABLES.get(lang)}: {_place(document, lang)}"
    picture = Picture(lang, title, "k-renewables", width=360)
    widest = max((r["generation_mwh"] or 0.0 for r in rows), default=0.0) or 1.0
    left, y = (12, 48.0) if standalone else (0, 0.0)
    for n, part in enumerate(wrap(title, 46) if standalone else ()):
        picture.text(left, 24 + 17 * n, part, "b")
    right, spoken = picture.width - left, []
    for row in rows:
        known = row["generation_mwh"] is not None
        written = display(row["generation_mwh"], lang, grade_of(row["grade"]), 0)
        figure = f"{written} MWh" if known else written
        picture.text(left, y + 18, row["label"])
        picture.text(right, y + 18, figure, "e b" if known else "e s")
        length = (row["generation_mwh"] or 0.0) / widest * (right - left)
        edge = ' rx="2" stroke="currentColor" stroke-width=".6"'
        picture.rect(left, y + 25, length, 13, "c-renewables", edge)
        spoken.append(f"{row['label']}: {figure}")
        y += 48
    if standalone:
        source = f"{document['meta']['attribution']} · {document['meta']['licence']}"
        y = picture.paragraph(y + 20, source, 52, most=3, x=left)
    return picture.svg(y, f"{title}. {'; '.join(spoken)}.", standalone=standalone)


def _place(document: Json, lang: Lang) -> str:
    return f"{document['region']['name']} {year_of(document, lang)}"


def _hatch(sector: str) -> str:
    return "" if sector == Sector.HOUSEHOLDS else sector


def _source(document: Json, lang: Lang) -> str:
    meta, quality = document["meta"], number(document["data_quality"], lang, 2)
    return _SOURCE.get(lang).format(a=meta["attribution"], l=meta["licence"], q=quality)


def _cells(row: Json, total: float | None, lang: Lang) -> tuple[str, str, str]:
    """Energy, emissions and their share as text."""
    tonnes, grade = row["emissions_t_co2e"], grade_of(row["data_quality"])
    share = "–" if tonnes is None or not total else display_share(tonnes / total, lang, grade, 1)
    energy = display(row["final_energy_mwh"], lang, grade, 0)
    return energy, display(tonnes, lang, grade, 0), share
