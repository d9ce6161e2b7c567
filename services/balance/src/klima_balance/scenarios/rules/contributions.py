"""What each lever contributes to the difference between two scenarios: the Shapley value, exactly.

The Shapley value of a lever is its mean effect over all orders in which the levers could be
switched on. Every figure of a scenario is of degree 1 in the strength of each lever, so it is the
multilinear extension of the game, and (Owen 1972)

    contribution of lever i = integral over t from 0 to 1 of  F(all others at t, i on) - F(all
    others at t, i off)

A polynomial in t: Gauss-Legendre points give it exactly, without going through 2^n combinations.
The contributions sum to the difference, and no order of the levers is preferred.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from klima_balance.method.equation import Floats
from klima_balance.scenarios.model.assumptions import Lever, LeverKind
from klima_balance.scenarios.model.base import Base
from klima_balance.scenarios.rules.levers import by_name
from klima_balance.scenarios.rules.projection import Projection, project
from klima_shared.codes.energy import Sector

METHOD: Final = "Shapley"
_A, _B = "\0a", "\0b"
METRICS: Final = ("final_energy", "bisko", "agriculture", "land_use", "process_ets", "generation")


@dataclass(frozen=True, eq=False)
class Contributions:
    """By lever: `values[metric]` is [levers, years]; `by_sector` t CO2e of the BISKO block,
    [levers, sectors, years].

    `start` and `end` are the two scenarios; contributions of a metric sum to end - start in every
    year.
    """

    names: tuple[str, ...]
    rows: tuple[Lever, ...]
    years: tuple[int, ...]
    values: dict[str, Floats]
    by_sector: Floats
    start: Projection
    end: Projection

    def difference(self, metric: str) -> Floats:
        return np.asarray(getattr(self.end, metric)[:, 0] - getattr(self.start, metric)[:, 0])


def contributions(
    base: Base,
    before: Sequence[Lever],
    after: Sequence[Lever],
    horizon: int,
    years: Sequence[int] = (),
) -> Contributions:
    """The way from scenario `before` to scenario `after` of one region, lever by lever. `before`
    may have none.

    A lever is its name: one that is the same in both contributes nothing, one that differs
    contributes its change.
    """
    one, two = by_name(before), by_name(after)
    names = tuple(dict.fromkeys([*two, *one]))
    players = [n for n in names if not _same(one.get(n, []), two.get(n, []))]
    rows = [replace(r, name=n + _A, group=n) for n in players for r in one.get(n, [])]
    rows += [replace(r, name=n + _B, group=n) for n in players for r in two.get(n, [])]
    rows += [r for n in names if n not in players for r in two[n]]
    start, end = (project(base, levers, horizon, years=years) for levers in (before, after))
    values = {metric: np.zeros((len(names), len(end.years))) for metric in METRICS}
    by_sector = np.zeros((len(names), len(Sector), len(end.years)))
    if players:
        points, weights = np.polynomial.legendre.leggauss(_degree(base, rows) // 2 + 1)
        strengths = _strengths(list(by_name(rows)), players, (points + 1.0) / 2.0)
        many = project(
            base.columns(np.zeros(strengths.shape[1], dtype=np.intp)),
            rows,
            horizon,
            strengths=strengths,
            years=years,
        )
        for metric in METRICS:
            _spread(values[metric], getattr(many, metric), names, players, weights / 2.0)
        for s, sector in enumerate(Sector):
            _spread(
                by_sector[:, s],
                many.sum(many.emissions, many.cells_of(sector)),
                names,
                players,
                weights / 2.0,
            )
    shown = tuple((two.get(n) or one[n])[0] for n in names)
    return Contributions(
        names, shown, tuple(int(y) for y in end.years), values, by_sector, start, end
    )


def _same(one: Sequence[Lever], two: Sequence[Lever]) -> bool:
    return len(one) == len(two) and all(
        np.array_equal(np.asarray(getattr(a, f.name)), np.asarray(getattr(b, f.name)))
        for a, b in zip(one, two, strict=True)
        for f in fields(Lever)
        if f.name not in ("label", "parameters", "source", "certainty", "note")
    )


def _degree(base: Base, rows: Sequence[Lever]) -> int:
    """The highest degree in t: demand levers on one cell, one shift, one factor; of a block, its
    demand levers."""
    demand = [r for r in rows if r.kind == LeverKind.DEMAND_CHANGE]
    cells = [len({r.adds_with for r in demand if r.matches(*cell)}) for cell in base.cells]
    blocks = [
        len({r.adds_with for r in demand if category in r.categories})
        for r in demand
        for category in r.categories
    ]
    return max([*cells, *blocks, 0]) + 2


def _strengths(names: list[str], players: Sequence[str], points: Floats) -> Floats:
    """[names, columns]: for every player and point two columns, the player on and off, all others
    at the point."""
    at = {p: i for i, p in enumerate(players)}
    columns = np.tile(points, 2 * len(players)).reshape(len(players), 2, len(points))
    level = np.repeat(columns[None], len(players), axis=0)
    for i in range(len(players)):
        level[i, i, 0], level[i, i, 1] = 1.0, 0.0
    flat = level.reshape(len(players), -1)
    strengths = np.ones((len(names), flat.shape[1]))
    for n, name in enumerate(names):
        if name.endswith((_A, _B)):
            on = flat[at[name[: -len(_A)]]]
            strengths[n] = on if name.endswith(_B) else 1.0 - on
    return strengths


def _spread(
    into: Floats, values: Floats, names: Sequence[str], players: Sequence[str], weights: Floats
) -> None:
    pairs = values.reshape(len(values), len(players), 2, len(weights))
    effect = (pairs[:, :, 0] - pairs[:, :, 1]) @ weights
    for i, name in enumerate(players):
        into[names.index(name)] = effect[:, i]
