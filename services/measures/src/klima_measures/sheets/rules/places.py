"""Which regions a measure belongs to, as a set of numbers: so that one array overlap answers whose
it is.

A measure is found for a region when it, its owner or one of its regions lies there, and when one of
its regions contains it (a county's measure is every municipality's). `n` stands for "lies in n",
`-n` for "is n".
"""

from __future__ import annotations

from collections.abc import Sequence

from klima_shared.codes.fields import GERMANY, parent


def ancestors(region: str) -> list[str]:
    """The region and everything it lies in, from the inside out."""
    found = [region]
    while (above := parent(found[-1])) is not None:
        found.append(above)
    return found


def _number(region: str) -> int:
    return 99_999_999 if region == GERMANY else int(region)


def places_of(regions: Sequence[str], owner: str) -> list[int]:
    """What is stored with a measure."""
    inside = {_number(above) for region in (*regions, owner) for above in ancestors(region)}
    return sorted(inside | {-_number(region) for region in regions})


def asked(region: str) -> list[int]:
    """What a region's measures overlap with."""
    own, *above = ancestors(region)
    return [_number(own), *(-_number(one) for one in above)]
