"""What measures cost and how they are paid for: sums in euro and cents, unknown amounts counted
instead of summed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from klima_measures.sheets.model.rows import CostRow
from klima_measures.sheets.model.sheet import Sheet


@dataclass(frozen=True)
class Amount:
    """A sum of known amounts, and how many are not known. Without any known amount the sum is None,
    not 0."""

    known_eur: Decimal | None
    unknown: int

    @classmethod
    def of(cls, amounts: Iterable[Decimal | None]) -> Amount:
        listed = list(amounts)
        known = [amount for amount in listed if amount is not None]
        return cls(sum(known, Decimal(0)) if known else None, len(listed) - len(known))


@dataclass(frozen=True)
class Effort:
    """Gesamtaufwand: what falls due once, and what falls due every year."""

    once: Amount
    yearly: Amount


def effort(rows: Iterable[CostRow]) -> Effort:
    listed = list(rows)
    return Effort(
        Amount.of(row.amount_eur for row in listed if not row.recurring),
        Amount.of(row.amount_eur for row in listed if row.recurring),
    )


def staff_days(sheet: Sheet) -> Decimal | None:
    """Sum of the staff days that are known; None where none is."""
    return Amount.of(row.days for row in sheet.staff).known_eur


def list_amount(sheet: Sheet) -> Decimal | None:
    """The amount lists are filtered and sorted by: everything known, a yearly amount once."""
    return Amount.of(row.amount_eur for row in sheet.costs).known_eur


def funded(sheet: Sheet) -> Amount:
    """Amounts of the funding rows, whatever their state."""
    return Amount.of(row.amount_eur for row in sheet.funding)
