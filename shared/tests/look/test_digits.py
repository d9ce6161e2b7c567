"""One rule for the digits of a figure, by its grade and its band."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klima_shared.codes.quality import Grade
from klima_shared.look.digits import (
    display,
    display_gap,
    display_share,
    grade_of,
    place_of,
    rounded,
    worst_grade,
)

N = "\u202f"


@pytest.mark.parametrize(
    ("value", "grade", "most", "written"),
    [
        (2636.4, Grade.D, 0, f"2{N}600"),
        (2636.4, Grade.C, 0, f"2{N}640"),
        (2636.4, Grade.B, 0, f"2{N}640"),
        (2636.4, Grade.A, 0, f"2{N}636"),
        (8.66, Grade.D, 1, "8,7"),
        (12.34, Grade.D, 1, "12"),
        (0.01234, Grade.D, None, "0,012"),
        (-172.9, Grade.D, 0, "−170"),
        (995.0, Grade.D, 0, f"1{N}000"),
        (0.0, Grade.D, 0, "0"),
        (2636.4, None, 0, f"2{N}636"),
        (None, Grade.D, 0, "keine Angabe"),
    ],
)
def test_digits_follow_the_grade(
    value: float | None, grade: Grade | None, most: int | None, written: str
) -> None:
    assert display(value, "de", grade, most) == written


def test_no_digit_is_finer_than_the_band() -> None:
    # Half of 1844 to 3783 is 970: tens. Grade D ends before, at hundreds.
    assert display(2636.4, "de", Grade.A, 1, band=(1844.0, 3783.0)) == f"2{N}640"
    assert display(2636.4, "de", Grade.D, 1, band=(1844.0, 3783.0)) == f"2{N}600"
    assert display(2636.4, "de", Grade.A, 1, band=(2636.4, 2636.4)) == f"2{N}636,4"


def test_a_sum_has_the_grade_next_to_its_quality() -> None:
    found = [grade_of(q) for q in (0.0, 0.125, 0.126, 0.376, 0.75, 0.76, None, "A", "", "D")]
    assert [g and g.value for g in found] == ["D", "D", "C", "B", "B", "A", None, "A", None, "D"]
    rows = [{"grade": "A"}, {"grade": "C"}, {"grade": ""}, {"grade": "D", "memo": True}]
    assert worst_grade(rows) is Grade.C
    assert worst_grade([{}]) is None


def test_a_gap_ends_where_its_figures_end() -> None:
    assert display_gap(86.2, "de", -2) == "+100"
    assert display_gap(-1234.0, "en", -2) == f"−1{N}200"
    # Not "0": the two figures are not equal, their digits do not show the gap.
    assert display_gap(30.0, "de", -2) == "unter 50"
    assert display_gap(-0.03, "en", 1) == "under 0.05"
    assert display_gap(0.0, "de", -2) == "0"


def test_shares_are_figures_too() -> None:
    assert display_share(0.3456, "de", Grade.D, 1) == f"35{N}%"
    assert display_share(0.0456, "en", Grade.D, 1) == f"4.6{N}%"
    assert display_share(0.3456, "de", Grade.A, 1) == f"34,6{N}%"


@given(
    value=st.floats(1e-3, 1e15) | st.floats(-1e15, -1e-3), grade=st.sampled_from(list(Grade)[1:])
)
def test_rounding_stays_within_half_a_digit(value: float, grade: Grade) -> None:
    place = place_of(value, grade)
    assert place is not None
    assert abs(rounded(value, place) - value) <= 0.5 * 10.0**-place * (1 + 1e-9)
    assert rounded(value, None) == value
