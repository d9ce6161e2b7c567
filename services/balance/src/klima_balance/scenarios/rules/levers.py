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
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from klima_balance.method.equation import Floats
from klima_balance.method.errors import FINITE, InputError, after_base, at_least, one_of
from klima_shared.codes.lists import Carrier, Sector
from klima_shared.language.text import Text

KINDS: Final = ("demand_change", "carrier_shift", "factor_path", "land_use_change", "capacity")
SHAPES: Final = ("linear", "s_curve")
SLACK: Final = 1e-9


class LeverError(InputError):
    """A lever that can't be: `lever` names it; `field` is its property, or `overlap` for several
    together."""

    def __init__(self, lever: str, field: str, found: Any, expected: Text) -> None:
        super().__init__(f"levers.{lever}.{field}", found, expected)
        self.lever = lever


@dataclass(frozen=True, eq=False)
class Lever:
    """One row of a lever. `value` is a number, or one per region where the region decides it
    (renovation, growth).

    Empty `sectors` or `carriers` stand for all. `ratio`: MWh arriving per MWh leaving
    (carrier_shift), or t CO2e per hectare (land_use_change). `parameters` names what the value was
    made from; `source` and `certainty` are said with every figure that rests on it.
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
    label_de: str = ""
    label_en: str = ""
    parameters: tuple[str, ...] = ()
    source: str = ""
    certainty: str = ""
    note: str = ""
    group: str = (
        ""  # of two versions of one lever that are compared: their rows add up like those of one
    )

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


def ramp(years: Floats, from_year: int, to_year: int, shape: str) -> Floats:
    """How far a lever is on its way: 0 up to `from_year`, 1 from `to_year` on; linear, or slow at
    both ends."""
    x = np.clip((years - from_year) / (to_year - from_year), 0.0, 1.0)
    return np.asarray(x * x * (3.0 - 2.0 * x) if shape == "s_curve" else x)


def by_name(levers: Sequence[Lever]) -> dict[str, list[Lever]]:
    """The rows of each lever, in the order of their first row."""
    found: dict[str, list[Lever]] = {}
    for lever in levers:
        found.setdefault(lever.name, []).append(lever)
    return found


def together(levers: Sequence[Lever]) -> list[list[Lever]]:
    """Rows that add up before anything is multiplied: those of one lever, or of two versions of
    one."""
    found: dict[str, list[Lever]] = {}
    for lever in levers:
        found.setdefault(lever.adds_with, []).append(lever)
    return list(found.values())


def check(
    levers: Sequence[Lever], base_year: int, horizon: int, categories: Mapping[str, Sequence[str]]
) -> None:
    """Refuse what can't be, with the lever named. `categories`: what there is of each kind (see
    `known_categories`).

    Raises `LeverError`; a horizon not after the base year is an `InputError` of its own.
    """
    if horizon <= base_year:
        raise InputError("horizon", horizon, after_base(base_year))
    kinds: dict[str, str] = {}
    for lever in levers:
        _check_row(lever, base_year, categories)
        if kinds.setdefault(lever.name, lever.kind) != lever.kind:
            raise LeverError(
                lever.name,
                "kind",
                lever.kind,
                Text(
                    f"eine Art für alle Zeilen, hier {kinds[lever.name]}",
                    f"one kind for all its rows, here {kinds[lever.name]}",
                ),
            )
    _check_overlaps(levers, base_year, horizon)


def _check_row(lever: Lever, base_year: int, categories: Mapping[str, Sequence[str]]) -> None:
    name = lever.name
    if lever.kind not in KINDS:
        raise LeverError(name, "kind", lever.kind, one_of(KINDS))
    if lever.shape not in SHAPES:
        raise LeverError(name, "shape", lever.shape, one_of(SHAPES))
    for sector in lever.sectors:
        if sector not in Sector._value2member_map_:
            raise LeverError(name, "sectors", sector, one_of(Sector))
    for carrier in (*lever.carriers, *((lever.target,) if lever.target else ())):
        if carrier not in Carrier._value2member_map_:
            raise LeverError(name, "carriers", carrier, one_of(Carrier))
    known = categories.get(lever.kind, ())
    for category in lever.categories:
        if category not in known:
            raise LeverError(name, "categories", category, one_of(known))
    if lever.to_year <= lever.from_year:
        raise LeverError(
            name,
            "to_year",
            lever.to_year,
            Text(
                f"ein Jahr nach seinem from_year {lever.from_year}",
                f"a year after its from_year {lever.from_year}",
            ),
        )
    if lever.from_year < base_year:
        raise LeverError(
            name,
            "from_year",
            lever.from_year,
            Text(f"das Basisjahr {base_year} oder später", f"the base year {base_year} or later"),
        )
    value = np.asarray(lever.value, dtype=np.float64)
    if not np.isfinite(value).all() or not np.isfinite(lever.ratio):
        raise LeverError(name, "value", lever.value, FINITE)
    low, high = {"demand_change": (-1.0, np.inf), "factor_path": (0.0, np.inf)}.get(
        lever.kind, (0.0, 1.0)
    )
    if value.size and (value.min() < low - SLACK or value.max() > high + SLACK):
        wrong = float(value.min() if value.min() < low - SLACK else value.max())
        share = Text(f"ein Anteil von {low:g} bis {high:g}", f"a share from {low:g} to {high:g}")
        raise LeverError(name, "value", wrong, at_least(f"{low:g}") if high == np.inf else share)
    needs = {
        "carrier_shift": bool(lever.target and lever.carriers),
        "factor_path": bool(lever.carriers),
    }
    needs |= {"land_use_change": bool(lever.categories), "capacity": bool(lever.categories)}
    if not needs.get(lever.kind, True):
        shift = Text("Energieträger (carriers) und Ziel (target)", "carriers and a target")
        wanted = {
            "carrier_shift": shift,
            "factor_path": Text("Energieträger (carriers)", "carriers"),
        }
        missing = Text("Kategorien (categories)", "categories")
        field = "carriers" if lever.kind in wanted else "categories"
        raise LeverError(name, field, "", wanted.get(lever.kind, missing))
    if lever.kind == "carrier_shift" and (lever.target in lever.carriers or lever.ratio <= 0):
        field, found = ("ratio", lever.ratio) if lever.ratio <= 0 else ("target", lever.target)
        raise LeverError(
            name,
            field,
            found,
            Text(
                "ein anderer Energieträger als der, von dem es kommt, und ein ratio über 0",
                "another carrier than the one it comes from, and a ratio above 0",
            ),
        )
    if lever.delay < 0:
        raise LeverError(name, "delay", lever.delay, Text("0 Jahre oder mehr", "0 years or more"))


def _check_overlaps(levers: Sequence[Lever], base_year: int, horizon: int) -> None:
    """Together: shares that move away from one place stay within the whole, and a carrier has one
    factor path."""
    years = np.arange(base_year, horizon + 1, dtype=np.float64)
    shares: dict[tuple[str, str, str], Floats] = {}
    names: dict[tuple[str, str, str], list[str]] = {}
    for lever in levers:
        for place in _places(lever):
            path = np.asarray(lever.value)[..., None] * ramp(
                years, lever.from_year, lever.to_year, lever.shape
            )
            shares[place] = shares.get(place, np.zeros(1)) + path
            names.setdefault(place, []).append(lever.name)
    for place, total in shares.items():
        kind, first, second = place
        together = ", ".join(dict.fromkeys(names[place]))
        if kind == "demand_change":
            # Rows of one lever add up, so only these can take away more than there is.
            if total.min() < -1.0 - SLACK:
                raise LeverError(
                    names[place][0],
                    "value",
                    float(total.min()),
                    Text(
                        "Zeilen, die höchstens alles wegnehmen",
                        "rows that take away at most the whole",
                    ),
                )
        elif total.max() > 1.0 + SLACK:
            where = f"{second} of {first}" if second else first
            raise LeverError(
                names[place][-1],
                "overlap",
                round(float(total.max()), 6),
                Text(
                    f"höchstens 1 (alles) von {where} zusammen mit {together}",
                    f"at most 1 of {where} with {together}",
                ),
            )
    paths: dict[str, str] = {}
    for lever in levers:
        for carrier in lever.carriers if lever.kind == "factor_path" else ():
            if paths.setdefault(carrier, lever.name) != lever.name:
                raise LeverError(
                    lever.name,
                    "overlap",
                    carrier,
                    Text(
                        f"ein Faktorpfad je Energieträger; {paths[carrier]} ist schon einer",
                        f"one factor path per carrier; {paths[carrier]} is one",
                    ),
                )


def _places(lever: Lever) -> list[tuple[str, str, str]]:
    sectors = lever.sectors or tuple(Sector)
    match lever.kind:
        case "carrier_shift":
            return [("carrier_shift", str(s), c) for s in sectors for c in lever.carriers]
        case "demand_change" if not lever.categories:
            carriers = lever.carriers or tuple(Carrier)
            return [
                ("demand_change", f"{lever.name} {s}", str(c)) for s in sectors for c in carriers
            ]
        case "demand_change":
            return [
                ("demand_change", f"{lever.name} {category}", "") for category in lever.categories
            ]
        case "land_use_change" | "capacity":
            return [(lever.kind, category, "") for category in lever.categories]
        case _:
            return []
