"""Budget: sums worked by hand."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from klima_controlling.base.model import BudgetStage
from klima_controlling.budget.rules import BudgetEntry, budget

MEASURE = UUID(int=1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sheet(**more: Any) -> dict[str, Any]:
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


def test_budget_sums_are_those_of_the_sheets_and_unknown_is_counted() -> None:
    costs = [
        {"year": 2026, "kind": "investment", "amount_eur": "100.10"},
        {"year": 2026, "kind": "investment", "amount_eur": "0.05"},
        {"year": 2026, "kind": "investment", "amount_eur": "7.00", "recurring": True},
        {"year": None, "kind": "staff", "amount_eur": None},
    ]
    sheets = [sheet(costs=costs), sheet(id="n", number="KNK-01")]
    entry = BudgetEntry(
        id=UUID(int=2),
        measure_id=MEASURE,
        region="05974000",
        year=2026,
        kind="investment",
        stage="spent",
        amount_eur=Decimal("40.00"),
        note="",
        revision=1,
        created_at=NOW,
        created_by="editor",
        changed_at=NOW,
        changed_by="editor",
    )
    found = budget(sheets, [entry], {str(MEASURE): Decimal("3.5")})
    assert found.totals == {
        BudgetStage.CONCEPT: Decimal("100.15"),
        BudgetStage.SPENT: Decimal("40.00"),
    }
    # 7 euro a year for as long as it lasts are no part of 100.15 euro.
    assert found.yearly == {BudgetStage.CONCEPT: Decimal("7.00")}
    assert (found.unquantified, found.unknown_rows) == (1, 1)
    assert [(d.planned, d.booked) for d in found.days] == [(None, Decimal("3.5"))]
    unknown = next(line for line in found.lines if line.kind == "staff")
    assert unknown.amounts == {BudgetStage.CONCEPT: None}
