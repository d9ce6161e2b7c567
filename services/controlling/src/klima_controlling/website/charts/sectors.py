"""Emissions by sector over the years: one stacked bar a year, with labels where they fit and
hatchings for print."""

from collections.abc import Sequence
from typing import Final

from klima_shared.codes.energy import Sector
from klima_shared.language.numbers import Lang, percent
from klima_shared.language.text import Label
from klima_shared.look.digits import display, grade_of
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
        total, grade = document["totals"]["bisko_t_co2e"] or 0.0, grade_of(document["data_quality"])
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
            figure = display(tonnes / 1000, lang, grade_of(row.get("data_quality")), 1)
            words.append(f"{sector.label(lang)} {figure} kt")
            x += length
        sums = f"{display(total / 1000, lang, grade, 0)} kt"
        if document.get("provisional"):
            sums += f" {_PROVISIONAL.get(lang)}"
        picture.text(x + 6, middle, sums, "b")
        spoken.append(f"{document['year']}: {sums} CO₂e ({', '.join(words)})")
        y += step
    picture.line(_LEFT, y - 4, _LEFT + plot, y - 4, "a")
    picture.text(_LEFT, y + 12, "0", "s")
    picture.text(_LEFT + plot, y + 12, f"{display(widest / 1000, lang, grade, 0)} kt CO₂e", "s e")
    return picture.svg(y + 22, ". ".join(spoken) + ".", standalone=False)


def _draw_label(
    picture: Picture, place: tuple[float, float], name: str, share: str, room: float
) -> None:
    """Name over share on a plate, both or neither: all parts are labelled in one way."""
    x, y = place
    plate = max(len(name), len(share)) * CHARACTER + 6
    if plate < room:
        picture.rect(x, y - 23, plate, 36, "p", ' rx="3" opacity=".88"')
        picture.text(x + plate / 2, y - 8, name, "m")
        picture.text(x + plate / 2, y + 9, share, "m s")
