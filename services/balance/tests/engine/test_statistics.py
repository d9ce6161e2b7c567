"""Long rows to the wide table of a year: nearest year, corrections, mergers; and who belongs to
whom."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from klima_balance.engine.observations import wide
from klima_balance.engine.regions import leaves, memberships, parents
from klima_balance.method import load_method
from klima_shared.language.errors import InputError

A, B = "05974040", "05974036"


def long(*rows: tuple[Any, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["region", "year", "statistic", "value", "flag"])
    return frame.assign(unit="", source="s", certainty="verified", note="")


def test_the_year_itself_else_between_two_else_the_nearest() -> None:
    rows = long(
        (A, 2018, "forest_ha", 1.0, ""),
        (A, 2020, "forest_ha", 2.0, ""),
        (A, 2024, "forest_ha", 3.0, ""),
    )
    for year, value in (
        (2018, 1.0),
        (2019, 1.5),
        (2020, 2.0),
        (2022, 2.5),
        (2023, 2.75),
        (2030, 3.0),
    ):
        stats = wide(rows, year)
        assert stats.column("forest_ha").tolist() == [value]
        assert bool(stats.carried("forest_ha")[0]) == (year == 2030)
        assert bool(stats.flagged("forest_ha", "interpolated")[0]) == (year in (2019, 2022, 2023))


def test_an_interpolated_value_says_between_which_years() -> None:
    rows = long((A, 2018, "population", 100.0, ""), (A, 2021, "population", 130.0, ""))
    stats = wide(rows, 2020)
    assert stats.column("population").tolist() == [120.0]
    origin = stats.provenance_of("population", 0)
    assert origin is not None
    assert (origin.year, origin.certainty) == (2020, "derived")
    assert origin.note == "linear between 2018 and 2021"


def test_what_is_implausible_is_no_end_of_a_line() -> None:
    rows = long(
        (A, 2018, "wind_kw", 10.0, ""),
        (A, 2021, "wind_kw", 0.0, "implausible"),
        (A, 2024, "wind_kw", 40.0, ""),
    )
    assert wide(rows, 2022).column("wind_kw").tolist() == [30.0]


def test_a_correction_comes_before_what_it_corrects() -> None:
    rows = long(
        (A, 2021, "wind_kw", 0.0, "implausible"),
        (A, 2021, "wind_kw", 4509.5, "correction"),
        (A, 2024, "wind_kw", 0.0, "implausible"),
        (B, 2021, "wind_kw", 7.0, "implausible"),
    )
    for year in (2018, 2021, 2024):
        stats = wide(rows, year)
        assert dict(zip(stats.regions.tolist(), stats.column("wind_kw"), strict=True)) == {
            A: 4509.5,
            B: 7.0,
        }
        assert stats.flagged("wind_kw", "implausible").tolist() == [
            True,
            False,
        ]  # B stands before A
    same_year = long((A, 2021, "wind_kw", 1.0, ""), (A, 2021, "wind_kw", 2.0, "correction"))
    assert wide(same_year, 2021).column("wind_kw").tolist() == [2.0]
    assert wide(same_year.iloc[::-1], 2021).column("wind_kw").tolist() == [2.0]


def test_mergers_only_those_that_live_in_the_year() -> None:
    rows = long(
        ("01001001", 2018, "population", 5.0, ""),
        ("01001002", 2018, "population", 5.0, ""),
        ("01001003", 2021, "population", 10.0, ""),
        ("01001003", 2018, "forest_ha", 1.0, ""),
    )
    assert wide(rows, 2018).regions.tolist() == ["01001001", "01001002"]
    assert wide(rows, 2021).regions.tolist() == ["01001003"]
    assert wide(rows, 2021, regions=["01001001"]).column("population").tolist() == [5.0]


def test_missing_stays_missing_and_unknown_regions_too() -> None:
    stats = wide(
        long((A, 2021, "forest_ha", 1.0, ""), (B, 2021, "woods_ha", 2.0, "")),
        2021,
        regions=[A, B, "05974044"],
    )
    assert stats.regions.tolist() == [B, A, "05974044"]
    assert np.isnan(stats.column("forest_ha")).tolist() == [True, False, True]
    assert np.isnan(stats.column("never_heard_of")).all()
    assert stats.provenance_of("forest_ha", 0) is None
    assert stats.provenance_of("forest_ha", 1).source == "s"  # type: ignore[union-attr]


def test_states_are_kept_apart() -> None:
    stats = wide(long((A, 2021, "population", 1.0, ""), ("05000000", 2021, "cows", 9.0, "")), 2021)
    assert stats.regions.tolist() == [A]
    assert stats.states["05"]["cows"] == 9.0


@pytest.mark.parametrize("value", [-1.0, float("inf")])
def test_wrong_values_name_region_and_statistic(value: float) -> None:
    with pytest.raises(InputError, match="05974040: forest_ha"):
        wide(long((A, 2021, "forest_ha", value, "")), 2021)


def test_missing_columns_are_named() -> None:
    with pytest.raises(InputError, match="statistic"):
        wide(pd.DataFrame({"region": [A], "year": [2021], "value": [1.0]}), 2021)


def test_independent_cities_and_city_states_are_leaves() -> None:
    keys = ["DG000000", "02000000", "05000000", "05111000", "05974000", A, B]
    assert leaves(keys) == ["02000000", "05111000", B, A]
    assert parents(A) == ("05974000", "05000000", "DG000000")
    assert parents("05111000") == ("05000000", "DG000000")
    assert parents("02000000") == ("DG000000",)
    assert memberships(leaves(keys)) == {
        "05000000": ("05111000", B, A),
        "05974000": (B, A),
        "DG000000": ("02000000", "05111000", B, A),
    }


def test_the_county_of_the_method() -> None:
    stats = wide(load_method().statistics, 2021)
    assert stats.size == 14
    assert stats.column("population").sum() == 302_298
    assert stats.flagged("wind_kw", "correction").sum() == 3
    assert not stats.carried("biomass_kw").any()
    assert wide(load_method().statistics, 2019).carried("biomass_kw").all()
