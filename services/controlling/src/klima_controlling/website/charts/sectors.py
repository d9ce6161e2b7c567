"""Emissions by sector over the years: one stacked bar a year, with labels where they fit and
hatchings for print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from klima_controlling.website.charts.labels import CHARACTER
from klima_shared.codes.energy import Sector
from klima_shared.language.numbers import Lang, number, percent
from klima_shared.language.text import Text
from klima_shared.look import svg

_TITLE = Text("Treibhausgase nach Sektoren", "Greenhouse gases by sector")


def sector_bars(
    documents: Sequence[Mapping[str, Any]], lang: Lang, *, width: int, identity: str
) -> str:
    """`documents`: published balances in ascending years, at least one. `width` 330 is for phones,
    660 for wide ones."""
    narrow = width < 500
    left, right = 46, 74
    plot = width - left - right
    widest = max((d["totals"]["bisko_t_co2e"] or 0.0) for d in documents) or 1.0
    step, bar = (62, 42) if narrow else (74, 50)
    body = [f"<defs>{svg.patterns(identity)}</defs>"]
    spoken = []
    for place, document in enumerate(documents):
        y = 8 + place * step
        total = document["totals"]["bisko_t_co2e"]
        body.append(svg.text(left - 8, y + bar / 2 + 5, str(document["year"]), "e s"))
        x = float(left)
        words = []
        for row in document["sectors"]:
            tonnes = row["emissions_t_co2e"]
            if not tonnes or tonnes <= 0:
                continue
            sector = Sector(row["sector"])
            length = tonnes / widest * plot
            body.append(svg.rect(x, y, length - 2, bar, f"c-{sector.value}"))
            if sector is not Sector.HOUSEHOLDS:
                body.append(
                    svg.rect(x, y, length - 2, bar, "", f' fill="url(#{identity}-{sector.value})"')
                )
            name, share = sector.short.get(lang), percent(tonnes / total, lang) if total else ""
            for label in (f"{name} {share}", name, share):
                plate = len(label) * CHARACTER + 6
                if plate + 8 < length:
                    body.append(
                        svg.rect(x + 3, y + bar / 2 - 11, plate, 22, "p", ' rx="3" opacity=".88"')
                    )
                    body.append(svg.text(x + 3 + plate / 2, y + bar / 2 + 5, label, "m"))
                    break
            words.append(f"{sector.label(lang)} {number(tonnes / 1000, lang)} kt")
            x += length
        body.append(
            svg.text(x + 6, y + bar / 2 + 5, f"{number((total or 0.0) / 1000, lang, 0)} kt", "b")
        )
        spoken.append(
            f"{document['year']}: {number((total or 0.0) / 1000, lang, 0)} kt CO₂e ({', '.join(words)})"
        )
    height = 8 + len(documents) * step + 18
    base = height - 22
    body.append(svg.line(left, base, left + plot, base, "a"))
    body.append(svg.text(left, base + 16, "0", "s"))
    body.append(
        svg.text(left + plot, base + 16, f"{number(widest / 1000, lang, 0)} kt CO₂e", "s e")
    )
    title = f"{_TITLE.get(lang)}: {documents[-1]['region']['name']}"
    return svg.document(
        width, height + 4, title, ". ".join(spoken) + ".", body, standalone=False, identity=identity
    )
