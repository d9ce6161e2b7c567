"""Names beside lines: never on a line, never on each other, inside the picture."""

import pytest

from klima_shared.look.plot import Box, place_beside

AREA: Box = (64.0, 0.0, 316.0, 215.0)
STEEP = [(64.0, 20.0), (150.0, 215.0)]
FLAT = [(64.0, 20.0), (316.0, 215.0)]


def _touches(box: Box, line: list[tuple[float, float]]) -> bool:
    """By many points of the line, another way than the one under test."""
    (x1, y1), (x2, y2) = line
    points = [(x1 + (x2 - x1) * n / 2000, y1 + (y2 - y1) * n / 2000) for n in range(2001)]
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in points)


@pytest.mark.parametrize("words", ["Ziel 2045", "Kreisziel 2045"])
def test_a_name_touches_no_line_and_no_other_name(words: str) -> None:
    first = place_beside(STEEP, "Ziel 2030", [STEEP, FLAT], [], AREA)
    box = place_beside(FLAT, words, [STEEP, FLAT], [first], AREA)
    assert not any(_touches(one, line) for one in (first, box) for line in (STEEP, FLAT))
    assert box[2] <= first[0] or first[2] <= box[0] or box[3] <= first[1] or first[3] <= box[1]
    assert AREA[0] <= box[0]
    assert box[2] <= AREA[2]


def test_where_nothing_is_free_the_name_still_stands_somewhere() -> None:
    area: Box = (0.0, 0.0, 40.0, 20.0)
    assert place_beside(
        [(0.0, 0.0), (40.0, 20.0)], "a long name", [[(0.0, 0.0), (40.0, 20.0)]], [], area
    )
