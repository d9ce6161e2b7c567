"""Potentials as bars: what is used (full), what is still realisable (hatched), what else is
possible (outline)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from klima_shared.language.numbers import Lang, number
from klima_shared.language.text import Text
from klima_shared.look import svg

WIDTH = 760
_LEFT, _BAR, _MOST = 16, 236, 216
_COLUMNS = (_BAR + _MOST + 92, _BAR + _MOST + 190, 744)
_TITLE = Text("Potenziale", "Potentials")
_HEADS = (
    Text("genutzt", "used"),
    Text("noch möglich", "still possible"),
    Text("technisch", "technical"),
)
_GROUPS = {
    "generation": Text("Strom und Wärme erzeugen", "Generating power and heat"),
    "saving": Text("Energie sparen", "Saving energy"),
    "switch": Text("Umsteigen", "Switching"),
    "land": Text("In Böden und Bäumen speichern", "Storing in soils and trees"),
}
_UNITS = {"MWh/a": "GWh/a", "t CO2e/a": "t CO₂e/a"}
_LEGEND = (
    Text("genutzt", "used"),
    Text("noch umsetzbar bis {year}", "still realisable by {year}"),
    Text("technisch darüber hinaus", "technical beyond"),
)

_SOURCE = Text(
    "Quelle: {a} · Lizenz {l} · Annahmen mit Quellen in der Tabelle",
    "Source: {a} · licence {l} · assumptions with sources in the table",
)


def potential_bars(content: Mapping[str, Any], lang: Lang, *, standalone: bool = True) -> str:
    """One row per potential, grouped; each group has its own scale, which is said, because units
    and sizes differ."""
    name = content["region"]["name"]
    title = f"{_TITLE.get(lang)}: {name} {content['base_year']}"
    body = [f"<defs>{svg.patterns('kp')}</defs>", svg.text(_LEFT, 32, title, "t")]
    body += _legend(content, lang)
    y, spoken = 92, []
    for group, words in _GROUPS.items():
        rows = [
            p
            for p in content["potentials"]
            if p["group"] == group and (p["technical"] is None or p["technical"] > 0)
        ]
        for unit in dict.fromkeys(p["unit"] for p in rows):
            part = [p for p in rows if p["unit"] == unit]
            body.append(svg.text(_LEFT, y, f"{words.get(lang)}, {_UNITS[unit]}", "b"))
            body += [
                svg.text(x, y, head.get(lang), "s e")
                for x, head in zip(_COLUMNS, _HEADS, strict=True)
            ]
            y += 8
            drawn, told, y = _rows(part, group, unit, y, lang)
            body += drawn
            spoken += told
            y += 26
    meta = content["meta"]
    source = _SOURCE.get(lang)
    lines = svg.wrap(source.format(a=meta["attribution"], l=meta["licence"]), 100, 4)
    body += [svg.text(_LEFT, y + 4 + 17 * i, line, "s") for i, line in enumerate(lines)]
    height = y + 4 + 17 * len(lines)
    description = f"{title}. {'; '.join(spoken)}."
    return svg.document(
        WIDTH, int(height), title, description, body, standalone=standalone, identity="k-potentials"
    )


def _legend(content: Mapping[str, Any], lang: Lang) -> list[str]:
    found, x = [], float(_LEFT)
    for index, words in enumerate(_LEGEND):
        label = words.get(lang).format(year=content["target_year"])
        found += [_box(x, 46, 18, 13, "renewables", index), svg.text(x + 24, 57, label, "s")]
        x += 46 + 7.2 * len(label)
    return found


_COLOURS = {
    "generation": "renewables",
    "saving": "commerce",
    "switch": "municipal",
    "land": "land_use",
}


def _box(x: float, y: float, width: float, height: float, colour: str, part: int) -> str:
    if part == 0:
        return svg.rect(x, y, width, height, f"c-{colour}")
    if part == 1:
        return svg.rect(x, y, width, height, f"c-{colour}", ' opacity=".45"') + svg.rect(
            x, y, width, height, "", ' fill="url(#kp-transport)"'
        )
    return svg.rect(x, y, width, height, "a", ' fill="none" stroke-dasharray="3 2"')


def _rows(
    part: Sequence[Mapping[str, Any]], group: str, unit: str, y: int, lang: Lang
) -> tuple[list[str], list[str], int]:
    scale = 1000.0 if unit == "MWh/a" else 1.0
    most_real = max((p["realisable"] or 0.0 for p in part), default=0.0)
    widest = (
        min(max((p["technical"] or 0.0 for p in part), default=0.0), 1.4 * most_real or 1.0) or 1.0
    )
    body, spoken = [], []
    for p in part:
        label = p["label"]
        if group == "switch" and p["potential"].startswith("ambient_heat"):
            label = f"{label}, {p['sector_label'].split(',')[0]}"
        lines = svg.wrap(label, 31)
        body += [
            svg.text(_LEFT, y + (22 if len(lines) == 1 else 15 + 15 * i), t)
            for i, t in enumerate(lines)
        ]
        if p["technical"] is not None:
            used, real, most = (
                float(p[k] or 0.0) / widest * _MOST for k in ("used", "realisable", "technical")
            )
            beyond, most = most > _MOST, min(most, float(_MOST))
            ends = [(0, 0.0, used), (1, used, max(real, used)), (2, max(real, used), most)]
            body += [
                _box(_BAR + a, y + 7, b - a, 20, _COLOURS[group], i)
                for i, a, b in ends
                if b - a > 0.4
            ]
            if beyond:  # far more than the scale of the group: the bar goes on
                body.append(svg.text(_BAR + _MOST + 4, y + 22, "»", "s"))
        values = [
            None if p[k] is None else p[k] / scale for k in ("used", "remaining", "technical")
        ]
        texts = [
            number(v, lang, 0 if v is not None and (abs(v) >= 10 or v == 0) else 1) for v in values
        ]
        if group in ("saving", "land"):
            texts[0] = "–"
        body += [svg.text(x, y + 22, t, "e") for x, t in zip(_COLUMNS, texts, strict=True)]
        body.append(svg.line(_LEFT, y + 34, 744, y + 34))
        spoken.append(f"{label}: {texts[0]} / {texts[1]} / {texts[2]} {_UNITS[unit]}")
        y += 34
    return body, spoken, y
