"""Balances before a merger as one of the region that came of it, by hand."""

from __future__ import annotations

from typing import Any

from klima_balance.balances.rules.rebasing import Part, Predecessor, rebased, series_of


def document(year: int, mwh: float, tonnes: float | None, status: str = "measured") -> Any:
    numbers = {"final_energy_mwh": mwh, "emissions_t_co2e": tonnes or 0.0}
    return {
        "year": year,
        "factor_set": {"id": "example"},
        "meta": {},
        "totals": {"bisko_t_co2e": tonnes, "bisko_t_co2e_per_inhabitant": 1.0},
        "sectors": [{"sector": "households", **numbers}],
        "carriers": [{"carrier": "natural_gas", **numbers}],
        "cells": [{"sector": "households", "carrier": "natural_gas", "status": status, **numbers}],
    }


def test_shares_are_added_up_and_a_default_stays_one() -> None:
    parts = [Part(document(2018, 10, 4), 1.0), Part(document(2018, 20, 6, "estimated"), 0.25)]
    whole = rebased(parts)
    assert whole["totals"] == {"bisko_t_co2e": 5.5}
    assert whole["sectors"][0]["final_energy_mwh"] == 15
    assert whole["cells"][0]["emissions_t_co2e"] == 5.5
    assert whole["cells"][0]["status"] == "estimated"
    assert parts[0].document["sectors"][0]["final_energy_mwh"] == 10  # what is published stays


def test_what_one_part_does_not_know_is_not_known() -> None:
    parts = [Part(document(2018, 10, 4), 1.0), Part(document(2018, 20, None), 1.0)]
    assert rebased(parts)["totals"]["bisko_t_co2e"] is None


def test_a_year_without_one_of_the_parts_is_left_out_and_named() -> None:
    # b became a after 2019; c became b after 2018.
    before = [Predecessor("b", 2019, 2019, 1.0), Predecessor("c", None, 2018, 1.0)]
    there = {
        ("a", 2018): document(2018, 1, 1),
        ("c", 2018): document(2018, 2, 2),
        ("a", 2019): document(2019, 3, 3),
        ("a", 2020): document(2020, 7, 7),
    }
    series = series_of("a", None, before, there)
    assert [d["totals"]["bisko_t_co2e"] for d in series.documents] == [3, 7]
    assert (series.rebased, series.incomplete) == ({2018}, {2019: ["b"]})
