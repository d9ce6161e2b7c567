"""How far the figures may be off: seeded Monte-Carlo over inputs, factors and assumptions.

Every input is multiplied by a lognormal error with median 1 whose width follows from its grade,
every factor by one whose width follows from its certainty (`spreads.csv`, each with source).
Defaults of grade D come from the same keys and move together; delivered figures are independent of
each other; a factor is wrong everywhere at once. Assumptions of a scenario are drawn evenly between
their low and high. All draws are the columns of one projection: the same engine.

The same seed gives the same numbers: the generator is PCG64, and the draws are made in a fixed
order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from klima_balance.method.equation import Floats
from klima_balance.scenarios.model.assumptions import Lever, LeverKind, Spread
from klima_balance.scenarios.model.base import Base
from klima_balance.scenarios.rules.levers import by_name
from klima_balance.scenarios.rules.projection import Projection, project
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quality import Certainty
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text

PERCENTILES: Final = (5.0, 50.0, 95.0)
MOST_DRAWS: Final = 100_000
_METRICS: Final = ("final_energy_mwh", "emissions_t_co2e")


@dataclass(frozen=True)
class Band:
    """Three percentiles and the figure as it is stated."""

    p5: float
    p50: float
    p95: float
    stated: float


@dataclass(frozen=True)
class Sampling:
    """How many draws are made, and with which seed."""

    draws: int
    seed: int

    def __post_init__(self) -> None:
        if not 2 <= self.draws <= MOST_DRAWS:
            most = Text("a number from 2 to {most_draws}", most_draws=MOST_DRAWS)
            raise InputError.at("draws", self.draws, most)
        if not 0 <= self.seed < 2**63:
            whole = Label("eine ganze Zahl von 0 bis 2^63 - 1", "a whole number from 0 to 2^63 - 1")
            raise InputError.at("seed", self.seed, whole)


@dataclass(frozen=True, eq=False)
class Errors:
    """Multipliers of one region: `energy` [cells, draws], `factors` by carrier [draws]."""

    energy: Floats
    factors: Mapping[str, Floats]


Bands = dict[str, dict[str, Band]]


def errors(
    base: Base,
    widths: Mapping[tuple[str, str], Spread],
    certainty: Mapping[str, str],
    sampling: Sampling,
) -> Errors:
    """The errors of a base of one region. `certainty`: of each carrier's factor (unverified_low
    where not known).

    Ambient heat has the electricity's factor and so its error.
    """
    draws, generator = sampling.draws, np.random.Generator(np.random.PCG64(sampling.seed))
    common = generator.standard_normal(draws)
    own = generator.standard_normal((len(base.cells), draws))
    grades = [(row[0] or "D") if row else "D" for row in base.grades or [()] * len(base.cells)]
    energy = np.empty((len(base.cells), draws))
    for i, grade in enumerate(grades):
        spread = widths["activity", grade]
        energy[i] = np.exp(spread.sigma * (common if spread.correlated else own[i]))
    carriers = sorted({carrier for _, carrier in base.cells})
    factors = {}
    for carrier, z in zip(carriers, generator.standard_normal((len(carriers), draws)), strict=True):
        certain = certainty.get(carrier, Certainty.UNVERIFIED_LOW)
        factors[carrier] = np.exp(widths["factor", certain].sigma * z)
    power = factors.get(Carrier.ELECTRICITY.value)
    if power is not None and Carrier.AMBIENT_HEAT.value in factors:
        factors[Carrier.AMBIENT_HEAT.value] = power
    return Errors(energy, factors)


def disturbed(base: Base, e: Errors, *, factors: bool = True) -> Base:
    """The base of one region, once per draw, with the errors of its inputs and (`factors`) of its
    factors in it."""
    draws = e.energy.shape[1]
    many = base.columns(np.zeros(draws, dtype=np.intp))
    energy = base.energy * e.energy
    emissions = base.emissions * e.energy
    if factors:
        emissions = emissions * np.vstack([e.factors[carrier] for _, carrier in base.cells])
    return replace(
        many,
        energy=energy,
        emissions=emissions,
        final_energy_total=_sum(energy),
        bisko_total=_sum(emissions),
    )


def _sum(rows: Floats) -> Floats:
    total = np.zeros(rows.shape[1])
    for row in rows:
        total = total + row
    return total


def band(values: Floats, stated: float) -> Band:
    """Percentiles over the draws (linear interpolation between them)."""
    low, middle, high = np.percentile(values, PERCENTILES)
    return Band(float(low), float(middle), float(high), stated)


def balance_bands(base: Base, e: Errors) -> Bands:
    """Bands of the totals and of every sector of a balance: `{"total": {"final_energy_mwh": Band,
    ...}, "households": ...}`."""
    many = disturbed(base, e)
    stated = base.energy[:, 0], base.emissions[:, 0]
    return _bands(base, (many.energy, many.emissions), stated)


def _bands(base: Base, drawn: tuple[Floats, Floats], stated: tuple[Floats, Floats]) -> Bands:
    """By group: bands of the energy and emissions of its cells. `drawn`: [cells, draws], `stated`:
    [cells]."""
    groups = {"total": list(range(len(base.cells)))}
    for sector in Sector:
        groups[sector.value] = [i for i, (s, _) in enumerate(base.cells) if s == sector]
    return {
        group: {
            name: band(_sum(values[which]), float(_sum(one[which, None])[0]))
            for name, values, one in zip(_METRICS, drawn, stated, strict=True)
        }
        for group, which in groups.items()
        if which
    }


def drawn(
    low: Sequence[Lever], middle: Sequence[Lever], high: Sequence[Lever], sampling: Sampling
) -> list[Lever]:
    """The levers of a scenario with a value per draw, evenly between the lever of the low and that
    of the high parameters.

    All rows of a lever move together. Factor paths stay: their factors have an error of their own.
    """
    generator = np.random.Generator(np.random.PCG64([sampling.seed, 1]))
    at = {name: generator.random(sampling.draws) for name in by_name(middle)}
    levers = []
    for one, row, two in zip(low, middle, high, strict=True):
        width = np.asarray(two.value) - np.asarray(one.value)
        fixed = row.kind == LeverKind.FACTOR_PATH or not width.any()
        value = row.value if fixed else np.asarray(one.value + at[row.name] * width)
        levers.append(replace(row, value=value))
    return levers


def scenario_bands(
    stated: Projection, levers: Sequence[Lever], e: Errors, years: Sequence[int]
) -> dict[int, Bands]:
    """Bands of the totals and sectors of a scenario for some years; `levers` as `drawn` made
    them."""
    horizon = int(stated.years[-1])
    many = project(disturbed(stated.base, e, factors=False), levers, horizon, years=years)
    none = np.ones(e.energy.shape[1])
    alike = [e.factors.get(carrier, none) for _, carrier in many.base.cells]
    emissions = many.emissions * np.stack(alike)[:, None, :]
    when = {int(y): i for i, y in enumerate(stated.years)}
    bands: dict[int, Bands] = {}
    for n, year in enumerate(int(y) for y in many.years):
        at = when[year]
        one = stated.energy[:, at, 0], stated.emissions[:, at, 0]
        bands[year] = _bands(many.base, (many.energy[:, n], emissions[:, n]), one)
    return bands
