"""Top-down beside bottom-up: what the balance changed by, and what measures say they save. The two
are never added."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from klima_shared.wire.measures import MeasureSheet, SavingRow

# Phases in which a measure can already have an effect; what lies before is a plan.
_EFFECTIVE: Final = frozenset({"in_implementation", "completed", "made_permanent"})
_GONE: Final = frozenset({"rejected", "replaced", "merged", "postponed"})


@dataclass(frozen=True)
class Saving:
    """One saving of one measure in a year at full effect. `shown`: reported as achieved, with
    evidence."""

    measure: str
    number: str
    title: str
    sector: str | None
    t_co2e: float
    overlap_group: str | None
    affects_bisko: bool
    effective: bool
    shown: bool = False
    evidence: str | None = None


@dataclass(frozen=True)
class Sum:
    t_co2e: float | None
    measures: int
    not_counted: int


@dataclass(frozen=True)
class Reconciliation:
    """`change_t_co2e`: later minus earlier balance (negative: less). The sums are savings
    (positive: less)."""

    from_year: int | None
    to_year: int | None
    change_t_co2e: float | None
    effective: Sum
    planned: Sum
    achieved: Sum
    beside_bisko: Sum
    not_quantified: int
    lines: tuple[tuple[Saving, bool], ...]


def from_sheets(sheets: Iterable[MeasureSheet]) -> tuple[list[Saving], int]:
    """(ex-ante savings of the sheets in a year at full effect, number of measures without a
    figure)."""
    found: list[Saving] = []
    silent = 0
    for sheet in sheets:
        if sheet["phase"] in _GONE:
            continue
        rows = [row for row in sheet["savings"] if row.get("emissions_t_co2e") is not None]
        if not rows:
            silent += 1
        for row in _full_year(rows):
            found.append(
                Saving(
                    str(sheet["id"]),
                    sheet["number"],
                    sheet["title"],
                    row.get("sector"),
                    row.get("emissions_t_co2e") or 0.0,
                    row.get("overlap_group"),
                    row["affects_bisko"],
                    sheet["phase"] in _EFFECTIVE,
                    evidence=row.get("evidence"),
                )
            )
    return found, silent


def _full_year(rows: Sequence[SavingRow]) -> list[SavingRow]:
    """The rows of a year at full effect, else those of the year that saves most: years are not
    added up."""
    years: dict[int | None, list[SavingRow]] = defaultdict(list)
    for row in rows:
        years[row["year"]].append(row)
    if not years:
        return []
    if None in years:
        return years[None]
    best = max(
        sorted(y for y in years if y is not None),
        key=lambda y: sum(row.get("emissions_t_co2e") or 0.0 for row in years[y]),
    )
    return years[best]


def counted_once(savings: Sequence[Saving]) -> list[tuple[Saving, bool]]:
    """Each saving and whether it counts: of an overlap group only the measure that saves most (at a
    tie the first)."""
    groups: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for saving in savings:
        if saving.overlap_group:
            groups[saving.overlap_group][saving.measure] += saving.t_co2e
    best = {
        group: min(members, key=lambda m: (-members[m], m)) for group, members in groups.items()
    }
    return [(s, not s.overlap_group or best[s.overlap_group] == s.measure) for s in savings]


def reconcile(
    totals: Mapping[int, float],
    savings: Sequence[Saving],
    achieved: Sequence[Saving],
    not_quantified: int,
) -> Reconciliation:
    """`totals`: BISKO emissions by year. With fewer than two balances there is no change to compare
    with."""
    years = sorted(totals)
    enough = len(years) >= 2
    change = totals[years[-1]] - totals[years[0]] if enough else None
    lines = counted_once([s for s in savings if s.effective and s.affects_bisko])
    return Reconciliation(
        years[0] if years else None,
        years[-1] if years else None,
        change,
        _sum(lines),
        _sum(counted_once([s for s in savings if not s.effective and s.affects_bisko])),
        _sum(counted_once([s for s in achieved if s.affects_bisko])),
        _sum(counted_once([s for s in savings if not s.affects_bisko])),
        not_quantified,
        tuple(lines),
    )


def _sum(lines: Sequence[tuple[Saving, bool]]) -> Sum:
    counted = [saving for saving, counts in lines if counts]
    tonnes = sum(s.t_co2e for s in counted) if counted else None
    return Sum(tonnes, len({s.measure for s in counted}), len(lines) - len(counted))
