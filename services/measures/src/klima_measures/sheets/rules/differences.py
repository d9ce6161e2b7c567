"""What changed between two versions of a document, as places and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Difference(NamedTuple):
    """A place (JSON pointer) with what was and what is there; None where there was or is
    nothing."""

    pointer: str
    before: object
    after: object


def differences(before: object, after: object, pointer: str = "") -> list[Difference]:
    """Places where two JSON-like values differ; of lists of the same length, the entries."""
    if before == after:
        return []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        found: list[Difference] = []
        for key in dict.fromkeys([*before, *after]):
            found += differences(before.get(key), after.get(key), f"{pointer}/{key}")
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            d
            for i, (a, b) in enumerate(zip(before, after, strict=True))
            for d in differences(a, b, f"{pointer}/{i}")
        ]
    return [Difference(pointer or "/", before, after)]
