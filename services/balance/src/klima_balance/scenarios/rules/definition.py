"""What a scenario is made of: the shipped one it starts from, what is left out, changed parameters
and own levers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from klima_balance.method.errors import InputError, after_base, one_of
from klima_balance.scenarios.model import Base, known_categories
from klima_balance.scenarios.rules.lever_table import Parameter, ScenarioTables, overridden, shipped
from klima_balance.scenarios.rules.levers import Lever, LeverError, by_name, check

SHIPPED: Final = ("trend", "climate_protection")
NOTHING: Final = "none"
OWN: Final = "own"


@dataclass(frozen=True)
class Definition:
    """`kind`: trend, climate_protection or none (the base carried on unchanged). An own lever with
    the name of a shipped one takes its place; `without` leaves levers out; `parameters` override
    values of `scenario_parameters.csv`.
    """

    kind: str
    without: tuple[str, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    levers: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        return cls(
            str(values["kind"]),
            tuple(values.get("without", ())),
            dict(values.get("parameters", {})),
            tuple(values.get("levers", ())),
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "without": list(self.without),
            "parameters": dict(self.parameters),
            "levers": [dict(row) for row in self.levers],
        }

    def derived(self, other: "Definition") -> "Definition":
        """The same with the changes of `other` on top; the kind stays."""
        mine = {str(row["lever"]) for row in other.levers}
        kept = [
            row
            for row in self.levers
            if row["lever"] not in mine and row["lever"] not in other.without
        ]
        gone = [name for name in (*self.without, *other.without) if name not in mine]
        return Definition(
            self.kind,
            tuple(dict.fromkeys(gone)),
            {**self.parameters, **other.parameters},
            (*kept, *other.levers),
        )


@dataclass(frozen=True, eq=False)
class Resolved:
    """The levers of a scenario for one base, and every parameter they and the base rest on."""

    levers: tuple[Lever, ...]
    parameters: Mapping[str, Parameter]

    @property
    def used(self) -> list[Parameter]:
        names = dict.fromkeys(name for lever in self.levers for name in lever.parameters)
        return [self.parameters[name] for name in names]


def resolve(definition: Definition, tables: ScenarioTables, base: Base, horizon: int) -> Resolved:
    """The checked levers. Raises `InputError` with the lever, the parameter or the horizon
    named."""
    if horizon <= base.year:
        raise InputError("horizon", horizon, after_base(base.year))
    parameters = overridden(tables.parameters, definition.parameters)
    known = _known(tables, definition)
    for name in definition.without:
        if name not in known:
            raise LeverError(name, "without", name, one_of(sorted(known)))
    mine = {str(row["lever"]) for row in definition.levers}
    levers: list[Lever] = []
    if definition.kind != NOTHING:
        levers = [
            lever
            for lever in shipped(tables, definition.kind, parameters, base, horizon)
            if lever.name not in definition.without and lever.name not in mine
        ]
    levers += [own_lever(row, base.year, horizon) for row in definition.levers]
    check(levers, base.year, horizon, known_categories(base))
    return Resolved(tuple(levers), parameters)


def ranged(
    definition: Definition, tables: ScenarioTables, base: Base, horizon: int
) -> tuple[list[Lever], list[Lever], list[Lever]]:
    """The levers with the leading parameters at their low, stated and high values, for uncertainty;
    not checked."""
    stated = overridden(tables.parameters, definition.parameters)
    leading = set(tables.levers["parameter"])
    found = []
    for which in ("low", "value", "high"):
        at = {
            n: replace(p, value=getattr(p, which)) if n in leading else p for n, p in stated.items()
        }
        mine = {str(row["lever"]) for row in definition.levers}
        rows = (
            []
            if definition.kind == NOTHING
            else shipped(tables, definition.kind, at, base, horizon)
        )
        kept = [r for r in rows if r.name not in definition.without and r.name not in mine]
        found.append(kept + [own_lever(row, base.year, horizon) for row in definition.levers])
    return found[0], found[1], found[2]


def _known(tables: ScenarioTables, definition: Definition) -> set[str]:
    rows = tables.levers[tables.levers["scenario"] == definition.kind]
    return set(rows["lever"]) | {str(row["lever"]) for row in definition.levers}


def own_lever(row: Mapping[str, Any], base_year: int, horizon: int) -> Lever:
    """A lever of a request. What it does not say: from the base year to the horizon, linear, ratio
    1."""
    name = str(row["lever"])
    label = str(row.get("label") or name)
    start = row.get("from_year")
    return Lever(
        name=name,
        kind=str(row["kind"]),
        value=float(row["value"]),
        from_year=base_year if start is None else int(start),
        to_year=horizon if row.get("to_year") is None else int(row["to_year"]),
        sectors=tuple(row.get("sectors") or ()),
        carriers=tuple(row.get("carriers") or ()),
        target=str(row.get("target") or ""),
        categories=tuple(row.get("categories") or ()),
        ratio=1.0 if row.get("ratio") is None else float(row["ratio"]),
        delay=float(row.get("delay") or 0.0),
        shape=str(row.get("shape") or "linear"),
        label_de=label,
        label_en=label,
        source=str(row["source"]),
        certainty=str(row.get("certainty") or "unverified_low"),
        note=str(row.get("note") or ""),
    )


def lever_names(levers: Sequence[Lever]) -> list[str]:
    return list(by_name(levers))
