"""What a caller can do wrong, with the place, what was found and what was expected; in German and
English."""

from collections.abc import Iterable
from typing import Any, Final

from klima_shared.language.text import Label, Text

FINITE: Final = Label("eine endliche Zahl", "a finite number")
NOT_NEGATIVE: Final = Label("eine endliche Zahl von mindestens 0", "a finite number of at least 0")


def one_of(names: Iterable[object]) -> Text:
    found = ", ".join(map(str, names))
    return (
        Text("one of {found}", found=found)
        if found
        else Label("hier gibt es keine", "there are none here")
    )


def columns(names: Iterable[object]) -> Text:
    found = ", ".join(map(str, names))
    return Text("the columns {found}", found=found)


def at_least(amount: str) -> Text:
    return Text("at least {amount}", amount=amount)


def more_than(amount: str) -> Text:
    return Text("more than {amount}", amount=amount)


def after_base(base_year: int) -> Text:
    return Text("a year after the base year {base_year}", base_year=base_year)


class InputError(ValueError):
    """Wrong content of an input of the engine.

    `field` names the column, option or carrier; `found` and `expected` are ready to be shown; `row`
    counts from 1.
    """

    def __init__(
        self,
        field: str,
        found: Any,
        expected: Text,
        *,
        region: str | None = None,
        row: int | None = None,
    ) -> None:
        self.field = field
        self.found = found
        self.expected = expected
        self.region = region
        self.row = row
        place = f"{region}: " if region else ""
        line = f" (row {row})" if row is not None else ""
        super().__init__(f"{place}{field}{line}: found {found!r}, expected {expected.en}")

    def in_row(self, row: int) -> "InputError":
        """The same complaint with the row in which it was found."""
        return InputError(self.field, self.found, self.expected, region=self.region, row=row)

    @property
    def text(self) -> Text:
        """The whole sentence for the person who sent it."""
        place = f"{self.region}: " if self.region else ""
        return Text(
            "{place}{field}: “{found}” is not possible; expected: {expected}.",
            place=place,
            field=self.field,
            found=str(self.found),
            expected=self.expected,
        )
