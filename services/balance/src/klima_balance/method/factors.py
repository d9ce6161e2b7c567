"""Which factor serves a carrier in a year: the row of the year, else the nearest of the same set,
marked `carried`."""

import math
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from klima_balance.method.equation import tonnes_per_unit
from klima_balance.method.model import Method
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json, JsonObject

_RANK: Final = ("verified", "derived", "unverified_high", "unverified_medium", "unverified_low")


@dataclass(frozen=True)
class Factor:
    """A factor as used: `value` in `unit`; `year` None: holds for every year; `carried`: taken from
    another year."""

    set: str
    category: str
    gas: str
    value: float
    unit: str
    year: int | None
    carried: bool
    source: str
    certainty: str
    t_per_unit: float
    note: str = ""

    def to_dict(self) -> JsonObject:
        return dict(self.__dict__)


def nearest(years: list[int], wanted: int) -> int:
    """The year closest to `wanted`; of two equally close ones the earlier, which is the one already
    known then."""
    return min(years, key=lambda y: (abs(y - wanted), y))


def find(method: Method, factor_set: str, category: str, year: int) -> Factor | None:
    """The factor of a category for a year within one set, or None when the set has none at all. A
    partial set has that of the set it rests on, and the factor names which one it is from."""
    here = (one for one in method.chain(factor_set) if (one, category) in method.factor_index)
    factor_set = next(here, factor_set)
    rows = method.factor_index.get((factor_set, category))
    if not rows:
        return None
    dated = [row for row in rows if not math.isnan(row["year"])]
    if not dated:
        return _factor(rows[0], factor_set, None, carried=False)
    used = nearest([int(row["year"]) for row in dated], year)
    row = next(row for row in dated if int(row["year"]) == used)
    return _factor(row, factor_set, used, carried=used != year)


def _factor(row: Json, factor_set: str, year: int | None, *, carried: bool) -> Factor:
    value, unit = float(row["value"]), str(row["unit"])
    return Factor(
        set=factor_set,
        category=str(row["category"]),
        gas=str(row["gas"]),
        value=value,
        unit=unit,
        year=year,
        carried=carried,
        source=str(row["source"]),
        certainty=str(row["certainty"]),
        t_per_unit=tonnes_per_unit(value, unit, 1.0),
        note=str(row["note"]),
    )


def carrier_factor(method: Method, factor_set: str, carrier: str, use: str, year: int) -> Factor:
    """The factor of a carrier (`use`: stationary or transport) by the rules of
    `carrier_factors.csv`.

    Raises `InputError` when the set has no factor for it: sets are never mixed.
    """
    rule = method.carrier_rules.get((carrier, "any")) or method.carrier_rules.get((carrier, use))
    if rule is None:
        raise InputError.at(
            "carrier",
            carrier,
            Label("ein Energieträger, für den es Faktoren gibt", "a carrier that has factors"),
        )
    categories = str(rule["categories"]).split(";")
    parts = [find(method, factor_set, category, year) for category in categories]
    found = [part for part in parts if part is not None]
    if len(found) != len(categories):
        names = ", ".join(c for c, p in zip(categories, parts, strict=True) if p is None)
        raise InputError.at(
            "factor_set",
            factor_set,
            Text("a set with a factor for {names} ({carrier})", names=names, carrier=str(carrier)),
        )
    if rule["rule"] == "direct" and not rule["note"]:
        return found[0]
    value = math.fsum(part.value for part in found) / len(found) / float(rule["divisor"])
    years = {part.year for part in found}
    note = "; ".join(
        dict.fromkeys(text for text in (str(rule["note"]), *(part.note for part in found)) if text)
    )
    return Factor(
        set=factor_set,
        category=carrier if rule["rule"] != "direct" else found[0].category,
        gas=found[0].gas,
        value=value,
        unit=found[0].unit,
        year=years.pop() if len(years) == 1 else found[0].year,
        carried=any(part.carried for part in found),
        source="; ".join(dict.fromkeys(part.source for part in found)),
        certainty=max((part.certainty for part in found), key=_RANK.index),
        t_per_unit=tonnes_per_unit(value, found[0].unit, 1.0),
        note=note,
    )


def gas_factor(method: Method, row: "pd.Series[Any]", gwp_set: str, label: str) -> Factor:
    """A row of the agriculture table with the GWP of its gas; the gas mass stays in `value`."""
    value, unit, gas = float(row["value"]), str(row["unit"]), str(row["gas"])
    gwp = method.gwp_of(gas, gwp_set)
    note = f"x {gwp:g} (GWP100 {gwp_set})" if gas != "CO2" else ""
    extra = str(row["note"])
    return Factor(
        set=f"inventory-{row['submission']}",
        category=label,
        gas=gas,
        value=value,
        unit=unit,
        year=int(row["data_year"]),
        carried=False,
        source=str(row["source"]),
        certainty=str(row["certainty"]),
        t_per_unit=tonnes_per_unit(value, unit, gwp),
        note="; ".join(text for text in (note, extra) if text),
    )
