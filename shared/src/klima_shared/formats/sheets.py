"""Faults of files, and what every reader of a spreadsheet or CSV file says about cells that are not
simply values.

The cells themselves come from `klima_shared.sandbox.pool`. What a cell means is decided by who
reads the sheet (`reading` for tables of typed columns).
"""

from dataclasses import dataclass
from typing import Any, Final

from klima_shared.language.numbers import DEFAULT, Lang
from klima_shared.language.text import Text
from klima_shared.sandbox.model import CellFault


@dataclass(frozen=True, slots=True)
class RowError:
    """A fault: its line (as an editor or Excel counts them), its column if it has one, and what is
    wrong."""

    line: int
    column: str | None
    message: Text

    def as_dict(self, lang: Lang = DEFAULT) -> dict[str, Any]:
        """The shape of the wire: `{"line", "column", "message"}`."""
        return {"line": self.line, "column": self.column, "message": self.message.get(lang)}


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
