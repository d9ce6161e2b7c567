"""All municipalities of Germany: two scenarios within the limits, and the same engine as for one
municipality."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.scenarios import LIMITS, county_figures, germany
from klima_balance.method import load_method
from klima_balance.scenarios.files.parameters import load_scenario_tables

STATISTICS = Path(
    os.environ.get("KLIMA_STATISTICS", Path(__file__).parents[5] / "shared" / "public_statistics")
)


def test_the_county_stays_within_its_limits() -> None:
    """Ten times the limits: this says that nothing is out of proportion, the bench itself says how
    fast it is."""
    found = county_figures(load_method(), load_scenario_tables())
    for name, value in found.items():
        assert value < LIMITS[name] * 10, name


@pytest.mark.national
@pytest.mark.skipif(
    not STATISTICS.is_dir(), reason="the national tables are not beside the repository"
)
def test_all_municipalities_within_time_and_memory() -> None:
    found = germany(STATISTICS, load_method(), load_scenario_tables())
    assert found["municipalities"] > 10_000
    assert found["germany_two_scenarios_s"] < LIMITS["germany_two_scenarios_s"]
    assert found["germany_peak_memory_mb"] < LIMITS["germany_peak_memory_mb"]
    assert np.isfinite(list(found.values())).all()
    assert found["germany_climate_protection_2045_mt"] < 0.06 * found["germany_base_mt"]
    assert (
        found["germany_climate_protection_2045_mt"]
        < found["germany_trend_2045_mt"]
        < found["germany_base_mt"]
    )
