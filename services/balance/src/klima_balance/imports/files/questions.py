"""What a reader of uploads says to the sender: every message names what was found and what to
do, or asks."""

import re
from typing import Final

from klima_shared.formats import sheets
from klima_shared.language.text import Text
from klima_shared.sandbox.model import CellFault


def two_readings(text: str) -> Text:
    grouped, decimal = text.replace(".", ""), f"{text}0"
    return Text(
        "“{text}” can be read in two ways: is it {grouped} or {decimal}? Please write it "
        "unambiguously: whole numbers without a grouping point, decimals not with exactly three "
        "digits.",
        text=text,
        grouped=grouped,
        decimal=decimal,
    )


def apostrophes(text: str) -> Text:
    number = re.sub("[^0-9.,+-]", "", text)
    return Text(
        "“{text}”: the apostrophe as a grouping mark is not read. Is it {number}? Please write it "
        "like this.",
        text=text,
        number=number,
    )


def date_in_place_of_number(shown: str) -> Text:
    return Text(
        "There is a date here ({shown}), a quantity is expected. Did the spreadsheet convert a "
        "number? Please format the cell as a number and enter it again.",
        shown=shown,
    )


def dash(text: str) -> Text:
    return Text(
        "“{text}” can be read in two ways: is there no consumption (then 0 with the status "
        "“confirmed zero”), or is it unknown (then leave quantity and status empty)?",
        text=text,
    )


def no_number(shown: str) -> Text:
    return Text("“{shown}” is no number.", shown=shown)


def too_long(limit: int) -> Text:
    return Text("Longer than {limit} characters.", limit=limit)


EMPTY: Final = Text(
    "The quantity is missing. Without consumption: 0 with the status “confirmed zero”; without a "
    "figure: leave status, grade and source empty too."
)
NO_FIGURE_HERE: Final = Text(
    "“No data” is no status of a quantity. Please leave the quantity empty or name the status."
)
CONTRADICTION: Final = Text(
    "No quantity, but a status: which holds? Without a figure leave status, grade and source "
    "empty; without consumption 0 with “confirmed zero”."
)
TOO_WIDE: Final = Text(
    "The row has more cells than the headings. Is there a separator inside a number, or in a text "
    "without quotation marks?"
)
FORMULA: Final = sheets.CELL_FAULTS[CellFault.FORMULA]
CELL_FAULTS: Final = sheets.CELL_FAULTS | {
    CellFault.PERCENT: Text(
        "A percentage is no quantity. Consumption is expected, in the unit of the column beside it."
    )
}
EMPTY_FILE: Final = Text("The file is empty.")
NO_TABLE: Final = Text("The file holds no table with content.")
UTF16: Final = Text("The file is UTF-16; please save it as UTF-8.")
