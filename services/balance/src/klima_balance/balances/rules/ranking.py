"""The order of regions in a list: by key, or by a figure of their balances."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Position(NamedTuple):
    """Where a region stands. Regions without the figure come last, whichever end is first."""

    missing: int
    figure: float
    ags: str


def by_key(keys: Iterable[str], after: Position | None, *, descending: bool) -> list[Position]:
    """Positions by key, behind the position `after`."""
    found = sorted((Position(0, 0.0, ags) for ags in keys), reverse=descending)
    if after is None:
        return found
    return [one for one in found if (one.ags < after.ags if descending else one.ags > after.ags)]


def by_figure(
    figures: Mapping[str, float | None], after: Position | None, *, descending: bool
) -> list[Position]:
    """Positions by a figure of each region, behind the position `after`."""
    sign = -1.0 if descending else 1.0
    found = sorted(
        Position(1, 0.0, ags) if figure is None else Position(0, sign * figure, ags)
        for ags, figure in figures.items()
    )
    return [one for one in found if after is None or one > after]
