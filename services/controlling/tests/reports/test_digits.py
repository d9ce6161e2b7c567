"""Figures of a report: rounded once, half away from zero."""

import pytest

from klima_controlling.reports.rules import digits


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.5, 0, "1"),
        (-0.5, 0, "-1"),
        (-0.04, 1, "0.0"),
        (2.675, 2, "2.68"),
        (None, 1, None),
        (1e6, 0, "1000000"),
        (1e40, 1, "1" + 40 * "0" + ".0"),
    ],
)
def test_digits_of_a_report(value: float | None, decimals: int, expected: str | None) -> None:
    assert digits(value, decimals) == expected
