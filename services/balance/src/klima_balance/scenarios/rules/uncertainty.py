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
import pandas as pd

from klima_balance.method.equation import Floats
from klima_balance.method.errors import InputError
from klima_balance.scenarios.model import Base
from klima_balance.scenarios.rules.levers import Lever, by_name
from klima_balance.scenarios.rules.projection import Projection, project
from klima_shared.codes.lists import Carrier, Sector
from klima_shared.language.text import Text

PERCENTILES: Final = (5.0, 50.0, 95.0)
MOST_DRAWS: Final = 100_000


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
class Band:
    """Three percentiles and the figure as it is stated."""

    p5: float
    p50: float
    p95: float
    stated: float


@dataclass(frozen=True, eq=False)
class Errors:
    """Multipliers of one region: `energy` [cells, draws], `factors` by carrier [draws]."""

    energy: Floats
    factors: Mapping[str, Floats]


def spreads(table: pd.DataFrame) -> dict[tuple[str, str], Spread]:
    return {
        (str(r["item"]), str(r["of"])): Spread(
            str(r["item"]),
            str(r["of"]),
            float(r["sigma"]),
            r["correlated"] == "yes",
            str(r["source"]),
            str(r["certainty"]),
            str(r["note"]),
        )
        for r in table.to_dict("records")
    }


def errors(
    base: Base,
    widths: Mapping[tuple[str, str], Spread],
    certainty: Mapping[str, str],
    draws: int,
    seed: int,
) -> Errors:
    """The errors of a base of one region. `certainty`: of each carrier's factor (unverified_low
    where not known).

    Ambient heat has the electricity's factor and so its error.
    """
    if not 2 <= draws <= MOST_DRAWS:
        raise InputError(
            "draws",
            draws,
            Text(f"eine Zahl von 2 bis {MOST_DRAWS}", f"a number from 2 to {MOST_DRAWS}"),
        )
    if not 0 <= seed < 2**63:
        raise InputError(
            "seed",
            seed,
            Text("eine ganze Zahl von 0 bis 2^63 - 1", "a whole number from 0 to 2^63 - 1"),
        )
    generator = np.random.Generator(np.random.PCG64(seed))
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
        factors[carrier] = np.exp(
            widths["factor", certainty.get(carrier, "unverified_low")].sigma * z
        )
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


def balance_bands(base: Base, e: Errors) -> dict[str, dict[str, Band]]:
    """Bands of the totals and of every sector of a balance: `{"total": {"final_energy_mwh": Band,
    ...}, "households": ...}`."""
    many = disturbed(base, e)
    found = {"total": _bands(many.energy, many.emissions, base, range(len(base.cells)))}
    for sector in Sector:
        which = [i for i, (s, _) in enumerate(base.cells) if s == sector]
        if which:
            found[sector.value] = _bands(many.energy, many.emissions, base, which)
    return found


def _bands(energy: Floats, emissions: Floats, base: Base, which: Sequence[int]) -> dict[str, Band]:
    at = list(which)
    return {
        "final_energy_mwh": band(_sum(energy[at]), float(_sum(base.energy[at])[0])),
        "emissions_t_co2e": band(_sum(emissions[at]), float(_sum(base.emissions[at])[0])),
    }


def drawn(
    low: Sequence[Lever], middle: Sequence[Lever], high: Sequence[Lever], draws: int, seed: int
) -> list[Lever]:
    """The levers of a scenario with a value per draw, evenly between the lever of the low and that
    of the high parameters.

    All rows of a lever move together. Factor paths stay: their factors have an error of their own.
    """
    generator = np.random.Generator(np.random.PCG64([seed, 1]))
    at = {name: generator.random(draws) for name in by_name(middle)}
    found = []
    for one, row, two in zip(low, middle, high, strict=True):
        if row.kind == "factor_path" or np.array_equal(
            np.asarray(one.value), np.asarray(two.value)
        ):
            found.append(row)
            continue
        value = one.value + at[row.name] * (np.asarray(two.value) - np.asarray(one.value))
        found.append(replace(row, value=np.asarray(value)))
    return found


def scenario_bands(
    base: Base,
    stated: Projection,
    levers: Sequence[Lever],
    e: Errors,
    horizon: int,
    years: Sequence[int],
) -> dict[int, dict[str, dict[str, Band]]]:
    """Bands of the totals and sectors of a scenario for some years; `levers` as `drawn` made
    them."""
    many = project(disturbed(base, e, factors=False), levers, horizon, years=years)
    alike = [e.factors.get(carrier, _none(e)) for _, carrier in many.base.cells]
    emissions = many.emissions * np.stack(alike)[:, None, :]
    when = {int(y): i for i, y in enumerate(stated.years)}
    found: dict[int, dict[str, dict[str, Band]]] = {}
    for n, year in enumerate(int(y) for y in many.years):
        groups = {"total": many.cells_of()} | {
            s.value: many.cells_of(s) for s in Sector if many.cells_of(s)
        }
        found[year] = {
            name: {
                "final_energy_mwh": band(
                    _sum(many.energy[which, n]), float(_sum(stated.energy[which, when[year]])[0])
                ),
                "emissions_t_co2e": band(
                    _sum(emissions[which, n]), float(_sum(stated.emissions[which, when[year]])[0])
                ),
            }
            for name, which in groups.items()
        }
    return found


def _none(e: Errors) -> Floats:
    return np.ones(e.energy.shape[1])
