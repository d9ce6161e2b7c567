"""All municipalities of Germany, with the real tables where they are."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.national import LIMITS, national
from klima_balance.engine.allocation import national_energy
from klima_balance.engine.balance import Balances, aggregate, start_balances
from klima_balance.engine.observations import wide
from klima_balance.engine.options import Options
from klima_balance.method import load_method
from klima_balance.regions.files.statistics import StatisticsFiles, read_directory

TABLES = Path(__file__).parents[5] / "shared" / "public_statistics"
METHOD = load_method()

pytestmark = [
    pytest.mark.national,
    pytest.mark.skipif(not TABLES.is_dir(), reason=f"the national tables are not at {TABLES}"),
]


@pytest.fixture(scope="module")
def tables() -> StatisticsFiles:
    return read_directory(TABLES)


@pytest.fixture(scope="module", params=[2018, 2021])
def germany(request: pytest.FixtureRequest, tables: StatisticsFiles) -> Balances:
    year = int(request.param)
    return start_balances(
        wide(tables.rows, year), METHOD, year, Options(industrial_sites="included")
    )


def test_all_municipalities(germany: Balances) -> None:
    assert len(germany.regions) == {2018: 11_014, 2021: 10_789}[germany.year]
    population = {2018: 83_019_213, 2021: 83_237_124}[germany.year]
    assert germany.totals.population.sum() == population


def test_allocated_energy_is_the_national_figure(germany: Balances) -> None:
    rules, _ = national_energy(METHOD, germany.year)
    shared_out = rules[~rules["condition"].isin(["airport", "inland_port"])]["value"].sum()
    rows = [i for i, line in enumerate(germany.lines) if line.kind == "allocated"]
    assert np.nansum(germany.quantity[rows]) == pytest.approx(shared_out, rel=0.005)
    for i in rows:
        line = germany.lines[i]
        # The denominator for plants of 2018 counts fewer of them than the table of municipalities
        # holds: 0.62 %.
        tolerance = (
            0.0065 if line.key == "emissions_trading_industry" and germany.year == 2018 else 0.005
        )
        assert np.nansum(germany.quantity[i]) == pytest.approx(line.national, rel=tolerance), (
            line.id
        )


def test_counties_states_and_germany_are_the_same_sum(germany: Balances) -> None:
    sums = aggregate(germany)
    whole = sums.total("bisko_t_co2e")["DG000000"]
    assert whole == pytest.approx(np.nansum(germany.total("bisko_t_co2e")), rel=1e-9)
    states = [key for key in sums.regions if key.endswith("000000") and key != "DG000000"]
    cities = [key for key in germany.regions if key.endswith("000000")]
    total = sums.total("bisko_t_co2e")[states].sum() + germany.total("bisko_t_co2e")[cities].sum()
    assert total == pytest.approx(whole, rel=1e-9)
    assert sums.totals.population[sums.position["DG000000"]] == germany.totals.population.sum()


def test_missing_statistics_leak_nowhere(germany: Balances) -> None:
    totals = germany.totals
    for name, values in vars(totals).items():
        assert np.isfinite(values).all(), name
    if germany.year == 2018:
        assert (
            totals.bisko_gaps > 0
        ).sum() == 259  # municipalities that were merged before the table of flats
    else:
        assert totals.bisko_gaps.sum() == 0


def test_the_county_is_the_one_of_the_method_tables(tables: StatisticsFiles) -> None:
    ours = start_balances(wide(METHOD.statistics, 2021), METHOD, 2021)
    nation = start_balances(wide(tables.rows, 2021), METHOD, 2021)
    for name in ("final_energy_mwh", "bisko_t_co2e"):
        theirs = nation.total(name)[ours.regions.tolist()]
        np.testing.assert_allclose(theirs, ours.total(name), rtol=1e-6)


def test_the_bench_measures_all_blocks() -> None:
    # How fast it is says `./klima bench national`; here only that what it measures is there.
    found = national(TABLES, with_documents=False)
    assert found["municipalities"] > 10_000
    shared_out = {"bisko", "agriculture", "land_use", "process_ets", "renewables"}
    assert set(found["lines"]) == {*shared_out, "waste"}
    assert found["lines"].pop("waste") == 0, "delivered figures only"
    assert all(found["lines"].values())
    assert LIMITS.keys() <= found.keys()
