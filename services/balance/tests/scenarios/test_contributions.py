"""Contributions of levers are the Shapley value, exactly, and sum to the difference."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klima_balance.scenarios.model.assumptions import Lever
from klima_balance.scenarios.model.base import Base
from klima_balance.scenarios.rules.contributions import METRICS, contributions
from klima_balance.scenarios.rules.projection import project


def lever(name: str, kind: str = "demand_change", value: float = -0.5, **more: Any) -> Lever:
    return Lever(
        **{"name": name, "kind": kind, "value": value, "from_year": 2020, "to_year": 2030, **more}
    )


LEVERS = [
    lever("save", value=-0.3, sectors=("households",)),
    lever("save more", value=-0.2, carriers=("natural_gas", "electricity")),
    lever(
        "pumps",
        "carrier_shift",
        0.6,
        carriers=("natural_gas",),
        target="ambient_heat",
        ratio=0.9,
        shape="s_curve",
    ),
    lever("drive", "carrier_shift", 0.9, carriers=("petrol",), target="electricity", ratio=0.28),
    lever("mix", "factor_path", 100.0, carriers=("electricity", "ambient_heat")),
    lever("forest", "land_use_change", 0.2, categories=("cropland",), ratio=-8.0, delay=5.0),
]


def brute_force(base: Base, levers: list[Lever], year: int) -> dict[str, float]:
    """The definition: mean marginal effect over all orders, through all subsets."""
    names = [row.name for row in levers]
    n = len(names)

    def worth(on: tuple[str, ...]) -> float:
        chosen = [row for row in levers if row.name in on]
        return float(project(base, chosen, year).bisko[-1, 0])

    worths = {on: worth(on) for size in range(n + 1) for on in combinations(names, size)}
    found = {}
    for name in names:
        others = [other for other in names if other != name]
        total = 0.0
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for on in combinations(others, size):
                joined = tuple(x for x in names if x in on or x == name)
                total += weight * (worths[joined] - worths[on])
        found[name] = total
    return found


def test_contributions_are_the_shapley_value(small_base: Base) -> None:
    found = contributions(small_base, [], LEVERS, 2030)
    expected = brute_force(small_base, LEVERS, 2030)
    for name, value in zip(found.names, found.values["bisko"][:, -1], strict=True):
        assert value == pytest.approx(expected[name], rel=1e-10, abs=1e-10)


def test_two_levers_by_hand(small_base: Base) -> None:
    """100 MWh at 0.5 t: half the demand, a fifth of the factor. Alone -25 and -40, together -45:
    -15 and -30."""
    levers = [
        lever("save", value=-0.5, carriers=("electricity",)),
        lever("mix", "factor_path", 100.0, carriers=("electricity",)),
    ]
    found = contributions(small_base, [], levers, 2030)
    assert found.values["bisko"][:, -1].tolist() == pytest.approx([-15.0, -30.0])


@given(values=st.lists(st.floats(-1, 1), min_size=6, max_size=6), order=st.permutations(range(6)))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_they_sum_to_the_difference_in_any_order(
    small_base: Base, values: list[float], order: list[int]
) -> None:
    levers = [
        lever("a", value=values[0]),
        lever("b", value=values[1], sectors=("households",)),
        lever(
            "c",
            "carrier_shift",
            abs(values[2]),
            carriers=("natural_gas",),
            target="ambient_heat",
            ratio=0.9,
        ),
        lever(
            "d",
            "carrier_shift",
            abs(values[3]),
            carriers=("petrol",),
            target="electricity",
            ratio=0.3,
        ),
        lever("e", "factor_path", abs(values[4]) * 500, carriers=("electricity",)),
        lever("f", value=values[5], categories=("cows",)),
    ]
    one = contributions(small_base, [], levers, 2030)
    two = contributions(small_base, [], [levers[i] for i in order], 2030)
    for metric in METRICS:
        np.testing.assert_allclose(
            one.values[metric].sum(axis=0), one.difference(metric), rtol=1e-9, atol=1e-8
        )
        for i, name in enumerate(one.names):
            np.testing.assert_allclose(
                one.values[metric][i], two.values[metric][two.names.index(name)], atol=1e-8
            )


def test_sectors_sum_to_the_contribution(small_base: Base) -> None:
    found = contributions(small_base, [], LEVERS, 2030)
    np.testing.assert_allclose(found.by_sector.sum(axis=1), found.values["bisko"], atol=1e-9)


def test_between_two_scenarios_only_what_differs_contributes(small_base: Base) -> None:
    """The same lever contributes exactly nothing, a stronger one its change, a missing one what it
    took away."""
    before = [LEVERS[0], LEVERS[2], lever("gone", value=-0.1, sectors=("transport",))]
    more = lever(
        "pumps", "carrier_shift", 0.9, carriers=("natural_gas",), target="ambient_heat", ratio=0.9
    )
    after = [LEVERS[0], more, LEVERS[4]]
    found = contributions(small_base, before, after, 2030)
    at = {name: found.values["bisko"][i] for i, name in enumerate(found.names)}
    assert at["save"].tolist() == [0.0] * 11
    assert at["gone"][-1] > 0
    assert at["mix"][-1] < 0
    expected = (
        project(small_base, after, 2030).bisko[:, 0] - project(small_base, before, 2030).bisko[:, 0]
    )
    np.testing.assert_allclose(sum(at.values()), expected, atol=1e-9)


def test_a_scenario_against_itself_contributes_nothing(small_base: Base) -> None:
    found = contributions(small_base, LEVERS, list(LEVERS), 2030)
    assert not any(values.any() for values in found.values.values())


def test_turned_around_the_signs_turn(small_base: Base) -> None:
    one, two = LEVERS[:3], LEVERS[2:]
    there, back = (
        contributions(small_base, one, two, 2030),
        contributions(small_base, two, one, 2030),
    )
    for i, name in enumerate(there.names):
        np.testing.assert_allclose(
            there.values["bisko"][i], -back.values["bisko"][back.names.index(name)], atol=1e-9
        )
