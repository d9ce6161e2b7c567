"""A table on its way out: columns that say what they hold, rows that may be produced one by one."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Final

from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text

Value = str | int | float | Decimal | bool | date | datetime | None
Row = Sequence[Value]

# What a spreadsheet takes for a formula (OWASP, CSV injection), blanks before it included; the wide
# forms count too.
_FORMULA: Final = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")


# The sheet of an Excel file with what stands beside the figures.
ABOUT: Final = Label("Hinweise", "About")


class Kind(StrEnum):
    """What a column holds, and with it how a cell is written and read."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name on the wire (with the unit in it), its heading for people, its unit as
    people write it.

    A table whose rows bring their own unit has an ordinary text column for it and leaves `unit`
    empty.
    """

    name: str
    label: Text
    kind: Kind = Kind.TEXT
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table to hand out. `rows` may be a generator: it is read once and never held as a whole.

    `name` becomes the file's name. `about` is what stands beside the figures: method, factor set,
    licence, sources.
    """

    name: str
    title: Text
    columns: Sequence[Column]
    rows: Iterable[Row]
    about: Sequence[tuple[Text, str]] = field(default=())
    further: "Sequence[Table]" = field(default=())
    """Tables that belong to it: further sheets of an Excel file, named by their titles; other forms
    leave them out."""


def neutral(text: str) -> str:
    """The text with an apostrophe before it when a spreadsheet would read it as a formula.

    Text that is already marked so gets one more, so that `plain` brings every text back unchanged.
    """
    return "'" + text if _FORMULA.match(text) else text


def plain(text: str) -> str:
    """The text as it was before `neutral`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def digits(value: float | Decimal) -> str:
    """A number with a decimal point, never an exponent or a grouping mark; it reads back as the
    same number.

    Raises `ValueError` for NaN and infinity: missing is `None`, and a table never hides an error as
    an empty cell.
    """
    if not isfinite(value):
        raise ValueError("a table holds finite numbers; missing is None")
    if isinstance(value, int):
        return str(value)
    return format(value if isinstance(value, Decimal) else Decimal(repr(float(value))), "f")


def moment(value: date | datetime) -> str:
    """RFC 3339; a time without a zone is refused, because nobody could say when it was."""
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise ValueError("a time in a table needs a time zone")
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def unit_column(column: Column) -> str:
    """Name of the column that carries the unit of `column` in a CSV file."""
    return column.name + "_unit"


def heading(column: Column, lang: Lang) -> str:
    """The heading of a column for people, with its unit: `Endenergie [MWh]`. Times are in UTC and
    say so."""
    unit = column.unit or ("UTC" if column.kind is Kind.TIME else None)
    return f"{column.label.get(lang)} [{unit}]" if unit else column.label.get(lang)


@cache
def _column_tables(package: str) -> dict[str, list[Column]]:
    text = (files(package) / "columns.csv").read_text(encoding="utf-8")
    tables: dict[str, list[Column]] = {}
    for row in csv.DictReader(text.splitlines()):
        label, kind = Label(row["de"], row["en"]), Kind(row["kind"])
        column = Column(row["name"], label, kind, row["unit"] or None)
        tables.setdefault(row["table"], []).append(column)
    return tables


def read_columns(package: str, table: str) -> tuple[Column, ...]:
    """The columns of a table as `columns.csv` of the package lists them, in their order."""
    return tuple(_column_tables(package)[table])
