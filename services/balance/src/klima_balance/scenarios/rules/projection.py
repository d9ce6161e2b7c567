"""Scenarios: the base balance carried forward year by year, by the same equation as every balance.

    energy(y)    = base x product over levers (1 + change(y)), less what shifts away, plus what
    arrives by a shift
    factor(y)    = factor of the base year, on the path of the one lever that has one for the
    carrier
    emissions(y) = energy(y) x factor(y)

All shifts take from the energy after the demand changes, all at once: the order of the levers is
irrelevant. In the strengths of the levers (0 off, 1 on) every figure is a polynomial of degree 1 in
each of them, which is what makes the contributions of `contributions.py` exact. The first year is
the balance itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from klima_balance.method.equation import Floats, emissions
from klima_balance.scenarios.model.assumptions import Lever, LeverKind
from klima_balance.scenarios.model.base import Base
from klima_balance.scenarios.rules.levers import adding_up, by_name, ramp
from klima_shared.codes.energy import Carrier

_ONE: Final = np.ones(1)


@dataclass(frozen=True, eq=False)
class Projection:
    """Every year of a scenario: [rows, years, regions] for the cells, [years, regions] for the
    totals.

    `process_ets` and what no lever touches stays as it was. `generation`: MWh of local renewables.
    """

    base: Base
    years: npt.NDArray[np.int64]
    energy: Floats
    emissions: Floats
    agriculture: Floats
    land_use: Floats
    process_ets: Floats
    generation: Floats
    electricity_use: Floats

    def cells_of(self, sector: str | None = None, carrier: str | None = None) -> list[int]:
        return [
            i
            for i, (s, c) in enumerate(self.base.cells)
            if sector in (None, s) and carrier in (None, c)
        ]

    def sum(self, values: Floats, which: Sequence[int] | None = None) -> Floats:
        """Cells added up in their order, one after the other: the way the balance adds them, to the
        last bit."""
        total = np.zeros(values.shape[1:])
        for i in range(len(self.base.cells)) if which is None else which:
            total = total + values[i]
        return total

    @cached_property
    def final_energy(self) -> Floats:
        """MWh; of the base year the total of the balance itself (a county's is the sum of its
        members, not of cells)."""
        total = self.sum(self.energy)
        total[0] = self.base.final_energy_total
        return total

    @cached_property
    def bisko(self) -> Floats:
        """Tonnes of CO2e of the BISKO block, in the base year the total of the balance itself."""
        total = self.sum(self.emissions)
        total[0] = self.base.bisko_total
        return total


def project(
    base: Base,
    levers: Sequence[Lever],
    horizon: int,
    *,
    strengths: Floats | None = None,
    years: Sequence[int] = (),
) -> Projection:
    """Carry the base forward with levers that `levers.check` has passed.

    `years`: some of the years (default: every year to the horizon; the base year is always the
    first). `strengths`: how far each lever is on, [names of levers, regions], for contributions and
    uncertainty; fully by default.
    """
    wanted = np.asarray(
        sorted({base.year, *(years or range(base.year, horizon + 1))}), dtype=np.int64
    )
    base = base.with_targets([(s, row.target) for row in levers for s, _ in _sources(base, row)])
    on = {
        name: _ONE if strengths is None else strengths[i] for i, name in enumerate(by_name(levers))
    }
    run = _Run(base, levers, on, wanted)
    energy = run.shifted(run.demanded())
    emitted = emissions(energy, run.factors())
    # The first year is the balance, to the last bit.
    energy[:, 0], emitted[:, 0] = base.energy, base.emissions
    return Projection(
        base,
        wanted,
        energy,
        emitted,
        agriculture=base.agriculture_total + run.block_change(),
        land_use=base.land_use_total + run.land_use_change(),
        process_ets=base.process_ets * run.multiplier("process_ets"),
        generation=base.generation + run.new_generation(),
        electricity_use=base.electricity_use + (_power(base, energy) - _power(base, energy[:, :1])),
    )


def _sources(base: Base, row: Lever) -> list[tuple[str, str]]:
    if row.kind != LeverKind.CARRIER_SHIFT:
        return []
    return [cell for cell in base.cells if row.matches(*cell)]


@dataclass(frozen=True, eq=False)
class _Run:
    """One projection: the base, the levers, how far each of them is on, and the years."""

    base: Base
    levers: Sequence[Lever]
    on: dict[str, Floats]
    years: npt.NDArray[np.int64]

    def of_kind(self, kind: LeverKind) -> list[Lever]:
        return [row for row in self.levers if row.kind == kind]

    def ramp(self, row: Lever, start: int | None = None) -> Floats:
        years = self.years.astype(np.float64)
        return ramp(years, row.from_year if start is None else start, row.to_year, row.shape)

    def path(self, row: Lever) -> Floats:
        """Strength x value x ramp: [years, regions], or [years, 1] when all regions are alike."""
        return np.asarray(self.ramp(row)[:, None] * (np.asarray(row.value) * self.on[row.name]))

    def none(self) -> Floats:
        return np.zeros((len(self.years), self.base.size))

    def demanded(self) -> Floats:
        """Energy after all demand changes: rows of one lever add up, levers multiply."""
        energy = np.repeat(self.base.energy[:, None, :], len(self.years), axis=1)
        for rows in adding_up(self.of_kind(LeverKind.DEMAND_CHANGE)):
            paths = [(row, self.path(row)) for row in rows]
            for i, cell in enumerate(self.base.cells):
                changes = [path for row, path in paths if row.matches(*cell)]
                if changes:
                    energy[i] *= 1.0 + sum(changes)
        return energy

    def shifted(self, energy: Floats) -> Floats:
        """Energy after all shifts, which take from one and the same state."""
        position, moved = self.base.position, np.zeros_like(energy)
        for row in self.levers:
            for sector, carrier in _sources(self.base, row):
                i = position[sector, carrier]
                amount = energy[i] * self.path(row)
                moved[i] -= amount
                moved[position[sector, row.target]] += amount * row.ratio
        # What is left of a carrier that leaves altogether is zero, not a rounding error below it.
        return np.asarray(
            np.where((moved < 0) & (energy + moved < 1e-12 * energy), 0.0, energy + moved)
        )

    def factors(self) -> Floats:
        """Tonnes of CO2e per MWh of every cell and year: [cells, years, regions]."""
        base, start = self.base, _first_factors(self.base)
        factor = np.repeat(start[:, None, :], len(self.years), axis=1)
        paths: dict[tuple[str, str], list[Lever]] = {}
        for row in self.of_kind(LeverKind.FACTOR_PATH):
            for carrier in row.carriers:
                paths.setdefault((carrier, row.name), []).append(row)
        for (carrier, name), rows in paths.items():
            divisor = base.power_ratio if carrier == Carrier.AMBIENT_HEAT else 1.0
            weight, value = self.points(sorted(rows, key=lambda row: row.to_year), divisor)
            for i, cell in enumerate(base.cells):
                if cell[1] == carrier:
                    change = weight[:, None] * start[i] + value[:, None] - start[i]
                    factor[i] += self.on[name] * change
        return factor

    def points(self, rows: Sequence[Lever], divisor: float) -> tuple[Floats, Floats]:
        """Path through the points as weight x first factor + value (t CO2e/MWh), per year; after
        the last point constant."""
        weight, value = np.ones(len(self.years)), np.zeros(len(self.years))
        before, last = self.base.year, 0.0
        for n, row in enumerate(rows):
            point = np.asarray(row.value, dtype=np.float64).item() / 1000.0 / divisor
            start = max(before, row.from_year)
            way = self.ramp(row, start) if row.to_year > start else _ONE
            inside = self.years > start
            weight = np.where(inside, (1.0 - way) if n == 0 else 0.0, weight)
            value = np.where(inside, last * (1.0 - way) + point * way, value)
            before, last = row.to_year, point
        return weight, value

    def multiplier(self, category: str) -> Floats:
        factor = np.ones((len(self.years), 1))
        rows = self.of_kind(LeverKind.DEMAND_CHANGE)
        for group in adding_up([row for row in rows if category in row.categories]):
            factor = factor * (1.0 + sum(self.path(row) for row in group))
        return factor

    def block_change(self) -> Floats:
        """Tonnes of CO2e of agriculture that the demand levers change."""
        change, block = self.none(), self.base.agriculture
        touched = {c for row in self.of_kind(LeverKind.DEMAND_CHANGE) for c in row.categories}
        for i, category in enumerate(block.names):
            if category in touched:
                change = change + block.emissions[i] * (self.multiplier(category) - 1.0)
        return change

    def land_use_change(self) -> Floats:
        """Hectares that changed x (new factor - old factor); after a change the effect grows over
        `delay` years."""
        change, block = self.none(), self.base.land_use
        for row in self.of_kind(LeverKind.LAND_USE_CHANGE):
            effect = self.delayed(row)
            for i, category in enumerate(block.names):
                if category in row.categories:
                    gain = block.quantity[i] * row.ratio - block.emissions[i]
                    share = np.asarray(row.value) * self.on[row.name]
                    change = change + effect[:, None] * (share * gain)
        return change

    def delayed(self, row: Lever) -> Floats:
        """The ramp of the hectares, each year's part of it rising to its full effect over `delay`
        years."""
        if row.delay <= 0:
            return self.ramp(row)
        last = max(int(self.years[-1]), row.from_year)
        every = np.arange(row.from_year, last + 1, dtype=np.float64)
        yearly = np.diff(ramp(every, row.from_year, row.to_year, row.shape), prepend=0.0)
        age = np.clip((self.years[:, None] - every[None, :]) / row.delay, 0.0, 1.0)
        return np.asarray(age @ yearly)

    def new_generation(self) -> Floats:
        """MWh of what is built beyond the base year: share of the realisable rest x full-load hours
        (`ratio`)."""
        more, capacity = self.none(), self.base.capacity
        for row in self.of_kind(LeverKind.CAPACITY):
            for technology in row.categories:
                installed = capacity.quantity[capacity.names.index(technology)]
                rest = np.maximum(
                    self.base.site.realisable.get(technology, installed) - installed, 0
                )
                more = more + self.path(row) * rest * row.ratio / 1000.0
        return more


def _first_factors(base: Base) -> Floats:
    """Tonnes of CO2e per MWh of every cell in the base year: [cells, regions]."""
    start = np.divide(
        base.emissions, base.energy, out=np.zeros_like(base.energy), where=base.energy != 0
    )
    for i, (sector, carrier) in enumerate(base.cells):
        default = base.default_factor(sector, carrier)
        if default is not None:
            # Without the split of heat pumps their emissions stand with electricity; heat that is
            # added needs a factor.
            lacking = (base.energy[i] == 0) | (
                (carrier == Carrier.AMBIENT_HEAT) & (base.emissions[i] == 0)
            )
            start[i] = np.where(lacking, default, start[i])
    return start


def _power(base: Base, energy: Floats) -> Floats:
    """Electricity of the cells and the drive power of heat pumps, MWh: [years, regions]."""
    total = np.zeros(energy.shape[1:])
    for i, (_, carrier) in enumerate(base.cells):
        if Carrier(carrier).electric:
            total = total + energy[i]
        elif carrier == Carrier.AMBIENT_HEAT:
            total = total + energy[i] / base.power_ratio
    return total
