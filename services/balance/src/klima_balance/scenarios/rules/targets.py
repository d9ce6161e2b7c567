"""Target paths beside a scenario: a straight line, federal law rebased to the balance, and a carbon
budget.

    linear     base emissions to a residual in the target year on a straight line
    law        base emissions x (1 - reduction by law against 1990) / (1 - national reduction up to
    the base year);
               straight lines between the years of the law; a local 1990 value replaces the rebasing
    budget     national budget x share of the population, used up from the year it begins; its path
    falls on a straight
               line to zero so that it uses up exactly the budget

The gap of a scenario to a path is emissions - path: above 0 is too much.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from klima_balance.method.equation import Floats
from klima_balance.method.expected import after_base, more_than, one_of
from klima_balance.scenarios.model.assumptions import Target
from klima_shared.codes.quality import Certainty
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import JsonObject

DEFAULT_BUDGET: Final = "1.75_67"
_NO_NOTE: Final = Label("", "")
_REBASED: Final = Text(
    "Rebased with the national reduction up to the base year, because there is no local value of "
    "1990."
)
_OWN_1990: Final = Text("With the local value of 1990.")
_STRICT: Final = Text("A budget of CO2 set against CO2 equivalents: a little too strict.")
Targets = Sequence[Target]


@dataclass(frozen=True)
class TargetOptions:
    """What a reader can choose; None: the region's or the table's own value."""

    target_year: int | None = None
    residual_share: float | None = None
    budget: str = DEFAULT_BUDGET
    bisko_share: float = 1.0
    local_1990_t_co2e: float | None = None


@dataclass(frozen=True, eq=False)
class TargetPath:
    """One path: t CO2e for every year; `basis` is every number behind it, with source and
    certainty."""

    name: str
    label: Text
    years: tuple[int, ...]
    values: Floats
    basis: tuple[JsonObject, ...]
    note: Text = _NO_NOTE


@dataclass(frozen=True)
class Budget:
    """A carbon budget of a region in t CO2, and when an emissions path has used it up (None: not by
    its last year)."""

    total_t_co2: float
    from_year: int
    used_by_horizon_t: float
    exhausted: float | None
    exhausted_if_unchanged: float | None


def linear(
    base_year: int, base: float, target_year: int, residual_share: float, years: Sequence[int]
) -> Floats:
    """Straight line from the base year to `residual_share` of it; the residual after that."""
    if target_year <= base_year:
        raise InputError.at("target_year", target_year, after_base(base_year))
    if not 0 <= residual_share <= 1:
        share = Label("ein Anteil von 0 bis 1", "a share from 0 to 1")
        raise InputError.at("residual_share", residual_share, share)
    return np.asarray(np.interp(years, [base_year, target_year], [base, base * residual_share]))


def national_reduction(targets: Targets, year: int) -> Target:
    """The row of the national reduction against 1990 of a year, else of the nearest year (the
    earlier of two)."""
    rows = [row for row in targets if row.kind == "national_reduction"]
    return min(rows, key=lambda row: (abs(row.in_year - year), row.in_year))


def law(
    targets: Targets,
    base_year: int,
    base: float,
    years: Sequence[int],
    local_1990: float | None = None,
) -> tuple[Floats, list[JsonObject]]:
    """The path of federal law in t CO2e and the numbers behind it.

    Rebased: what the country has already done up to the base year is taken as done here too.
    """
    rows = sorted((r for r in targets if r.kind == "federal_law"), key=lambda r: r.in_year)
    done = national_reduction(targets, base_year)
    reference = base / (1.0 - done.value) if local_1990 is None else local_1990
    if not reference > 0:
        raise InputError.at("local_1990_t_co2e", local_1990, more_than("0 t CO2e"))
    after = [row for row in rows if row.in_year > base_year]
    basis = [] if local_1990 is not None else [_basis(done)]
    basis += [_basis(row) for row in rows]
    rebased = "base emissions / (1 - national reduction up to the base year)"
    basis.append(
        {
            "name": "reference_1990_t_co2e",
            "value": reference,
            "unit": "t CO2e",
            "source": rebased if local_1990 is None else "local value",
            "certainty": Certainty.DERIVED.value,
            "note": "",
        }
    )
    known = [base_year, *(row.in_year for row in after)]
    values = [base, *(reference * (1.0 - row.value) for row in after)]
    return np.asarray(np.interp(years, known, values)), basis


def budget_row(targets: Targets, name: str) -> Target:
    """The row of a national budget. Raises `InputError` for one that is not in the table."""
    rows = {row.name: row for row in targets if row.kind == "budget"}
    if name not in rows:
        raise InputError.at("budget", name, one_of(rows))
    return rows[name]


def budget(
    row: Target, share: float, years: Sequence[int], emissions: Floats, bisko_share: float = 1.0
) -> Budget:
    """National budget x share of the population (x share of BISKO), set against yearly emissions.

    The exhaustion lies inside a year: 2031.5 is the middle of 2031. CO2e is set against a budget of
    CO2, which makes it a little too strict.
    """
    if not 0 < bisko_share <= 1:
        above = Label("ein Anteil über 0 bis 1", "a share above 0 and up to 1")
        raise InputError.at("bisko_share", bisko_share, above)
    start, total = row.in_year, row.value * 1e9 * share * bisko_share
    counted = [
        (y, max(e, 0.0)) for y, e in zip(years, emissions.tolist(), strict=True) if y >= start
    ]
    used, exhausted = 0.0, None
    for year, amount in counted:
        if exhausted is None and used + amount >= total and amount > 0:
            exhausted = year + (total - used) / amount
        used += amount
    first = float(emissions[0])
    return Budget(total, start, used, exhausted, start + total / first if first > 0 else None)


def budget_path(
    row: Target, total_t: float, base_year: int, base: float, years: Sequence[int]
) -> Floats:
    """A straight line from the base emissions, constant up to the budget's first year, to zero: its
    sum is the budget.

    The sum counts whole years, as `budget` does.
    """
    start = row.in_year
    values = np.zeros(len(years))
    # Falling by the same amount every year: base x (1 - k/n), k = 1, 2, ... sums to base x (n - 1)
    # / 2.
    n = 2.0 * total_t / base + 1.0 if base > 0 else 1.0
    left = total_t
    for i, year in enumerate(years):
        if year < start:
            values[i] = base
            continue
        wanted = max(base * (1.0 - (year - start + 1) / n), 0.0)
        values[i] = min(wanted, left)
        left -= values[i]
    return np.asarray(np.where(np.asarray(years) <= base_year, base, values))


def _basis(row: Target, name: str = "") -> JsonObject:
    return {
        "name": name or f"{row.kind}_{row.year or row.name}",
        "value": row.value,
        "unit": row.unit,
        "source": row.source,
        "certainty": row.certainty,
        "note": row.note,
    }


def population_share(population: float, national: float) -> float | None:
    """The share of the country's population; None where either is not known."""
    return population / national if population > 0 and national > 0 else None


def paths(
    targets: Targets,
    years: Sequence[int],
    emissions: Floats,
    population_share: float | None,
    options: TargetOptions,
) -> tuple[list[TargetPath], Budget | None]:
    """The three paths of a region and its budget; `emissions` are the scenario's, year by year from
    the base year. Without a share of the population there is no budget."""
    years, base_year, base = tuple(years), years[0], float(emissions[0])
    rest = next(row for row in targets if row.kind == "linear_residual")
    if options.residual_share is not None:
        rest = replace(rest, value=options.residual_share, source="Angabe für diesen Lauf")
    end = options.target_year or max(r.in_year for r in targets if r.kind == "federal_law")
    line = linear(base_year, base, end, rest.value, years)
    local_1990 = options.local_1990_t_co2e
    legal, basis = law(targets, base_year, base, years, local_1990)
    straight = Text("Linear to {end}", end=end)
    rebased = Label("Klimaschutzgesetz, umgerechnet", "Federal law, rebased")
    note = _REBASED if local_1990 is None else _OWN_1990
    lines = [
        TargetPath("linear", straight, years, line, (_basis(rest),)),
        TargetPath("federal_law", rebased, years, legal, tuple(basis), note),
    ]
    row = budget_row(targets, options.budget)
    if population_share is None:
        return lines, None
    amount = budget(row, population_share, years, emissions, options.bisko_share)
    path = budget_path(row, amount.total_t_co2, base_year, base, years)
    inputs = (_basis(row, f"budget_{row.name}"), *_shares(population_share, options.bisko_share))
    used = Label("CO₂-Budget, gleichmäßig", "Carbon budget, used on a line")
    return [*lines, TargetPath("budget", used, years, path, inputs, _STRICT)], amount


def _shares(population_share: float, bisko_share: float) -> tuple[JsonObject, JsonObject]:
    return (
        {
            "name": "population_share",
            "value": population_share,
            "unit": "share",
            "source": "Destatis, Gemeindeverzeichnis",
            "certainty": Certainty.VERIFIED.value,
            "note": "",
        },
        {
            "name": "bisko_share",
            "value": bisko_share,
            "unit": "share",
            "certainty": Certainty.DERIVED.value,
            "source": "1: ganzer Bevölkerungsanteil; 0.64: GIScience Heidelberg",
            "note": "",
        },
    )
