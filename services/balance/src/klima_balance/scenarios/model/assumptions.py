"""What a scenario assumes: its levers, the definition they follow from, and the parameters behind
them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Final, Self

from klima_balance.method.equation import Floats
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import JsonObject

LeverRow = Mapping[str, str]  # a row of `levers.csv`, as it stands there
HORIZON: Final = 2045
NO_LABEL: Final = Label("", "")


class LeverKind(StrEnum):
    """What a lever changes; see `rules.levers`."""

    DEMAND_CHANGE = "demand_change"
    CARRIER_SHIFT = "carrier_shift"
    FACTOR_PATH = "factor_path"
    LAND_USE_CHANGE = "land_use_change"
    CAPACITY = "capacity"


@dataclass(frozen=True, eq=False)
class Lever:
    """One row of a lever. `value` is a number, or one per region where the region decides it
    (renovation, growth).

    Empty `sectors` or `carriers` stand for all. `ratio`: MWh arriving per MWh leaving
    (carrier_shift), or t CO2e per hectare (land_use_change). `parameters` names what the value was
    made from; `source` and `certainty` are said with every figure that rests on it. `group`: of two
    versions of one lever that are compared; their rows add up like those of one.
    """

    name: str
    kind: str
    value: float | Floats
    from_year: int
    to_year: int
    sectors: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    target: str = ""
    categories: tuple[str, ...] = ()
    ratio: float = 1.0
    delay: float = 0.0
    shape: str = "linear"
    group: str = ""
    label: Text = NO_LABEL
    parameters: tuple[str, ...] = ()
    source: str = ""
    certainty: str = ""
    note: str = ""

    @property
    def adds_with(self) -> str:
        return self.group or self.name

    def matches(self, sector: str, carrier: str) -> bool:
        """Whether an energy cell is one of those this row acts on."""
        return (
            not self.categories
            and (not self.sectors or sector in self.sectors)
            and (not self.carriers or carrier in self.carriers)
        )


class ScenarioKind(StrEnum):
    """Where a scenario starts: one of the two shipped ones, or nothing; `own` is a stored one."""

    TREND = "trend"
    CLIMATE_PROTECTION = "climate_protection"
    NONE = "none"
    OWN = "own"


SHIPPED: Final = (ScenarioKind.TREND.value, ScenarioKind.CLIMATE_PROTECTION.value)


@dataclass(frozen=True)
class Definition:
    """What a scenario is made of. `kind`: trend, climate_protection or none (the base carried on
    unchanged). An own lever with the name of a shipped one takes its place; `without` leaves levers
    out; `parameters` override values of `scenario_parameters.csv`.
    """

    kind: str
    without: tuple[str, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    levers: tuple[JsonObject, ...] = ()

    @classmethod
    def from_json(cls, values: JsonObject) -> Self:
        return cls(
            str(values["kind"]),
            tuple(values.get("without") or ()),
            dict(values.get("parameters") or {}),
            tuple(values.get("levers") or ()),
        )

    def to_json(self) -> JsonObject:
        return {**asdict(self), "without": list(self.without), "levers": list(self.levers)}

    @property
    def own_names(self) -> set[str]:
        return {str(row["lever"]) for row in self.levers}

    def derived(self, other: "Definition") -> "Definition":
        """The same with the changes of `other` on top; the kind stays."""
        replaced = other.own_names
        kept = [
            row
            for row in self.levers
            if row["lever"] not in replaced and row["lever"] not in other.without
        ]
        gone = [name for name in (*self.without, *other.without) if name not in replaced]
        return Definition(
            self.kind,
            tuple(dict.fromkeys(gone)),
            {**self.parameters, **other.parameters},
            (*kept, *other.levers),
        )


@dataclass(frozen=True)
class Parameter:
    """One assumption: `value` in `unit`, its range, where it comes from and how far it can be
    trusted."""

    name: str
    label: Text
    value: float
    low: float
    high: float
    unit: str
    source: str
    certainty: str
    note: str = ""
    overridden: bool = False

    def to_json(self, lang: Lang = "de") -> JsonObject:
        row = asdict(self)
        return {"parameter": row.pop("name"), **row, "label": self.label.get(lang)}


@dataclass(frozen=True)
class PotentialRow:
    """What a potential is called, and what it is made from. `formula` may name parameters in
    braces."""

    group: str
    sector: str
    label: Text
    unit: str
    formula: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Spread:
    """Standard deviation of the logarithm of an error, and where it comes from."""

    item: str
    of: str
    sigma: float
    correlated: bool
    source: str
    certainty: str
    note: str


@dataclass(frozen=True)
class Target:
    """A figure that target paths are drawn with: national reduction, federal law, budgets."""

    kind: str
    name: str
    year: int | None
    value: float
    unit: str
    source: str
    certainty: str
    note: str

    @property
    def in_year(self) -> int:
        if self.year is None:
            raise ValueError(f"{self.kind} {self.name} has no year")
        return self.year


@dataclass(frozen=True, eq=False)
class ScenarioTables:
    """The tables of scenarios as they are shipped; `digest` covers all bytes a figure depends on.
    They never touch a balance."""

    edition: str
    digest: str
    parameters: Mapping[str, Parameter]
    levers: tuple[LeverRow, ...]
    spreads: Mapping[tuple[str, str], Spread]
    targets: tuple[Target, ...]
    potentials: Mapping[str, PotentialRow]
