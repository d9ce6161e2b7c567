"""What a new version of a balance changes against the one before it."""

from collections.abc import Sequence
from typing import Final

from klima_shared.codes.energy import Carrier, Sector
from klima_shared.language.numbers import Lang
from klima_shared.wire.json import Json, JsonObject

_TOTALS: Final = (
    "final_energy_mwh",
    "bisko_t_co2e",
    "agriculture_t_co2e",
    "land_use_t_co2e",
    "renewable_generation_mwh",
)
_SAME: Final = 1e-9


def changed_cells(before: Json, after: Json) -> list[JsonObject]:
    """Cells whose energy, emissions, status or grade differ, the largest difference of emissions
    first."""
    old = {(c["sector"], c["carrier"]): c for c in before["cells"]}
    new = {(c["sector"], c["carrier"]): c for c in after["cells"]}
    found = []
    for at in sorted(old.keys() | new.keys()):
        a, b = old.get(at), new.get(at)
        if a is not None and b is not None and not _differ(a, b):
            continue
        found.append(
            {
                "sector": at[0],
                "carrier": at[1],
                **{
                    f"{name}_before": a[name] if a else None
                    for name in ("final_energy_mwh", "emissions_t_co2e", "grade")
                },
                **{
                    f"{name}_after": b[name] if b else None
                    for name in ("final_energy_mwh", "emissions_t_co2e", "grade")
                },
            }
        )
    found.sort(
        key=lambda c: (
            -abs((c["emissions_t_co2e_after"] or 0.0) - (c["emissions_t_co2e_before"] or 0.0))
        )
    )
    return found


def _differ(a: Json, b: Json) -> bool:
    if (a["status"], a["grade"]) != (b["status"], b["grade"]):
        return True
    return any(not _same(a[name], b[name]) for name in ("final_energy_mwh", "emissions_t_co2e"))


def _same(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(a - b) <= _SAME * max(abs(a), abs(b))


def reason_of(changes: Sequence[Json], before: Json, after: Json) -> str:
    """A sentence for a correction for which nobody wrote one."""
    if before["factor_set"]["digest"] != after["factor_set"]["digest"]:
        return f"Neuer Faktorsatz {after['factor_set']['id']} statt {before['factor_set']['id']}."
    if not changes:
        return "Neu gerechnet, ohne Änderung an Sektoren und Energieträgern."
    names = [cell_name(c["sector"], c["carrier"]) for c in changes[:5]]
    return f"Geänderte Angaben: {', '.join(names)}{' und weitere' if len(changes) > 5 else ''}."


def cell_name(sector: str, carrier: str, lang: Lang = "de") -> str:
    return f"{Sector(sector).label(lang)}: {Carrier(carrier).label(lang)}"


def difference(before: Json | None, after: Json) -> JsonObject:
    """Totals before and after, and what moved; for the report of a recalculation."""
    totals = {}
    for name in _TOTALS:
        a, b = (before["totals"][name] if before else None), after["totals"][name]
        change = None if a is None or b is None else b - a
        totals[name] = {
            "before": a,
            "after": b,
            "change": change,
            "change_percent": None if change is None or not a else 100.0 * change / abs(a),
        }
    return {
        "region": after["region"]["ags"],
        "name": after["region"].get("name"),
        "year": after["year"],
        "version_before": before["version"] if before else None,
        "totals": totals,
        "cells": changed_cells(before, after)[:20] if before else [],
    }
