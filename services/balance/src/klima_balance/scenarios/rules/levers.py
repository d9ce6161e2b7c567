"""Levers: what a scenario changes, row by row, and what makes a row or a set of rows impossible.

A lever is a name with one or more rows of one kind. Rows of one lever add up, different levers
multiply: whatever order they are applied in, the result is the same.

| kind | `value` at `to_year` | acts on |
|---|---|---|
| demand_change | relative change (-0.2: a fifth less) | energy of sectors x carriers, or
`categories` of a block |
| carrier_shift | share of the carrier that moves to `target` | energy; `ratio` MWh arrive per MWh
that leaves |
| factor_path | g CO2e/kWh | the factors of the carriers, between the points on a line |
| land_use_change | share of the hectares of `categories` | land use; `ratio` is the new factor,
full after `delay` years |
| capacity | share of what can still be realised | installed power of the technologies in
`categories` |
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np

from klima_balance.method.equation import Floats
from klima_balance.method.expected import FINITE, after_base, at_least, one_of
from klima_balance.scenarios.model.assumptions import Lever, LeverKind
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text

SHAPES: Final = ("linear", "s_curve")
SLACK: Final = 1e-9
_CARRIERS, _CATEGORIES = (
    Label("Energieträger (carriers)", "carriers"),
    Label("Kategorien (categories)", "categories"),
)
_NEEDS: Final = {
    LeverKind.FACTOR_PATH: ("carriers", _CARRIERS),
    LeverKind.LAND_USE_CHANGE: ("categories", _CATEGORIES),
    LeverKind.CAPACITY: ("categories", _CATEGORIES),
}


class LeverError(InputError):
    """A lever that can't be: `lever` names it; `field` is its property, or `overlap` for several
    together."""

    def __init__(self, lever: str, field: str, found: object, expected: Text) -> None:
        wrong = InputError.at(f"levers.{lever}.{field}", found, expected)
        super().__init__(wrong.text, wrong.place, found=found, expected=expected)
        self.lever = lever


def ramp(years: Floats, from_year: int, to_year: int, shape: str) -> Floats:
    """How far a lever is on its way: 0 up to `from_year`, 1 from `to_year` on; linear, or slow at
    both ends."""
    x = np.clip((years - from_year) / (to_year - from_year), 0.0, 1.0)
    return np.asarray(x * x * (3.0 - 2.0 * x) if shape == "s_curve" else x)


def by_name(levers: Sequence[Lever]) -> dict[str, list[Lever]]:
    """The rows of each lever, in the order of their first row."""
    groups: dict[str, list[Lever]] = {}
    for lever in levers:
        groups.setdefault(lever.name, []).append(lever)
    return groups


def adding_up(levers: Sequence[Lever]) -> list[list[Lever]]:
    """Rows that add up before anything is multiplied: those of one lever, or of two versions of
    one."""
    groups: dict[str, list[Lever]] = {}
    for lever in levers:
        groups.setdefault(lever.adds_with, []).append(lever)
    return list(groups.values())


def check(
    levers: Sequence[Lever], base_year: int, horizon: int, categories: Mapping[str, Sequence[str]]
) -> None:
    """Refuse what can't be, with the lever named. `categories`: what there is of each kind (see
    `Base.categories`).

    Raises `LeverError`; a horizon not after the base year is an `InputError` of its own.
    """
    if horizon <= base_year:
        raise InputError.at("horizon", horizon, after_base(base_year))
    kinds: dict[str, str] = {}
    for lever in levers:
        _check_codes(lever, categories)
        _check_years(lever, base_year)
        _check_value(lever)
        _check_needs(lever)
        if kinds.setdefault(lever.name, lever.kind) != lever.kind:
            one = kinds[lever.name]
            expected = Text("one kind for all its rows, here {one}", one=one)
            raise LeverError(lever.name, "kind", lever.kind, expected)
    _check_shares(levers, base_year, horizon)
    _check_paths(levers)


def _check_codes(lever: Lever, categories: Mapping[str, Sequence[str]]) -> None:
    target = (lever.target,) if lever.target else ()
    checks: tuple[tuple[str, Sequence[str], Sequence[str]], ...] = (
        ("kind", (lever.kind,), tuple(LeverKind)),
        ("shape", (lever.shape,), SHAPES),
        ("sectors", lever.sectors, tuple(Sector)),
        ("carriers", (*lever.carriers, *target), tuple(Carrier)),
        ("categories", lever.categories, categories.get(lever.kind, ())),
    )
    for name, codes, known in checks:
        for code in codes:
            if code not in known:
                raise LeverError(lever.name, name, code, one_of(known))


def _check_years(lever: Lever, base_year: int) -> None:
    if lever.to_year <= lever.from_year:
        expected = Text("a year after its from_year {from_year}", from_year=lever.from_year)
        raise LeverError(lever.name, "to_year", lever.to_year, expected)
    if lever.from_year < base_year:
        expected = Text("the base year {base_year} or later", base_year=base_year)
        raise LeverError(lever.name, "from_year", lever.from_year, expected)


def _check_value(lever: Lever) -> None:
    value = np.asarray(lever.value, dtype=np.float64)
    if not np.isfinite(value).all() or not np.isfinite(lever.ratio):
        raise LeverError(lever.name, "value", lever.value, FINITE)
    low = {LeverKind.DEMAND_CHANGE: -1.0}.get(LeverKind(lever.kind), 0.0)
    bounded = lever.kind not in (LeverKind.DEMAND_CHANGE, LeverKind.FACTOR_PATH)
    high = 1.0 if bounded else np.inf
    if value.size and (value.min() < low - SLACK or value.max() > high + SLACK):
        wrong = float(value.min() if value.min() < low - SLACK else value.max())
        share = Text("a share from {low:g} to {high:g}", low=low, high=high)
        raise LeverError(lever.name, "value", wrong, share if bounded else at_least(f"{low:g}"))


def _check_needs(lever: Lever) -> None:
    name = lever.name
    if lever.kind == LeverKind.CARRIER_SHIFT:
        if not (lever.target and lever.carriers):
            both = Label("Energieträger (carriers) und Ziel (target)", "carriers and a target")
            raise LeverError(name, "carriers", "", both)
        if lever.target in lever.carriers or lever.ratio <= 0:
            prop, value = ("ratio", lever.ratio) if lever.ratio <= 0 else ("target", lever.target)
            another = Text("another carrier than the one it comes from, and a ratio above 0")
            raise LeverError(name, prop, value, another)
    elif lever.kind != LeverKind.DEMAND_CHANGE:
        prop, expected = _NEEDS[LeverKind(lever.kind)]
        if not getattr(lever, prop):
            raise LeverError(name, prop, "", expected)
    if lever.delay < 0:
        raise LeverError(name, "delay", lever.delay, Label("0 Jahre oder mehr", "0 years or more"))


class _Stock(NamedTuple):
    """What the shares of several rows are taken from; they must stay within the whole."""

    kind: str
    first: str
    second: str = ""


def _check_shares(levers: Sequence[Lever], base_year: int, horizon: int) -> None:
    """Shares that are taken from one stock stay within the whole, in every year."""
    years = np.arange(base_year, horizon + 1, dtype=np.float64)
    shares: dict[_Stock, Floats] = {}
    names: dict[_Stock, list[str]] = {}
    for lever in levers:
        way = ramp(years, lever.from_year, lever.to_year, lever.shape)
        for stock in _stocks(lever):
            path = np.asarray(lever.value)[..., None] * way
            shares[stock] = shares.get(stock, np.zeros(1)) + path
            names.setdefault(stock, []).append(lever.name)
    for stock, total in shares.items():
        if stock.kind == LeverKind.DEMAND_CHANGE:
            # Rows of one lever add up, so only these can take away more than there is.
            if total.min() < -1.0 - SLACK:
                expected = Text("rows that take away at most the whole")
                raise LeverError(names[stock][0], "value", float(total.min()), expected)
        elif total.max() > 1.0 + SLACK:
            where = f"{stock.second} of {stock.first}" if stock.second else stock.first
            others = ", ".join(dict.fromkeys(names[stock]))
            expected = Text("at most 1 of {where} with {others}", where=where, others=others)
            raise LeverError(names[stock][-1], "overlap", round(float(total.max()), 6), expected)


def _check_paths(levers: Sequence[Lever]) -> None:
    """A carrier has one factor path."""
    paths: dict[str, str] = {}
    for lever in levers:
        for carrier in lever.carriers if lever.kind == LeverKind.FACTOR_PATH else ():
            other = paths.setdefault(carrier, lever.name)
            if other != lever.name:
                expected = Text("one factor path per carrier; {other} is one", other=other)
                raise LeverError(lever.name, "overlap", carrier, expected)


def _stocks(lever: Lever) -> list[_Stock]:
    kind = lever.kind
    sectors = lever.sectors or tuple(map(str, Sector))
    match kind:
        case LeverKind.CARRIER_SHIFT:
            return [_Stock(kind, s, c) for s, c in product(sectors, lever.carriers)]
        case LeverKind.DEMAND_CHANGE if not lever.categories:
            carriers = lever.carriers or tuple(map(str, Carrier))
            return [_Stock(kind, f"{lever.name} {s}", c) for s, c in product(sectors, carriers)]
        case LeverKind.DEMAND_CHANGE:
            return [_Stock(kind, f"{lever.name} {category}") for category in lever.categories]
        case LeverKind.LAND_USE_CHANGE | LeverKind.CAPACITY:
            return [_Stock(kind, category) for category in lever.categories]
        case _:
            return []
