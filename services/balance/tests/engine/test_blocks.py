"""Agriculture, land use, plants and renewables: beside the BISKO total, each by hand."""

import numpy as np
import pandas as pd
import pytest

from klima_balance.balances.rules.document import document
from klima_balance.engine.balance import Balances, aggregate, start_balances
from klima_balance.engine.observations import wide
from klima_balance.engine.options import Options
from klima_balance.engine.plants import coverage, generation_mwh
from klima_balance.engine.statistics import Statistics
from klima_balance.method import load_method

METHOD = load_method()
FOREST_HA = 26_467.0


def one(options: Options | None = None, ags: str = "05974040", **columns: float) -> Balances:
    frame = pd.DataFrame({name: [value] for name, value in columns.items()}, index=[ags])
    return start_balances(frame, METHOD, 2021, options)


@pytest.mark.parametrize(
    ("assumption", "kt"),
    [("inventory_2018", -167), ("inventory_2021", -103), ("dieback_2017_2022", 71)],
)
def test_the_forest_of_the_county(assumption: str, kt: float) -> None:
    result = one(Options(forest_factor=assumption), forest_ha=FOREST_HA)
    assert result.total("land_use_t_co2e").iloc[0] / 1000 == pytest.approx(kt, abs=0.5)


def test_land_use_by_hand() -> None:
    # 5,779 ha farmland x 0.26 + 182 x -3.88 + 92 x -0.94 + (1,625 + 770) x 0.32 = 1,502.54 - 706.16
    # - 86.48 + 766.4
    result = one(
        agricultural_area_ha=5779.0,
        forest_ha=182.0,
        woods_ha=92.0,
        settlement_area_ha=1625.0,
        traffic_area_ha=770.0,
        heath_ha=0.0,
        moor_ha=0.0,
        marsh_ha=0.0,
    )
    assert result.total("land_use_t_co2e").iloc[0] == pytest.approx(1476.3)
    assert result.totals.land_use_gaps.tolist() == [0]
    # moor is an organic soil: 10 ha x 38.8
    moor = one(moor_ha=10.0)
    assert moor.total("land_use_t_co2e").iloc[0] == pytest.approx(388)
    split = one(agricultural_area_ha=100.0, cropland_ha=60.0, grassland_ha=40.0)
    assert split.total("land_use_t_co2e").iloc[0] == pytest.approx(60 * 0.26 - 40 * 0.78)


def test_manure_and_digestion_of_a_herd_by_hand() -> None:
    # 100 dairy cows in North Rhine-Westphalia, submission 2023, AR5:
    #   digestion 100 x 141.295 kg CH4 x 28        = 395.626 t
    #   manure    100 x  28.35  kg CH4 x 28        =  79.380 t
    #             100 x   0.59825 kg N2O x 265     =  15.854 t
    #   indirect  100 x  17.6 / 298 kg N2O x 265   =   1.565 t
    result = one(cows=100.0)
    assert result.total("agriculture_t_co2e").iloc[0] == pytest.approx(
        395.626 + 79.38 + 15.853625 + 1.56509, abs=1e-3
    )


def test_soils_lime_and_urea_by_hand() -> None:
    # 1,000 ha: sum of N2O rows 3.654 kg/ha x 265 = 968.3 t; lime, dolomite, lime in CAN, urea
    # 313.76 x 0.44 + 9.63 x 0.477 + 24.27 x 0.44 + 31.93 x 0.733 = 176.7314 kg CO2/ha
    result = one(agricultural_area_ha=1000.0)
    by_group = result.long_table()
    soils = by_group.loc[by_group["group"] == "agricultural_soils", "emissions_t_co2e"].sum()
    lime = by_group.loc[by_group["group"] == "liming_urea", "emissions_t_co2e"].sum()
    assert soils == pytest.approx(968.3, abs=0.1)
    assert lime == pytest.approx(176.7314, abs=1e-3)


def test_the_factor_of_the_own_state_serves_first() -> None:
    here, elsewhere = one(cows=100.0), one(cows=100.0, ags="09162000")
    assert here.total("agriculture_t_co2e").iloc[0] > elsewhere.total("agriculture_t_co2e").iloc[0]
    # Bavaria takes the national factors: 141.295 x 28 + 23.3181 x 28 + 0.61593 x 265 + 22.1 / 298 x
    # 265
    expected = 0.1 * (141.295 * 28 + 23.3181 * 28 + 0.61593 * 265 + 22.1 / 298 * 265)
    assert elsewhere.total("agriculture_t_co2e").iloc[0] == pytest.approx(expected, rel=1e-5)


def test_one_submission_for_all_years() -> None:
    frame = pd.DataFrame({"cows": [100.0]}, index=["05974040"])
    newest = [
        start_balances(frame, METHOD, year).total("agriculture_t_co2e").iloc[0]
        for year in (2018, 2021)
    ]
    assert newest[0] == newest[1]
    older = Options(inventory_submission="2020")
    both = [
        start_balances(frame, METHOD, year, older).total("agriculture_t_co2e").iloc[0]
        for year in (2018, 2021)
    ]
    assert both[0] == both[1] != newest[0]


def test_another_gwp_set_works_on_the_masses_of_the_gases() -> None:
    found = {
        s: one(Options(gwp_set=s), cows=100.0).total("agriculture_t_co2e").iloc[0]
        for s in ("AR4", "AR5", "AR6")
    }
    methane, nitrous = 141.295 + 28.35, 0.59825 + 0.05906
    for name, ch4, n2o in (("AR4", 25, 298), ("AR5", 28, 265), ("AR6", 27.9, 273)):
        assert found[name] == pytest.approx(0.1 * (methane * ch4 + nitrous * n2o), rel=1e-6)


def test_the_herd_of_the_state_by_agricultural_area() -> None:
    rows = pd.DataFrame(
        [
            ("05974040", 2021, "agricultural_area_ha", 5779.0),
            ("05974044", 2021, "agricultural_area_ha", 4995.0),
            ("05974044", 2021, "cows", 10.0),
            ("05000000", 2021, "agricultural_area_ha", 1_600_000.0),
            ("05000000", 2021, "cows", 384_215.0),
        ],
        columns=["region", "year", "statistic", "value"],
    )
    result = start_balances(wide(rows, 2021), METHOD, 2021)
    lines = result.long_table()
    cows = lines[(lines["key"] == "cows") & (lines["group"] == "enteric_fermentation")].set_index(
        "region"
    )["quantity"]
    assert cows["05974040"] == pytest.approx(384_215 * 5779 / 1_600_000)  # 1,387.7 heads
    assert cows["05974044"] == 10.0  # an own herd comes before


def test_plants_as_reported_and_cement_of_which() -> None:
    result = one(ets_industry_t=1_745_541.0, ets_cement_t=1_610_442.0)
    assert result.total("process_ets_t_co2").iloc[0] == 1_745_541.0
    rows = document(result, "05974040")["blocks"]["process_ets"]
    cement = next(row for row in rows if row["category"] == "ets_cement")
    assert cement["memo"] is True
    assert cement["emissions_t_co2e"] == 1_610_442.0


def test_renewables_and_coverage_by_hand() -> None:
    # Soest: 21,093 kW x 930 h = 19,616.49; 4,509.5 kW x 2,000 h = 9,019; 1,045 kW x 5,500 h =
    # 5,747.5 -> 34,382.99 MWh
    result = one(population=47929.0, pv_kw=21093.0, wind_kw=4509.5, biomass_kw=1045.0, hydro_kw=0.0)
    assert result.total("renewable_generation_mwh").iloc[0] == pytest.approx(34_382.99)
    assert generation_mwh(np.array([1000.0]), 4000.0)[0] == 4000.0
    assert coverage(np.array([30.0, 1.0]), np.array([120.0, 0.0]))[0] == 0.25
    assert np.isnan(coverage(np.array([30.0, 1.0]), np.array([120.0, 0.0]))[1])
    assert document(result, "05974040")["totals"]["renewable_coverage"] == pytest.approx(
        34_382.99 / result.total("electricity_use_mwh").iloc[0]
    )


def test_coverage_counts_the_power_of_heat_pumps_as_use() -> None:
    result = start_balances(wide(METHOD.statistics, 2021), METHOD, 2021)
    used = result.total("electricity_use_mwh")["05974040"]
    shown = sum(
        result.cells.energy_of(s, "electricity")[9]
        for s in ("households", "commerce", "industry", "transport")
    )
    heat = sum(
        result.cells.energy_of(s, "ambient_heat")[9] for s in ("households", "commerce", "industry")
    )
    assert used == pytest.approx(shown + heat / 3.2)


def test_nothing_beside_bisko_enters_it() -> None:
    plain = one(population=1000.0)
    rich = one(
        population=1000.0,
        cows=5000.0,
        pigs=9000.0,
        forest_ha=9e4,
        woods_ha=10.0,
        ets_industry_t=1e6,
        pv_kw=1e5,
        wind_kw=1e5,
    )
    for name in ("bisko_t_co2e", "final_energy_mwh"):
        assert rich.total(name).iloc[0] == plain.total(name).iloc[0]
    assert rich.total("extended_t_co2e").iloc[0] == pytest.approx(
        rich.total("bisko_t_co2e").iloc[0] + rich.total("agriculture_t_co2e").iloc[0]
    )
    net = rich.total("extended_t_co2e").iloc[0] + rich.total("land_use_t_co2e").iloc[0]
    assert rich.total("net_with_land_use_t_co2e").iloc[0] == pytest.approx(net)


def test_an_unknown_block_is_null_and_not_zero() -> None:
    doc = document(one(population=1000.0), "05974040")
    assert doc["totals"]["agriculture_t_co2e"] is None
    assert doc["totals"]["extended_t_co2e"] is None
    assert doc["totals"]["bisko_t_co2e"] > 0
    assert doc["complete"]["agriculture"] is False


def test_a_forest_may_be_a_source_in_the_county_too() -> None:
    stats = wide(METHOD.statistics, 2021)
    totals = {
        name: aggregate(start_balances(stats, METHOD, 2021, Options(forest_factor=name))).total(
            "land_use_t_co2e"
        )["05974000"]
        for name in ("inventory_2021", "dieback_2017_2022")
    }
    assert totals["inventory_2021"] < 0 < totals["dieback_2017_2022"]
    # 26,464 ha in the sum of the municipalities x (2.7 + 3.88)
    forest = stats.column("forest_ha").sum()
    assert totals["dieback_2017_2022"] - totals["inventory_2021"] == pytest.approx(forest * 6.58)


def test_statistics_refuse_negative_and_infinite() -> None:
    for wrong in (-1.0, float("inf")):
        with pytest.raises(ValueError, match="05974040: forest_ha"):
            Statistics.from_dataframe(
                pd.DataFrame({"forest_ha": [wrong]}, index=["05974040"]), 2021
            )
