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
from klima_balance.scenarios.model import Base, default_factor
from klima_balance.scenarios.rules.levers import Lever, by_name, ramp, together
from klima_shared.codes.lists import Carrier

POWER: Final = (Carrier.ELECTRICITY.value, Carrier.HEATING_ELECTRICITY.value)


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
    energy = _shifted(base, _demanded(base, levers, on, wanted), levers, on, wanted)
    factor = _factors(base, levers, on, wanted)
    emitted = emissions(energy, factor)
    energy[:, 0], emitted[:, 0] = (
        base.energy,
        base.emissions,
    )  # the first year is the balance, to the last bit
    agriculture = base.agriculture_total + _block_change(base, levers, on, wanted)
    land_use = base.land_use_total + _land_use_change(base, levers, on, wanted)
    process = base.process_ets * _multiplier(levers, on, wanted, "process_ets")
    use = base.electricity_use + (_power(base, energy) - _power(base, energy[:, :1]))
    generation = base.generation + _generation(base, levers, on, wanted)
    return Projection(
        base, wanted, energy, emitted, agriculture, land_use, process, generation, use
    )


_ONE: Final = np.ones(1)


def _path(row: Lever, strength: Floats, years: npt.NDArray[np.int64]) -> Floats:
    """Strength x value x ramp: [years, regions], or [years, 1] when all regions are alike."""
    way = ramp(years.astype(np.float64), row.from_year, row.to_year, row.shape)
    return np.asarray(way[:, None] * (np.asarray(row.value) * strength))


def _sources(base: Base, row: Lever) -> list[tuple[str, str]]:
    return [name for name in base.cells if row.kind == "carrier_shift" and row.matches(*name)]


def _demanded(
    base: Base, levers: Sequence[Lever], on: dict[str, Floats], years: npt.NDArray[np.int64]
) -> Floats:
    """Energy after all demand changes: rows of one lever add up, levers multiply."""
    energy = np.repeat(base.energy[:, None, :], len(years), axis=1)
    for rows in together([row for row in levers if row.kind == "demand_change"]):
        paths = [(row, _path(row, on[row.name], years)) for row in rows]
        for i, cell in enumerate(base.cells):
            changes = [path for row, path in paths if row.matches(*cell)]
            if changes:
                energy[i] *= 1.0 + sum(changes)
    return energy


def _shifted(
    base: Base,
    energy: Floats,
    levers: Sequence[Lever],
    on: dict[str, Floats],
    years: npt.NDArray[np.int64],
) -> Floats:
    """Energy after all shifts, which take from one and the same state."""
    position, moved = base.position, np.zeros_like(energy)
    for row in levers:
        for sector, carrier in _sources(base, row):
            i = position[sector, carrier]
            amount = energy[i] * _path(row, on[row.name], years)
            moved[i] -= amount
            moved[position[sector, row.target]] += amount * row.ratio
    # What is left of a carrier that leaves altogether is zero, not a rounding error below it.
    return np.asarray(
        np.where((moved < 0) & (energy + moved < 1e-12 * energy), 0.0, energy + moved)
    )


def _factors(
    base: Base, levers: Sequence[Lever], on: dict[str, Floats], years: npt.NDArray[np.int64]
) -> Floats:
    """Tonnes of CO2e per MWh of every cell and year: [cells, years, regions]."""
    start = np.divide(
        base.emissions, base.energy, out=np.zeros_like(base.energy), where=base.energy != 0
    )
    for i, (sector, carrier) in enumerate(base.cells):
        default = default_factor(base, sector, carrier)
        if default is not None:
            # Without the split of heat pumps their emissions stand with electricity; heat that is
            # added needs a factor.
            lacking = (base.energy[i] == 0) | (
                (carrier == Carrier.AMBIENT_HEAT) & (base.emissions[i] == 0)
            )
            start[i] = np.where(lacking, default, start[i])
    factor = np.repeat(start[:, None, :], len(years), axis=1)
    paths: dict[tuple[str, str], list[Lever]] = {}
    for row in levers:
        for carrier in row.carriers if row.kind == "factor_path" else ():
            paths.setdefault((carrier, row.name), []).append(row)
    for (carrier, name), rows in paths.items():
        rows.sort(key=lambda row: row.to_year)
        divisor = base.power_ratio if carrier == Carrier.AMBIENT_HEAT else 1.0
        weight, value = _points(rows, base.year, years, divisor)
        for i, cell in enumerate(base.cells):
            if cell[1] == carrier:
                factor[i] += on[name] * (weight[:, None] * start[i] + value[:, None] - start[i])
    return factor


def _points(
    rows: Sequence[Lever], base_year: int, years: npt.NDArray[np.int64], divisor: float
) -> tuple[Floats, Floats]:
    """Path through the points as weight x first factor + value (t CO2e/MWh), per year; after the
    last point constant."""
    weight, value = np.ones(len(years)), np.zeros(len(years))
    before, known = base_year, 0.0
    first = True
    for row in rows:
        point = np.asarray(row.value, dtype=np.float64).item() / 1000.0 / divisor
        start = max(before, row.from_year)
        way = (
            ramp(years.astype(np.float64), start, row.to_year, row.shape)
            if row.to_year > start
            else _ONE
        )
        inside = years > start
        weight = np.where(inside, (1.0 - way) if first else 0.0, weight)
        value = np.where(inside, (0.0 if first else known) * (1.0 - way) + point * way, value)
        before, known, first = row.to_year, point, False
    return weight, value


def _multiplier(
    levers: Sequence[Lever], on: dict[str, Floats], years: npt.NDArray[np.int64], category: str
) -> Floats:
    found = np.ones((len(years), 1))
    for rows in together(
        [row for row in levers if row.kind == "demand_change" and category in row.categories]
    ):
        found = found * (1.0 + sum(_path(row, on[row.name], years) for row in rows))
    return found


def _block_change(
    base: Base, levers: Sequence[Lever], on: dict[str, Floats], years: npt.NDArray[np.int64]
) -> Floats:
    change = np.zeros((len(years), base.size))
    touched = {
        category for row in levers if row.kind == "demand_change" for category in row.categories
    }
    for i, category in enumerate(base.agriculture.names):
        if category in touched:
            change = change + base.agriculture.emissions[i] * (
                _multiplier(levers, on, years, category) - 1.0
            )
    return change


def _land_use_change(
    base: Base, levers: Sequence[Lever], on: dict[str, Floats], years: npt.NDArray[np.int64]
) -> Floats:
    """Hectares that changed x (new factor - old factor); after a change the effect grows over
    `delay` years."""
    change = np.zeros((len(years), base.size))
    for row in levers:
        if row.kind != "land_use_change":
            continue
        effect = _delayed(row, years)
        for i, category in enumerate(base.land_use.names):
            if category not in row.categories:
                continue
            hectares, emitted = base.land_use.quantity[i], base.land_use.emissions[i]
            gain = hectares * row.ratio - emitted
            change = change + effect[:, None] * (np.asarray(row.value) * on[row.name] * gain)
    return change


def _delayed(row: Lever, years: npt.NDArray[np.int64]) -> Floats:
    """The ramp of the hectares, each year's part of it rising to its full effect over `delay`
    years."""
    if row.delay <= 0:
        return ramp(years.astype(np.float64), row.from_year, row.to_year, row.shape)
    every = np.arange(row.from_year, max(int(years[-1]), row.from_year) + 1, dtype=np.float64)
    yearly = np.diff(ramp(every, row.from_year, row.to_year, row.shape), prepend=0.0)
    age = np.clip((years[:, None] - every[None, :]) / row.delay, 0.0, 1.0)
    return np.asarray(age @ yearly)


def _power(base: Base, energy: Floats) -> Floats:
    """Electricity of the cells and the drive power of heat pumps, MWh: [years, regions]."""
    total = np.zeros(energy.shape[1:])
    for i, (_, carrier) in enumerate(base.cells):
        if carrier in POWER:
            total = total + energy[i]
        elif carrier == Carrier.AMBIENT_HEAT:
            total = total + energy[i] / base.power_ratio
    return total


def _generation(
    base: Base, levers: Sequence[Lever], on: dict[str, Floats], years: npt.NDArray[np.int64]
) -> Floats:
    """MWh of what is built beyond the base year: share of the realisable rest x full-load hours
    (`ratio`)."""
    more = np.zeros((len(years), base.size))
    for row in levers:
        for technology in row.categories if row.kind == "capacity" else ():
            at = base.capacity.names.index(technology)
            rest = np.maximum(
                base.realisable.get(technology, base.capacity.quantity[at])
                - base.capacity.quantity[at],
                0,
            )
            more = more + _path(row, on[row.name], years) * rest * row.ratio / 1000.0
    return more
