"""Potentials as bars: what is used (full), what is still realisable (hatched), what else is
possible (outline)."""

from collections.abc import Sequence
from typing import Final

from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.look.digits import display
from klima_shared.look.picture import MARGIN, SOURCE, Picture
from klima_shared.wire.json import Json

_BAR, _MOST, _STEP = 236, 216, 34
_COLUMNS: Final = (_BAR + _MOST + 92, _BAR + _MOST + 190, 744)
_TITLE: Final = Label("Potenziale", "Potentials")
_HEADS: Final = (
    Label("genutzt", "used"),
    Label("noch möglich", "still possible"),
    Label("technisch", "technical"),
)
# Name and colour of each group.
_GROUPS: Final = {
    "generation": (Label("Strom und Wärme erzeugen", "Generating power and heat"), "renewables"),
    "saving": (Label("Energie sparen", "Saving energy"), "commerce"),
    "switch": (Label("Umsteigen", "Switching"), "municipal"),
    "land": (Label("In Böden und Bäumen speichern", "Storing in soils and trees"), "land_use"),
}
_UNITS: Final = {"MWh/a": "GWh/a", "t CO2e/a": "t CO₂e/a"}
_LEGEND: Final = (
    Label("genutzt", "used"),
    Label("noch umsetzbar bis {year}", "still realisable by {year}"),
    Label("technisch darüber hinaus", "technical beyond"),
)
_ASSUMPTIONS: Final = Text("assumptions with sources in the table")


def potential_bars(content: Json, lang: Lang, *, standalone: bool = True) -> str:
    """One row per potential, grouped; each group has its own scale, which is said, because units
    and sizes differ."""
    title = f"{_TITLE.get(lang)}: {content['region']['name']} {content['base_year']}"
    picture = Picture(lang, title, "k-potentials", hatched=True)
    picture.text(MARGIN, 32, title, "t")
    x = float(MARGIN)
    for part, words in enumerate(_LEGEND):
        label = words.get(lang).format(year=content["target_year"])
        _draw_part(picture, (x, 46, 18, 13), "renewables", part)
        picture.text(x + 24, 57, label, "s")
        x += 46 + 7.2 * len(label)
    y, spoken = 92, []
    for group, (words, _) in _GROUPS.items():
        rows = [
            p
            for p in content["potentials"]
            if p["group"] == group and (p["technical"] is None or p["technical"] > 0)
        ]
        for unit in dict.fromkeys(p["unit"] for p in rows):
            picture.text(MARGIN, y, f"{words.get(lang)}, {_UNITS[unit]}", "b")
            picture.texts(_COLUMNS, y, [head.get(lang) for head in _HEADS], "s e")
            alike = [p for p in rows if p["unit"] == unit]
            spoken += _draw_rows(picture, alike, y + 8)
            y += 34 + _STEP * len(alike)
    meta, extra = content["meta"], _ASSUMPTIONS.get(lang)
    source = SOURCE.get(lang).format(a=meta["attribution"], l=meta["licence"], m=extra)
    bottom = picture.paragraph(y + 4, source, 100)
    return picture.svg(bottom, f"{title}. {'; '.join(spoken)}.", standalone=standalone)


def _draw_part(
    picture: Picture, box: tuple[float, float, float, float], colour: str, part: int
) -> None:
    """A piece of a bar: used (0), realisable (1) or technical (2)."""
    if part == 2:
        picture.rect(*box, "a", ' fill="none" stroke-dasharray="3 2"')
        return
    picture.rect(*box, f"c-{colour}", ' opacity=".45"' if part else "")
    if part:
        picture.hatch(*box, "transport")


def _draw_rows(picture: Picture, alike: Sequence[Json], y: int) -> list[str]:
    """Potentials of one group and unit, from `y` on. Returns what is said of them."""
    lang, group, unit = picture.lang, alike[0]["group"], alike[0]["unit"]
    scale = 1000.0 if unit == "MWh/a" else 1.0
    technical, realisable = (
        max((p[name] or 0.0 for p in alike), default=0.0) for name in ("technical", "realisable")
    )
    widest = min(technical, 1.4 * realisable or 1.0) or 1.0
    spoken = []
    for p in alike:
        label = p["label"]
        if group == "switch" and p["potential"].startswith("ambient_heat"):
            label = f"{label}, {p['sector_label'].split(',')[0]}"
        picture.label(MARGIN, y + 22, label, 31)
        if p["technical"] is not None:
            used, real, most = (
                float(p[k] or 0.0) / widest * _MOST for k in ("used", "realisable", "technical")
            )
            real, end = max(real, used), min(most, float(_MOST))
            for part, (a, b) in enumerate(((0.0, used), (used, real), (real, end))):
                if b - a > 0.4:
                    _draw_part(picture, (_BAR + a, y + 7, b - a, 20), _GROUPS[group][1], part)
            if most > _MOST:  # far more than the scale of the group: the bar goes on
                picture.text(_BAR + _MOST + 4, y + 22, "»", "s")
        values = [
            None if p[k] is None else p[k] / scale for k in ("used", "remaining", "technical")
        ]
        texts = [
            display(v, lang, Grade.D, 0 if v is not None and (abs(v) >= 10 or v == 0) else 1)
            for v in values
        ]
        if group in ("saving", "land"):
            texts[0] = "–"
        picture.texts(_COLUMNS, y + 22, texts, "e")
        picture.line(MARGIN, y + _STEP, 744, y + _STEP)
        spoken.append(f"{label}: {' / '.join(texts)} {_UNITS[unit]}")
        y += _STEP
    return spoken
