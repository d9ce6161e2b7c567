"""Potentials: worked by hand, bounded by what exists, missing stays missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.model.base import Base, Place, Rows
from klima_balance.scenarios.rules.document import number
from klima_balance.scenarios.rules.potentials import (
    all_potentials,
    generation,
    land,
    realisable_kw,
    roof_area_ha,
)
from klima_balance.scenarios.rules.shipped_levers import overridden
from klima_shared.language.errors import InputError

TABLES = load_scenario_tables()
PARAMETERS = TABLES.parameters


def place(
    *, pv: float = 500.0, wind: float = 2000.0, flats: float = 150.0, land_ha: float = 1000.0
) -> Place:
    """100 homes of 20,000 m2 in all, 1,000 ha of land, 600 ha of farmland."""

    def one(value: float) -> np.ndarray:
        return np.asarray([value])

    values = {
        "living_area_1000m2": one(20.0),
        "flats_total": one(flats),
        "residential_buildings": one(100.0),
        "land_area_ha": one(land_ha),
        "agricultural_area_ha": one(600.0),
    }
    kw = {"photovoltaics": one(pv), "wind": one(wind), "biomass": one(100.0), "hydro": one(np.nan)}
    mwh = {"photovoltaics": one(pv * 0.93), "wind": one(wind * 2.0), "biomass": one(550.0)}
    return Place(values, kw, mwh, 1)


def test_roofs_by_hand() -> None:
    """1.5 flats a house: 75.5 m2 per 100; x 20,000 m2 x 1.3333 x 38 % = 7,650 m2 = 0.765 ha."""
    area = roof_area_ha(place(), lambda name: PARAMETERS[name].value)
    assert area[0] == pytest.approx(20_000 * 0.755 * 1.3333 * 0.38 / 1e4)


def test_roof_power_by_hand() -> None:
    """0.765 ha x 1.7 MW/ha = 1,300 kW; 500 kW yield 465 MWh as in the balance, the rest 925 h."""
    found = {p.name: p for p in generation(place(), PARAMETERS)}["pv_roof"]
    kw = 20_000 * 0.755 * 1.3333 * 0.38 / 1e4 * 1700
    assert found.power_kw["technical"][0] == pytest.approx(kw)
    assert found.used[0] == pytest.approx(465.0)
    assert found.technical[0] == pytest.approx(465.0 + (kw - 500) * 0.925)
    assert found.realisable[0] == pytest.approx(465.0 + (0.8 * kw - 500) * 0.925)
    assert found.remaining[0] == pytest.approx((0.8 * kw - 500) * 0.925)


def test_wind_by_hand() -> None:
    """2 % of 1,000 ha at 4 ha/MW: 5,000 kW; 90 % of it 4,500; 2,000 stand."""
    found = {p.name: p for p in generation(place(), PARAMETERS)}["wind"]
    assert found.power_kw["technical"][0] == 5000.0
    assert found.remaining[0] == pytest.approx(2500 * 2.7)
    assert realisable_kw(place(), PARAMETERS)["wind"][0] == 4500.0


def test_more_than_thought_possible_is_shown_and_never_negative() -> None:
    found = {p.name: p for p in generation(place(wind=9000.0), PARAMETERS)}["wind"]
    assert found.exceeded[0] == pytest.approx(4000 * 2.0)
    assert found.technical[0] == found.realisable[0] == found.used[0] == pytest.approx(18_000.0)
    assert found.remaining[0] == 0.0
    assert realisable_kw(place(wind=9000.0), PARAMETERS)["wind"][0] == 9000.0


def test_panels_beyond_the_roofs_stand_in_the_field() -> None:
    found = {p.name: p for p in generation(place(pv=3000.0), PARAMETERS)}
    roof = found["pv_roof"].power_kw["technical"][0]
    assert found["pv_roof"].power_kw["used"][0] == pytest.approx(roof)
    assert found["pv_field"].power_kw["used"][0] == pytest.approx(3000.0 - roof)


def test_missing_statistics_stay_missing() -> None:
    empty = Place({}, {}, {}, 1)
    found = {p.name: p for p in generation(empty, PARAMETERS)}
    assert all(np.isnan(found[name].used).all() for name in ("pv_roof", "wind", "biomass"))
    assert np.isnan(found["pv_roof"].technical).all()


def test_overriding_a_parameter_changes_the_potential_and_is_marked() -> None:
    changed = overridden(PARAMETERS, {"wind_land_share": 1.0})
    assert changed["wind_land_share"].overridden
    assert changed["wind_land_share"].certainty == "unverified_low"
    found = {p.name: p for p in generation(place(), changed)}["wind"]
    assert found.power_kw["technical"][0] == 2500.0
    assert not PARAMETERS["wind_land_share"].overridden


@pytest.mark.parametrize(
    ("name", "value"), [("nonsense", 1.0), ("wind_area_per_mw", 0.0), ("pv_hours", float("nan"))]
)
def test_wrong_overrides_are_named(name: str, value: float) -> None:
    with pytest.raises(InputError, match=name):
        overridden(PARAMETERS, {name: value})


@given(
    scale=st.lists(st.floats(0, 1e6), min_size=3, max_size=3),
    rate=st.floats(0, 100),
    living=st.floats(0, 1e5),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_saving_is_larger_than_the_use(
    small_base: Base, scale: list[float], rate: float, living: float
) -> None:
    """Whatever the balance and whatever the rates: 0 <= realisable <= technical <= what exists."""
    energy = np.asarray(scale)[:, None]
    site = replace(small_base.site, living_area_1000m2=np.asarray([living]))
    base = replace(small_base, energy=energy, emissions=energy * 0.3, site=site)
    names = ("renovation_rate", "household_power_saving", "commerce_saving", "industry_saving")
    parameters = overridden(PARAMETERS, {f"{name}.climate_protection": rate for name in names})
    for p in all_potentials(base, place(), parameters, 2045):
        technical, realisable, used = p.technical[0], p.realisable[0], p.used[0]
        if np.isnan(technical) or np.isnan(realisable):
            continue
        assert -1e-9 <= realisable <= technical + 1e-6
        assert 0 <= p.remaining[0] <= realisable + 1e-6 or np.isnan(used)
        if TABLES.potentials[p.name].group == "saving":
            assert technical <= energy.sum() + 1e-6


def test_renovation_by_hand(small_base: Base) -> None:
    """200 MWh of gas on 2,000 m2 are 100 kWh/m2; down to 35 saves 130 MWh; 2.15 %/a x 25 years
    reach 53.75 % of it."""
    found = {p.name: p for p in all_potentials(small_base, place(), PARAMETERS, 2045)}["renovation"]
    assert found.technical[0] == pytest.approx(130.0)
    assert found.realisable[0] == pytest.approx(130.0 * 0.5375)
    assert found.emissions is not None
    assert found.emissions[0] == pytest.approx(-50.0 * 0.65 * 0.5375)


def test_land_by_hand(small_base: Base) -> None:
    """100 ha of cropland at +1 t/ha: forest at -8 gives 900 t a year; 5 % of it suit, 1 % is
    assumed."""
    fields = Rows(("cropland_mineral",), np.asarray([[100.0]]), np.asarray([[100.0]]))
    found = {p.name: p for p in land(replace(small_base, land_use=fields), PARAMETERS)}
    assert found["afforestation"].technical[0] == pytest.approx(45.0)
    assert found["afforestation"].realisable[0] == pytest.approx(9.0)
    assert "rewetting" not in found


def test_what_no_cell_says_is_missing_and_zero_has_no_sign(small_base: Base) -> None:
    """The small base has no cell of commerce or industry: nothing is known of what they could
    save."""
    found = {p.name: p for p in all_potentials(small_base, place(), PARAMETERS, 2045)}
    for name in ("commerce_efficiency", "municipal_efficiency", "ambient_heat_commerce"):
        p = found[name]
        assert p.emissions is not None
        for figures in (p.technical, p.realisable, p.emissions):
            assert number(figures[0]) is None, name
    assert str(number(-0.0)) == "0.0"


@given(
    homes=st.lists(
        st.tuples(
            *(st.floats(0.01, 100) | st.just(float("nan")) for _ in range(2)), st.floats(1, 9)
        ),
        min_size=1,
        max_size=5,
    ),
    energy=st.lists(st.floats(0, 1e6), min_size=15, max_size=15),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_potential_of_a_county_is_the_sum_of_its_members(
    small_base: Base, homes: list[tuple[float, float, float]], energy: list[float]
) -> None:
    """Whatever they are like: with the roofs of each, not with those of a mean house."""
    size = len(homes)
    living, wind, flats = (np.asarray(values) for values in zip(*homes, strict=True))
    used = np.asarray(energy[: 3 * size]).reshape(3, size)
    many = small_base.columns(np.zeros(size, dtype=np.intp))
    site = replace(many.site, living_area_1000m2=living)
    many = replace(many, energy=used, emissions=used * 0.3, site=site)
    ones = np.ones(size)
    values = {
        "living_area_1000m2": living,
        "flats_total": flats * 100.0,
        "residential_buildings": ones * 100.0,
        "land_area_ha": ones * 1000.0,
        "agricultural_area_ha": ones * 600.0,
    }
    kw = {"photovoltaics": ones * 500.0, "wind": wind * 1000.0, "biomass": ones, "hydro": ones}
    mwh = {name: column * 0.9 for name, column in kw.items()}
    whole = all_potentials(many, Place(values, kw, mwh, size), PARAMETERS, 2045)
    for i in range(size):
        one = {name: column[[i]] for name, column in values.items()}
        power, yielded = ({n: c[[i]] for n, c in rows.items()} for rows in (kw, mwh))
        here = Place(one, power, yielded, 1)
        single = all_potentials(many.columns(np.asarray([i])), here, PARAMETERS, 2045)
        for p, q in zip(whole, single, strict=True):
            for name in ("technical", "realisable", "used"):
                np.testing.assert_allclose(getattr(p, name)[i], getattr(q, name)[0], rtol=1e-12)
    for p in whole:
        known = p.technical[~np.isnan(p.technical)]
        total = p.summed()
        assert number(total.technical[0]) == (pytest.approx(known.sum()) if known.size else None)
        if not np.isnan(p.used).any() and not np.isnan(p.realisable).any():
            assert total.remaining[0] == pytest.approx(p.remaining.sum(), rel=1e-9, abs=1e-6)


def test_every_parameter_of_a_potential_is_in_the_table(small_base: Base) -> None:
    for p in all_potentials(small_base, place(), PARAMETERS, 2045):
        named = TABLES.potentials[p.name].parameters
        assert named, p.name
        assert set(named) <= set(PARAMETERS), p.name
