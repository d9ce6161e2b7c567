"""What a scenario starts from: the balance of a year, for one region or all of Germany, as matrices
[rows, regions]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from klima_balance.method.equation import Floats
from klima_balance.method.factors import carrier_factor
from klima_balance.method.model import Method
from klima_shared.codes.lists import Carrier, Sector

TECHNOLOGIES: Final = ("photovoltaics", "wind", "biomass", "hydro")


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a block beside BISKO: `quantity` (hectares, heads, kW) and `emissions` in t CO2e,
    [rows, regions]."""

    names: tuple[str, ...]
    quantity: Floats
    emissions: Floats


@dataclass(frozen=True, eq=False)
class Site:
    """What official figures add to the balance, in the order of its regions.

    `realisable`: kW that can be reached, `growth`: kW added a year as observed, by technology; NaN
    where not known.
    """

    living_area_1000m2: Floats
    realisable: Mapping[str, Floats]
    growth: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class Base:
    """The base year. Totals are those of the balance. `factors`: t CO2e/MWh of what a cell may get
    without having had it.

    `electricity_use`: MWh, drive power of heat pumps included. `capacity`: kW and MWh by
    technology.
    """

    year: int
    regions: npt.NDArray[np.str_]
    population: Floats
    cells: tuple[tuple[str, str], ...]
    energy: Floats
    emissions: Floats
    grades: tuple[tuple[str, ...], ...]
    final_energy_total: Floats
    bisko_total: Floats
    agriculture: Rows
    agriculture_total: Floats
    land_use: Rows
    land_use_total: Floats
    process_ets: Floats
    electricity_use: Floats
    generation: Floats
    capacity: Rows
    factors: Mapping[str, float]
    power_ratio: float
    living_area_1000m2: Floats
    realisable: Mapping[str, Floats]
    growth: Mapping[str, Floats]

    @property
    def size(self) -> int:
        return int(self.energy.shape[1])

    @cached_property
    def position(self) -> dict[tuple[str, str], int]:
        return {name: i for i, name in enumerate(self.cells)}

    def with_targets(self, targets: Sequence[tuple[str, str]]) -> "Base":
        """The base with a cell for every sector and carrier that energy may move to; new ones are
        empty."""
        new = [name for name in dict.fromkeys(targets) if name not in self.position]
        if not new:
            return self
        order = sorted(
            [*self.cells, *new], key=lambda name: (Sector(name[0]).rank, Carrier(name[1]).rank)
        )
        take = [self.position.get(name, -1) for name in order]
        padded = [
            np.vstack([m, np.zeros((1, self.size))])[take] for m in (self.energy, self.emissions)
        ]
        none = ("",) * self.size
        grades = tuple(none if i < 0 else self.grades[i] for i in take) if self.grades else ()
        return replace(
            self, cells=tuple(order), energy=padded[0], emissions=padded[1], grades=grades
        )

    def columns(self, which: slice | npt.NDArray[np.intp]) -> "Base":
        """Some of the regions, or one of them many times over (for uncertainty and
        contributions)."""
        return replace(
            self,
            regions=self.regions[which],
            population=self.population[which],
            energy=self.energy[:, which],
            emissions=self.emissions[:, which],
            grades=(),
            final_energy_total=self.final_energy_total[which],
            bisko_total=self.bisko_total[which],
            agriculture=_columns(self.agriculture, which),
            agriculture_total=self.agriculture_total[which],
            land_use=_columns(self.land_use, which),
            land_use_total=self.land_use_total[which],
            process_ets=self.process_ets[which],
            electricity_use=self.electricity_use[which],
            generation=self.generation[which],
            capacity=_columns(self.capacity, which),
            living_area_1000m2=self.living_area_1000m2[which],
            realisable={name: values[which] for name, values in self.realisable.items()},
            growth={name: values[which] for name, values in self.growth.items()},
        )


def _columns(rows: Rows, which: slice | npt.NDArray[np.intp]) -> Rows:
    return Rows(rows.names, rows.quantity[:, which], rows.emissions[:, which])


def known_categories(base: Base) -> dict[str, Sequence[str]]:
    """What a lever of each kind may name: rows of agriculture and the plants, land uses,
    technologies."""
    return {
        "demand_change": (*base.agriculture.names, "process_ets"),
        "land_use_change": base.land_use.names,
        "capacity": base.capacity.names,
    }


@lru_cache(maxsize=64)
def default_factors(method: Method, factor_set: str, year: int) -> dict[str, float]:
    """`transport/electricity` or `stationary/biomass` -> t CO2e/MWh by the rules of the balance
    itself."""
    found: dict[str, float] = {}
    categories = set(method.factors.loc[method.factors["set"] == factor_set, "category"])
    for rule in method.carrier_factors.to_dict("records"):
        if not set(str(rule["categories"]).split(";")) <= categories:
            continue
        carrier, use = str(rule["carrier"]), str(rule["use"])
        for one in ("stationary", "transport") if use == "any" else (use,):
            found[f"{one}/{carrier}"] = carrier_factor(
                method, factor_set, carrier, one, year
            ).t_per_unit
    return found


def default_factor(base: Base, sector: str, carrier: str) -> float | None:
    """Tonnes of CO2e per MWh of a carrier in a sector that did not have it; None when the factor
    set has none."""
    return base.factors.get(
        f"{'transport' if sector == Sector.TRANSPORT else 'stationary'}/{carrier}"
    )
