"""Start balances top-down: keys, and a Germany of three municipalities that fits on a page."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from klima_balance.engine.allocation import (
    living_area_without_district_heat,
    traffic_weighted_population,
)
from klima_balance.engine.balance import Balances, aggregate, start_balances
from klima_balance.engine.options import Options
from klima_balance.method import load_method
from klima_balance.method.model import Method

A, B, C = "01001001", "01001002", "01001003"


def test_traffic_weight_by_hand() -> None:
    # Soest 2021: 770 ha / 47,929 = 0.016065 ha; / 0.02175016 = 0.738634; ^0.4 = 0.885884; x 47,929
    # = 42,459.5
    found = traffic_weighted_population(np.array([47929.0]), np.array([770.0]), 0.02175016, 0.4)
    assert found[0] == pytest.approx(42_459.5, abs=1.0)
    average = traffic_weighted_population(np.array([1000.0]), np.array([21.75016]), 0.02175016, 0.4)
    assert average[0] == pytest.approx(1000.0)
    assert traffic_weighted_population(np.array([0.0]), np.array([5.0]), 0.02, 0.4)[0] == 0
    assert np.isnan(traffic_weighted_population(np.array([1.0]), np.array([np.nan]), 0.02, 0.4)[0])


def test_living_area_without_district_heat_by_hand() -> None:
    # Soest 2021: 2,260.3 x (1 - 501 / 23,362) = 2,211.828
    found = living_area_without_district_heat(
        np.array([2260.3]), np.array([23362.0]), np.array([501.0])
    )
    assert found[0] == pytest.approx(2211.828, abs=0.001)
    none = living_area_without_district_heat(np.array([0.9]), np.array([0.0]), np.array([0.0]))
    assert none[0] == 0.9
    missing = living_area_without_district_heat(
        np.array([5.0]), np.array([np.nan]), np.array([0.0])
    )
    assert np.isnan(missing[0])


def tiny() -> Method:
    """National: 1,000 MWh electricity by population, 900 MWh gas and 320 MWh heat of sun and
    environment by living area."""
    method = load_method()
    energy = pd.DataFrame(
        [
            ("households", "electricity", 2021.0, 1000.0),
            ("households", "natural_gas", 2021.0, 900.0),
            ("households", "solar_thermal_and_ambient_heat", 2021.0, 320.0),
        ],
        columns=["activity", "carrier", "year", "value"],
    ).assign(source="tiny", unit="MWh", certainty="verified", note="")
    carriers = ["electricity", "natural_gas", "solar_thermal", "ambient_heat"]
    rules = method.allocation
    rules = rules[(rules["activity"] == "households") & rules["carrier"].isin(carriers)]
    totals = method.key_totals[method.key_totals["year"] == 2021].copy()
    # population 100 + 200 + 700; living area 10 x (1 - 0) + 20 x (1 - 5/10) + 50 x (1 - 20/100) =
    # 10 + 10 + 40
    totals["value"] = (
        totals["key"]
        .map({"population": 1000.0, "living_area_without_district_heat": 60.0})
        .fillna(1.0)
    )
    splits = method.carrier_splits[method.carrier_splits["year"] == 2021].copy()
    splits["share"] = splits["part"].map({"solar_thermal": 0.329, "ambient_heat": 0.671})
    return replace(
        method, national_energy=energy, carrier_splits=splits, allocation=rules, key_totals=totals
    )


def statistics() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "population": [100.0, 200.0, 700.0],
            "living_area_1000m2": [10.0, 20.0, 50.0],
            "flats_total": [10.0, 10.0, 100.0],
            "flats_district_heat": [0.0, 5.0, 20.0],
        },
        index=[A, B, C],
    )


def balances(options: Options | None = None) -> Balances:
    return start_balances(statistics(), tiny(), 2021, options)


def test_three_municipalities_by_hand() -> None:
    result = balances()
    # gas: 900 x 10/60 = 150, 150, 600 MWh; x 247 g/kWh
    gas = result.cell("households", "natural_gas")
    assert gas["final_energy_mwh"].tolist() == pytest.approx([150, 150, 600])
    assert gas["emissions_t_co2e"].tolist() == pytest.approx([37.05, 37.05, 148.2])
    # ambient heat: 320 x 0.671 = 214.72 MWh; A: x 10/60 = 35.786667; x 472/3.2 g/kWh = 5.278533 t
    heat = result.cell("households", "ambient_heat")
    assert heat["final_energy_mwh"].tolist() == pytest.approx([35.7866667, 35.7866667, 143.1466667])
    assert heat["emissions_t_co2e"].iloc[0] == pytest.approx(5.27853333)
    # electricity: 100 MWh less 35.786667 / 3.2 = 11.183333 drive power = 88.816667; x 0.472 =
    # 41.921467 t
    power = result.cell("households", "electricity")
    assert power["final_energy_mwh"].tolist() == pytest.approx(
        [88.8166667, 188.8166667, 655.2666667]
    )
    assert power["emissions_t_co2e"].iloc[0] == pytest.approx(41.9214667)
    # A in all: 150 + 35.786667 + 88.816667 + solar 320 x 0.329 / 6 = 17.546667 -> 292.15 MWh
    # 37.05 + 5.278533 + 41.921467 + 17.546667 x 0.023 = 0.403573 -> 84.653573 t
    assert result.total("final_energy_mwh")[A] == pytest.approx(292.15)
    assert result.total("bisko_t_co2e")[A] == pytest.approx(84.6535733)


def test_germany_is_the_national_figure() -> None:
    nation = aggregate(balances())
    assert nation.regions.tolist() == ["01000000", "01001000", "DG000000"]
    # 1,000 + 900 + 320 MWh less 214.72 / 3.2 = 67.1 MWh drive power that electricity and ambient
    # heat both contain
    assert nation.total("final_energy_mwh")["DG000000"] == pytest.approx(2220 - 67.1)
    # 1,000 x 0.472 + 900 x 0.247 + 105.28 x 0.023 (the heat pumps move emissions and add none)
    assert nation.total("bisko_t_co2e")["DG000000"] == pytest.approx(472 + 222.3 + 2.42144)


def test_the_split_of_heat_pumps_leaves_the_totals() -> None:
    on, off = balances(), balances(Options(heat_pump_split=False))
    for name in ("final_energy_mwh", "bisko_t_co2e"):
        np.testing.assert_allclose(on.total(name), off.total(name), rtol=1e-12)
    assert off.cell("households", "electricity")["final_energy_mwh"].tolist() == pytest.approx(
        [100, 200, 700]
    )
    assert off.cell("households", "ambient_heat")["emissions_t_co2e"].tolist() == pytest.approx(
        [0, 0, 0], abs=1e-12
    )


def test_drive_power_above_the_electricity_stays_with_ambient_heat() -> None:
    method = tiny()
    energy = method.national_energy.copy()
    energy.loc[energy["carrier"] == "electricity", "value"] = 1.0
    result = start_balances(statistics(), replace(method, national_energy=energy), 2021)
    assert (result.cell("households", "electricity")["final_energy_mwh"] >= 0).all()
    assert result.cell("households", "electricity")["final_energy_mwh"].tolist() == pytest.approx(
        [0.1, 0.2, 0.7]
    )
    assert result.flags["heat_pump_power"].tolist() == [1, 1, 1]


def test_missing_key_is_missing_and_not_zero() -> None:
    frame = statistics()
    frame.loc[B, "flats_total"] = np.nan
    result = start_balances(frame, tiny(), 2021)
    cell = result.cell("households", "natural_gas")
    assert cell.loc[B, "status"] == "missing"
    assert cell.loc[A, "status"] == "estimated"
    total = result.total("final_energy_mwh")
    assert total[B] == pytest.approx(200)  # electricity alone; nothing leaks
    assert result.totals.bisko_gaps.tolist() == [0, 3, 0]
    nation = aggregate(result)
    assert nation.totals.bisko_gaps[nation.position["DG000000"]] == 3
    assert not np.isnan(nation.total("bisko_t_co2e")).any()


def test_a_municipality_without_any_statistic_has_no_total() -> None:
    frame = statistics()
    frame.loc[B] = np.nan
    result = start_balances(frame, tiny(), 2021)
    assert np.isnan(result.total("bisko_t_co2e")[B])
    assert result.total("bisko_t_co2e")[A] == pytest.approx(84.6535733)


def test_site_fuels_stand_beside_or_inside() -> None:
    method = load_method()
    frame = pd.DataFrame({"population": [10.0], "ets_industry_t": [1181971.14]}, index=["01001001"])
    # 1 % of 118,197,114 t CO2: 1 % of 123,874,444 MWh coal x 434.5 g/kWh
    beside = start_balances(frame, method, 2021)
    inside = start_balances(frame, method, 2021, Options(industrial_sites="included"))
    coal = 1_238_744.44 * 0.4345
    petroleum, other, gases = 182_386.11 * 0.318, 218_719.44 * 0.330, 255_677.78 * 0.330
    fuels = coal + petroleum + other + gases
    assert beside.total("site_fuels_t_co2e").iloc[0] == pytest.approx(fuels)
    assert ("industry", "other_fossil") not in beside.cells.position
    assert inside.total("site_fuels_t_co2e").iloc[0] == 0
    assert inside.cell("industry", "coal")["emissions_t_co2e"].iloc[0] == pytest.approx(coal)
    gained = inside.total("bisko_t_co2e") - beside.total("bisko_t_co2e")
    assert gained.iloc[0] == pytest.approx(fuels)
    for result in (beside, inside):
        assert result.total("process_ets_t_co2").iloc[0] == pytest.approx(1181971.14)
