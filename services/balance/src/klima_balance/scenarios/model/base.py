"""What scenarios and potentials start from: the balance of a base year and the official figures
beside it, as matrices [rows, regions]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from klima_balance.engine.statistics import Statistics
from klima_balance.method.equation import Floats
from klima_balance.scenarios.model.assumptions import LeverKind
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.wire.json import JsonObject


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
    realisable: Mapping[str, Floats] = field(default_factory=dict)
    growth: Mapping[str, Floats] = field(default_factory=dict)


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
    site: Site

    @property
    def size(self) -> int:
        return int(self.energy.shape[1])

    @cached_property
    def position(self) -> dict[tuple[str, str], int]:
        return {name: i for i, name in enumerate(self.cells)}

    @property
    def categories(self) -> dict[str, Sequence[str]]:
        """What a lever of each kind may name: rows of agriculture and the plants, land uses,
        technologies."""
        return {
            LeverKind.DEMAND_CHANGE: (*self.agriculture.names, "process_ets"),
            LeverKind.LAND_USE_CHANGE: self.land_use.names,
            LeverKind.CAPACITY: self.capacity.names,
        }

    def default_factor(self, sector: str, carrier: str) -> float | None:
        """Tonnes of CO2e per MWh of a carrier in a sector that did not have it; None when the
        factor set has none."""
        use = "transport" if sector == Sector.TRANSPORT else "stationary"
        return self.factors.get(f"{use}/{carrier}")

    def sum(
        self, rows: Floats, sectors: Sequence[str], carriers: Sequence[str] | None = None
    ) -> Floats:
        """The rows of the cells of some sectors and carriers, added up in their order, by
        region."""
        total = np.zeros(rows.shape[1:])
        for i, (sector, carrier) in enumerate(self.cells):
            if sector in sectors and (carriers is None or carrier in carriers):
                total = total + rows[i]
        return total

    def has(
        self, sectors: Sequence[str], carriers: Sequence[str] | None = None
    ) -> npt.NDArray[np.bool_]:
        """Which regions' balances have a cell of some sectors and carriers at all: without one
        their use is not known, which is not zero."""
        found = np.zeros(self.size, dtype=np.bool_)
        for i, (sector, carrier) in enumerate(self.cells):
            if sector in sectors and (carriers is None or carrier in carriers):
                here = [grade != "" for grade in self.grades[i]] if self.grades else True
                found |= np.asarray(here, dtype=np.bool_)
        return found

    def with_targets(self, targets: Sequence[tuple[str, str]]) -> "Base":
        """The base with a cell for every sector and carrier that energy may move to; new ones are
        empty."""
        new = [name for name in dict.fromkeys(targets) if name not in self.position]
        if not new:
            return self
        order = sorted([*self.cells, *new], key=cell_rank)
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
        return replace(_columns(self, which), grades=())


def cell_rank(cell: tuple[str, str]) -> tuple[int, int]:
    return Sector(cell[0]).rank, Carrier(cell[1]).rank


_Item = TypeVar("_Item", Base, Site)


def _columns(item: _Item, which: slice | npt.NDArray[np.intp]) -> _Item:
    """The last axis of every array in it is that of the regions."""
    new: JsonObject = {}
    for one in fields(item):
        value = getattr(item, one.name)
        if isinstance(value, np.ndarray):
            new[one.name] = value[..., which]
        elif isinstance(value, Rows):
            new[one.name] = Rows(value.names, value.quantity[:, which], value.emissions[:, which])
        elif isinstance(value, Site):
            new[one.name] = _columns(value, which)
        elif one.name in ("realisable", "growth"):
            new[one.name] = {name: column[which] for name, column in value.items()}
    return replace(item, **new)


@dataclass(frozen=True, eq=False)
class Place:
    """Official figures of the regions, in the order of the base: areas in ha, living area in 1000
    m2; NaN: missing."""

    values: Mapping[str, Floats]
    installed_kw: Mapping[str, Floats]
    generation_mwh: Mapping[str, Floats]
    size: int

    def of(self, name: str) -> Floats:
        return self._column(self.values, name)

    def kw(self, technology: str) -> Floats:
        return self._column(self.installed_kw, technology)

    def _column(self, values: Mapping[str, Floats], name: str) -> Floats:
        column = values.get(name)
        return np.full(self.size, np.nan) if column is None else column

    def hours(self, technology: str) -> Floats:
        """Full-load hours of what is installed, as the balance counts it; 0 where nothing is."""
        kw, mwh = self.kw(technology), self.generation_mwh.get(technology, np.zeros(self.size))
        return np.divide(mwh * 1000.0, kw, out=np.zeros_like(kw), where=np.nan_to_num(kw) > 0)

    @classmethod
    def of_statistics(cls, statistics: Statistics, capacity: Rows) -> "Place":
        """Official figures of all regions of a run, with the power and generation of their
        balances."""
        kw = {t: capacity.quantity[i] for i, t in enumerate(capacity.names)}
        mwh = {t: capacity.emissions[i] for i, t in enumerate(capacity.names)}
        return cls(statistics.values, kw, mwh, statistics.size)


@dataclass(frozen=True, eq=False)
class Potential:
    """One potential of all regions. `emissions`: t CO2e a year that the realisable part changes, or
    None.

    `exceeded`: what is installed beyond the technical potential (the potential is then what is
    installed). `power_kw`: technical, realisable and used, of what has a power.
    """

    name: str
    technical: Floats
    realisable: Floats
    used: Floats
    exceeded: Floats
    emissions: Floats | None = None
    power_kw: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def remaining(self) -> Floats:
        return np.maximum(self.realisable - self.used, 0.0)

    def summed(self) -> "Potential":
        """Of all regions together: a county's potential is what its municipalities have. What is
        known of none of them stays missing."""
        return Potential(
            self.name,
            technical=_total(self.technical),
            realisable=_total(self.realisable),
            used=_total(self.used),
            exceeded=_total(self.exceeded),
            emissions=None if self.emissions is None else _total(self.emissions),
            power_kw={name: _total(kw) for name, kw in self.power_kw.items()},
        )


def _total(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    return np.asarray([known.sum() if known.size else np.nan])
