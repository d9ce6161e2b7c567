"""Paths and lights: worked by hand, at the edges, and never green without data."""

from dataclasses import replace

import pytest

from klima_controlling.base.model import Boundary, Direction, PathKind
from klima_controlling.status.model import Judged
from klima_controlling.status.rules import beside_breaks, break_in_words, judge
from klima_controlling.targets.model import Law, Point, Reduction, Target
from klima_controlling.targets.rules import budget, draw, exhausted, law, linear, stepped
from klima_shared.codes.action import Light
from klima_shared.language.text import Label
from klima_shared.wire.balance import SeriesBreak

TARGET = Target(
    "x",
    1,
    Label("Ziel", "Target"),
    Boundary.TERRITORY,
    "05974040",
    "05974040",
    "emissions_t_co2e",
    "t CO2e",
    Direction.LOWER,
    2030,
    0.0,
    PathKind.LINEAR,
)

ACT = Law(
    (Reduction(2030, 0.65, "KSG"), Reduction(2040, 0.88, "KSG"), Reduction(2045, 1.0, "KSG")),
    (Reduction(2018, 0.30, "A"), Reduction(2020, 0.41, "B")),
)


def test_linear_path_by_hand() -> None:
    path = linear(Point(2018, 1200.0), Point(2030, 0.0))
    assert [path.at(y) for y in (2017, 2018, 2021, 2030, 2040)] == [None, 1200.0, 900.0, 0.0, 0.0]


def test_steps_hold_until_the_next_begins() -> None:
    path = stepped(Point(2020, 100.0), [Point(2025, 60.0), Point(2030, 0.0)])
    assert [path.at(y) for y in (2024, 2025, 2029, 2030)] == [100.0, 60.0, 60.0, 0.0]


def test_law_is_rebased_to_the_base_year() -> None:
    # By 2020 the nation had fallen by 30 %: what is left, 70 %, is the local base of 700 t.
    path = law(Point(2020, 700.0), Reduction(2020, 0.30, "A"), ACT.decided, Point(2045, 0.0))
    assert [path.at(y) for y in (2020, 2030, 2040, 2045)] == pytest.approx(
        [700.0, 350.0, 120.0, 0.0]
    )


def test_path_by_law_takes_the_nearest_known_reduction_and_names_it() -> None:
    target = replace(TARGET, path=PathKind.LAW, year=2045)
    found = judge(target, [Point(2019, 700.0), Point(2021, 600.0)], 2024, ACT)
    assert found.path is not None
    assert found.path.at(2030) == pytest.approx(700.0 * 0.35 / 0.70)
    assert "2018 −30,0 % (A)" in found.rule.de
    own = judge(
        replace(target, base_reduction=0.5, source="B"),
        [Point(2019, 700.0), Point(2021, 600.0)],
        2024,
        ACT,
    )
    assert own.path is not None
    assert own.path.at(2030) == pytest.approx(700.0 * 0.35 / 0.5)


def test_path_by_law_without_the_laws_figures_is_unknown() -> None:
    found = judge(
        replace(TARGET, path=PathKind.LAW), [Point(2018, 1200.0), Point(2021, 100.0)], 2024
    )
    assert (found.light, found.path) == (Light.UNKNOWN, None)
    assert "nicht abrufbar" in found.rule.de


def test_budget_path_spends_the_budget() -> None:
    path = budget(Point(2020, 100.0), 500.0, Point(2045, 0.0))
    assert path.at(2030) == 0.0
    spent = sum((path.at(y) or 0.0) + (path.at(y + 1) or 0.0) for y in range(2020, 2045)) / 2
    assert spent == pytest.approx(500.0)


def test_budget_is_exhausted_in_the_year_in_which_nothing_is_left() -> None:
    assert exhausted([Point(2020, 100.0)], 250.0) == 2022
    assert exhausted([Point(2020, 0.0)], 250.0) is None


@pytest.mark.parametrize(
    ("actual", "light"),
    [
        (900.0, Light.GREEN),
        (900.01, Light.YELLOW),
        (945.0, Light.YELLOW),
        (945.01, Light.RED),
        (100.0, Light.GREEN),
    ],
)
def test_light_at_its_borders(actual: float, light: Light) -> None:
    found = judge(TARGET, [Point(2018, 1200.0), Point(2021, actual)], 2026)
    assert found.light is light
    assert found.gap == pytest.approx(actual - 900.0)
    assert found.gap_percent == pytest.approx((actual - 900.0) / 9.0)


@pytest.mark.parametrize("begin", [1e-300, 1e-20, 0.01])
def test_beside_a_path_of_next_to_nothing_no_share_is_told(begin: float) -> None:
    target = replace(TARGET, base=Point(2018, begin), value=0.0)
    found = judge(target, [Point(2018, 1200.0), Point(2021, 900.0)], 2026)
    assert (found.light, found.gap_percent) == (Light.RED, None)
    assert found.gap == pytest.approx(900.0, rel=1e-4)


def test_higher_is_better_turns_the_light_round() -> None:
    target = replace(TARGET, direction=Direction.HIGHER, value=100.0)
    assert judge(target, [Point(2018, 40.0), Point(2021, 60.0)], 2026).light is Light.GREEN
    assert judge(target, [Point(2018, 40.0), Point(2021, 41.0)], 2026).light is Light.RED


def test_no_data_is_never_green() -> None:
    found = judge(TARGET, [], 2026)
    assert (found.light, found.actual, found.gap) == (Light.UNKNOWN, None, None)
    assert "noch keine Bilanz" in found.rule.de


def test_one_balance_alone_is_where_the_path_begins_and_no_proof() -> None:
    assert judge(TARGET, [Point(2021, 900.0)], 2026).light is Light.UNKNOWN
    based = replace(TARGET, base=Point(2018, 1200.0))
    assert judge(based, [Point(2021, 900.0)], 2026).light is Light.GREEN


@pytest.mark.parametrize(("today", "light"), [(2026, Light.GREEN), (2027, Light.UNKNOWN)])
def test_old_data_makes_the_light_unknown(today: int, light: Light) -> None:
    assert judge(TARGET, [Point(2018, 1200.0), Point(2021, 100.0)], today).light is light


def test_path_that_reached_zero_has_no_percentage() -> None:
    found = judge(TARGET, [Point(2018, 1200.0), Point(2030, 5.0)], 2031)
    assert (found.light, found.gap, found.gap_percent) == (Light.RED, 5.0, None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"path": PathKind.STEPPED}, "points"),
        ({"path": PathKind.BUDGET, "budget_t_co2e": 0.0}, "budget_t_co2e"),
        ({"base": Point(2030, 5.0)}, "base"),
        ({"path": PathKind.STEPPED, "points": (Point(2029, 1.0), Point(2025, 2.0))}, "points"),
    ],
)
def test_faulty_targets_name_the_field_and_draw_no_path(
    change: dict[str, object], field: str
) -> None:
    target = replace(TARGET, **change)  # type: ignore[arg-type]
    assert field in [name for name, _ in target.faults()]
    assert draw(target, Point(2018, 10.0)) is None


def test_a_target_without_a_decision_says_so() -> None:
    assert TARGET.decision_text("de").startswith("Beschluss nicht hinterlegt")


@pytest.mark.parametrize(
    ("band", "settled", "word"),
    [
        (None, None, "deutlich über dem Pfad"),
        ((950.0, 1100.0), True, "deutlich über dem Pfad"),
        (
            (850.0, 1200.0),
            False,
            "rechnerisch deutlich über dem Pfad; die Datenlage entscheidet es nicht",
        ),
        (
            (900.0, 1200.0),
            False,
            "rechnerisch deutlich über dem Pfad; die Datenlage entscheidet es nicht",
        ),
    ],
)
def test_a_light_is_settled_when_the_path_lies_outside_the_band(
    band: tuple[float, float] | None, settled: bool | None, word: str
) -> None:
    # The path from 1,200 in 2018 to 0 in 2030 is at 900 in 2021.
    found = judge(TARGET, [Point(2018, 1200.0), Point(2021, 1000.0)], 2024, band=band)
    assert (found.light, found.settled, found.word.de) == (Light.RED, settled, word)


@pytest.mark.parametrize(
    ("year", "label"), [(2027, "deutlich über dem Pfad"), (2030, "verfehlt"), (2031, "verfehlt")]
)
def test_what_is_still_to_come_is_never_missed(year: int, label: str) -> None:
    found = judge(TARGET, [Point(2018, 1200.0), Point(year, 1000.0)], 2031)
    assert (found.light, found.label.de) == (Light.RED, label)


def test_a_target_of_bisko_emissions_says_what_it_leaves_out() -> None:
    """ "Climate-neutral" of a territory counts energy and transport; that stands beside it."""
    assert TARGET.covers is not None
    assert "Landwirtschaft, Industrieprozesse" in TARGET.covers.de
    assert replace(TARGET, boundary=Boundary.ORGANISATION).covers is None
    assert replace(TARGET, metric="emissions_t_co2e + agriculture_t_co2e").covers is None


BREAK: SeriesBreak = {
    "year": 2021,
    "kind": "data",
    "cells": ["households.natural_gas"],
    "delivered": True,
    "change_t_co2e": 150.0,
}


def _with(breaks: list[SeriesBreak], actual: float = 1000.0) -> Judged:
    """A path from 1200 t in 2018 to 0 in 2030: 900 t in 2021."""

    def light(less: float) -> Judged:
        return judge(TARGET, [Point(2018, 1200.0), Point(2021, actual - less)], 2026)

    return beside_breaks(light(0.0), breaks, light)


def test_better_data_alone_makes_no_worse_light() -> None:
    # 1000 t are above the path; without the 150 t that a meter found, 850 t are below it.
    found = _with([BREAK])
    assert (found.light, found.gap) == (Light.UNKNOWN, None)
    assert "ab 2021 gemessen: Private Haushalte, Erdgas" in found.rule.de
    assert "measured from 2021 on" in found.rule.en


def test_a_light_that_the_data_do_not_decide_stays_and_says_the_break() -> None:
    found = _with([BREAK | {"change_t_co2e": 20.0}])  # type: ignore[list-item]
    assert (found.light, len(found.breaks)) == (Light.RED, 1)
    assert _with([BREAK], 500.0).light is Light.GREEN


def test_a_break_outside_the_two_years_is_none_of_the_light_s() -> None:
    early: SeriesBreak = {"year": 2018, "kind": "data", "cells": [], "change_t_co2e": 500.0}
    assert _with([early]).breaks == ()
    edition: SeriesBreak = {"year": 2021, "kind": "edition", "cells": []}
    found = _with([edition])
    assert (found.light, found.breaks) == (Light.RED, [edition])
    assert break_in_words(edition, "de") == "ab 2021 andere Bundeswerte"
