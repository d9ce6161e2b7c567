"""Why a balance differs from that of another year, in parts that sum to the difference.

Emissions of a cell are population x activity per head x weather x share of the carrier x factor.
The part of each is its mean effect over all orders in which the five could have changed (Shapley
value), so none is preferred and nothing is left over. Where a cell rests on other data in one of
the two years (a default against a delivered figure), its whole difference is one of the data, not
of what happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product
from math import factorial, prod
from typing import Final

import numpy as np

from klima_balance.balances.rules.breaks import other_data
from klima_balance.method.equation import Floats
from klima_shared.codes.energy import Carrier
from klima_shared.language.text import Label
from klima_shared.wire.json import Json


class Part(Enum):
    """What changes; `value` is its code."""

    POPULATION = "population"
    ACTIVITY = "activity"
    WEATHER = "weather"
    CARRIER_MIX = "carrier_mix"
    ELECTRICITY_FACTOR = "electricity_factor"
    OTHER_FACTORS = "other_factors"
    DATA = "data_and_method"

    @property
    def label(self) -> Label:
        return _LABELS[self]


_LABELS: Final = {
    Part.POPULATION: Label("Einwohnerzahl", "Population"),
    Part.ACTIVITY: Label("Verbrauch je Einwohner", "Use per inhabitant"),
    Part.WEATHER: Label("Witterung", "Weather"),
    Part.CARRIER_MIX: Label("Mix der Energieträger", "Mix of carriers"),
    Part.ELECTRICITY_FACTOR: Label("Strommix (Faktor)", "Electricity mix (factor)"),
    Part.OTHER_FACTORS: Label("Andere Faktoren", "Other factors"),
    Part.DATA: Label("Datenlage und Methode", "Data and method"),
}
_PLAYERS: Final[tuple[Part, ...]] = tuple(part for part in Part if part is not Part.DATA)

Key = tuple[str, str]
"""Sector and carrier."""


@dataclass(frozen=True, eq=False)
class Year:
    """One of the two balances: what its cells are made of. `weather`: by sector, how much more was
    heated than in a mean year; empty where that is not known."""

    population: float
    cells: Mapping[Key, Json]
    weather: Mapping[str, float]

    def energy(self, key: Key) -> float:
        return float(self.cells[key]["final_energy_mwh"]) if key in self.cells else 0.0

    def emissions(self, key: Key) -> float:
        return float(self.cells[key]["emissions_t_co2e"]) if key in self.cells else 0.0

    def status(self, key: Key) -> str | None:
        return str(self.cells[key]["status"]) if key in self.cells else None


def of_document(document: Json, weather: Mapping[str, float]) -> Year | None:
    """None where nobody lives, or nobody knows how many."""
    population = document["region"]["population"]
    if not population:
        return None
    cells = {(c["sector"], c["carrier"]): c for c in document["cells"]}
    return Year(float(population), cells, weather)


def changes(
    before: Year, after: Year, *, same_factors: bool, same_edition: bool
) -> dict[str, dict[Part, float]]:
    """T CO2e by sector and part; the parts of a sector sum to its difference.

    same_factors: whether both years rest on one factor set; otherwise what the factors changed
    counts as method. same_edition: whether on one edition of the national tables; otherwise the
    whole difference does, because a publisher moves energy between sectors and carriers.
    """
    found: dict[str, dict[Part, float]] = {}
    every = sorted(before.cells.keys() | after.cells.keys())
    for sector in dict.fromkeys(key[0] for key in every):
        keys = [key for key in every if key[0] == sector]
        moved = [
            key
            for key in keys
            if not same_edition or other_data(before.status(key), after.status(key))
        ]
        kept = [key for key in keys if key not in moved]
        parts = dict.fromkeys(Part, 0.0)
        if not all(sum(year.energy(key) for key in kept) > 0 for year in (before, after)):
            moved, kept = keys, []
        parts[Part.DATA] += sum(after.emissions(key) - before.emissions(key) for key in moved)
        if kept:
            for part, tonnes in _shapley(before, after, kept).items():
                parts[part] += tonnes
        if not same_factors:
            for part in (Part.ELECTRICITY_FACTOR, Part.OTHER_FACTORS):
                parts[Part.DATA] += parts[part]
                parts[part] = 0.0
        found[sector] = parts
    return found


def _shapley(before: Year, after: Year, keys: Sequence[Key]) -> dict[Part, float]:
    """Of the cells of one sector."""
    sector = keys[0][0]
    terms = [_terms(year, other, keys) for year, other in ((before, after), (after, before))]
    use = [
        {
            Part.POPULATION: year.population,
            Part.WEATHER: year.weather.get(sector, 1.0),
            Part.ACTIVITY: term.total / year.population / year.weather.get(sector, 1.0),
        }
        for year, term in zip((before, after), terms, strict=True)
    ]
    electric = np.asarray([_follows_electricity(carrier) for _, carrier in keys])

    def emissions(chosen: Sequence[int]) -> float:
        at: dict[Part, int] = dict(zip(_PLAYERS, chosen, strict=True))
        scale = prod(use[at[part]][part] for part in use[0])
        factor = np.where(
            electric,
            terms[at[Part.ELECTRICITY_FACTOR]].factor,
            terms[at[Part.OTHER_FACTORS]].factor,
        )
        return float(scale * (terms[at[Part.CARRIER_MIX]].share * factor).sum())

    value = {chosen: emissions(chosen) for chosen in product((0, 1), repeat=len(_PLAYERS))}
    return {part: _mean_effect(value, i) for i, part in enumerate(_PLAYERS)}


def _mean_effect(value: Mapping[tuple[int, ...], float], i: int) -> float:
    """Over all orders of the players."""
    n, found = len(_PLAYERS), 0.0
    for chosen, without in value.items():
        if chosen[i]:
            continue
        weight = factorial(sum(chosen)) * factorial(n - sum(chosen) - 1) / factorial(n)
        found += weight * (value[(*chosen[:i], 1, *chosen[i + 1 :])] - without)
    return found


@dataclass(frozen=True, eq=False)
class _Terms:
    total: float
    share: Floats
    factor: Floats


def _terms(year: Year, other: Year, keys: Sequence[Key]) -> _Terms:
    """A carrier without energy in a year has the factor of the other."""
    energy = np.asarray([year.energy(key) for key in keys])
    own, theirs = (np.asarray([_factor(one, key) for key in keys]) for one in (year, other))
    factor = np.where(np.isnan(own), np.nan_to_num(theirs), own)
    return _Terms(float(energy.sum()), energy / energy.sum(), factor)


def _factor(year: Year, key: Key) -> float:
    energy = year.energy(key)
    return year.emissions(key) / energy if energy else float("nan")


def _follows_electricity(carrier: str) -> bool:
    """Ambient heat carries the emissions of the power that lifts it."""
    return Carrier(carrier).electric or carrier == Carrier.AMBIENT_HEAT
