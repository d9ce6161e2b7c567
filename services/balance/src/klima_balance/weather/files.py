"""Reads the shipped degree days. They stand apart from the method of balances: no balance is
weather-corrected."""

import csv
from functools import lru_cache
from importlib.resources import files
from statistics import fmean

from klima_balance.weather.model import NORMAL_PERIOD, Series


@lru_cache(maxsize=1)
def shipped_series() -> Series:
    """Germany as a whole, with the mean of the normal period."""
    text = files("klima_balance.method").joinpath("degree_days.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    years = {int(row["year"]): float(row["value"]) for row in rows}
    first, last = NORMAL_PERIOD
    head = rows[0]
    return Series(
        region=head["region"],
        definition=head["definition"],
        mean=fmean(years[y] for y in range(first, last + 1)),
        mean_period=f"{first}-{last}",
        years=years,
        source=head["source"],
        certainty=head["certainty"],
    )
