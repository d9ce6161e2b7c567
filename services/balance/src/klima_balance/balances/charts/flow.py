"""Where energy comes from and where it goes: a flow diagram (Sankey) of a balance, carriers left,
sectors right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from klima_balance.balances.charts import plot
from klima_shared.codes.lists import Carrier, Sector
from klima_shared.language.numbers import Lang, number
from klima_shared.language.text import Text
from klima_shared.look import svg

WIDTH = 760
_TITLE = Text("Endenergie: woher und wohin", "Final energy: from where and to where")
_UNDER = Text("GWh im Jahr, Breite nach Menge", "GWh a year, width by quantity")
_CARRIER = Text("Energieträger (GWh)", "Carrier (GWh)")
_SUM = Text("Summe", "Sum")
_SHORT = {
    "households": Text("Haushalte", "Households"),
    "commerce": Text("Gewerbe u. a.", "Commerce etc."),
    "industry": Text("Industrie", "Industry"),
    "municipal": Text("Kommune", "Municipal"),
    "transport": Text("Verkehr", "Transport"),
}
_X0, _X1, _NODE, _GAP, _HEIGHT, _TOP = 214, 560, 14, 9.0, 380.0, 84.0


def energy_flow(document: Mapping[str, Any], lang: Lang, *, standalone: bool = True) -> str:
    """Bands between carriers and sectors; names and GWh at both ends, the whole matrix as a table
    under it."""
    cells = {(c["carrier"], c["sector"]): c["final_energy_mwh"] / 1000.0 for c in document["cells"]}
    cells = {key: value for key, value in cells.items() if value > 0}
    carriers = sorted(
        {c for c, _ in cells}, key=lambda c: -sum(v for (k, _), v in cells.items() if k == c)
    )
    sectors = [s.value for s in Sector if any(k == s for _, k in cells)]
    total = sum(cells.values()) or 1.0
    title = f"{_TITLE.get(lang)}: {document['region']['name']} {document['year']}"
    body = [
        f"<defs>{svg.patterns('kf')}</defs>",
        svg.text(16, 32, title, "t"),
        svg.text(16, 52, _UNDER.get(lang), "s"),
    ]
    left = {c: sum(v for (k, _), v in cells.items() if k == c) for c in carriers}
    right = {s: sum(v for (_, k), v in cells.items() if k == s) for s in sectors}
    scale = (_HEIGHT - _GAP * (max(len(carriers), len(sectors)) - 1)) / total
    from_y, to_y = _stack(left, scale), _stack(right, scale)
    at_left, at_right = dict(from_y), dict(to_y)
    for sector in sectors:
        for carrier in carriers:
            value = cells.get((carrier, sector))
            if value is None:
                continue
            body += _band(at_left[carrier], at_right[sector], value * scale, sector)
            at_left[carrier] += value * scale
            at_right[sector] += value * scale
    places = [from_y[c] + left[c] * scale / 2 for c in carriers]
    ends = plot.spread_apart(places, 16, _TOP + 4, _TOP + _HEIGHT + 30)
    for carrier, place, y in zip(carriers, places, ends, strict=True):
        height = max(left[carrier] * scale, 1.0)
        body.append(svg.rect(_X0, from_y[carrier], _NODE, height, "c-brand"))
        body.append(plot.polyline([(_X0, place), (_X0 - 8, y), (_X0 - 12, y)], "soft", "", 1))
        label = Carrier(carrier).label(lang)
        body.append(
            svg.text(
                _X0 - 16,
                round(y + 4, 1),
                f"{svg.wrap(label, 22, 1)[0]} {_gwh(left[carrier], lang)}",
                "e",
            )
        )
    for i, sector in enumerate(sectors):
        height = right[sector] * scale
        body.append(svg.rect(_X1, to_y[sector], _NODE, height, f"c-{sector}"))
        if plot.HATCHES[i]:
            body.append(
                svg.rect(
                    _X1, to_y[sector], _NODE, height, "", f' fill="url(#kf-{plot.HATCHES[i]})"'
                )
            )
        middle = to_y[sector] + height / 2
        body.append(svg.text(_X1 + _NODE + 10, round(middle, 1), _SHORT[sector].get(lang), "b"))
        body.append(
            svg.text(
                _X1 + _NODE + 10, round(middle + 17, 1), f"{_gwh(right[sector], lang)} GWh", "s"
            )
        )
    rows = [
        (
            Carrier(c).label(lang),
            [*(_gwh(cells.get((c, s), 0.0), lang) for s in sectors), _gwh(left[c], lang)],
            " ",
        )
        for c in carriers
    ]
    rows.append((_SUM.get(lang), [*(_gwh(right[s], lang) for s in sectors), _gwh(total, lang)], ""))
    columns = [*(_SHORT[s].get(lang) for s in sectors), _SUM.get(lang)]
    drawn, bottom = plot.table(
        max(_TOP + _HEIGHT, max(ends)) + 44, _CARRIER.get(lang), columns, rows, 200
    )
    meta = document["meta"]
    words = svg.wrap(
        f"{plot.SOURCE.get(lang).format(a=meta['attribution'], l=meta['licence'], m='BISKO')}",
        100,
        4,
    )
    body += [
        *drawn,
        *(svg.text(16, bottom + 28 + 17 * i, line, "s") for i, line in enumerate(words)),
    ]
    flows = sorted(cells.items(), key=lambda item: -item[1])[:8]
    spoken = "; ".join(
        f"{Carrier(c).label(lang)} → {Sector(s).label(lang)} {_gwh(v, lang)} GWh"
        for (c, s), v in flows
    )
    height = int(bottom + 28 + 17 * len(words))
    return svg.document(
        WIDTH, height, title, f"{title}. {spoken}.", body, standalone=standalone, identity="k-flow"
    )


def _gwh(value: float, lang: Lang) -> str:
    if value == 0:
        return "–"
    return number(value, lang, 0 if abs(value) >= 9.95 else 1 if abs(value) >= 0.05 else 2)


def _stack(parts: Mapping[str, float], scale: float) -> dict[str, float]:
    found, y = {}, _TOP
    rest = _HEIGHT - sum(parts.values()) * scale
    gap = rest / max(len(parts) - 1, 1)
    for name, value in parts.items():
        found[name] = y
        y += value * scale + gap
    return found


def _band(y0: float, y1: float, height: float, sector: str) -> list[str]:
    start, end, middle = _X0 + _NODE, _X1, (_X0 + _NODE + _X1) / 2
    path = (
        f"M{start:g} {y0:.1f}C{middle:g} {y0:.1f} {middle:g} {y1:.1f} {end:g} {y1:.1f}V{y1 + height:.1f}"
        f"C{middle:g} {y1 + height:.1f} {middle:g} {y0 + height:.1f} {start:g} {y0 + height:.1f}Z"
    )
    return [f'<path d="{path}" class="c-{sector}" opacity=".5"/>']
