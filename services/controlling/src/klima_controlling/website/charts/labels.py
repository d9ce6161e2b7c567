"""Names at lines: a place beside each line where its name touches no line and no other name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

CHARACTER: Final = 8.0  # pixels of a mean character at 13 px, in a wide system font
_UP, _DOWN, _GAP = 11.0, 4.0, 7.0
_ALONG: Final = (0.5, 0.6, 0.4, 0.7, 0.3, 0.8, 0.2, 0.9, 0.12)


def beside(
    line: Sequence[Point],
    words: str,
    lines: Sequence[Sequence[Point]],
    taken: Sequence[Box],
    area: Box,
) -> Box:
    """Where the name of a falling line stands: to its upper right, else to its lower left, inside
    `area`. Where there is no free place, the one that touches least. No other line may run between
    a line and its name.
    """
    width = len(words) * CHARACTER
    found: list[tuple[int, Box]] = []
    for share in _ALONG:
        x, y = _at(line, share)
        for left, base in ((x + _GAP, y - _GAP + _DOWN), (x - _GAP - width, y + _UP + _DOWN)):
            box = (left, base - _UP, left + width, base + _DOWN)
            between = (min(x, left), min(y, box[1]), max(x, box[2]), max(y, box[3]))
            touched = sum(_crosses(other, box if other is line else between) for other in lines)
            touched += sum(_overlap(box, other) for other in taken)
            touched += 10 * (not _inside(box, area))
            if touched == 0:
                return box
            found.append((touched, box))
    return min(found)[1]


def baseline(box: Box) -> float:
    """Where the letters of a name stand."""
    return box[3] - _DOWN


def _at(line: Sequence[Point], share: float) -> Point:
    """The point of a line at a share of its width."""
    x = line[0][0] + (line[-1][0] - line[0][0]) * share
    for (x1, y1), (x2, y2) in pairwise(line):
        if x1 <= x <= x2 and x2 > x1:
            return x, y1 + (y2 - y1) * (x - x1) / (x2 - x1)
    return line[-1]


def _crosses(line: Sequence[Point], box: Box) -> bool:
    """Whether a line of straight pieces runs through a box."""
    left, top, right, bottom = box
    for (x1, y1), (x2, y2) in pairwise(line):
        a, b = max(min(x1, x2), left), min(max(x1, x2), right)
        if a > b:
            continue
        if x1 == x2:
            low, high = min(y1, y2), max(y1, y2)
        else:
            ends = [y1 + (y2 - y1) * (x - x1) / (x2 - x1) for x in (a, b)]
            low, high = min(ends), max(ends)
        if low <= bottom and high >= top:
            return True
    return False


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(box: Box, area: Box) -> bool:
    return box[0] >= area[0] and box[1] >= area[1] and box[2] <= area[2] and box[3] <= area[3]
