"""Conformity: what is missing, what is wrong, what is only said."""

from typing import Any

import pandas as pd
import pytest

from klima_balance.balances.rules.conformity import assess
from klima_balance.engine.balance import Balances, aggregate, start_balances
from klima_balance.engine.figures import figures_of
from klima_balance.engine.observations import wide
from klima_balance.engine.options import Options
from klima_balance.method import load_method
from klima_shared.language.numbers import Lang

METHOD = load_method()
STATS = wide(METHOD.statistics, 2021)
SOEST, ERWITTE, RUETHEN = "05974040", "05974016", "05974036"


def result(
    year: int = 2021, options: Options | None = None, rows: list[dict[str, Any]] | None = None
) -> Balances:
    stats = STATS if year == 2021 else wide(METHOD.statistics, year)
    return start_balances(stats, METHOD, year, options, local=figures_of(rows or ()))


def rules(found: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    by_rule: dict[str, list[dict[str, Any]]] = {}
    for item in found["findings"]:
        by_rule.setdefault(item["rule"], []).append(item)
    return by_rule


def complete_rows() -> list[dict[str, Any]]:
    """An entry for each of the 44 required cells, grid-bound carriers metered."""
    rows = []
    for cell in METHOD.required_cells.to_dict("records"):
        carrier = cell["carrier"] or {"tram": "electricity", "aviation": "kerosene"}.get(
            cell["category"], "diesel"
        )
        rows.append(
            {
                "region": SOEST,
                "year": 2021,
                "sector": cell["sector"],
                "carrier": carrier,
                "category": cell["category"],
                "quantity_mwh": 100.0,
                "status": "measured",
                "grade": "A",
                "source": "test",
            }
        )
    return rows


def test_forty_four_cells_are_required() -> None:
    assert METHOD.required_cells["kind"].value_counts().to_dict() == {
        "stationary": 21,
        "road": 15,
        "other_transport": 8,
    }
    assert METHOD.required_cells["cell"].is_unique


def test_a_start_balance_is_incomplete_and_says_which_cells() -> None:
    found = assess(result(), SOEST)
    assert found["state"] == "incomplete"
    missing = {item["cell"] for item in rules(found)["required_cell"]}
    assert (
        len(missing) == 23
    )  # 15 road cells and 8 others: national fuels know neither vehicle nor road
    assert "car_motorway" in missing
    assert "aviation" in missing
    assert "households.electricity" not in missing
    assert all(item["reason"] and item["severity"] for item in found["findings"])


def test_all_cells_filled_is_conformant_and_each_of_them_matters() -> None:
    rows = complete_rows()
    assert assess(result(rows=rows), SOEST)["state"] == "conformant"
    for index in (21, 40, 43):
        found = assess(result(rows=rows[:index] + rows[index + 1 :]), SOEST)
        assert found["state"] == "incomplete"
        cells = [item["cell"] for item in rules(found)["required_cell"]]
        assert cells == [METHOD.required_cells["cell"].iloc[index]]


def test_municipal_facilities_may_be_missing() -> None:
    assert not any(cell.startswith("municipal") for cell in METHOD.required_cells["cell"])


def test_another_factor_set_is_not_conformant() -> None:
    rows = METHOD.factors[METHOD.factors["set"] == "bisko-2026.2"].drop(columns="set")
    method = METHOD.with_factor_set({"id": "own", "kind": "comparison", "state": "released"}, rows)
    found = assess(
        start_balances(
            STATS, method, 2021, Options(factor_set="own"), local=figures_of(complete_rows())
        ),
        SOEST,
    )
    assert found["state"] == "non_conformant"
    assert rules(found)["bisko_factor_set"][0]["severity"] == "error"
    draft = METHOD.with_factor_set({"id": "draft", "kind": "bisko", "state": "draft"}, rows)
    assert (
        assess(start_balances(STATS, draft, 2021, Options(factor_set="draft")), SOEST)["state"]
        == "non_conformant"
    )


def test_site_fuels_have_a_finding_where_plants_are() -> None:
    assert "site_fuels" in rules(assess(result(), ERWITTE))
    assert "site_fuels" not in rules(assess(result(), SOEST))
    assert "site_fuels" not in rules(
        assess(result(options=Options(industrial_sites="included")), ERWITTE)
    )


def test_bands_warn_and_name_the_limit() -> None:
    # Rüthen: 741 ha / 10,753 = 689 m2 traffic area and 114 ha = 106 m2 commercial area per
    # inhabitant
    found = rules(assess(result(), RUETHEN))
    assert found["warn_traffic_area"][0]["found"] == pytest.approx(689.1, abs=0.1)
    assert found["warn_traffic_area"][0]["limit"] == 300
    assert found["warn_commercial_area"][0]["found"] == pytest.approx(106.0, abs=0.1)
    soest = rules(assess(result(), SOEST))
    assert not {"warn_traffic_area", "warn_commercial_area", "warn_district_heat"} & set(soest)
    assert "etwa 75\u202f% veröffentlichter" in soest["start_balance"][0]["reason"]


def test_a_correction_says_so() -> None:
    found = rules(assess(result(), RUETHEN))["statistic_corrected"][0]
    assert found["statistics"][0]["statistic"] == "wind_kw"
    assert "45 turbines x 1127.37 kW" in found["statistics"][0]["note"]
    assert "statistic_corrected" not in rules(assess(result(), ERWITTE))


def test_years_that_are_carried_say_so() -> None:
    found = rules(assess(result(2018), SOEST))
    years = {
        item["statistic"]: item["year"] for item in found["statistic_carried"][0]["statistics"]
    }
    assert years["flats_total"] == 2021
    assert "population" not in years
    assert "Flüssiggas (2019)" in found["factor_carried"][0]["reason"]
    later = rules(assess(start_balances(wide(METHOD.statistics, 2026), METHOD, 2026), SOEST))
    assert "2024" in later["national_energy_carried"][0]["reason"]


def test_a_year_between_two_known_ones_says_so() -> None:
    found = rules(assess(start_balances(wide(METHOD.statistics, 2019), METHOD, 2019), SOEST))
    statistics = {
        item["statistic"]: item["note"] for item in found["statistic_interpolated"][0]["statistics"]
    }
    assert statistics["population"] == "linear between 2018 and 2021"
    assert "national_energy_carried" not in found


def test_outside_a_plausibility_band() -> None:
    # 47,929 inhabitants x 17 MWh = 814,793 MWh is the upper end of households
    rows = [
        {
            "region": SOEST,
            "year": 2021,
            "sector": "households",
            "carrier": "natural_gas",
            "quantity_mwh": 700_000.0,
            "status": "measured",
            "grade": "A",
        }
    ]
    bands = {item["band"] for item in rules(assess(result(rows=rows), SOEST))["plausibility_band"]}
    assert {"sector.households", "carrier.natural_gas"} <= bands
    assert "plausibility_band" not in rules(assess(result(), SOEST))


def test_grid_bound_carriers_should_be_metered() -> None:
    assert {item["cell"] for item in rules(assess(result(), SOEST))["grid_bound_grade"]} == {
        "electricity",
        "natural_gas",
        "district_heat",
    }
    assert "grid_bound_grade" not in rules(assess(result(rows=complete_rows()), SOEST))


def test_a_county_with_thirteen_says_so() -> None:
    full = aggregate(result())
    assert "members" not in rules(assess(full, "05974000"))
    keys = [str(key) for key in full.members["05974000"]]
    stats = wide(METHOD.statistics, 2021, regions=keys[:-1])
    thirteen = aggregate(start_balances(stats, METHOD, 2021), {"05974000": keys})
    found = rules(assess(thirteen, "05974000"))
    assert found["members"][0]["reason"].startswith("13 von 14")
    english = rules(assess(thirteen, "05974000", "en"))
    assert english["members"][0]["reason"].startswith("13 of 14")
    assert "(14 von 14 Gemeinden)" in rules(assess(full, "05974000"))["start_balance"][0]["reason"]


def test_a_missing_statistic_is_named() -> None:
    frame = pd.DataFrame({"population": [1000.0]}, index=[SOEST])
    found = rules(assess(start_balances(frame, METHOD, 2021), SOEST))
    bisko = next(item for item in found["statistic_missing"] if item["block"] == "bisko")
    assert bisko["severity"] == "missing"
    assert "living_area_without_district_heat" in bisko["statistics"]


def test_nothing_claims_to_be_certified() -> None:
    languages: tuple[Lang, ...] = ("de", "en")
    for language in languages:
        text = str(assess(result(), ERWITTE, language)).casefold()
        assert "zertifi" not in text
        assert "certif" not in text


def test_a_cell_that_lacks_its_statistic_is_not_filled() -> None:
    frame = pd.DataFrame({"population": [1000.0]}, index=[SOEST])
    missing = {
        item["cell"]
        for item in rules(assess(start_balances(frame, METHOD, 2021), SOEST))["required_cell"]
    }
    assert "households.natural_gas" in missing
    assert "households.electricity" not in missing
