"""Rules of workshops, ideas and result packages: which step may follow which."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from klima_measures.participation.model import Moderation, PackageState, Triage, WorkshopState

_W = WorkshopState

# The last two are reached by handing the package over, not by a step of their own.
_NEXT: Final[dict[WorkshopState, frozenset[WorkshopState]]] = {
    _W.PLANNED: frozenset({_W.INVITED, _W.CANCELLED}),
    _W.INVITED: frozenset({_W.HELD, _W.CANCELLED, _W.PLANNED}),
    _W.HELD: frozenset({_W.DOCUMENTED}),
    _W.DOCUMENTED: frozenset({_W.HELD}),
    _W.DELIVERED: frozenset(),
    _W.ACKNOWLEDGED: frozenset(),
    _W.CANCELLED: frozenset({_W.PLANNED}),
}

PUBLIC_WORKSHOP_STATES: Final = frozenset(_W) - {_W.PLANNED}
PACKAGED_STATES: Final = frozenset({_W.DOCUMENTED, _W.DELIVERED, _W.ACKNOWLEDGED})


def next_workshop_states(state: WorkshopState) -> frozenset[WorkshopState]:
    """The states that a workshop may be moved to by hand."""
    return _NEXT[state]


def may_deliver(state: PackageState) -> bool:
    return state is PackageState.DRAFTED


def may_acknowledge(state: PackageState) -> bool:
    """Only what was delivered can have been received."""
    return state is PackageState.DELIVERED


def public_state(moderation: Moderation, triage: Triage | None, *, erased: bool) -> str:
    """The one word for the citizen: `new`, `accepted`, `merged`, `rejected`, a triage, or
    `erased`."""
    if erased:
        return "erased"
    if moderation is Moderation.ACCEPTED and triage is not None:
        return triage.value
    return moderation.value


def is_final(moderation: Moderation, triage: Triage | None) -> bool:
    """Whether the idea has come to an end: refused, merged, or decided whose it is."""
    return moderation in {Moderation.REJECTED, Moderation.MERGED} or triage is not None


def answer_due(created_at: datetime, answer_days: int) -> datetime:
    """Until when the author must have heard something."""
    return created_at + timedelta(days=answer_days)


def may_link(triage: Triage | None, *, intermunicipal_measure: bool) -> bool:
    """Whether an idea may enter a measure: the county's concept takes only intermunicipal ones.

    A municipality may take up its own ideas and, at its place, intermunicipal ones too.
    """
    if triage is None or triage is Triage.OUT_OF_SCOPE:
        return False
    return triage is Triage.INTERMUNICIPAL or not intermunicipal_measure
