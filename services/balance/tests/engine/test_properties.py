"""Properties that hold for any statistics: sums, order, scale, and that missing is not zero."""

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from klima_balance.balances.rules.document import document
from klima_balance.engine.balance import aggregate, start_balances
from klima_balance.engine.options import Options
from klima_balance.engine.records import digest
from klima_balance.method import load_method

METHOD = load_method()
COLUMNS = (
    "population",
    "living_area_1000m2",
    "flats_total",
    "flats_district_heat",
    "traffic_area_ha",
    "agricultural_area_ha",
    "industry_commerce_area_ha",
    "settlement_area_ha",
    "forest_ha",
    "woods_ha",
    "heath_ha",
    "moor_ha",
    "marsh_ha",
    "ets_industry_t",
    "pv_kw",
    "wind_kw",
    "biomass_kw",
    "hydro_kw",
    "cows",
    "cattle_other",
    "pigs",
    "poultry",
    "other_animals",
)
TOTALS = (
    "final_energy_mwh",
    "bisko_t_co2e",
    "agriculture_t_co2e",
    "extended_t_co2e",
    "land_use_t_co2e",
    "net_with_land_use_t_co2e",
    "process_ets_t_co2",
    "renewable_generation_mwh",
)

number = st.floats(min_value=0, max_value=1e6, allow_nan=False, allow_subnormal=False).map(
    lambda v: round(v, 3)
)


@st.composite
def frames(draw: st.DrawFn, missing: bool = False) -> pd.DataFrame:
    size = draw(st.integers(1, 6))
    cell: Any = st.one_of(number, st.just(float("nan"))) if missing else number
    rows = draw(
        st.lists(
            st.lists(cell, min_size=len(COLUMNS), max_size=len(COLUMNS)),
            min_size=size,
            max_size=size,
        )
    )
    frame = pd.DataFrame(
        rows, columns=COLUMNS, dtype=float, index=[f"0597400{i}" for i in range(1, size + 1)]
    )
    frame["flats_district_heat"] = np.minimum(frame["flats_district_heat"], frame["flats_total"])
    return frame


options = st.builds(
    Options,
    industrial_sites=st.sampled_from(["separate", "included"]),
    heat_pump_split=st.booleans(),
    forest_factor=st.sampled_from(["inventory_2018", "inventory_2021", "dieback_2017_2022"]),
)


@settings(max_examples=40, deadline=None)
@given(frame=frames(missing=True), chosen=options)
def test_sectors_and_carriers_sum_to_the_total(frame: pd.DataFrame, chosen: Options) -> None:
    result = start_balances(frame, METHOD, 2021, chosen)
    for both in (result, aggregate(result)):
        for region in both.regions:
            doc = document(both, str(region))
            for part in ("cells", "sectors", "carriers"):
                for measure, total in (
                    ("final_energy_mwh", "final_energy_mwh"),
                    ("emissions_t_co2e", "bisko_t_co2e"),
                ):
                    value = doc["totals"][total]
                    found = sum(row[measure] for row in doc[part])
                    assert (value is None and not doc[part]) or np.isclose(
                        found, value, rtol=1e-9, atol=1e-6
                    )


@settings(max_examples=30, deadline=None)
@given(frame=frames(missing=True), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_is_irrelevant_to_the_last_bit(frame: pd.DataFrame, seed: int) -> None:
    shuffled = frame.sample(frac=1.0, random_state=seed)[
        list(np.random.default_rng(seed).permutation(frame.columns))
    ]
    first, second = start_balances(frame, METHOD, 2021), start_balances(shuffled, METHOD, 2021)
    for name in TOTALS:
        np.testing.assert_array_equal(first.total(name), second.total(name))
        np.testing.assert_array_equal(aggregate(first).total(name), aggregate(second).total(name))
    assert [digest(first, str(r)) for r in first.regions] == [
        digest(second, str(r)) for r in second.regions
    ]


@settings(max_examples=30, deadline=None)
@given(frame=frames(missing=True))
def test_one_municipality_alone_is_the_same_as_among_others(frame: pd.DataFrame) -> None:
    together = start_balances(frame, METHOD, 2021)
    for region in frame.index:
        alone = start_balances(frame.loc[[region]], METHOD, 2021)
        for name in TOTALS:
            np.testing.assert_array_equal(alone.total(name)[region], together.total(name)[region])


@settings(max_examples=40, deadline=None)
@given(frame=frames(), column=st.sampled_from(COLUMNS), at=st.integers(0, 5))
def test_missing_is_not_zero(frame: pd.DataFrame, column: str, at: int) -> None:
    region = frame.index[at % len(frame)]
    zero, missing = frame.copy(), frame.copy()
    zero.loc[region, column] = 0.0
    missing.loc[region, column] = np.nan
    if column == "flats_total":
        zero.loc[region, "flats_district_heat"] = 0.0
    with_zero, with_gap = start_balances(zero, METHOD, 2021), start_balances(missing, METHOD, 2021)

    def gaps(result: Any) -> float:
        names = ("bisko", "agriculture", "land_use", "process_ets", "renewables")
        return float(sum(getattr(result.totals, f"{name}_gaps").sum() for name in names))

    assert gaps(with_zero) == 0
    assert gaps(with_gap) > 0
    for values in vars(with_gap.totals).values():
        if values is not with_gap.totals.population:
            assert np.isfinite(values).all()


@settings(max_examples=40, deadline=None)
@given(frame=frames(), heads=st.floats(1, 1e6))
def test_livestock_leaves_bisko_alone(frame: pd.DataFrame, heads: float) -> None:
    more = frame.assign(
        cows=frame["cows"] + heads, pigs=frame["pigs"] + heads, poultry=frame["poultry"] + heads
    )
    before, after = start_balances(frame, METHOD, 2021), start_balances(more, METHOD, 2021)
    for name in ("bisko_t_co2e", "final_energy_mwh", "land_use_t_co2e", "process_ets_t_co2"):
        np.testing.assert_array_equal(before.total(name), after.total(name))
    assert (after.total("agriculture_t_co2e") > before.total("agriculture_t_co2e")).all()


@settings(max_examples=40, deadline=None)
@given(frame=frames(), factor=st.floats(0.01, 100))
def test_twice_the_statistics_is_twice_the_balance(frame: pd.DataFrame, factor: float) -> None:
    before, after = (
        start_balances(frame, METHOD, 2021),
        start_balances(frame * factor, METHOD, 2021),
    )
    for name in TOTALS:
        np.testing.assert_allclose(
            after.total(name), before.total(name) * factor, rtol=1e-9, atol=1e-6
        )


@settings(max_examples=40, deadline=None)
@given(frame=frames(), sites=st.sampled_from(["separate", "included"]))
def test_the_heat_pump_split_moves_and_adds_nothing(frame: pd.DataFrame, sites: str) -> None:
    on = start_balances(frame, METHOD, 2021, Options(industrial_sites=sites))
    off = start_balances(
        frame, METHOD, 2021, Options(industrial_sites=sites, heat_pump_split=False)
    )
    for name in ("final_energy_mwh", "bisko_t_co2e", "electricity_use_mwh"):
        np.testing.assert_allclose(on.total(name), off.total(name), rtol=1e-9, atol=1e-6)
    assert (on.cells.energy >= 0).all()


@settings(max_examples=30, deadline=None)
@given(frame=frames(missing=True))
def test_members_sum_to_county_state_and_germany(frame: pd.DataFrame) -> None:
    result = start_balances(frame, METHOD, 2021)
    total = aggregate(result)
    for name in (
        "final_energy_mwh",
        "bisko_t_co2e",
        "agriculture_t_co2e",
        "land_use_t_co2e",
        "site_fuels_t_co2e",
    ):
        parts = getattr(result.totals, name).sum()
        for region in ("05974000", "05000000", "DG000000"):
            whole = getattr(total.totals, name)[total.position[region]]
            assert np.isclose(whole, parts, rtol=1e-9, atol=1e-6)
