"""Faults of files, and what every reader of a spreadsheet or CSV file says about cells that are not
simply values.

The cells themselves come from `klima_shared.sandbox.pool`. What a cell means is decided by who
reads the sheet (`reading` for tables of typed columns).
"""

from typing import Final, NamedTuple, TypedDict

from klima_shared.language.errors import InputError, Place
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text
from klima_shared.sandbox.model import CellFault


class Notice(NamedTuple):
    """What a reader passed over, and where: no fault."""

    place: Place
    text: Text


class LineFault(TypedDict):
    """A fault or notice as it is answered."""

    line: int
    column: str | None
    message: str


def line_fault(line: int, column: str | None, text: Text) -> InputError:
    """A fault in a line (as an editor or Excel counts them), in its column if it has one."""
    return InputError(text, Place(column or "", line=line))


def line_of(one: InputError | Notice) -> int:
    """The line at which it is answered; what is wrong with a file as a whole is at its first."""
    return one.place.line or 1


def column_of(one: InputError | Notice) -> str | None:
    """The column at which it is answered, or the place inside a document."""
    return one.place.field or one.place.pointer or None


def answered(one: InputError | Notice, lang: Lang) -> LineFault:
    return {"line": line_of(one), "column": column_of(one), "message": one.text.get(lang)}


def line_pointer(one: InputError) -> str:
    """The place as the `pointer` of a problem: `/line/12/quantity`."""
    column = column_of(one)
    return f"/line/{line_of(one)}" + (f"/{column}" if column else "")


MOST_FAULTS: Final = 500
FURTHER: Final = Text("Further faults are not listed.")
EMPTY: Final = Text("The file is empty.")
CELL_FAULTS: Final = {
    CellFault.FORMULA: Text(
        "The cell holds a formula. The value is expected (copy, paste special, values)."
    ),
    CellFault.NO_VALUE: Text(
        "The cell holds a formula without a result. Please open the file in the spreadsheet, "
        "and paste the value (copy, paste special, values)."
    ),
    CellFault.ERROR: Text("The cell holds an error of the spreadsheet."),
    CellFault.PERCENT: Text(
        "The cell shows a percentage: 50 % is stored as 0.5. Which number is meant? Please format "
        "the cell as a number."
    ),
    CellFault.SCALED: Text(
        "The cell shows the number in thousands or millions of what is stored. Which of the two "
        "is meant? Please format the cell as a number."
    ),
}
