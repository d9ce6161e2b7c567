"""How the figures of a page are written."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from klima_shared.codes.energy import Block
from klima_shared.codes.quality import Grade
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label
from klima_shared.look.digits import display, worst_grade
from klima_shared.wire.balance import BalanceDocument

_NEVER_ADDED: Final = {
    Block.AGRICULTURE: Label("Landwirtschaft (nicht energetisch)", "Agriculture (non-energy)"),
    Block.LAND_USE: Label("Landnutzung (unter 0: Senke)", "Land use (below 0: sink)"),
    Block.PROCESS_ETS: Label("Prozesse und Emissionshandel", "Processes and emissions trading"),
    Block.WASTE: Label(Block.WASTE.de, Block.WASTE.en),
}


def kilotonnes(tonnes: float | None, lang: Lang, grade: Grade | None = None) -> str:
    """Tonnes as kt with as many digits as can be true: those that the grade carries, at most 12,3
    below a hundred and whole ones above."""
    thousand = None if tonnes is None else tonnes / 1000
    return display(thousand, lang, grade, 1 if thousand is None or abs(thousand) < 100 else 0)


def beside(document: BalanceDocument, lang: Lang) -> list[tuple[str, str]]:
    """The blocks that are in no total of BISKO, in kt."""
    totals = document["totals"]
    found = {
        Block.AGRICULTURE: totals["agriculture_t_co2e"],
        Block.LAND_USE: totals["land_use_t_co2e"],
        Block.PROCESS_ETS: totals.get("process_ets_t_co2"),
    }
    if (waste := totals.get("waste_t_co2e")) is not None:
        found[Block.WASTE] = waste
    blocks = cast("Mapping[str, Sequence[Mapping[str, object]]]", document["blocks"])
    return [
        (_NEVER_ADDED[b].get(lang), kilotonnes(tonnes, lang, worst_grade(blocks.get(b.value, ()))))
        for b, tonnes in found.items()
    ]
