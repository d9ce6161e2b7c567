"""Local renewable power by technology, as bars under a line that is the whole electricity use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from klima_shared.language.numbers import Lang, number
from klima_shared.language.text import Text
from klima_shared.look import svg

WIDTH: Final = 360


def generation(document: Mapping[str, Any], lang: Lang, *, standalone: bool = False) -> str:
    """One bar each, its figure over it; what is not known says so. Fits a phone, so it is drawn
    once."""
    rows = sorted(document["blocks"]["renewables"], key=lambda r: -(r["generation_mwh"] or 0.0))
    name, year = document["region"]["name"], document["year"]
    title = (
        Text("Erneuerbarer Strom nach Technik", "Renewable power by technology").get(lang)
        + f": {name} {year}"
    )
    widest = max((r["generation_mwh"] or 0.0 for r in rows), default=0.0) or 1.0
    body, spoken, y = [], [], 0
    if standalone:
        body += [
            svg.text(12, y + 24 + 17 * i, part, "b") for i, part in enumerate(svg.wrap(title, 46))
        ]
        y += 48
    left = 12 if standalone else 0
    for row in rows:
        known = row["generation_mwh"] is not None
        figure = f"{number(row['generation_mwh'], lang, 0)} MWh" if known else number(None, lang)
        body += [
            svg.text(left, y + 18, row["label"]),
            svg.text(WIDTH - left, y + 18, figure, "e b" if known else "e s"),
        ]
        length = (row["generation_mwh"] or 0.0) / widest * (WIDTH - 2 * left)
        body.append(
            svg.rect(
                left,
                y + 25,
                length,
                13,
                "c-renewables",
                ' rx="2" stroke="currentColor" stroke-width=".6"',
            )
        )
        spoken.append(f"{row['label']}: {figure}")
        y += 48
    if standalone:
        source = f"{document['meta']['attribution']} · {document['meta']['licence']}"
        parts = svg.wrap(source, 52, 3)
        body += [svg.text(left, y + 20 + 17 * i, part, "s") for i, part in enumerate(parts)]
        y += 20 + 17 * len(parts)
    return svg.document(
        WIDTH,
        y,
        title,
        f"{title}. {'; '.join(spoken)}.",
        body,
        standalone=standalone,
        identity="k-renewables",
    )
