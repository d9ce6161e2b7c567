"""Which observation serves a year, against a search row by row."""

import math

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from klima_balance.engine.observations import Observations

REGIONS = ("05974040", "05974044")
NAMES = ("population", "pv_kw")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(REGIONS),
        st.integers(2015, 2023),
        st.sampled_from(NAMES),
        st.integers(0, 1000).map(float) | st.just(math.nan),
        st.sampled_from(["", "implausible", "correction"]),
    ),
    max_size=14,
)


@given(ROWS, st.integers(2013, 2025))
def test_what_serves_is_what_a_search_row_by_row_finds(
    rows: list[tuple[str, int, str, float, str]], year: int
) -> None:
    frame = pd.DataFrame(rows, columns=["region", "year", "statistic", "value", "flag"])
    table = Observations(frame).of(year, REGIONS)
    for i, region in enumerate(REGIONS):
        for name in NAMES:
            cell = [(y, v, f) for r, y, n, v, f in rows if (r, n) == (region, name) and v == v]
            expected = _searched(cell, year)
            got = table.column(name)[i]
            assert (math.isnan(got) and expected is None) or got == expected, (region, name)


def _searched(cell: list[tuple[int, float, str]], year: int) -> float | None:
    plausible = [row for row in cell if row[2] != "implausible"]
    serving = plausible or cell
    if not serving:
        return None
    # The nearest year, the earlier of two, a correction before the original, then the file's order.
    serving = sorted(serving, key=lambda row: (abs(row[0] - year), row[0], row[2] != "correction"))
    before = [row for row in serving if row[0] < year]
    after = [row for row in serving if row[0] > year]
    if serving[0][0] == year or not (plausible and before and after):
        return serving[0][1]
    (first, low, _), (last, high, _) = before[0], after[0]
    return low + (high - low) * ((year - first) / (last - first))
