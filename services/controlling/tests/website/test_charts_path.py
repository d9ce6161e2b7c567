"""The picture of the path: everything in it is inside it."""

import re

import pytest

from klima_controlling.website.charts.path import Line, Series, path_chart, path_picture

ACTUAL = [(2018, 390_000.0), (2021, 363_000.0)]
TREND = Line(
    "Trend",
    [(2021, 363_000.0), (2045, 120_000.0)],
    band=[(2021, 254_000.0, 521_000.0), (2045, 81_000.0, 177_000.0)],
)


@pytest.mark.parametrize("width", [330, 660, 960])
@pytest.mark.parametrize("goal", [0.0, -100_000.0, 1e12])
@pytest.mark.parametrize("ahead", [[], [TREND]])
def test_lines_bands_and_marks_stay_inside(width: int, goal: float, ahead: list[Line]) -> None:
    picture = path_chart(
        Series(ACTUAL, [(2022, 350_000.0)]),
        [Line("Ziel", [ACTUAL[0], (2045, goal)])],
        ahead,
        path_picture("de", "x", "p", width),
    )
    height = float(re.search(r'viewBox="0 0 \d+ (\d+)"', picture)[1])  # type: ignore[index]
    drawn = [
        tuple(map(float, pair.split(",")))
        for points in re.findall(r'points="(.*?)"', picture)
        for pair in points.split()
    ]
    assert len(drawn) >= 4
    assert all(0 <= x <= width and 0 <= y <= height - 30 for x, y in drawn)
    marks = [float(y) for y in re.findall(r'<line [^>]*y1="([\d.]+)"', picture)]
    assert max(marks) - min(marks) == pytest.approx(height - 48)
    assert len(marks) <= 7


def test_a_break_is_drawn_between_the_years_as_the_style_sheet_says() -> None:
    """Pages allow their own style sheet and no style of an element: its stroke would be none."""
    known = Series(ACTUAL, [], breaks=(2021,))
    picture = path_chart(known, [], [TREND], path_picture("de", "x", "p", 960))
    (points,) = re.findall(r'points="([^"]*)" class="break"', picture)
    places = [float(pair.split(",")[0]) for pair in points.split()]
    left, right = (float(x) for x in re.findall(r'<circle[^>]*cx="([\d.]+)"', picture)[:2])
    assert left < places[0] == places[1] < right
    assert "style=" not in picture
