"""Two suppliers of one cell: whose figure stands there, and what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from klima_balance.engine.figures import UNITS_OF_STATISTICS, Figure
from klima_balance.imports.model import (
    CellKey,
    ImportedFigure,
    OtherSource,
    Plan,
    Replacement,
    StandingFigure,
)

_PLUS: Final = " + "


def sources_of(figure: Figure) -> frozenset[str]:
    """Who delivered it, as far as case and blanks don't matter; more than one of a sum."""
    return frozenset(" ".join(one.split()).casefold() for one in figure.source.split(_PLUS))


def plan(
    figures: Sequence[ImportedFigure],
    standing: Mapping[CellKey, StandingFigure],
    otherwise: OtherSource,
) -> Plan:
    """What would be stored of the figures, and what it would replace.

    A source may correct its own figure. Another one's is replaced or added to only as `otherwise`
    says; else it is a question, and so is the part of a sum that is delivered once more.
    """
    new, replaced, added = [], [], 0
    for one in figures:
        there = standing.get(one.place)
        if there is None:
            new.append(one)
            added += 1
        elif there.figure != one.figure and not there.same_file:
            replacement = _replacement(one, there, otherwise)
            new.append(ImportedFigure(one.line, replacement.after))
            replaced.append(replacement)
    return Plan(new, replaced, added, len(figures) - len(new))


def _replacement(one: ImportedFigure, there: StandingFigure, otherwise: OtherSource) -> Replacement:
    before, after = there.figure, one.figure
    old, own = sources_of(before), sources_of(after)
    foreign = old != own
    add = foreign and otherwise is OtherSource.ADD and not own & old
    question = foreign and not add and otherwise is not OtherSource.REPLACE
    return Replacement(
        line=one.line,
        before=before,
        after=sum_of(before, after) if add else after,
        changed_at=there.changed_at,
        other_source=foreign,
        question=question,
    )


def sum_of(first: Figure, second: Figure) -> Figure:
    """Both figures of a cell: in their unit, or in MWh where they have two; as good as the worse of
    them."""
    same = first.unit == second.unit
    mwh = None
    if first.quantity_mwh is not None and second.quantity_mwh is not None:
        mwh = first.quantity_mwh + second.quantity_mwh
    if mwh is None and not same:
        unit = UNITS_OF_STATISTICS[first.unit.casefold()][0]
        first, second = (replace(f, quantity=f.statistic, unit=unit) for f in (first, second))
        same = True
    notes = [note for note in (first.note, second.note) if note]
    estimated = "estimated" in (first.status, second.status)
    measured = "measured" in (first.status, second.status)
    return replace(
        second,
        quantity=first.quantity + second.quantity if same or mwh is None else mwh,
        unit=second.unit if same else "MWh",
        quantity_mwh=mwh,
        status="estimated" if estimated else "measured" if measured else second.status,
        grade=max(first.grade, second.grade),
        source=first.source + _PLUS + second.source,
        note=" · ".join(notes) or None,
        contained_in_ghd=first.contained_in_ghd and second.contained_in_ghd,
    )
