"""Where a table begins and which column is which, in spreadsheets as people make them.

Titles stand above the headings, headings are merged over two rows, the same column has many names.
A column that is not known and has content is a question to the sender, never dropped.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from klima_shared.formats import Sheet
from klima_shared.formats.sheets import line_fault
from klima_shared.formats.tables import plain
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.sandbox.model import Cell

REQUIRED: Final = (
    "region",
    "year",
    "sector",
    "carrier",
    "quantity",
    "unit",
    "status",
    "grade",
    "source",
)
OPTIONAL: Final = ("category", "note", "contained_in_ghd")
IGNORED: Final = "information"  # columns of the template that only inform
_SEARCHED: Final = 40

with (files("klima_balance.imports.files") / "headings.csv").open(encoding="utf-8") as _file:
    # What people write over a column, in small letters, and which column it is.
    KNOWN: Final = {row["word"]: row["column"] for row in csv.DictReader(_file)}


@dataclass(frozen=True)
class Layout:
    """`columns`: position to name. `first`: index of the first row below the headings."""

    columns: dict[int, str]
    first: int
    line: int

    @property
    def width(self) -> int:
        """Cells beyond it have no heading."""
        return max(self.columns) + 1


def text_of(cell: Cell) -> str:
    return "" if cell is None else plain(str(cell)).strip()


def merged_quantities(sheet: Sheet, quantity: int, first: int) -> list[InputError]:
    """Quantities that stand over several rows (from the line `first` on): filled downwards they
    would count twice."""
    at = dict(sheet.rows)
    found = set()
    for (top, left), (bottom, _) in sheet.merged:
        cells = at.get(top + 1, [])
        if (
            left == quantity < len(cells)
            and bottom > top
            and top + 1 >= first
            and re.search(r"\d", text_of(cells[left]))
        ):
            found.add(top + 1)
    return [
        line_fault(
            line,
            "quantity",
            Text("A quantity stands over several merged rows. Which one does it belong to?"),
        )
        for line in sorted(found)
    ]


def find_layout(sheet: Sheet) -> tuple[Layout | None, list[InputError]]:
    """The headings, or the faults that stand in the way."""
    best: tuple[int, int, dict[int, str]] = (0, 1, {})
    for i, (line, cells) in enumerate(sheet.rows[:_SEARCHED]):
        columns = _recognised(sheet.rows, i, cells)
        found = set(columns.values())
        if found.issuperset(REQUIRED):
            return _checked(sheet, Layout(columns, i + 1, line))
        if len(found) > best[0]:
            best = (len(found), line, columns)
    expected = ", ".join((*REQUIRED, *OPTIONAL))
    if best[0] < 3:
        return None, [
            line_fault(
                1,
                None,
                Text(
                    "No row of headings found. Expected are the columns {expected}.",
                    expected=expected,
                ),
            )
        ]
    missing = [name for name in REQUIRED if name not in best[2].values()]
    return None, [line_fault(best[1], name, Text("This column is missing.")) for name in missing]


def _recognised(
    rows: Sequence[tuple[int, list[Cell]]], i: int, cells: Sequence[Cell]
) -> dict[int, str]:
    columns = {}
    for place, cell in enumerate(cells):
        word = _word(cell)
        for above in (1, 2):  # merged downwards: the text stands in the upper cell
            if word or i < above:
                break
            upper = rows[i - above][1]
            word = _word(upper[place]) if place < len(upper) else ""
            if word not in KNOWN:
                word = ""
        if word in KNOWN:
            columns[place] = KNOWN[word]
    return columns


def _word(cell: Cell) -> str:
    word = re.sub(r"\s+", " ", text_of(cell)).casefold()
    if word in KNOWN:
        return word
    bracket = min((word.find(mark) for mark in "[(" if mark in word), default=-1)
    if bracket >= 0 and word.endswith(("]", ")")):
        word = word[:bracket]
    return word.rstrip(" *:")


def _checked(sheet: Sheet, layout: Layout) -> tuple[Layout | None, list[InputError]]:
    errors = []
    names = [name for name in layout.columns.values() if name != IGNORED]
    for name in sorted({n for n in names if names.count(n) > 1}):
        errors.append(line_fault(layout.line, name, Text("The column appears twice.")))
    headings = sheet.rows[layout.first - 1][1]
    width = layout.width
    nameless = [place for place in range(width) if place not in layout.columns]
    with_content = {
        place
        for _, cells in (sheet.rows[layout.first :] if nameless else ())
        for place in nameless
        if place < len(cells) and text_of(cells[place])
    }
    expected = ", ".join((*REQUIRED, *OPTIONAL))
    for place in sorted(with_content):
        shown = text_of(headings[place])[:40] if place < len(headings) else ""
        name = f"„{shown}“" if shown else f"{place + 1} (ohne Überschrift)"
        english = f"“{shown}”" if shown else f"{place + 1} (without a heading)"
        errors.append(
            line_fault(
                layout.line,
                shown or None,
                Text(
                    "The column {english} is not known but has content. Expected: {expected}.",
                    english=Label(name, english),
                    expected=expected,
                ),
            )
        )
    return (None if errors else layout), errors
