"""Tables on their way in: every fault is named with its line and column, and nothing is guessed.

A reader collects all faults and never raises for the content of a file. A row with a fault is left
out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from klima_shared.formats.cells import dates_of, parse_cell, texts_of
from klima_shared.formats.sheets import CELL_FAULTS, EMPTY, FURTHER, line_fault
from klima_shared.formats.tables import ABOUT, Column, Kind, Value, heading, plain, unit_column
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.sandbox import pool
from klima_shared.sandbox.model import DEFAULT_LIMITS, CellFault, Dialect, Limits, Sheet

_SEARCHED: Final = 40  # rows in which the headings may stand
_NO_DATES: Final = frozenset({Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.BOOLEAN})


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row without faults: its line in the file, and its values by the columns' names."""

    line: int
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class ReadTable:
    """What a file held. With any error the caller stores nothing.

    `columns` names the columns the file has: an absent one says nothing, an empty cell "none".
    """

    rows: list[ReadRow] = field(default_factory=list)
    errors: list[InputError] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


def read_csv(
    data: bytes,
    columns: Sequence[Column],
    *,
    optional: Collection[str] = (),
    dialect: Dialect | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> ReadTable:
    """Read a CSV file in either dialect; without `dialect` its separators decide."""
    try:
        sheet = pool.csv_sheet(data, limits=limits, dialect=dialect)
    except InputError as error:
        return ReadTable(errors=[error])
    return read_table(sheet, columns, optional=optional, limits=limits)


def read_xlsx(
    data: bytes,
    columns: Sequence[Column],
    *,
    sheet: str | None = None,
    optional: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> ReadTable:
    """Read one sheet (the first without `sheet`). Numbers are taken as Excel holds them; a number
    that is stored as text is read with a decimal comma, as strictly as in `csv-de`. Faults name the
    row as Excel shows it.
    """
    try:
        sheets = pool.workbook_sheets(data, limits)
    except InputError as error:
        return ReadTable(errors=[error])
    wanted = next((s for s in sheets if sheet is None or s.name == sheet), None)
    if wanted is None:
        text = Text('There is no sheet "{sheet}".', sheet=sheet)
        return ReadTable(errors=[InputError(text)])
    return read_table(wanted, columns, optional=optional, limits=limits)


def read_further_sheets(
    data: bytes,
    wanted: Mapping[Text, Sequence[Column]],
    *,
    optional: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[dict[Text, ReadTable], list[str]]:
    """The sheets after the first, of a file that `read_xlsx` has read: (title -> what it holds,
    names of the others).

    A sheet is found by its title in either language; one that is not there is left out. The sheet
    with remarks that our own files have is not among the others.
    """
    tables: dict[Text, ReadTable] = {}
    others: list[str] = []
    titles = {name: title for title in wanted for name in title.both}
    for sheet in pool.workbook_sheets(data, limits)[1:]:
        title = titles.get(sheet.name)
        if title is not None:
            tables[title] = read_table(sheet, wanted[title], optional=optional, limits=limits)
        elif sheet.name not in ABOUT.both:
            others.append(sheet.name)
    return tables, others


def read_table(
    sheet: Sheet,
    columns: Sequence[Column],
    *,
    optional: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> ReadTable:
    """Read a sheet whose columns are known. Headings stand in the first row, or below titles in the
    first that has all columns that must be there.

    A heading may be a column's name or its label in either language; a column of units (`..._unit`)
    is checked against the unit. Columns named in `optional` may be absent.
    """
    return _TableReader(sheet, columns, optional, limits).read()


class _TableReader:
    def __init__(
        self, sheet: Sheet, columns: Sequence[Column], optional: Collection[str], limits: Limits
    ) -> None:
        self.sheet, self.columns, self.limits = sheet, columns, limits
        self.required = [column.name for column in columns if column.name not in optional]
        self.known: dict[str, Column | str] = {}
        for column in columns:
            if column.unit:
                self.known[unit_column(column).casefold()] = column.unit
        for column in reversed(columns):
            for name in (
                heading(column, "en"),
                heading(column, "de"),
                *column.label.both,
                column.name,
            ):
                self.known[name.casefold()] = column
        self.places: list[Column | str | None] = []
        self.result = ReadTable()

    def read(self) -> ReadTable:
        result = self.result
        rows = [(line, texts_of(cells)) for line, cells in self.sheet.rows]
        self.dates = dates_of(self.sheet)
        if rows:
            first = self._heading_row(rows)
            self._read_headings(*rows[first])
            if result.errors:
                return result
            result.columns.extend(p.name for p in self.places if isinstance(p, Column))
            self._read_rows(rows[first + 1 :])
        elif self.sheet.broken is None:
            self._fault(1, None, EMPTY)
        if self.sheet.broken is not None:
            line, reason = self.sheet.broken
            message = Text(
                "From here on the file cannot be read, probably because of a quotation mark "
                "({error}).",
                error=reason,
            )
            self._fault(line, None, message)
        return result

    def _fault(self, line: int, column: str | None, text: Text) -> None:
        self.result.errors.append(line_fault(line, column, text))

    def _column(self, text: str) -> Column | str | None:
        """The column of a heading, or the unit that its cells must name."""
        return self.known.get(plain(text).strip().casefold())

    def _heading_row(self, rows: Sequence[tuple[int, list[str]]]) -> int:
        for place, (_, texts) in enumerate(rows[:_SEARCHED]):
            columns = map(self._column, texts)
            names = {column.name for column in columns if isinstance(column, Column)}
            if names.issuperset(self.required):
                return place
        return 0

    def _read_headings(self, line: int, texts: Sequence[str]) -> None:
        most = self.limits.max_columns
        if len(texts) > most:
            self._fault(line, None, Text("More than {most} columns.", most=most))
            return
        seen: set[str] = set()
        for text in texts:
            column = self._column(text)
            self.places.append(column)
            name = plain(text).strip()
            if column is None:
                expected = ", ".join(column.name for column in self.columns)
                message = Text(
                    'The column "{name}" is not known. Expected: {expected}.',
                    name=name[:40],
                    expected=expected,
                )
                self._fault(line, name[:40] or None, message)
                continue
            key = column.name if isinstance(column, Column) else name.casefold()
            if key in seen:
                twice = Text("The column appears twice.")
                self._fault(line, key, twice)
            seen.add(key)
        for name in self.required:
            if name not in seen:
                missing = Text("This column is missing.")
                self._fault(line, name, missing)

    def _read_rows(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        errors, limits = self.result.errors, self.limits
        for count, (line, texts) in enumerate(rows, start=1):
            if count > limits.max_rows:
                message = Text("The file has more than {max_rows} rows.", max_rows=limits.max_rows)
                self._fault(line, None, message)
                return
            before = len(errors)
            values = self._read_row(line, texts)
            if len(errors) == before:
                self.result.rows.append(ReadRow(line, values))
            elif len(errors) >= limits.max_errors:
                errors[limits.max_errors :] = [line_fault(line, None, FURTHER)]
                return

    def _read_row(self, line: int, texts: Sequence[str]) -> dict[str, Value]:
        values: dict[str, Value] = {column.name: None for column in self.columns}
        if len(texts) > len(self.places):
            message = Text(
                "The row has {count} cells, the headings {places_count}. Is there a separator "
                "inside a number, or in a text without quotation marks?",
                count=len(texts),
                places_count=len(self.places),
            )
            self._fault(line, None, message)
            return values
        texts = [*texts, *[""] * (len(self.places) - len(texts))]  # empty, but perhaps not simply
        for place, (column, text) in enumerate(zip(self.places, texts, strict=False)):
            if isinstance(column, Column):
                if fault := self._cell_fault(line, place, column):
                    self._fault(line, column.name, fault)
                else:
                    values[column.name] = self._read_cell(line, column, text)
            elif column is not None and (unit := plain(text).strip()) not in ("", column):
                message = Text(
                    "Expected the unit {column}, not {unit}.", column=column, unit=unit[:40]
                )
                self._fault(line, None, message)
        return values

    def _cell_fault(self, line: int, place: int, column: Column) -> Text | None:
        """What is wrong with a cell that is not simply its value. A formula is, with its result."""
        fault = self.sheet.faults.get((line, place))
        if fault is not None and fault is not CellFault.FORMULA:
            return CELL_FAULTS[fault]
        if column.kind in _NO_DATES and (line, place) in self.dates:
            found = self.dates[line, place]
            return Text(
                "There is a date here ({found}). Did the spreadsheet convert a number or a text? "
                "Please format the cell as text and enter it again.",
                found=found,
            )
        return None

    def _read_cell(self, line: int, column: Column, text: str) -> Value:
        most = self.limits.max_cell
        if len(text) > most:
            message = Text("Longer than {most} characters.", most=most)
            self._fault(line, column.name, message)
            return None
        try:
            return parse_cell(text, column.kind, decimal_comma=self.sheet.decimal_comma)
        except InputError as error:
            self._fault(line, column.name, error.text)
            return None
