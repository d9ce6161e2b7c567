"""The cells of one column of an upload as texts, with what is wrong with them."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from klima_balance.imports.files.headings import text_of
from klima_balance.imports.files.questions import FORMULA, too_long
from klima_shared.formats.tables import plain
from klima_shared.language.text import Text
from klima_shared.sandbox.model import Cell

_LONGEST: Final = {"source": 500, "note": 1000}
_LONG: Final = 100
_KEYS: Final = frozenset({"region", "year", "sector", "carrier"})
_TOTAL: Final = re.compile(r"(zwischen|gesamt|end)?summe\b|(ins)?gesamt\b|total\b|sum\b", re.I)
_Read = tuple[str, Text | None, bool]
"""The text of a cell, what is wrong with it, and whether it heads a row of totals."""


class ColumnReader:
    """Reads the cells of one column, the same text once: columns say the same over and over."""

    def __init__(self, name: str) -> None:
        self.longest = _LONGEST.get(name, _LONG)
        self.totals = name in _KEYS
        self.seen: dict[str, _Read] = {}

    def read(self, cell: Cell) -> _Read:
        if not isinstance(cell, str):
            return self._read(_as_text(cell))
        read = self.seen.get(cell)
        if read is None:
            read = self.seen[cell] = self._read(plain(cell).strip())
        return read

    def _read(self, text: str) -> _Read:
        wrong = None
        if len(text) > self.longest:
            wrong = too_long(self.longest)
        elif text.startswith(("=", "'=")):
            wrong = FORMULA
        return text, wrong, self.totals and _TOTAL.match(text) is not None


def _as_text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date | datetime | time | timedelta):
        return german_date(cell)
    return text_of(cell)


def german_date(value: date | datetime | time | timedelta) -> str:
    if isinstance(value, timedelta):  # a duration as Excel shows it: [h]:mm:ss
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value)
