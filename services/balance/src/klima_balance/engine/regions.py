"""Who belongs to whom, by the keys alone.

A region without children is a leaf: a municipality, an independent city (`NNNNN000`) or a city
state (`NN000000`).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from klima_shared.codes.regions import GERMANY

STATE_SUFFIX: Final = "000000"
COUNTY_SUFFIX: Final = "000"


def leaves(keys: Iterable[str]) -> list[str]:
    """The regions of `keys` that contain no other one, in ascending order."""
    every = sorted({key for key in keys if key != GERMANY})
    counties = {key[:5] for key in every if not key.endswith(COUNTY_SUFFIX)}
    states = {key[:2] for key in every if not key.endswith(STATE_SUFFIX)}
    return [
        key
        for key in every
        if not key.endswith(COUNTY_SUFFIX)
        or (not key.endswith(STATE_SUFFIX) and key[:5] not in counties)
        or (key.endswith(STATE_SUFFIX) and key[:2] not in states)
    ]


def parents(key: str) -> tuple[str, ...]:
    """County, state and Germany of a leaf, without the leaf itself."""
    chain = (key[:5] + COUNTY_SUFFIX, key[:2] + STATE_SUFFIX, GERMANY)
    return tuple(parent for parent in chain if parent != key)


def memberships(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Every county, state and Germany with the leaves they contain, members in ascending order."""
    result: dict[str, list[str]] = {}
    for key in sorted(keys):
        for parent in parents(key):
            result.setdefault(parent, []).append(key)
    return {parent: tuple(result[parent]) for parent in sorted(result)}


def expected_counts(members: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """How many members each region should have."""
    return {parent: len(tuple(children)) for parent, children in members.items()}
