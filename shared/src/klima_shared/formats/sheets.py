"""Faults of files, and what every reader of a spreadsheet or CSV file says about cells that are not
simply values.

The cells themselves come from `klima_shared.sandbox.pool`. What a cell means is decided by who
reads the sheet (`reading` for tables of typed columns).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypedDict, cast

from klima_shared.language.errors import InputError, Place
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.sandbox import separated
from klima_shared.sandbox.model import DEFAULT_LIMITS, CellFault, RefusedError


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
_UTF8: Final = Label("eine Datei in UTF-8", "a file in UTF-8")
_COMMAS: Final = Label("eine CSV-Datei mit Kommas", "a CSV file with commas")
_ORDINARY: Final = Label("eine Tabelle mit gewöhnlichem Text", "a table of ordinary text")


def read_texts(data: bytes) -> list[tuple[int, list[str]]]:
    """The rows of a CSV file in UTF-8 with commas, as texts with their lines, read in this process:
    for large tables that an operator has on disk and that are read column by column. `InputError`
    with what was found and expected.
    """
    try:
        sheet = separated.sheet_of(data.decode("utf-8-sig"), DEFAULT_LIMITS, "csv")
    except UnicodeDecodeError as error:
        raise InputError.at("", f"byte {error.start} is not UTF-8", _UTF8) from error
    except RefusedError as error:
        place = Place(line=error.line)
        raise InputError(error.text, place, found=error.text.en, expected=_ORDINARY) from error
    if sheet.broken is not None:
        raise InputError.at("", sheet.broken[1], _COMMAS)
    return cast("list[tuple[int, list[str]]]", sheet.rows)


def shortened(faults: Sequence[InputError]) -> list[InputError]:
    """As many as an answer lists; that there are more is said in the line of the next one."""
    if len(faults) <= MOST_FAULTS:
        return list(faults)
    return [*faults[:MOST_FAULTS], line_fault(line_of(faults[MOST_FAULTS]), None, FURTHER)]
