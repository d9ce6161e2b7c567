"""Reconciliation: overlaps and sums worked by hand."""

from typing import Any
from uuid import UUID

from klima_controlling.reconciliation.rules import Saving, from_sheets, reconcile


def saving(measure: str, tonnes: float, group: str | None = None, **more: Any) -> Saving:
    given: dict[str, Any] = {"affects_bisko": True, "effective": True, **more}
    return Saving(measure, measure, measure, None, tonnes, group, **given)


def test_overlap_groups_are_counted_once_and_sums_are_never_added_to_the_balance() -> None:
    savings = [
        saving("a", 100.0, "roof"),
        saving("b", 60.0, "roof"),
        saving("b", 30.0, "roof"),
        saving("c", 7.0),
        saving("d", 50.0, effective=False),
        saving("e", 9.0, affects_bisko=False),
    ]
    found = reconcile({2018: 1000.0, 2021: 900.0}, savings, [], 3)
    assert found.change_t_co2e == -100.0
    assert (found.effective.t_co2e, found.effective.not_counted) == (107.0, 2)
    assert found.planned.t_co2e == 50.0
    assert found.beside_bisko.t_co2e == 9.0
    assert found.achieved.t_co2e is None  # nothing shown is not nothing achieved
    assert found.not_quantified == 3


def test_one_balance_has_no_change() -> None:
    assert reconcile({2021: 900.0}, [], [], 0).change_t_co2e is None


MEASURE = UUID(int=1)


def sheet(**more: Any) -> Any:
    base = {
        "id": str(MEASURE),
        "number": "MOB-01",
        "title": "Rad",
        "phase": "in_implementation",
        "savings": [],
        "costs": [],
        "staff": [],
    }
    return base | more


def test_years_of_savings_are_not_added_up() -> None:
    rows = [
        {"year": y, "emissions_t_co2e": t, "affects_bisko": True}
        for y, t in ((2025, 5.0), (2026, 8.0), (2026, 2.0))
    ]
    found, silent = from_sheets(
        [sheet(savings=rows), sheet(id="n"), sheet(id="gone", phase="rejected", savings=rows)]
    )
    assert sum(s.t_co2e for s in found) == 10.0
    assert silent == 1
