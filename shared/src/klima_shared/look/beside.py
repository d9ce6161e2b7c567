"""The whole beside a headline: what is emitted here and stands in no total of BISKO."""

from collections.abc import Iterable, Mapping
from typing import Final

from klima_shared.language.numbers import Lang, quantity
from klima_shared.language.text import Label

_CEMENT: Final = Label(
    "aus Zementwerken und anderem Emissionshandel", "from cement works and other emissions trading"
)
_PLANTS: Final = Label("aus Anlagen des Emissionshandels", "from plants of emissions trading")
_WORDS: Final = Label(
    "dazu {figure} {origin}, nicht in BISKO", "plus {figure} {origin}, not in BISKO"
)


def emissions_trading(
    tonnes: float | None, rows: Iterable[Mapping[str, object]], lang: Lang
) -> str | None:
    """`dazu 2 909 kt CO₂ aus Zementwerken und anderem Emissionshandel, nicht in BISKO`; None where
    nothing is known of such plants, or there are none.

    tonnes: of the block of processes and emissions trading. rows: the block's rows.
    """
    if not tonnes:
        return None
    cement = any(row.get("category") == "ets_cement" and row.get("quantity") for row in rows)
    figure = quantity(tonnes / 1000, "kt CO2", lang, 0 if tonnes >= 100_000 else 1)
    origin = (_CEMENT if cement else _PLANTS).get(lang)
    return _WORDS.get(lang).format(figure=figure, origin=origin)
