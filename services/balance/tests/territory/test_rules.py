"""Which regions exist when, and what their figures are on the territory of another year."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klima_balance.engine.observations import wide
from klima_balance.engine.territory import Succession, heirs, on_territory
from klima_balance.regions.model import Validity
from klima_balance.territory.rules import Successor, successors, validity

A, B, C, D, NEW = "01051001", "01051002", "01051003", "01051004", "01051005"
CITY, TAKES = "01001000", "01051001"


def rows(*figures: tuple[str, int, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(figures, columns=["region", "year", "statistic", "value"])
    return frame.assign(unit="", source="example", certainty="verified", flag="", note="")


def values(table: pd.DataFrame, statistic: str, year: int) -> dict[str, float]:
    at = table[(table["statistic"] == statistic) & (table["year"] == year)]
    return dict(zip(at["region"], at["value"], strict=True))


def test_tables_of_two_years_say_what_ended_and_what_began() -> None:
    days = validity({2018: [A, B, C], 2021: [A, NEW]})
    assert days == {
        B: Validity(None, date(2019, 12, 31)),
        C: Validity(None, date(2019, 12, 31)),
        NEW: Validity(date(2020, 1, 1), None),
    }


def test_a_table_of_a_part_of_a_state_ends_nothing() -> None:
    assert validity({2018: [A, B, C, D], 2022: [A]}) == {}


keys_of = st.sets(st.sampled_from([f"010510{n:02}" for n in range(1, 9)]), min_size=5)


@given(st.dictionaries(st.integers(2015, 2024), keys_of, min_size=1, max_size=4))
def test_in_every_year_the_regions_of_the_nearest_table_exist(lists: dict[int, set[str]]) -> None:
    # A key that is missing once and then there again exists all the time.
    years = sorted(lists)
    for key in set().union(*lists.values()):
        there = [year for year in years if key in lists[year]]
        for year in years[years.index(there[0]) : years.index(there[-1])]:
            lists[year].add(key)
    days = validity(lists)
    for year in range(2010, 2030):
        nearest = min(years, key=lambda other: (abs(other - year), other))
        every = set().union(*lists.values())
        exist = {key for key in every if days.get(key, Validity(None, None)).covers(year)}
        assert exist == lists[nearest], year


def test_areas_say_where_territory_went() -> None:
    days = validity({2018: [A, B, C, D, CITY], 2021: [A, B, NEW]})
    areas = {
        A: {2018: 1000.0, 2021: 4001.0},
        B: {2018: 500.0, 2021: 502.0},
        C: {2018: 700.0},
        D: {2018: 900.0},
        CITY: {2018: 3000.0},
        NEW: {2021: 1599.0},
    }
    expected = [Successor(CITY, A, 1.0), Successor(C, NEW, 1.0), Successor(D, NEW, 1.0)]
    assert sorted(successors(days, areas)) == sorted(expected[:1])
    # The county grew by more than what ended in it, because the city came to it.
    del areas[CITY]
    areas[A][2021] = 1001.0
    assert successors(days, areas) == expected[1:]


def test_two_ways_are_no_way() -> None:
    days = validity({2018: [A, B, C, D], 2021: [A, B]})
    alike = {A: {2018: 10.0, 2021: 110.0}, B: {2018: 10.0, 2021: 110.0}}
    assert successors(days, alike | {C: {2018: 100.0}, D: {2018: 100.0}}) == []


# B ended in 2019 and went into A; C ended in 2020, 40 % to A and 60 % to D.
CHANGES = [Succession(B, 2019, A, 1.0), Succession(C, 2020, A, 0.4), Succession(C, 2020, D, 0.6)]


def test_shares_and_chains() -> None:
    assert heirs(CHANGES, 2019) == {}
    assert heirs(CHANGES, 2020) == {B: {A: 1.0}}
    assert heirs(CHANGES, 2021) == {B: {A: 1.0}, C: {A: 0.4, D: 0.6}}
    chain = [Succession(B, 2018, C, 1.0), *CHANGES[1:]]
    assert heirs(chain, 2021)[B] == {A: 0.4, D: 0.6}


def test_figures_before_a_merger_are_summed_for_the_year_after_it() -> None:
    before = rows(
        (A, 2018, "population", 100),
        (B, 2018, "population", 30),
        (C, 2018, "population", 50),
        (D, 2018, "population", 200),
        (A, 2021, "population", 160),
        (D, 2021, "population", 220),
    )
    after = on_territory(before, 2021, CHANGES)
    assert values(after, "population", 2018) == {A: 150, D: 230, B: 30, C: 50}
    table = wide(after, 2020, [A, D])  # of one territory, so it may be interpolated
    at_2020 = on_territory(before, 2020, CHANGES)
    assert values(at_2020, "population", 2018)[A] == 130
    assert table.values["population"].tolist() == pytest.approx([470 / 3, 670 / 3])
    changed = after[(after["region"] == A) & (after["year"] == 2018)].iloc[0]
    assert (changed["flag"], changed["note"]) == ("rebased", f"sum of {B}, {C}")


def test_a_sum_without_one_of_its_parts_is_missing() -> None:
    two = [Succession(B, 2019, A, 1.0), Succession(C, 2019, A, 1.0)]
    some = rows((A, 2018, "flats_total", 10), (B, 2018, "flats_total", 3))
    assert A not in values(on_territory(some, 2021, two), "flats_total", 2018)
    # None of them: the publisher gives the figure for the later territory himself.
    own = rows((A, 2018, "flats_total", 15))
    assert values(on_territory(own, 2021, two), "flats_total", 2018) == {A: 15}


def test_before_a_merger_no_figure_of_the_later_territory_is_taken() -> None:
    both = rows((A, 2018, "population", 100), (A, 2021, "population", 160))
    assert values(on_territory(both, 2019, CHANGES), "population", 2021) == {}
    only = rows((A, 2021, "buildings_total", 7))
    assert values(on_territory(only, 2018, CHANGES), "buildings_total", 2021) == {A: 7}


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4), st.integers(2017, 2023))
def test_nothing_is_lost_and_nothing_counted_twice(counts: list[int], year: int) -> None:
    every = rows(
        *((key, 2018, "population", n) for key, n in zip((A, B, C, D), counts, strict=True))
    )
    exist = [A, D, *([B] if year <= 2019 else []), *([C] if year <= 2020 else [])]
    found = wide(on_territory(every, year, CHANGES), year, exist).values["population"]
    assert found.sum() == pytest.approx(sum(counts), abs=1e-9)
