"""Money and days: planned by concept, budget and supplement, committed, spent. Unknown amounts are
counted, not zero."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from klima_controlling.base.model import BudgetStage, Written
from klima_shared.wire.measures import MeasureSheet

# measure, year (None: not assigned to one), kind, every year
Key: TypeAlias = tuple[str, int | None, str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetEntry(Written):
    """A row of `budget_entry`."""

    id: UUID
    measure_id: UUID
    region: str
    year: int
    kind: str
    stage: str
    amount_eur: Decimal
    note: str


@dataclass
class Line:
    """One measure, year and kind. `amounts`: by stage; None where a row exists whose amount is not
    known. `recurring`: due every year from `year` on, in a line apart."""

    measure: str
    number: str
    title: str
    year: int | None
    kind: str
    recurring: bool = False
    amounts: dict[BudgetStage, Decimal | None] = field(default_factory=dict)

    def add(self, stage: BudgetStage, amount: Decimal | None) -> None:
        before = self.amounts.get(stage)
        self.amounts[stage] = before if amount is None else (before or Decimal(0)) + amount


@dataclass(frozen=True)
class Days:
    measure: str
    number: str
    title: str
    planned: Decimal | None
    booked: Decimal | None


@dataclass(frozen=True)
class Budget:
    lines: Sequence[Line]
    totals: Mapping[BudgetStage, Decimal]
    yearly: Mapping[BudgetStage, Decimal]
    days: Sequence[Days]
    unquantified: int
    unknown_rows: int
    examples: bool


def budget(
    sheets: Iterable[MeasureSheet],
    entries: Iterable[BudgetEntry],
    booked: Mapping[str, Decimal],
    year: int | None = None,
) -> Budget:
    """`entries`: amounts beside the sheets; `booked`: days by measure."""
    lines: dict[Key, Line] = {}
    by_id = {sheet["id"]: sheet for sheet in sheets}

    def line(identity: str, of_year: int | None, kind: str, *, recurring: bool = False) -> Line:
        sheet = by_id[identity]
        new = Line(identity, sheet["number"], sheet["title"], of_year, kind, recurring=recurring)
        return lines.setdefault((identity, of_year, kind, recurring), new)

    unknown = 0
    for identity, sheet in by_id.items():
        for row in sheet["costs"]:
            if year is None or row["year"] == year:
                amount = None if row["amount_eur"] is None else Decimal(row["amount_eur"])
                unknown += amount is None
                every_year = row.get("recurring", False)
                of_row = line(identity, row["year"], row["kind"], recurring=every_year)
                of_row.add(BudgetStage.CONCEPT, amount)
    for entry in entries:
        identity = str(entry.measure_id)
        if identity in by_id and (year is None or entry.year == year):
            stage = BudgetStage(entry.stage)
            line(identity, entry.year, entry.kind).add(stage, entry.amount_eur)
    ordered = sorted(
        lines.values(), key=lambda line: (line.number, line.year or 0, line.kind, line.recurring)
    )
    return Budget(
        ordered,
        _totals(line for line in ordered if not line.recurring),
        _totals(line for line in ordered if line.recurring),
        [days for sheet in by_id.values() if (days := _days(sheet, booked, year))],
        sum(all(row["amount_eur"] is None for row in s["costs"]) for s in by_id.values()),
        unknown,
        any(sheet.get("example") for sheet in by_id.values()),
    )


def _totals(lines: Iterable[Line]) -> dict[BudgetStage, Decimal]:
    totals: dict[BudgetStage, Decimal] = defaultdict(Decimal)
    for line in lines:
        for stage, amount in line.amounts.items():
            if amount is not None:
                totals[stage] += amount
    return dict(totals)


def _days(sheet: MeasureSheet, booked: Mapping[str, Decimal], year: int | None) -> Days | None:
    """Planned and booked days of a measure; None where there are neither."""
    planned = [
        Decimal(str(row["days"]))
        for row in sheet["staff"]
        if row.get("days") is not None and (year is None or row.get("year") == year)
    ]
    identity = sheet["id"]
    if not planned and identity not in booked:
        return None
    total = sum(planned, Decimal(0)) if planned else None
    return Days(identity, sheet["number"], sheet["title"], total, booked.get(identity))
