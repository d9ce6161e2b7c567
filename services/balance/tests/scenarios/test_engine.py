"""The yearly projection: worked by hand, exact in the first year, independent of the order of the
levers."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.model.assumptions import Definition, Lever
from klima_balance.scenarios.model.base import Base, Rows, Site
from klima_balance.scenarios.rules.definition import resolve
from klima_balance.scenarios.rules.document import yearly
from klima_balance.scenarios.rules.levers import ramp
from klima_balance.scenarios.rules.projection import project

TABLES = load_scenario_tables()


def lever(name: str = "x", kind: str = "demand_change", value: float = -0.5, **more: Any) -> Lever:
    return Lever(
        **{"name": name, "kind": kind, "value": value, "from_year": 2020, "to_year": 2030, **more}
    )


def test_ramps_start_at_zero_and_end_at_one() -> None:
    years = np.arange(2018.0, 2034.0)
    for shape in ("linear", "s_curve"):
        way = ramp(years, 2020, 2030, shape)
        assert way[years <= 2020].tolist() == [0.0, 0.0, 0.0]
        assert set(way[years >= 2030]) == {1.0}
        assert (np.diff(way) >= 0).all()
    assert ramp(np.asarray([2025.0]), 2020, 2030, "linear")[0] == 0.5
    # s-curve: 3 x^2 - 2 x^3 at a fifth of the way = 0.104
    assert ramp(np.asarray([2022.0]), 2020, 2030, "s_curve")[0] == pytest.approx(0.104)


def test_demand_change_by_hand(small_base: Base) -> None:
    """A quarter less gas after five of ten years at -50 %: 200 -> 150 MWh, 50 t -> 37.5 t."""
    p = project(small_base, [lever(sectors=("households",), carriers=("natural_gas",))], 2030)
    gas = small_base.position["households", "natural_gas"]
    assert p.energy[gas, 5, 0] == pytest.approx(150.0)
    assert p.emissions[gas, 5, 0] == pytest.approx(37.5)
    assert p.bisko[10, 0] == pytest.approx(130.0 - 25.0)


def test_levers_multiply_and_rows_of_one_lever_add(small_base: Base) -> None:
    gas = small_base.position["households", "natural_gas"]
    rows = {"sectors": ("households",), "carriers": ("natural_gas",)}
    two = project(
        small_base, [lever("a", value=-0.2, **rows), lever("b", value=-0.5, **rows)], 2030
    )
    assert two.energy[gas, -1, 0] == pytest.approx(200 * 0.8 * 0.5)
    one = project(
        small_base, [lever("a", value=-0.2, **rows), lever("a", value=-0.5, **rows)], 2030
    )
    assert one.energy[gas, -1, 0] == pytest.approx(200 * 0.3)


def test_carrier_shift_by_hand(small_base: Base) -> None:
    """Half the gas (100 MWh) becomes 90 MWh of ambient heat with the electricity's 500 g/kWh /
    3.2."""
    shift = lever(
        kind="carrier_shift", value=0.5, carriers=("natural_gas",), target="ambient_heat", ratio=0.9
    )
    p = project(small_base, [shift], 2030)
    at = p.base.position
    assert p.energy[at["households", "natural_gas"], -1, 0] == pytest.approx(100.0)
    assert p.energy[at["households", "ambient_heat"], -1, 0] == pytest.approx(90.0)
    assert p.emissions[at["households", "ambient_heat"], -1, 0] == pytest.approx(90.0 * 0.5 / 3.2)
    # The drive power of the pumps is electricity that is used: 80 MWh as in the balance + 90 / 3.2.
    assert p.electricity_use[-1, 0] == pytest.approx(80.0 + 90.0 / 3.2)


def test_shifts_take_from_one_state_and_leave_nothing_negative(small_base: Base) -> None:
    levers = [
        lever(
            "a", "carrier_shift", 0.7, carriers=("natural_gas",), target="ambient_heat", ratio=0.9
        ),
        lever(
            "b", "carrier_shift", 0.3, carriers=("natural_gas",), target="electricity", ratio=0.9
        ),
    ]
    p = project(small_base, levers, 2030)
    assert p.energy[p.base.position["households", "natural_gas"], -1, 0] == 0.0
    assert p.energy[p.base.position["households", "electricity"], -1, 0] == pytest.approx(
        100 + 200 * 0.3 * 0.9
    )
    assert (p.energy >= 0).all()


def test_factor_path_goes_through_its_points(small_base: Base) -> None:
    """From 500 g/kWh in 2020 over 300 in 2025 to 100 in 2030, then constant; ambient heat follows
    at a 3.2th."""
    carriers = ("electricity", "ambient_heat")
    path = [
        lever("mix", "factor_path", 300.0, carriers=carriers, to_year=2025),
        lever("mix", "factor_path", 100.0, carriers=carriers, to_year=2030),
    ]
    warm = lever(
        "hp", "carrier_shift", 1.0, carriers=("natural_gas",), target="ambient_heat", to_year=2021
    )
    p = project(small_base, [*path, warm], 2032)
    at = p.base.position["households", "electricity"]
    found = (p.emissions[at, :, 0] / p.energy[at, :, 0] * 1000).tolist()
    assert found == pytest.approx([500, 460, 420, 380, 340, 300, 260, 220, 180, 140, 100, 100, 100])
    heat = p.base.position["households", "ambient_heat"]
    assert p.emissions[heat, 10, 0] / p.energy[heat, 10, 0] == pytest.approx(0.1 / 3.2)


def test_land_use_change_is_delayed(small_base: Base) -> None:
    """10 of 100 ha at once in 2021, from +1 to -9 t/ha: -100 t after ten more years, half of it
    after five."""
    change = lever(
        kind="land_use_change",
        value=0.1,
        categories=("cropland",),
        ratio=-9.0,
        from_year=2020,
        to_year=2021,
        delay=10.0,
    )
    p = project(small_base, [change], 2040)
    assert p.land_use[[0, 1, 6, 11, 20], 0].tolist() == pytest.approx([-20, -20, -70, -120, -120])
    assert p.bisko[-1, 0] == p.bisko[0, 0]


def test_capacity_fills_what_can_still_be_realised(small_base: Base) -> None:
    """Half of the 300 kW that are missing to 400, at 1,000 h: 150 MWh on top; emissions stay."""
    build = lever(kind="capacity", value=0.5, categories=("photovoltaics",), ratio=1000.0)
    p = project(small_base, [build], 2030)
    assert p.generation[-1, 0] - p.generation[0, 0] == pytest.approx(150.0)
    assert p.bisko[-1, 0] == p.bisko[0, 0]


def test_blocks_beside_change_only_by_their_own_levers(small_base: Base) -> None:
    herd = lever("herd", value=-0.5, categories=("cows",))
    plants = lever("plants", value=-0.25, categories=("process_ets",))
    p = project(small_base, [herd, plants], 2030)
    assert p.agriculture[-1, 0] == pytest.approx(40.0 - 15.0)
    assert p.process_ets[-1, 0] == pytest.approx(1000.0 * 0.75)
    assert p.bisko[-1, 0] == p.bisko[0, 0]


@given(seed=st.integers(0, 10_000), values=st.lists(st.floats(-1, 1), min_size=4, max_size=4))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_order_of_levers_is_irrelevant(
    small_base: Base, seed: int, values: list[float]
) -> None:
    levers = [
        lever("a", value=values[0]),
        lever("b", value=values[1], carriers=("electricity",)),
        lever(
            "c",
            "carrier_shift",
            abs(values[2]) * 0.6,
            carriers=("natural_gas",),
            target="electricity",
            ratio=0.8,
        ),
        lever(
            "d",
            "carrier_shift",
            abs(values[3]) * 0.4,
            carriers=("natural_gas",),
            target="biomass",
            ratio=0.9,
        ),
        lever("e", "factor_path", 100.0, carriers=("electricity",)),
    ]
    shuffled = levers.copy()
    random.Random(seed).shuffle(shuffled)
    one, two = project(small_base, levers, 2030), project(small_base, shuffled, 2030)
    np.testing.assert_allclose(one.emissions, two.emissions, rtol=1e-12, atol=1e-12)
    assert (one.energy >= -1e-12).all()


def test_sums_of_the_answer_hold_in_every_year(small_base: Base) -> None:
    levers = [
        lever(
            "c", "carrier_shift", 0.6, carriers=("natural_gas",), target="electricity", ratio=0.8
        ),
        lever("d", value=-0.3, sectors=("transport",)),
    ]
    for row in yearly(project(small_base, levers, 2030), "de"):
        for parts in ("sectors", "carriers", "cells"):
            for metric in ("final_energy_mwh", "emissions_t_co2e"):
                assert sum(r[metric] for r in row[parts]) == pytest.approx(row[metric], rel=1e-9)


def test_many_regions_are_the_same_as_one_by_one(small_base: Base) -> None:
    other = replace(small_base, energy=small_base.energy * 3, emissions=small_base.emissions * 2)
    both = _side_by_side(small_base, other)
    levers = [
        lever("a", value=-0.4, sectors=("households",)),
        lever(
            "c", "carrier_shift", 0.6, carriers=("natural_gas",), target="ambient_heat", ratio=0.9
        ),
        lever("e", "factor_path", 100.0, carriers=("electricity", "ambient_heat")),
    ]
    whole = project(both, levers, 2030)
    for n, single in enumerate((small_base, other)):
        alone = project(single, levers, 2030)
        assert whole.energy[:, :, n].tolist() == alone.energy[:, :, 0].tolist()
        assert whole.emissions[:, :, n].tolist() == alone.emissions[:, :, 0].tolist()


def _side_by_side(one: Base, two: Base) -> Base:
    def join(a: Any, b: Any) -> Any:
        return np.concatenate([a, b], axis=-1)

    def rows(a: Rows, b: Rows) -> Rows:
        return Rows(a.names, join(a.quantity, b.quantity), join(a.emissions, b.emissions))

    arrays = (
        "regions",
        "population",
        "energy",
        "emissions",
        "final_energy_total",
        "bisko_total",
        "agriculture_total",
        "land_use_total",
        "process_ets",
        "electricity_use",
        "generation",
    )
    joined = {n: join(getattr(one, n), getattr(two, n)) for n in arrays}
    blocks = {
        n: rows(getattr(one, n), getattr(two, n)) for n in ("agriculture", "land_use", "capacity")
    }
    site = Site(
        join(one.site.living_area_1000m2, two.site.living_area_1000m2),
        {t: join(v, two.site.realisable[t]) for t, v in one.site.realisable.items()},
    )
    return replace(one, **joined, **blocks, site=site, grades=())


def test_changing_one_assumption_moves_only_its_scenario(small_base: Base) -> None:
    """A parameter of climate_protection, changed, leaves trend as it was to the last bit, and moves
    its own."""

    def path(kind: str, **parameters: float) -> list[float]:
        definition = Definition(
            kind, parameters={k.replace("__", "."): v for k, v in parameters.items()}
        )
        levers = resolve(definition, TABLES, small_base, 2045).levers
        return project(small_base, levers, 2045).bisko[:, 0].tolist()

    changed = {"renovation_rate__climate_protection": 1.5}
    assert path("trend", **changed) == path("trend")
    assert path("climate_protection", **changed) != path("climate_protection")
    assert (
        path("climate_protection", **changed)[0]
        == path("climate_protection")[0]
        == small_base.bisko_total[0]
    )
