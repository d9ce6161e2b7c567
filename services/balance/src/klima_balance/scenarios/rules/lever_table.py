"""The shipped scenarios: rows of `levers.csv` and values of `scenario_parameters.csv` become levers
for a base.

A parameter is a value with a range, source and certainty; every one can be overridden for a run.
What a rule does with the parameter:

| rule | value of the lever |
|---|---|
| share, change | parameter in % / 100 (x the parameter named in `weight`, in % / 100) |
| further_share | parameter - `weight`, both in % / 100: the second leg of a path through two points
|
| saving_per_year | (1 - rate)^years - 1 |
| renovation | - share renovated x (1 - demand after / demand before), by region |
| factor | parameter as it is (g CO2e/kWh) |
| observed_growth | growth of the region in kW a year x years / what can still be realised, at most
1 |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from klima_balance.method.equation import Floats
from klima_balance.method.errors import FINITE, InputError, at_least, more_than, one_of
from klima_balance.scenarios.model import Base
from klima_balance.scenarios.rules.levers import Lever, LeverError
from klima_shared.codes.lists import Carrier, Sector
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text

_RANK: Final = ("verified", "derived", "unverified_high", "unverified_medium", "unverified_low")
HEATING_POWER: Final = (Carrier.ELECTRICITY.value,)


@dataclass(frozen=True)
class Parameter:
    """One assumption: `value` in `unit`, its range, where it comes from and how far it can be
    trusted."""

    name: str
    label_de: str
    label_en: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    certainty: str
    note: str = ""
    overridden: bool = False

    def to_dict(self, lang: Lang = "de") -> dict[str, Any]:
        return {
            "parameter": self.name,
            "label": self.label_en if lang == "en" else self.label_de,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "source": self.source,
            "certainty": self.certainty,
            "note": self.note,
            "overridden": self.overridden,
        }


@dataclass(frozen=True, eq=False)
class ScenarioTables:
    """The tables of scenarios as they are shipped; `digest` covers all their bytes. They never
    touch a balance."""

    edition: str
    digest: str
    parameters: Mapping[str, Parameter]
    levers: pd.DataFrame
    spreads: pd.DataFrame
    targets: pd.DataFrame


def overridden(
    parameters: Mapping[str, Parameter], values: Mapping[str, float], source: str = ""
) -> dict[str, Parameter]:
    """Parameters with the values of one run. Raises `InputError` for an unknown name or a value
    that can't be."""
    found = dict(parameters)
    for name, value in values.items():
        if name not in found:
            raise InputError(f"parameters.{name}", name, one_of(sorted(found)))
        if not np.isfinite(value):
            raise InputError(f"parameters.{name}", value, FINITE)
        p = found[name]
        if p.unit == "%" and not -100 <= value <= 1000:
            raise InputError(
                f"parameters.{name}",
                value,
                Text("ein Prozentwert von -100 bis 1000", "a percentage from -100 to 1000"),
            )
        if p.unit not in ("%", "t CO2e/ha") and value < 0:
            raise InputError(f"parameters.{name}", value, at_least(f"0 {p.unit}"))
        if p.unit in ("ha/MW", "a") and value <= 0:
            raise InputError(f"parameters.{name}", value, more_than(f"0 {p.unit}"))
        found[name] = replace(
            p,
            value=float(value),
            low=float(value),
            high=float(value),
            overridden=True,
            certainty="unverified_low",
            source=source or "Angabe für diesen Lauf",
        )
    return found


def shipped(
    tables: ScenarioTables, kind: str, parameters: Mapping[str, Parameter], base: Base, horizon: int
) -> list[Lever]:
    """The levers of `trend` or `climate_protection` for a base. Raises `LeverError` when a
    parameter makes one impossible."""
    rows = tables.levers[tables.levers["scenario"] == kind].to_dict("records")
    return [
        lever
        for row in rows
        if (lever := _lever({str(k): v for k, v in row.items()}, parameters, base, horizon))
    ]


def _lever(
    row: Mapping[str, Any], parameters: Mapping[str, Parameter], base: Base, horizon: int
) -> Lever | None:
    start = int(row["from_year"]) if row["from_year"] else base.year
    end = int(row["to_year"]) if row["to_year"] else horizon
    start = max(start, base.year)
    if end <= start:
        return None  # a leg of a path that lies before the base year
    used = [parameters[str(row[c])] for c in ("parameter", "weight", "ratio", "delay") if row[c]]
    categories = tuple(c for c in str(row["categories"]).split(";") if c)
    carriers = tuple(c for c in str(row["carriers"]).split(";") if c)
    known = {"land_use_change": base.land_use.names, "capacity": base.capacity.names}.get(
        str(row["kind"])
    )
    if known is not None and not set(categories) <= set(known):
        return None  # no such land and no such plants here
    value = _value(row, parameters, base, start, end, categories)
    if row["kind"] == "factor_path" and end > horizon:
        end, value = horizon, value
    return Lever(
        name=str(row["lever"]),
        kind=str(row["kind"]),
        value=value,
        from_year=start,
        to_year=min(end, horizon) if row["kind"] != "factor_path" else end,
        sectors=tuple(s for s in str(row["sectors"]).split(";") if s),
        carriers=carriers,
        target=str(row["target"]),
        categories=categories,
        ratio=parameters[str(row["ratio"])].value
        if row["ratio"] and row["rule"] != "renovation"
        else 1.0,
        delay=parameters[str(row["delay"])].value if row["delay"] else 0.0,
        shape=str(row["shape"]),
        label_de=str(row["label_de"]),
        label_en=str(row["label_en"]),
        parameters=tuple(p.name for p in used),
        source="; ".join(dict.fromkeys(p.source for p in used)),
        certainty=max((p.certainty for p in used), key=_RANK.index),
        note=str(row["note"]),
    )


def _value(
    row: Mapping[str, Any],
    parameters: Mapping[str, Parameter],
    base: Base,
    start: int,
    end: int,
    categories: Sequence[str],
) -> float | Floats:
    p = parameters[str(row["parameter"])]
    weight = parameters[str(row["weight"])].value / 100.0 if row["weight"] else 1.0
    match row["rule"]:
        case "share" | "change":
            return p.value / 100.0 * weight
        case "further_share":
            further = p.value / 100.0 - weight
            if further < 0:
                raise LeverError(
                    str(row["lever"]),
                    p.name,
                    p.value,
                    at_least(f"{row['weight']} ({weight * 100:g} %)"),
                )
            return further
        case "saving_per_year":
            if p.value > 100:
                raise LeverError(
                    str(row["lever"]),
                    p.name,
                    p.value,
                    Text("höchstens 100 % im Jahr", "at most 100 % a year"),
                )
            return float((1.0 - p.value / 100.0) ** (end - start) - 1.0)
        case "renovation":
            after = parameters[str(row["ratio"])].value
            return np.asarray(
                -min(p.value / 100.0 * (end - start), 1.0) * renovation_saving(base, after)
            )
        case "factor":
            return p.value
        case "observed_growth":
            at = base.capacity.names.index(categories[0])
            rest = (
                base.realisable.get(categories[0], base.capacity.quantity[at])
                - base.capacity.quantity[at]
            )
            added = (
                base.growth.get(categories[0], np.zeros(base.size))
                * (p.value / 100.0)
                * (end - start)
            )
            part = np.divide(added, rest, out=np.zeros_like(rest), where=rest > 0)
            return np.asarray(np.clip(np.nan_to_num(part), 0.0, 1.0))
        case rule:
            raise InputError("rule", rule, Text("eine bekannte Regel", "a known rule"))


def renovation_saving(base: Base, after: float) -> Floats:
    """The share of a home's heat that renovation to `after` kWh/m2 saves, by region; 0 where it
    needs no more today."""
    before = np.maximum(heat_demand(base), after)
    return np.asarray(1.0 - np.divide(after, before, out=np.ones_like(before), where=before > 0))


def heat_demand(base: Base) -> Floats:
    """The households' heat per living area, kWh/m2, by region; 0 where the living area is not known
    or below 1 m2."""
    heat = np.zeros(base.size)
    for i, (sector, carrier) in enumerate(base.cells):
        if sector == Sector.HOUSEHOLDS and carrier not in HEATING_POWER:
            heat = heat + base.energy[i]
    area = base.living_area_1000m2
    return np.divide(heat, area, out=np.zeros_like(heat), where=np.nan_to_num(area) > 0.001)
