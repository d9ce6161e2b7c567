"""Deliveries, reconciliation, budget: dates, overlaps and sums worked by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from klima_controlling.budget.rules import budget
from klima_controlling.codes import BudgetStage
from klima_controlling.deliveries.rules import Delivery, add_months, calendar, due, due_list, notice
from klima_controlling.reconciliation.rules import Saving, from_sheets, reconcile
from klima_controlling.reports.rules import digits

BALANCE = Delivery(
    UUID(int=1),
    "Bilanz",
    "balance",
    "05974000",
    "Klimaschutz",
    "Kreistag",
    36,
    60,
    date(2024, 12, 31),
    None,
    None,
)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 12, 31), 36, date(2027, 12, 31)),
        (date(2026, 6, 30), 6, date(2026, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
    ],
)
def test_months(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_the_interval_moves_the_date() -> None:
    served = Delivery(
        **{**BALANCE.__dict__, "last_due": date(2024, 12, 31), "last_delivered": date(2025, 3, 1)}
    )
    assert due(served, date(2026, 1, 1)).due_on == date(2027, 12, 31)
    assert due(served, date(2026, 1, 1)).latest_on == date(2030, 3, 1)
    yearly = Delivery(**{**served.__dict__, "interval_months": 12})
    assert due(yearly, date(2026, 1, 1)).due_on == date(2025, 12, 31)
    assert due(yearly, date(2026, 1, 1)).overdue_days == 1


def test_due_today_is_not_overdue() -> None:
    assert not due(BALANCE, date(2024, 12, 31)).overdue
    assert due(BALANCE, date(2025, 1, 1)).overdue


def test_notice_and_calendar() -> None:
    items = due_list([BALANCE], date(2025, 1, 31))
    text = notice(items[0], "de")
    assert "Subject: Überfällig: Bilanz" in text
    assert "31 Tagen" in text
    made = calendar(items, "de", datetime(2025, 1, 31, tzinfo=UTC))
    events = Calendar.from_ical(made).walk("VEVENT")
    assert [e["dtstart"].dt for e in events] == [date(2024, 12, 31)]
    assert made == calendar(items, "de", datetime(2025, 1, 31, tzinfo=UTC))


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


def sheet(**more: Any) -> dict[str, Any]:
    base = {
        "id": "m",
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


def test_budget_sums_are_those_of_the_sheets_and_unknown_is_counted() -> None:
    costs = [
        {"year": 2026, "kind": "investment", "amount_eur": "100.10"},
        {"year": 2026, "kind": "investment", "amount_eur": "0.05"},
        {"year": None, "kind": "staff", "amount_eur": None},
    ]
    sheets = [sheet(costs=costs), sheet(id="n", number="KNK-01")]
    entries = [
        {
            "measure_id": "m",
            "year": 2026,
            "kind": "investment",
            "stage": "spent",
            "amount_eur": Decimal("40.00"),
        }
    ]
    found = budget(sheets, entries, {"m": Decimal("3.5")})
    assert found.totals == {
        BudgetStage.CONCEPT: Decimal("100.15"),
        BudgetStage.SPENT: Decimal("40.00"),
    }
    assert (found.unquantified, found.unknown_rows) == (1, 1)
    assert [(d.planned, d.booked) for d in found.days] == [(None, Decimal("3.5"))]
    unknown = next(line for line in found.lines if line.kind == "staff")
    assert unknown.amounts == {BudgetStage.CONCEPT: None}


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.5, 0, "1"),
        (-0.5, 0, "-1"),
        (-0.04, 1, "0.0"),
        (2.675, 2, "2.68"),
        (None, 1, None),
        (1e6, 0, "1000000"),
        (1e40, 1, "1" + 40 * "0" + ".0"),
    ],
)
def test_digits_of_a_report(value: float | None, decimals: int, expected: str | None) -> None:
    assert digits(value, decimals) == expected
