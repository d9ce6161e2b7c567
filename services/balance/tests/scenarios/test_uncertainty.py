"""Seeded Monte-Carlo: the same seed gives the same numbers, the widths are those of the tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.model.assumptions import Definition
from klima_balance.scenarios.model.base import Base
from klima_balance.scenarios.rules.definition import ranged, resolve
from klima_balance.scenarios.rules.projection import project
from klima_balance.scenarios.rules.uncertainty import (
    Sampling,
    balance_bands,
    disturbed,
    drawn,
    errors,
    scenario_bands,
)
from klima_shared.language.errors import InputError

TABLES = load_scenario_tables()
WIDTHS = TABLES.spreads
VERIFIED = dict.fromkeys(("electricity", "natural_gas", "petrol", "ambient_heat"), "verified")


def test_the_same_seed_gives_the_same_numbers(small_base: Base) -> None:
    def bands(seed: int) -> object:
        return balance_bands(small_base, errors(small_base, WIDTHS, VERIFIED, Sampling(1000, seed)))

    assert bands(7) == bands(7)
    assert bands(7) != bands(8)


def test_percentiles_are_in_order_and_the_middle_is_the_stated_figure(small_base: Base) -> None:
    found = balance_bands(small_base, errors(small_base, WIDTHS, VERIFIED, Sampling(20_000, 1)))
    for part in found.values():
        for band in part.values():
            assert band.p5 < band.p50 < band.p95
            assert band.p50 == pytest.approx(band.stated, rel=0.03)
    assert found["total"]["final_energy_mwh"].stated == 400.0


def test_a_start_balance_lies_within_25_percent_three_times_out_of_four(small_base: Base) -> None:
    """The band that was found on published totals: defaults move together, so the total has it
    too."""
    base = replace(small_base, grades=(("D",),) * 3)
    e = errors(base, WIDTHS, VERIFIED, Sampling(40_000, 3))
    total = disturbed(base, e).energy.sum(axis=0) / 400.0
    assert np.mean(np.abs(np.log(total)) < 0.25) == pytest.approx(0.75, abs=0.01)


def test_better_grades_make_narrower_bands(small_base: Base) -> None:
    def width(grade: str) -> float:
        base = replace(small_base, grades=((grade,),) * 3)
        band = balance_bands(base, errors(base, WIDTHS, VERIFIED, Sampling(20_000, 5)))["total"][
            "final_energy_mwh"
        ]
        return band.p95 - band.p5

    widths = [width(grade) for grade in "ABCD"]
    assert widths == sorted(widths)
    assert widths[0] < widths[3] / 5


def test_delivered_figures_are_independent_and_defaults_are_not(small_base: Base) -> None:
    grades = (("A",), ("D",), ("D",))
    e = errors(replace(small_base, grades=grades), WIDTHS, VERIFIED, Sampling(10_000, 2))
    found = np.corrcoef(np.log(e.energy))
    assert found[1, 2] == pytest.approx(1.0)
    assert abs(found[0, 1]) < 0.03


def test_ambient_heat_shares_the_error_of_electricity(small_base: Base) -> None:
    base = small_base.with_targets([("households", "ambient_heat")])
    e = errors(base, WIDTHS, VERIFIED, Sampling(100, 2))
    assert e.factors["ambient_heat"].tolist() == e.factors["electricity"].tolist()


@pytest.mark.parametrize(("draws", "seed"), [(1, 1), (10**9, 1), (100, -1)])
def test_wrong_draws_and_seeds_are_refused(small_base: Base, draws: int, seed: int) -> None:
    with pytest.raises(InputError):
        errors(small_base, WIDTHS, VERIFIED, Sampling(draws, seed))


def test_a_scenario_begins_with_the_band_of_its_balance_and_stays_reproducible(
    small_base: Base,
) -> None:
    definition = Definition("climate_protection")
    levers = resolve(definition, TABLES, small_base, 2045).levers
    stated = project(small_base, levers, 2045)
    low, middle, high = ranged(definition, TABLES, stated.base, 2045)
    assert [row.name for row in low] == [row.name for row in levers]

    def bands(seed: int) -> dict[int, dict[str, dict[str, object]]]:
        e = errors(stated.base, WIDTHS, VERIFIED, Sampling(500, seed))
        return scenario_bands(
            stated, drawn(low, middle, high, Sampling(500, seed)), e, [2035, 2045]
        )  # type: ignore[return-value]

    found = bands(4)
    assert found == bands(4)
    assert found != bands(5)
    assert sorted(found) == [2020, 2035, 2045]
    total = found[2045]["total"]["emissions_t_co2e"]
    assert total.p5 < total.p50 < total.p95  # type: ignore[attr-defined]
    assert total.stated == pytest.approx(float(stated.bisko[-1, 0]))  # type: ignore[attr-defined]


def test_every_spread_has_a_source() -> None:
    assert {of for item, of in WIDTHS if item == "activity"} == set("ABCD")
    for spread in WIDTHS.values():
        assert spread.source
        assert spread.certainty
