"""Rules of workshops, ideas and prioritisations: which step may follow which, whose idea it is, and
the order in which a group has put ideas."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from klima_measures.participation.model.codes import (
    Moderation,
    PackageState,
    PrioritisationMethod,
    Triage,
    WorkshopState,
)
from klima_measures.participation.model.ideas import Standing, TriageSums
from klima_measures.participation.model.workshops import Ranked, Tally
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text

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


def effective_triage(idea: Standing) -> Triage | None:
    """Where an idea counts; None while that is undecided. A merged idea is counted where the one is
    that it went into; a rejected one is out of scope, with the reason of its rejection. So the sums
    agree with the number of ideas, and none disappears."""
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


MAX_SCORE: Final = 5


def check_vote(method: PrioritisationMethod, value: int, ballots: int) -> None:
    """Refuse what the method does not know. `value` is that of each of the `ballots`. Raises
    `InputError`."""
    low, high = {
        PrioritisationMethod.DOTS: (1, 100),
        PrioritisationMethod.YES_NO: (0, 1),
        PrioritisationMethod.SCORE: (1, MAX_SCORE),
    }[method]
    if not low <= value <= high:
        raise InputError(
            Text(
                "With “{method}” the value is between {low} and {high}; found: {value}.",
                method=method,
                low=low,
                high=high,
                value=value,
            )
        )
    if not 1 <= ballots <= 10_000:
        raise InputError(Text("1 to 10000 ballots are expected."))


def ranking(
    method: PrioritisationMethod, tallies: Mapping[str, Tally], ideas: Iterable[str]
) -> list[Ranked]:
    """All ideas of the session, best first; those without a ballot come last with the sum 0.

    Dots and yes/no are ranked by their sum (yes counts 1), scores by their mean and then by their
    number of ballots.
    """
    none = Tally(0, 0)
    lines = [(idea, tallies.get(idea, none)) for idea in dict.fromkeys([*ideas, *tallies])]

    def weight(tally: Tally) -> tuple[float, int]:
        if method is PrioritisationMethod.SCORE:
            return (tally.total / tally.ballots if tally.ballots else 0.0, tally.ballots)
        return (float(tally.total), 0)

    lines.sort(key=lambda line: ([-part for part in weight(line[1])], line[0]))
    ranked: list[Ranked] = []
    for position, (idea, tally) in enumerate(lines, start=1):
        shares = ranked and weight(tally) == weight(tallies.get(ranked[-1].idea, none))
        rank = ranked[-1].rank if shares else position
        mean = (
            None
            if method is PrioritisationMethod.DOTS or not tally.ballots
            else tally.total / tally.ballots
        )
        ranked.append(Ranked(idea, rank, tally.ballots, tally.total, mean))
    return ranked
