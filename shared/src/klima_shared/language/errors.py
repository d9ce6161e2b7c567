"""What somebody can send wrong: where it stands, what was found there, and what was expected."""

from dataclasses import dataclass, replace
from typing import Final

from klima_shared.language.text import Text


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in what was sent.

    `field`: a column, property or option. `row` counts rows of data from 1, `line` the lines of a
    file as an editor or Excel counts them: the two are never the same number. `region`: an AGS.
    `pointer`: a JSON pointer inside a document (`/measures/0/title`).
    """

    field: str = ""
    row: int | None = None
    line: int | None = None
    region: str | None = None
    pointer: str = ""

    def __str__(self) -> str:
        region = f"{self.region}: " if self.region else ""
        row = f" (row {self.row})" if self.row is not None else ""
        return f"{region}{self.field}{row}"


NOWHERE: Final = Place()


class InputError(ValueError):
    """Wrong content of an input: a cell, a file, a field of a body or an option of the engine.

    `text` is the whole sentence for the person who sent it. `found` and `expected` are there for
    those who word it in another way. pydantic carries the error in the context of its own.
    """

    def __init__(
        self,
        text: Text,
        place: Place = NOWHERE,
        *,
        found: object = None,
        expected: Text | None = None,
    ) -> None:
        super().__init__(
            text.en if expected is None else f"{place}: found {found!r}, expected {expected.en}"
        )
        self.text, self.place, self.found, self.expected = text, place, found, expected

    @classmethod
    def at(
        cls,
        field: str,
        found: object,
        expected: Text,
        *,
        region: str | None = None,
        row: int | None = None,
    ) -> "InputError":
        """A value that can't be."""
        text = Text(
            "{place}{field}: “{found}” is not possible; expected: {expected}.",
            place=f"{region}: " if region else "",
            field=field,
            found=str(found),
            expected=expected,
        )
        place = Place(field, row=row, region=region)
        return cls(text, place, found=found, expected=expected)

    def in_row(self, row: int) -> "InputError":
        """The same complaint with the row of data in which it was found."""
        place = replace(self.place, row=row)
        return InputError(self.text, place, found=self.found, expected=self.expected)
