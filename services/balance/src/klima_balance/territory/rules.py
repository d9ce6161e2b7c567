"""Which regions exist in which years, where no register says so: read off the tables that list
them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Final, NamedTuple

from klima_balance.regions.model import Validity
from klima_shared.codes.regions import RegionKind, ancestors, level, state_of
from klima_shared.language.text import Label, Text

_MOST_STEPS: Final = 20_000
_TOLERANCE_HA: Final = 5.0
_TOLERANCE: Final = 0.002


Areas = Mapping[str, Mapping[int, float]]
"""Land in ha by region and year."""


class Successor(NamedTuple):
    """Where (a share of) the territory of a region went that ended."""

    region: str
    successor: str
    share: float


def validity(lists: Mapping[int, Iterable[str]]) -> dict[str, Validity]:
    """The days of municipalities that tables of some years list, for those that not all of them do.

    A table counts where it holds at least half of the most keys that any table has of the state:
    others are of a part of it. Between two tables a region ends, and another begins, at the middle;
    of years equally far from both, the earlier table holds. One that is only passed over once
    exists all the time.
    """
    result = {}
    for of_state in _by_state(lists).values():
        most = max(map(len, of_state.values()))
        years = sorted(year for year, keys in of_state.items() if 2 * len(keys) >= most)
        for key in set().union(*(of_state[year] for year in years)):
            present = [year for year in years if key in of_state[year]]
            first = last = None
            for before, after in pairwise(years):
                middle = (before + after) // 2
                if after == present[0]:
                    first = date(middle + 1, 1, 1)
                if before == present[-1]:
                    last = date(middle, 12, 31)
            if first or last:
                result[key] = Validity(first, last)
    return result


def _by_state(lists: Mapping[int, Iterable[str]]) -> dict[str, dict[int, set[str]]]:
    result: dict[str, dict[int, set[str]]] = {}
    for year, keys in lists.items():
        for key in keys:
            result.setdefault(state_of(key), {}).setdefault(year, set()).add(key)
    return result


def successors(days: Mapping[str, Validity], areas: Areas) -> list[Successor]:
    """Where the regions that ended went, as far as their areas say so beyond doubt.

    areas: of municipalities. In a county the areas of those that ended are shared out among the
    municipalities that grew; where exactly one way of all fits each growth to 0.2 % or 5 ha, it
    holds. An independent city went to the one region of its state that grew by its area.
    """
    inside: dict[str, list[str]] = {}
    for key in sorted(areas):
        for place in ancestors(key)[1:]:
            inside.setdefault(place, []).append(key)
    found: list[Successor] = []
    for (place, last), ended in _ended(days, areas).items():
        parts = [areas[key][_latest(areas[key], last)] for key in ended]
        growths = {key: _growth(areas[key], last, days.get(key)) for key in inside[place]}
        grown = {key: ha for key, ha in growths.items() if ha > 0.95 * min(parts)}
        if level(place) is RegionKind.STATE:
            grown = {key: ha for key, ha in grown.items() if _fits(ha, sum(parts))}
        if (way := _only_way(parts, grown)) is not None:
            found += [Successor(key, heir, 1.0) for key, heir in zip(ended, way, strict=True)]
    return found


def _ended(days: Mapping[str, Validity], areas: Areas) -> dict[tuple[str, int], list[str]]:
    """Those with an area by county (independent cities: by state) and last year."""
    groups: dict[tuple[str, int], list[str]] = {}
    for key, (_, last) in sorted(days.items()):
        if last is not None and _latest(areas.get(key, {}), last.year):
            in_county = level(key) is RegionKind.MUNICIPALITY
            place = ancestors(key)[1] if in_county else state_of(key)
            groups.setdefault((place, last.year), []).append(key)
    return groups


def _latest(by_year: Mapping[int, float], last: int) -> int:
    """The last year up to `last` with an area; 0: none."""
    return max((year for year in by_year if year <= last), default=0)


def _growth(by_year: Mapping[int, float], last: int, days: Validity | None) -> float:
    """By how many ha a region grew after the year `last`; 0 where that is not known."""
    after = [year for year in by_year if year > last]
    if not after or (days is not None and not days.covers(last + 1)):
        return 0.0
    new = by_year[min(after)]
    if days is not None and days.valid_from is not None and days.valid_from.year == last + 1:
        return new
    before = _latest(by_year, last)
    return new - by_year[before] if before else 0.0


def _tolerance(growth: float) -> float:
    return max(_TOLERANCE_HA, _TOLERANCE * growth)


def _fits(growth: float, parts: float) -> bool:
    return abs(growth - parts) <= _tolerance(growth)


def _only_way(parts: Sequence[float], grown: Mapping[str, float]) -> tuple[str, ...] | None:
    """The heir of every part, if there is exactly one way to make up each growth of the parts, and
    it can be seen that there is within a bounded search."""
    order = sorted(range(len(parts)), key=lambda i: -parts[i])
    room = dict(grown)
    way: dict[int, str] = {}
    ways: list[tuple[str, ...]] = []
    steps = 0

    def search(n: int) -> None:
        nonlocal steps
        steps += 1
        if len(ways) > 1 or steps > _MOST_STEPS:
            return
        if n == len(order):
            if all(_fits(grown[heir], grown[heir] - left) for heir, left in room.items()):
                ways.append(tuple(way[i] for i in range(len(parts))))
            return
        part = parts[order[n]]
        for heir, growth in grown.items():
            if part <= room[heir] + _tolerance(growth):
                room[heir] -= part
                way[order[n]] = heir
                search(n + 1)
                room[heir] += part

    if grown:
        search(0)
    return ways[0] if len(ways) == 1 and steps <= _MOST_STEPS else None


def outside_its_years(
    name: str, ags: str, days: Validity, others: Sequence[tuple[str, str]], year: int
) -> Text:
    """Why there is nothing of a region and year. others: names and keys of its successors, or, of
    a region that began later, of those before it."""
    names = ", ".join(f"{other} ({key})" for other, key in others)
    if days.valid_to is not None and days.valid_to < date(year, 12, 31):
        heirs: Text = Text(" Its territory belongs to {names}.", names=names)
        if not others:
            heirs = Text(" Which region it belongs to is not on file.")
        return Text(
            "{name} ({ags}) existed until {day} and has no figures of {year}.{heirs}",
            name=name,
            ags=ags,
            day=days.valid_to.isoformat(),
            year=year,
            heirs=heirs,
        )
    before: Text = Text(" Its territory belonged to {names}.", names=names)
    day = days.valid_from.isoformat() if days.valid_from else ""
    return Text(
        "{name} ({ags}) exists since {day} and has no figures of {year}.{before}",
        name=name,
        ags=ags,
        day=day,
        year=year,
        before=before if others else Label("", ""),
    )
