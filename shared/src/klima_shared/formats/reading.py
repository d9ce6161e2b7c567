"""Tables on their way in: every fault is named with its line and column, and nothing is guessed.

A reader never stops at the first fault and never raises for the content of a file: whoever filled
in a form wants all faults at once. Rows with a fault are not among the rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from klima_shared.formats.cells import parse_cell
from klima_shared.formats.tables import Column, Value, heading, plain, unit_column
from klima_shared.http.validation import TextError
from klima_shared.language.numbers import DEFAULT, Lang
from klima_shared.language.text import Text

Dialect = Literal["csv", "csv-de"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold; beyond that it is refused as a whole."""

    max_bytes: int = 20 << 20
    max_rows: int = 200_000
    max_columns: int = 100
    max_cell: int = 10_000
    max_errors: int = 500


DEFAULT_LIMITS: Final = Limits()


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


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row without faults: its line in the file, and its values by the columns' names."""

    line: int
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class ReadTable:
    """What a file held. With any error the caller stores nothing.

    `columns` names the columns the file has: an absent one says nothing, an empty cell says that
    there is nothing.
    """

    rows: list[ReadRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


def read_csv(
    data: bytes,
    columns: Sequence[Column],
    *,
    optional: Collection[str] = (),
    dialect: Dialect | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> ReadTable:
    """Read a CSV file in either dialect; without `dialect` the separator of the first line decides.

    A heading may be a column's name or its label in either language; a column of units (`..._unit`)
    is checked against the unit. Columns named in `optional` may be absent. UTF-8 with or without
    BOM; a file with semicolons may also be Windows-1252, which is what German Excel saves as plain
    CSV.
    """
    result = ReadTable()
    if refusal := _size_refusal(data, limits):
        result.errors.append(refusal)
        return result
    text, skipped, separator = _decode(data, dialect)
    if text is None:
        message = Text("The file cannot be read: expected CSV in UTF-8 with commas or semicolons.")
        result.errors.append(RowError(1, None, message))
        return result
    rows = _csv_rows(text, separator, skipped, result.errors)
    return read_rows(
        rows,
        columns,
        optional=optional,
        decimal_comma=separator == ";",
        limits=limits,
        result=result,
    )


def _size_refusal(data: bytes, limits: Limits) -> RowError | None:
    if len(data) <= limits.max_bytes:
        return None
    size = f"{limits.max_bytes / (1 << 20):.0f} MiB"
    return RowError(1, None, Text("The file is larger than {size}.", size=size))


def _decode(data: bytes, dialect: Dialect | None) -> tuple[str | None, int, str]:
    """The text, the number of lines left out at its start, and the separator."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Undefined bytes of Windows-1252 (and UTF-16, which is full of zeros) are refused.
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            return None, 0, ","
        if ";" not in text.partition("\n")[0]:
            return None, 0, ","
    if "\x00" in text:
        return None, 0, ","
    first, _, rest = text.partition("\n")
    skipped = 0
    separator = ""
    if first.strip().lower() in {"sep=;", "sep=,"}:
        # A hint that Excel writes and reads; not a line of the table.
        text, skipped, separator = rest, 1, first.strip()[-1]
        first = text.partition("\n")[0]
    if dialect is not None:
        separator = ";" if dialect == "csv-de" else ","
    return text, skipped, separator or (";" if first.count(";") > first.count(",") else ",")


def _csv_rows(
    text: str, separator: str, skipped: int, errors: list[RowError]
) -> Iterator[tuple[int, Sequence[Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = Text(
                "From here on the file cannot be read, probably because of a quotation mark "
                "({error}).",
                error=error,
            )
            errors.append(RowError(line, None, message))
            return


def read_rows(
    rows: Iterable[tuple[int, Sequence[Any]]],
    columns: Sequence[Column],
    *,
    optional: Collection[str] = (),
    decimal_comma: bool,
    limits: Limits = DEFAULT_LIMITS,
    result: ReadTable | None = None,
) -> ReadTable:
    """Read numbered rows of text, the first with content being the headings. For files of every
    kind."""
    result = result if result is not None else ReadTable()
    places: list[Column | str | None] | None = None
    count = 0
    for line, cells in rows:
        texts = [str(cell) for cell in cells]
        while texts and not texts[-1].strip():
            texts.pop()  # Excel likes to end every line with separators
        if not texts:
            continue
        if places is None:
            places = _places(line, texts, columns, optional, limits, result.errors)
            if result.errors:
                return result
            result.columns.extend(place.name for place in places if isinstance(place, Column))
            continue
        count += 1
        if count > limits.max_rows:
            message = Text("The file has more than {max_rows} rows.", max_rows=limits.max_rows)
            result.errors.append(RowError(line, None, message))
            return result
        faults = len(result.errors)
        values = _values(line, texts, places, columns, decimal_comma, limits, result.errors)
        if len(result.errors) == faults:
            result.rows.append(ReadRow(line, values))
        elif len(result.errors) >= limits.max_errors:
            message = Text("Further faults are not listed.")
            del result.errors[limits.max_errors :]
            result.errors.append(RowError(line, None, message))
            return result
    if places is None and not result.errors:
        result.errors.append(RowError(1, None, Text("The file is empty.")))
    return result


def _places(
    line: int,
    headings: Sequence[str],
    columns: Sequence[Column],
    optional: Collection[str],
    limits: Limits,
    errors: list[RowError],
) -> list[Column | str | None]:
    """For each cell of a row its column, or the unit that it must name, or `None` for a heading
    that is wrong."""
    known: dict[str, Column] = {}
    units: dict[str, str] = {}
    for column in columns:
        for name in (column.name, *column.label, heading(column, "de"), heading(column, "en")):
            known.setdefault(name.casefold(), column)
        if column.unit:
            units[unit_column(column).casefold()] = column.unit
    if len(headings) > limits.max_columns:
        message = Text("More than {max_columns} columns.", max_columns=limits.max_columns)
        errors.append(RowError(line, None, message))
        return []
    places: list[Column | str | None] = []
    seen: set[str] = set()
    for found in headings:
        name = plain(found).strip()
        column_or_unit = known.get(name.casefold()) or units.get(name.casefold())
        places.append(column_or_unit)
        if column_or_unit is None:
            expected = ", ".join(column.name for column in columns)
            message = Text(
                'The column "{name}" is not known. Expected: {expected}.',
                name=name[:40],
                expected=expected,
            )
            errors.append(RowError(line, name[:40] or None, message))
            continue
        key = column_or_unit.name if isinstance(column_or_unit, Column) else name.casefold()
        if key in seen:
            errors.append(RowError(line, key, Text("The column appears twice.")))
        seen.add(key)
    for column in columns:
        if column.name not in seen and column.name not in optional:
            errors.append(RowError(line, column.name, Text("This column is missing.")))
    return places


def _values(
    line: int,
    texts: Sequence[str],
    places: Sequence[Column | str | None],
    columns: Sequence[Column],
    decimal_comma: bool,
    limits: Limits,
    errors: list[RowError],
) -> dict[str, Value]:
    values: dict[str, Value] = {column.name: None for column in columns}
    if len(texts) > len(places):
        message = Text(
            "The row has {count} cells, the headings {places_count}. Is there a separator inside "
            "a number, or in a text without quotation marks?",
            count=len(texts),
            places_count=len(places),
        )
        errors.append(RowError(line, None, message))
        return values
    for place, text in zip(places, texts, strict=False):
        if isinstance(place, str):
            unit = plain(text).strip()
            if unit and unit != place:
                message = Text(
                    "Expected the unit {place}, not {unit}.", place=place, unit=unit[:40]
                )
                errors.append(RowError(line, None, message))
        elif place is not None:
            if len(text) > limits.max_cell:
                message = Text("Longer than {max_cell} characters.", max_cell=limits.max_cell)
                errors.append(RowError(line, place.name, message))
                continue
            try:
                values[place.name] = parse_cell(text, place.kind, decimal_comma=decimal_comma)
            except TextError as error:
                errors.append(RowError(line, place.name, error.text))
    return values
