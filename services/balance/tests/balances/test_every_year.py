"""All years of the national tables: every cell can be computed from its explanation alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from klima_balance.balances.rules.document import document
from klima_balance.balances.rules.explanations import explain
from klima_balance.engine.balance import aggregate, start_balances
from klima_balance.engine.observations import Observations
from klima_balance.engine.records import region_record, run_record
from klima_balance.method import load_method

METHOD = load_method()
OBSERVATIONS = Observations(METHOD.statistics)
YEARS = range(2018, 2025)
PER_UNIT = {"g CO2e/kWh": 1e-3, "t CO2e/MWh": 1.0}


def recomputed(row: dict[str, Any]) -> float:
    """t CO2e of one row of an explanation, from what the row says and nothing else."""
    activity, factor = row["activity"], row["factor"]
    quantity = activity["quantity"]
    if arithmetic := activity.get("arithmetic"):
        shared = arithmetic["national_mwh"] * arithmetic["key_region"] / arithmetic["key_germany"]
        assert quantity == pytest.approx(shared, rel=1e-9)
    return float(quantity * factor["value"] * PER_UNIT[factor["unit"]])


@pytest.mark.parametrize("year", YEARS)
def test_every_cell_is_what_its_explanation_computes(year: int) -> None:
    leaves = start_balances(OBSERVATIONS.of(year), METHOD, year)
    county = aggregate(leaves)
    seen = 0
    for result, regions in ((leaves, list(map(str, leaves.regions))), (county, ["05974000"])):
        run = run_record(result)
        for region in regions:
            record = region_record(result, region)
            for cell in document(result, region)["cells"]:
                place = {"sector": cell["sector"], "carrier": cell["carrier"]}
                told = explain(run, record, **place)
                parts = sum(map(recomputed, told["rows"]))
                assert told["value"] == pytest.approx(cell["emissions_t_co2e"], rel=1e-9), place
                assert parts == pytest.approx(cell["emissions_t_co2e"], rel=1e-9), place
                seen += 1
    assert seen > 15 * 30


def test_the_county_of_2019_is_near_what_its_own_balance_says() -> None:
    """9.1 t per head in the county's concept (BISKO, 2019); ours comes from shared-out national
    figures."""
    totals = start_balances(OBSERVATIONS.of(2019), METHOD, 2019).totals
    per_head = np.sum(totals.bisko_t_co2e) / np.sum(totals.population)
    assert per_head == pytest.approx(9.1, rel=0.05)
