"""From when to when a region exists."""

from datetime import date
from typing import NamedTuple


class Validity(NamedTuple):
    """The first and the last day of a region; None: no such day."""

    valid_from: date | None
    valid_to: date | None

    def covers(self, year: int) -> bool:
        """Whether the region exists at the end of a year, the day of its balance."""
        day = date(year, 12, 31)
        after_first = self.valid_from is None or self.valid_from <= day
        return after_first and (self.valid_to is None or day <= self.valid_to)
