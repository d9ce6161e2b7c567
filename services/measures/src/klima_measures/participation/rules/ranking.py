"""Weighing ideas: sums per idea by dots, yes and no, or scores; equal sums share a rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from klima_measures.participation.model import PrioritisationMethod
from klima_shared.http.validation import TextError
from klima_shared.language.text import Text

MAX_SCORE: Final = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """What was given to one idea: how many ballots, and the sum of their values."""

    ballots: int
    total: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line of the result. `mean` is the mean score, or the share of yes; None for dots and
    without ballots."""

    idea: str
    rank: int
    ballots: int
    total: int
    mean: float | None


def check_vote(method: PrioritisationMethod, value: int, ballots: int) -> None:
    """Refuse what the method does not know. `value` is that of each of the `ballots`. Raises
    `TextError`."""
    low, high = {
        PrioritisationMethod.DOTS: (1, 100),
        PrioritisationMethod.YES_NO: (0, 1),
        PrioritisationMethod.SCORE: (1, MAX_SCORE),
    }[method]
    if not low <= value <= high:
        raise TextError(
            Text(
                "With “{method}” the value is between {low} and {high}; found: {value}.",
                method=method,
                low=low,
                high=high,
                value=value,
            )
        )
    if not 1 <= ballots <= 10_000:
        raise TextError(Text("1 to 10000 ballots are expected."))


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
