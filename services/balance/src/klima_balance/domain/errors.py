"""What a caller can do wrong, with the place, what was found and what was expected."""

from typing import Any


class InputError(ValueError):
    """Wrong content of an input of the engine.

    `field` names the column, option or carrier; `found` and `expected` are ready to be shown; `row` counts from 1.
    """

    def __init__(
        self, field: str, found: Any, expected: str, *, region: str | None = None, row: int | None = None
    ) -> None:
        self.field = field
        self.found = found
        self.expected = expected
        self.region = region
        self.row = row
        place = f"{region}: " if region else ""
        line = f" (row {row})" if row is not None else ""
        super().__init__(f"{place}{field}{line}: found {found!r}, expected {expected}")
