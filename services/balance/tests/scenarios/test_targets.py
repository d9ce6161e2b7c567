"""Target paths and the carbon budget, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.rules.targets import (
    TargetOptions,
    budget,
    budget_path,
    budget_row,
    law,
    linear,
    national_reduction,
    paths,
    population_share,
)
from klima_shared.language.errors import InputError

TARGETS = load_scenario_tables().targets
YEARS = tuple(range(2021, 2046))


def test_linear_goes_straight_to_the_residual_and_stays() -> None:
    path = linear(2021, 1000.0, 2041, 0.1, YEARS)
    assert path[0] == 1000.0
    assert path[10] == pytest.approx(550.0)
    assert path[20:].tolist() == pytest.approx([100.0] * 5)


@pytest.mark.parametrize(("year", "share"), [(2021, 0.1), (2000, 0.1), (2045, 1.5), (2045, -0.1)])
def test_an_impossible_line_is_refused(year: int, share: float) -> None:
    with pytest.raises(InputError):
        linear(2021, 1000.0, year, share, YEARS)


def test_the_law_is_rebased_with_the_national_reduction() -> None:
    """39 % are done nationally by 2021: 610 t now mean 1000 t in 1990; 350 t in 2030, 120 t in
    2040, 0 in 2045."""
    path, basis = law(TARGETS, 2021, 610.0, YEARS)
    at = dict(zip(YEARS, path.tolist(), strict=True))
    assert [at[y] for y in (2021, 2030, 2040, 2045)] == pytest.approx([610.0, 350.0, 120.0, 0.0])
    assert at[2035] == pytest.approx(235.0)
    reference = next(row for row in basis if row["name"] == "reference_1990_t_co2e")
    assert reference["value"] == pytest.approx(1000.0)
    assert all(row["source"] and row["certainty"] for row in basis)


def test_a_local_value_of_1990_replaces_the_rebasing() -> None:
    path, basis = law(TARGETS, 2021, 610.0, YEARS, 800.0)
    assert dict(zip(YEARS, path.tolist(), strict=True))[2030] == pytest.approx(280.0)
    assert not [row for row in basis if row["name"].startswith("national_reduction")]


def test_the_nearest_national_reduction_serves() -> None:
    assert national_reduction(TARGETS, 2018).value == 0.314
    assert national_reduction(TARGETS, 2019).year == 2018
    assert national_reduction(TARGETS, 2024).year == 2021


def test_the_budget_is_used_up_within_a_year() -> None:
    """1e-6 of 6.1 Gt: 6,100 t from 2022. At 1,000 t a year it lasts 6.1 years: into 2028."""
    row = budget_row(TARGETS, "1.75_67")
    found = budget(row, 1e-6, YEARS, np.full(len(YEARS), 1000.0))
    assert found.total_t_co2 == pytest.approx(6100.0)
    assert found.exhausted == pytest.approx(2028.1)
    assert found.exhausted_if_unchanged == pytest.approx(2028.1)
    half = budget(row, 1e-6, YEARS, np.full(len(YEARS), 1000.0), bisko_share=0.5)
    assert half.exhausted == pytest.approx(2025.05)


def test_the_exhaustion_lies_in_the_year_that_uses_up_the_rest() -> None:
    """6,100 t: 4,000 in 2022, the rest is gone after 0.7 of 2023's 3,000."""
    emissions = np.asarray([5000.0, 4000.0, 3000.0, *[100.0] * 22])
    assert budget(
        budget_row(TARGETS, "1.75_67"), 1e-6, YEARS, emissions
    ).exhausted == pytest.approx(2023.7)


def test_a_budget_that_lasts_is_not_exhausted() -> None:
    found = budget(budget_row(TARGETS, "1.75_67"), 1e-6, YEARS, np.full(len(YEARS), 100.0))
    assert found.exhausted is None
    assert found.used_by_horizon_t == pytest.approx(2400.0)


def test_the_year_before_the_budget_begins_does_not_count() -> None:
    row = budget_row(TARGETS, "1.5_67")
    emissions = np.asarray([1e9, *[1.0] * 24])
    assert budget(row, 1e-6, YEARS, emissions).exhausted is None


def test_the_budget_path_uses_up_exactly_the_budget() -> None:
    """1,000 t falling to 0 with 4,500 t in all: 900, 800, ... 100."""
    path = budget_path(budget_row(TARGETS, "1.75_67"), 4500.0, 2021, 1000.0, YEARS)
    assert path[:11].tolist() == pytest.approx([1000.0, *range(900, 0, -100), 0.0])
    assert path[1:].sum() == pytest.approx(4500.0)
    for total in (100.0, 3333.0, 12_345.0):
        path = budget_path(
            budget_row(TARGETS, "1.75_67"), total, 2021, 1000.0, tuple(range(2021, 2200))
        )
        assert path[1:].sum() <= total + 1e-6
        assert path[1:].sum() >= total * 0.98 - 50


def test_unknown_budgets_are_named() -> None:
    with pytest.raises(InputError, match=r"2\.0_99"):
        budget_row(TARGETS, "2.0_99")


def test_gap_and_basis_of_all_three_paths() -> None:
    emissions = np.linspace(1000.0, 0.0, 25)
    share = population_share(100.0, 83_237_124.0)
    found, amount = paths(TARGETS, YEARS, emissions, share, TargetOptions())
    assert [p.name for p in found] == ["linear", "federal_law", "budget"]
    assert all(p.values[0] == 1000.0 for p in found)
    assert amount is not None
    assert amount.total_t_co2 == pytest.approx(6.1e9 * 100 / 83_237_124)
    unknown = population_share(float("nan"), 8e7)
    nobody, none = paths(TARGETS, YEARS, emissions, unknown, TargetOptions())
    assert none is None
    assert len(nobody) == 2
