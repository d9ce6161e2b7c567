"""Figures of a year that is not complete yet are shown and give no headline and no light."""

from typing import Any

from klima_controlling.targets.model import Point
from klima_controlling.upstream.model import RegionState


def balance(year: int, tonnes: float, *, provisional: bool) -> Any:
    totals = {"bisko_t_co2e": tonnes, "bisko_t_co2e_per_inhabitant": 1.0}
    return {
        "year": year,
        "provisional": provisional,
        "region": {"population": 100},
        "totals": totals,
        "sectors": [],
        "cells": [],
        "blocks": {"renewables": [], "land_use": []},
        "data_quality": 0.0,
    }


def state(*balances: Any) -> RegionState:
    region: Any = {"ags": "05974040", "name": "Soest", "kind": "municipality"}
    return RegionState("05974040", region, balances, [])


def test_the_newest_complete_year_is_the_headline() -> None:
    found = state(
        balance(2021, 90.0, provisional=False),
        balance(2022, 80.0, provisional=False),
        balance(2023, 70.0, provisional=True),
        balance(2024, 60.0, provisional=True),
    )
    assert found.latest is not None
    assert found.latest["year"] == 2022
    assert found.series("emissions_t_co2e") == [Point(2021, 90.0), Point(2022, 80.0)]
    assert found.provisional("emissions_t_co2e") == [Point(2023, 70.0), Point(2024, 60.0)]


def test_where_all_are_provisional_the_newest_stands() -> None:
    found = state(balance(2023, 70.0, provisional=True), balance(2024, 60.0, provisional=True))
    assert found.latest is not None
    assert found.latest["year"] == 2024
    assert found.provisional("emissions_t_co2e") == []


def test_a_copy_of_an_earlier_release_has_no_mark() -> None:
    old = balance(2021, 90.0, provisional=False)
    del old["provisional"]
    assert state(old).series("emissions_t_co2e") == [Point(2021, 90.0)]
