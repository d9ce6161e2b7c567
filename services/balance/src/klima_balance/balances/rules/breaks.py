"""Where a series of balances is not comparable from one year to the next, and why."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from klima_shared.codes.energy import Carrier, Sector
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json, JsonObject

_ESTIMATED: Final = "estimated"
_NAMED: Final = 3


def breaks(documents: Sequence[Json], lang: Lang) -> list[JsonObject]:
    """`{"year", "kind", "cells", "delivered", "change_t_co2e", "reason"}` of every year that rests
    on other data or factors than the one before. documents: of one region, years ascending."""
    found = []
    for before, after in pairwise(documents):
        year = after["year"]
        old, new = before["factor_set"], after["factor_set"]
        if old["digest"] != new["digest"]:
            text = Text("Factor set {new} instead of {old}.", new=new["id"], old=old["id"])
            found.append(_break(year, "factor_set", [], text, lang))
        if (edition := _other_edition(before, after)) is not None:
            found.append(_break(year, "edition", [], edition, lang))
        first, last = (_statuses(document) for document in (before, after))
        moved = [
            key
            for key in sorted(first.keys() | last.keys())
            if other_data(first.get(key), last.get(key))
        ]
        if moved:
            delivered = [key for key in moved if last.get(key) != _ESTIMATED]
            words = _DELIVERED if delivered else _DEFAULT
            text = words.fill(year=year, cells=_names(delivered or moved))
            one = _break(year, "data", [".".join(key) for key in moved], text, lang)
            change = _emissions(after, moved) - _emissions(before, moved)
            found.append(one | {"delivered": bool(delivered), "change_t_co2e": change})
    return found


def other_data(before: str | None, after: str | None) -> bool:
    """Whether a cell with these statuses is a default in one year and delivered, or not there at
    all, in the other."""
    return (before == _ESTIMATED) != (after == _ESTIMATED)


_DELIVERED: Final = Text("Delivered figures from {year} on: {cells}.")
_DEFAULT: Final = Text("Defaults again from {year} on: {cells}.")


def _break(year: int, kind: str, cells: list[str], reason: Text, lang: Lang) -> JsonObject:
    return {
        "year": year,
        "kind": kind,
        "cells": cells,
        "delivered": None,
        "change_t_co2e": None,
        "reason": reason.get(lang),
    }


def _emissions(document: Json, keys: Sequence[tuple[str, str]]) -> float:
    return math.fsum(
        c["emissions_t_co2e"] for c in document["cells"] if (c["sector"], c["carrier"]) in keys
    )


def _other_edition(before: Json, after: Json) -> Text | None:
    """None where both rest on one edition, or where a document of an earlier release names none."""
    old, new = (document.get("meta", {}).get("edition") for document in (before, after))
    if not old or not new or old["digest"] == new["digest"]:
        return None
    return Text("National figures of {new} instead of {old}.", new=new["id"], old=old["id"])


def _statuses(document: Json) -> dict[tuple[str, str], str]:
    return {(c["sector"], c["carrier"]): c["status"] for c in document["cells"]}


def _names(keys: Sequence[tuple[str, str]]) -> Label:
    def named(lang: Lang) -> str:
        names = [f"{Sector(s).label(lang)}: {Carrier(c).label(lang)}" for s, c in keys[:_NAMED]]
        more = Label(" und weitere", " and more").get(lang) if len(keys) > _NAMED else ""
        return ", ".join(names) + more

    return Label(named("de"), named("en"))
