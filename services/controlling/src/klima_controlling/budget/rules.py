"""Money and days: planned by concept, budget and supplement, committed, spent. Unknown amounts are
counted, not zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from klima_controlling.codes import BudgetStage

Key = tuple[str, int | None, str]  # measure, year (None: not assigned to one), kind


@dataclass
class Line:
    """One measure, year and kind. `amounts`: by stage; None where a row exists whose amount is not
    known."""

    measure: str
    number: str
    title: str
    year: int | None
    kind: str
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
    days: Sequence[Days]
    unquantified: int
    unknown_rows: int
    examples: bool


def budget(
    sheets: Iterable[Mapping[str, Any]],
    entries: Iterable[Mapping[str, Any]],
    days: Mapping[str, Decimal],
    year: int | None = None,
) -> Budget:
    """`entries`: rows beside the sheets (measure_id, year, kind, stage, amount_eur); `days`: booked
    by measure."""
    lines: dict[Key, Line] = {}
    names: dict[str, tuple[str, str]] = {}
    found_days: list[Days] = []
    unquantified = unknown = 0
    examples = False
    for sheet in sheets:
        identity = str(sheet["id"])
        names[identity] = (sheet["number"], sheet["title"])
        examples = examples or bool(sheet.get("example"))
        known = [row for row in sheet["costs"] if row["amount_eur"] is not None]
        unquantified += not known
        for row in sheet["costs"]:
            if year is not None and row["year"] != year:
                continue
            amount = None if row["amount_eur"] is None else Decimal(row["amount_eur"])
            unknown += amount is None
            line = _line(lines, names, identity, row["year"], row["kind"])
            line.add(BudgetStage.CONCEPT, amount)
        planned = [
            Decimal(str(r["days"]))
            for r in sheet["staff"]
            if r.get("days") is not None and _in(r, year)
        ]
        if planned or identity in days:
            number, title = names[identity]
            found_days.append(
                Days(
                    identity,
                    number,
                    title,
                    sum(planned, Decimal(0)) if planned else None,
                    days.get(identity),
                )
            )
    for entry in entries:
        identity = str(entry["measure_id"])
        if identity not in names or (year is not None and entry["year"] != year):
            continue
        line = _line(lines, names, identity, entry["year"], entry["kind"])
        line.add(BudgetStage(entry["stage"]), entry["amount_eur"])
    ordered = sorted(lines.values(), key=lambda line: (line.number, line.year or 0, line.kind))
    totals: dict[BudgetStage, Decimal] = defaultdict(Decimal)
    for line in ordered:
        for stage, amount in line.amounts.items():
            if amount is not None:
                totals[stage] += amount
    return Budget(ordered, dict(totals), found_days, unquantified, unknown, examples)


def _in(row: Mapping[str, Any], year: int | None) -> bool:
    return year is None or row.get("year") == year


def _line(
    lines: dict[Key, Line],
    names: Mapping[str, tuple[str, str]],
    identity: str,
    year: int | None,
    kind: str,
) -> Line:
    number, title = names[identity]
    return lines.setdefault((identity, year, kind), Line(identity, number, title, year, kind))
