"""Emissions by sector over the years: one stacked bar a year, with labels where they fit and
hatchings for print."""

from collections.abc import Sequence
from typing import Final

from klima_shared.codes.energy import Sector
from klima_shared.language.numbers import Lang, number, percent
from klima_shared.language.text import Label
from klima_shared.look.picture import Picture
from klima_shared.look.plot import CHARACTER
from klima_shared.wire.json import Json

_TITLE: Final = Label("Treibhausgase nach Sektoren", "Greenhouse gases by sector")
_PROVISIONAL: Final = Label("(vorl.)", "(prov.)")
_LEFT, _RIGHT, _MARK = 46, 74, 48


def sector_bars(documents: Sequence[Json], lang: Lang, *, width: int, identity: str) -> str:
    """`documents`: published balances in ascending years, at least one. `width` 330 is for phones,
    660 for wide ones."""
    title = f"{_TITLE.get(lang)}: {documents[-1]['region']['name']}"
    picture = Picture(lang, title, identity, width=width, hatched=True)
    marked = any(d.get("provisional") for d in documents)
    plot = width - _LEFT - _RIGHT - (_MARK if marked else 0)
    widest = max((d["totals"]["bisko_t_co2e"] or 0.0) for d in documents) or 1.0
    step, bar = (62, 42) if width < 500 else (74, 50)
    spoken, y = [], 8
    for document in documents:
        total = document["totals"]["bisko_t_co2e"] or 0.0
        middle = y + bar / 2 + 5
        picture.text(_LEFT - 8, middle, str(document["year"]), "e s")
        x, words = float(_LEFT), []
        for row in document["sectors"]:
            tonnes = row["emissions_t_co2e"]
            if not tonnes or tonnes <= 0:
                continue
            sector, length = Sector(row["sector"]), tonnes / widest * plot
            hatch = "" if sector is Sector.HOUSEHOLDS else sector.value
            picture.bar(x, y, length - 2, bar, sector.value, hatch)
            share = percent(tonnes / total, lang) if total else ""
            _draw_label(picture, (x + 3, middle), sector.short.get(lang), share, length - 8)
            words.append(f"{sector.label(lang)} {number(tonnes / 1000, lang)} kt")
            x += length
        sums = f"{number(total / 1000, lang, 0)} kt"
        if document.get("provisional"):
            sums += f" {_PROVISIONAL.get(lang)}"
        picture.text(x + 6, middle, sums, "b")
        spoken.append(f"{document['year']}: {sums} CO₂e ({', '.join(words)})")
        y += step
    picture.line(_LEFT, y - 4, _LEFT + plot, y - 4, "a")
    picture.text(_LEFT, y + 12, "0", "s")
    picture.text(_LEFT + plot, y + 12, f"{number(widest / 1000, lang, 0)} kt CO₂e", "s e")
    return picture.svg(y + 22, ". ".join(spoken) + ".", standalone=False)


def _draw_label(
    picture: Picture, place: tuple[float, float], name: str, share: str, room: float
) -> None:
    """Name and share on a plate, or one of them, as far as there is room."""
    x, y = place
    for label in (f"{name} {share}", name, share):
        plate = len(label) * CHARACTER + 6
        if plate < room:
            picture.rect(x, y - 16, plate, 22, "p", ' rx="3" opacity=".88"')
            picture.text(x + plate / 2, y, label, "m")
            return
