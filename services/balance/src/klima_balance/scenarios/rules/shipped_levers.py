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

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from klima_balance.method.equation import Floats
from klima_balance.method.expected import FINITE, at_least, more_than, one_of
from klima_balance.scenarios.model.assumptions import (
    Lever,
    LeverKind,
    LeverRow,
    Parameter,
    ScenarioTables,
)
from klima_balance.scenarios.model.base import Base
from klima_balance.scenarios.rules.levers import LeverError
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quality import Certainty
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label

Parameters = Mapping[str, Parameter]


def overridden(parameters: Parameters, values: Mapping[str, float]) -> dict[str, Parameter]:
    """Parameters with the values of one run. Raises `InputError` for an unknown name or a value
    that can't be."""
    changed = dict(parameters)
    for name, value in values.items():
        place = f"parameters.{name}"
        if name not in changed:
            raise InputError.at(place, name, one_of(sorted(changed)))
        if not np.isfinite(value):
            raise InputError.at(place, value, FINITE)
        unit = changed[name].unit
        if unit == "%" and not -100 <= value <= 1000:
            percentage = Label(
                "ein Prozentwert von -100 bis 1000", "a percentage from -100 to 1000"
            )
            raise InputError.at(place, value, percentage)
        if unit not in ("%", "t CO2e/ha") and value < 0:
            raise InputError.at(place, value, at_least(f"0 {unit}"))
        if unit in ("ha/MW", "a") and value <= 0:
            raise InputError.at(place, value, more_than(f"0 {unit}"))
        changed[name] = replace(
            changed[name],
            value=float(value),
            low=float(value),
            high=float(value),
            overridden=True,
            certainty=Certainty.UNVERIFIED_LOW.value,
            source="Angabe für diesen Lauf",
        )
    return changed


def shipped(
    tables: ScenarioTables, kind: str, parameters: Parameters, base: Base, horizon: int
) -> list[Lever]:
    """The levers of `trend` or `climate_protection` for a base, none for another kind. Raises
    `LeverError` when a parameter makes one impossible."""
    rows = (row for row in tables.levers if row["scenario"] == kind)
    levers = (_lever(row, parameters, base, horizon) for row in rows)
    return [lever for lever in levers if lever is not None]


class _Term(NamedTuple):
    """The years of a row of the table, and what it acts on."""

    start: int
    end: int
    categories: tuple[str, ...]

    @property
    def years(self) -> int:
        return self.end - self.start


def _lever(row: LeverRow, parameters: Parameters, base: Base, horizon: int) -> Lever | None:
    start = max(int(row["from_year"] or base.year), base.year)
    end = int(row["to_year"] or horizon)
    if end <= start:
        return None  # a leg of a path that lies before the base year
    kind, categories = row["kind"], _split(row["categories"])
    if kind in (LeverKind.LAND_USE_CHANGE, LeverKind.CAPACITY) and not set(categories) <= set(
        base.categories[kind]
    ):
        return None  # no such land and no such plants here
    used = [parameters[row[c]] for c in ("parameter", "weight", "ratio", "delay") if row[c]]
    ratio = row["ratio"] if row["rule"] != "renovation" else ""
    return Lever(
        name=row["lever"],
        kind=kind,
        value=_value(row, parameters, base, _Term(start, end, categories)),
        from_year=start,
        to_year=min(end, horizon),
        sectors=_split(row["sectors"]),
        carriers=_split(row["carriers"]),
        target=row["target"],
        categories=categories,
        ratio=parameters[ratio].value if ratio else 1.0,
        delay=parameters[row["delay"]].value if row["delay"] else 0.0,
        shape=row["shape"],
        label=Label(row["label_de"], row["label_en"]),
        parameters=tuple(p.name for p in used),
        source="; ".join(dict.fromkeys(p.source for p in used)),
        certainty=max((p.certainty for p in used), key=lambda c: Certainty(c).rank),
        note=row["note"],
    )


def _split(names: str) -> tuple[str, ...]:
    return tuple(name for name in names.split(";") if name)


def _value(row: LeverRow, parameters: Parameters, base: Base, term: _Term) -> float | Floats:
    p = parameters[row["parameter"]]
    weight = parameters[row["weight"]].value / 100.0 if row["weight"] else 1.0
    match row["rule"]:
        case "share" | "change":
            return p.value / 100.0 * weight
        case "further_share":
            further = p.value / 100.0 - weight
            if further < 0:
                least = at_least(f"{row['weight']} ({weight * 100:g} %)")
                raise LeverError(row["lever"], p.name, p.value, least)
            return further
        case "saving_per_year":
            if p.value > 100:
                most = Label("höchstens 100 % im Jahr", "at most 100 % a year")
                raise LeverError(row["lever"], p.name, p.value, most)
            return float((1.0 - p.value / 100.0) ** term.years - 1.0)
        case "renovation":
            saving = renovation_saving(base, parameters[row["ratio"]].value)
            return np.asarray(-min(p.value / 100.0 * term.years, 1.0) * saving)
        case "factor":
            return p.value
        case "observed_growth":
            return _growth(base, term, p.value / 100.0)
        case rule:
            raise InputError.at("rule", rule, Label("eine bekannte Regel", "a known rule"))


def _growth(base: Base, term: _Term, share: float) -> Floats:
    """A share of the growth that was observed, as a part of what can still be realised."""
    technology = term.categories[0]
    installed = base.capacity.quantity[base.capacity.names.index(technology)]
    rest = base.site.realisable.get(technology, installed) - installed
    added = base.site.growth.get(technology, np.zeros(base.size)) * share * term.years
    part = np.divide(added, rest, out=np.zeros_like(rest), where=rest > 0)
    return np.asarray(np.clip(np.nan_to_num(part), 0.0, 1.0))


def renovation_saving(base: Base, after: float) -> Floats:
    """The share of a home's heat that renovation to `after` kWh/m2 saves, by region; 0 where it
    needs no more today."""
    before = np.maximum(heat_demand(base), after)
    return np.asarray(1.0 - np.divide(after, before, out=np.ones_like(before), where=before > 0))


def heat_demand(base: Base) -> Floats:
    """The households' heat per living area, kWh/m2, by region; 0 where the living area is not known
    or below 1 m2."""
    carriers = [c for c in Carrier if c != Carrier.ELECTRICITY]
    heat = base.sum(base.energy, (Sector.HOUSEHOLDS,), carriers)
    area = base.site.living_area_1000m2
    return np.divide(heat, area, out=np.zeros_like(heat), where=np.nan_to_num(area) > 0.001)
