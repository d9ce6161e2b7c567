"""From what a scenario is made of to its levers for one base."""

from dataclasses import dataclass, replace

from klima_balance.method.expected import after_base, one_of
from klima_balance.scenarios.model.assumptions import Definition, Lever, Parameter, ScenarioTables
from klima_balance.scenarios.model.base import Base
from klima_balance.scenarios.rules.levers import LeverError, check
from klima_balance.scenarios.rules.shipped_levers import Parameters, overridden, shipped
from klima_shared.codes.quality import Certainty
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label
from klima_shared.wire.json import JsonObject


@dataclass(frozen=True, eq=False)
class Resolved:
    """The levers of a scenario for one base, and every parameter they and the base rest on."""

    levers: tuple[Lever, ...]
    parameters: Parameters

    @property
    def used(self) -> list[Parameter]:
        names = dict.fromkeys(name for lever in self.levers for name in lever.parameters)
        return [self.parameters[name] for name in names]


def resolve(definition: Definition, tables: ScenarioTables, base: Base, horizon: int) -> Resolved:
    """The checked levers. Raises `InputError` with the lever, the parameter or the horizon
    named."""
    if horizon <= base.year:
        raise InputError.at("horizon", horizon, after_base(base.year))
    parameters = overridden(tables.parameters, definition.parameters)
    known = {row["lever"] for row in tables.levers if row["scenario"] == definition.kind}
    known |= definition.own_names
    for name in definition.without:
        if name not in known:
            raise LeverError(name, "without", name, one_of(sorted(known)))
    levers = _levers(definition, tables, parameters, base, horizon)
    check(levers, base.year, horizon, base.categories)
    return Resolved(tuple(levers), parameters)


def ranged(
    definition: Definition, tables: ScenarioTables, base: Base, horizon: int
) -> tuple[list[Lever], list[Lever], list[Lever]]:
    """The levers with the leading parameters at their low, stated and high values, for uncertainty;
    not checked."""
    stated = overridden(tables.parameters, definition.parameters)
    leading = {row["parameter"] for row in tables.levers}

    def levers_at(value: str) -> list[Lever]:
        parameters = {
            n: replace(p, value=getattr(p, value)) if n in leading else p for n, p in stated.items()
        }
        return _levers(definition, tables, parameters, base, horizon)

    return levers_at("low"), levers_at("value"), levers_at("high")


def _levers(
    definition: Definition, tables: ScenarioTables, parameters: Parameters, base: Base, horizon: int
) -> list[Lever]:
    """The shipped levers that are neither left out nor replaced, and the own ones."""
    gone = {*definition.without, *definition.own_names}
    rows = shipped(tables, definition.kind, parameters, base, horizon)
    own = [own_lever(row, base.year, horizon) for row in definition.levers]
    return [lever for lever in rows if lever.name not in gone] + own


def own_lever(row: JsonObject, base_year: int, horizon: int) -> Lever:
    """A lever of a request. What it does not say: from the base year to the horizon, linear, ratio
    1."""
    name = str(row["lever"])
    label = str(row.get("label") or name)
    years = (row.get("from_year"), row.get("to_year"))
    return Lever(
        name=name,
        kind=str(row["kind"]),
        value=float(row["value"]),
        from_year=base_year if years[0] is None else int(years[0]),
        to_year=horizon if years[1] is None else int(years[1]),
        sectors=tuple(row.get("sectors") or ()),
        carriers=tuple(row.get("carriers") or ()),
        target=str(row.get("target") or ""),
        categories=tuple(row.get("categories") or ()),
        ratio=1.0 if row.get("ratio") is None else float(row["ratio"]),
        delay=float(row.get("delay") or 0.0),
        shape=str(row.get("shape") or "linear"),
        label=Label(label, label),
        source=str(row["source"]),
        certainty=str(row.get("certainty") or Certainty.UNVERIFIED_LOW),
        note=str(row.get("note") or ""),
    )
