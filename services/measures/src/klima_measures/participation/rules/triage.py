"""Whose idea it is. Municipal, intermunicipal and out of scope together are all ideas, once each is
decided.

A merged idea is counted where the one is that it went into; a rejected one is out of scope, with
the reason of its rejection. So the sums agree with the number handed in, and none disappears.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from klima_measures.participation.model import Moderation, Triage


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides where an idea counts. `target` is the triage of the idea it was merged into."""

    moderation: Moderation
    triage: Triage | None
    target: Triage | None = None


@dataclass(frozen=True, slots=True)
class TriageSums:
    """municipal + intermunicipal + out_of_scope + undecided == ideas"""

    ideas: int
    municipal: int
    intermunicipal: int
    out_of_scope: int
    undecided: int
    new: int
    accepted: int
    merged: int
    rejected: int


def effective_triage(idea: Standing) -> Triage | None:
    """Where an idea counts; None while that is undecided."""
    match idea.moderation:
        case Moderation.REJECTED:
            return Triage.OUT_OF_SCOPE
        case Moderation.MERGED:
            return idea.target
        case _:
            return idea.triage


def sums(counted: Iterable[tuple[Standing, int]]) -> TriageSums:
    """Sums over (standing, how many ideas have it)."""
    triage: dict[Triage | None, int] = dict.fromkeys([*Triage, None], 0)
    moderation = dict.fromkeys(Moderation, 0)
    for standing, count in counted:
        triage[effective_triage(standing)] += count
        moderation[standing.moderation] += count
    return TriageSums(
        ideas=sum(triage.values()),
        municipal=triage[Triage.MUNICIPAL],
        intermunicipal=triage[Triage.INTERMUNICIPAL],
        out_of_scope=triage[Triage.OUT_OF_SCOPE],
        undecided=triage[None],
        new=moderation[Moderation.NEW],
        accepted=moderation[Moderation.ACCEPTED],
        merged=moderation[Moderation.MERGED],
        rejected=moderation[Moderation.REJECTED],
    )
