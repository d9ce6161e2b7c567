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
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from klima_balance.method.equation import Floats
from klima_balance.method.errors import InputError, after_base, more_than, one_of
from klima_shared.language.text import Text

DEFAULT_BUDGET: Final = "1.75_67"


@dataclass(frozen=True, eq=False)
class TargetPath:
    """One path: t CO2e for every year; `basis` is every number behind it, with source and
    certainty."""

    name: str
    label_de: str
    label_en: str
    years: tuple[int, ...]
    values: Floats
    basis: tuple[dict[str, Any], ...]
    note_de: str = ""
    note_en: str = ""


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
        raise InputError("target_year", target_year, after_base(base_year))
    if not 0 <= residual_share <= 1:
        raise InputError(
            "residual_share", residual_share, Text("ein Anteil von 0 bis 1", "a share from 0 to 1")
        )
    return np.asarray(np.interp(years, [base_year, target_year], [base, base * residual_share]))


def national_reduction(targets: pd.DataFrame, year: int) -> dict[str, Any]:
    """The row of the national reduction against 1990 of a year, else of the nearest year (the
    earlier of two)."""
    rows = targets[targets["kind"] == "national_reduction"].to_dict("records")
    row = min(rows, key=lambda r: (abs(int(r["year"]) - year), int(r["year"])))
    return {str(k): v for k, v in row.items()}


def law(
    targets: pd.DataFrame,
    base_year: int,
    base: float,
    years: Sequence[int],
    local_1990: float | None = None,
) -> tuple[Floats, list[dict[str, Any]]]:
    """The path of federal law in t CO2e and the numbers behind it.

    Rebased: what the country has already done up to the base year is taken as done here too.
    """
    rows = targets[targets["kind"] == "federal_law"].sort_values("year")
    done = national_reduction(targets, base_year)
    reference = base / (1.0 - float(done["value"])) if local_1990 is None else local_1990
    if not reference > 0:
        raise InputError("local_1990_t_co2e", local_1990, more_than("0 t CO2e"))
    points = [(base_year, base)]
    points += [
        (int(y), reference * (1.0 - float(v)))
        for y, v in zip(rows["year"], rows["value"], strict=True)
        if int(y) > base_year
    ]
    basis = [] if local_1990 is not None else [_basis("national_reduction", done)]
    basis += [
        _basis("federal_law", {str(k): v for k, v in r.items()}) for r in rows.to_dict("records")
    ]
    basis.append(
        {
            "name": "reference_1990_t_co2e",
            "value": reference,
            "unit": "t CO2e",
            "source": "local value"
            if local_1990 is not None
            else "base emissions / (1 - national reduction up to the base year)",
            "certainty": "derived",
        }
    )
    return np.asarray(np.interp(years, [p[0] for p in points], [p[1] for p in points])), basis


def budget_row(targets: pd.DataFrame, name: str) -> dict[str, Any]:
    """The row of a national budget. Raises `InputError` for one that is not in the table."""
    rows = targets[targets["kind"] == "budget"]
    found = rows[rows["name"] == name]
    if found.empty:
        raise InputError("budget", name, one_of(rows["name"]))
    return {str(k): v for k, v in found.iloc[0].items()}


def budget(
    row: dict[str, Any],
    share: float,
    years: Sequence[int],
    emissions: Floats,
    bisko_share: float = 1.0,
) -> Budget:
    """National budget x share of the population (x share of BISKO), set against yearly emissions.

    The exhaustion lies inside a year: 2031.5 is the middle of 2031. CO2e is set against a budget of
    CO2, which makes it a little too strict.
    """
    if not 0 < bisko_share <= 1:
        raise InputError(
            "bisko_share",
            bisko_share,
            Text("ein Anteil über 0 bis 1", "a share above 0 and up to 1"),
        )
    start, total = int(row["year"]), float(row["value"]) * 1e9 * share * bisko_share
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
    row: dict[str, Any], total_t: float, base_year: int, base: float, years: Sequence[int]
) -> Floats:
    """A straight line from the base emissions, constant up to the budget's first year, to zero: its
    sum is the budget.

    The sum counts whole years, as `budget` does.
    """
    start = int(row["year"])
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


def _basis(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"{kind}_{row['year'] or row['name']}",
        "value": row["value"],
        "unit": row["unit"],
        "source": row["source"],
        "certainty": row["certainty"],
        "note": row["note"],
    }


def paths(
    targets: pd.DataFrame,
    base_year: int,
    base: float,
    horizon: int,
    *,
    population: float,
    national_population: float,
    emissions: Floats,
    target_year: int | None = None,
    residual_share: float | None = None,
    budget_name: str = DEFAULT_BUDGET,
    bisko_share: float = 1.0,
    local_1990: float | None = None,
) -> tuple[list[TargetPath], Budget | None]:
    """The three paths of a region and its budget; `emissions` are the scenario's, year by year from
    the base year."""
    years = tuple(range(base_year, horizon + 1))
    rest = targets[targets["kind"] == "linear_residual"].iloc[0]
    share = float(rest["value"]) if residual_share is None else residual_share
    end = target_year or int(targets[targets["kind"] == "federal_law"]["year"].astype(int).max())
    line = linear(base_year, base, end, share, years)
    if residual_share is not None:
        rest = pd.Series({**rest.to_dict(), "value": share, "source": "Angabe für diesen Lauf"})
    legal, basis = law(targets, base_year, base, years, local_1990)
    found = [
        TargetPath(
            "linear",
            f"Linear bis {end}",
            f"Linear to {end}",
            years,
            line,
            (_basis("linear_residual", {str(k): v for k, v in rest.items()}),),
        ),
        TargetPath(
            "federal_law",
            "Klimaschutzgesetz, umgerechnet",
            "Federal law, rebased",
            years,
            legal,
            tuple(basis),
            "Umgerechnet mit der bundesweiten Minderung bis zum Basisjahr, weil es keinen eigenen Wert für 1990 gibt."
            if local_1990 is None
            else "Mit dem eigenen Wert für 1990.",
            "Rebased with the national reduction up to the base year, because there is no local value of 1990."
            if local_1990 is None
            else "With the local value of 1990.",
        ),
    ]
    row = budget_row(targets, budget_name)
    if not (population > 0 and national_population > 0):
        return found, None
    part = population / national_population
    amount = budget(row, part, years, emissions, bisko_share)
    inputs = (
        {**_basis("budget", row), "name": f"budget_{budget_name}"},
        {
            "name": "population_share",
            "value": part,
            "unit": "share",
            "source": "Destatis, Gemeindeverzeichnis",
            "certainty": "verified",
            "note": "",
        },
        {
            "name": "bisko_share",
            "value": bisko_share,
            "unit": "share",
            "certainty": "derived",
            "source": "1: ganzer Bevölkerungsanteil; 0.64: GIScience Heidelberg",
            "note": "",
        },
    )
    path = budget_path(row, amount.total_t_co2, base_year, base, years)
    found.append(
        TargetPath(
            "budget",
            "CO₂-Budget, gleichmäßig",
            "Carbon budget, used on a line",
            years,
            path,
            inputs,
            "Budget für CO₂, verglichen mit CO₂-Äquivalenten: etwas zu streng.",
            "A budget of CO2 set against CO2 equivalents: a little too strict.",
        )
    )
    return found, amount
