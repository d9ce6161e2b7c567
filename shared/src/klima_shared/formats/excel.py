"""Excel files on their way in, with the same faults and limits as CSV files."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from klima_shared.formats.reading import DEFAULT_LIMITS, Limits, ReadTable, RowError, read_rows
from klima_shared.formats.tables import ABOUT, Column, digits
from klima_shared.language.text import Text

# How many times the limit of the file its parts may take unpacked.
_UNPACKED: Final = 6
_REFERENCE: Final = re.compile(
    rb"""<(?:\w+:)?(?:c|row)\s(?:[^>]*\s)?r\s*=\s*["']\s*\$?([A-Z]{0,3})\$?([0-9]{1,9})\s*["']""",
    re.IGNORECASE,
)


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
    refusal = _refusal(data, limits)
    if refusal is not None:
        return ReadTable(errors=[RowError(1, None, refusal)])
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            if sheet is not None and sheet not in book.sheet_names:
                message = Text('There is no sheet "{sheet}".', sheet=sheet)
                return ReadTable(errors=[RowError(1, None, message)])
            page = (
                book.get_sheet_by_name(sheet) if sheet is not None else book.get_sheet_by_index(0)
            )
            return read_rows(
                _rows(page), columns, optional=optional, decimal_comma=True, limits=limits
            )
    except (CalamineError, OSError, ValueError):
        return ReadTable(errors=[RowError(1, None, _UNREADABLE)])


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
    found: dict[Text, ReadTable] = {}
    others: list[str] = []
    titles = {name: title for title in wanted for name in title}
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for name in book.sheet_names[1:]:
            title = titles.get(name)
            if title is None:
                others += [name] if name not in ABOUT else []
                continue
            rows = _rows(book.get_sheet_by_name(name))
            found[title] = read_rows(
                rows, wanted[title], optional=optional, decimal_comma=True, limits=limits
            )
    return found, others


_UNREADABLE: Final = Text("The file is no readable Excel file (.xlsx).")


def _refusal(data: bytes, limits: Limits) -> Text | None:
    """Why the file must not even be opened. A reader holds every cell between the first and the
    last in memory, so two cells at opposite corners, or a few kilobytes that unpack to gigabytes,
    would take the service down.
    """
    if len(data) > limits.max_bytes:
        size = f"{limits.max_bytes / (1 << 20):.0f} MiB"
        return Text("The file is larger than {size}.", size=size)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED * limits.max_bytes:
                return Text("The file is too large when unpacked.")
            if "xl/workbook.xml" not in archive.namelist():
                return _UNREADABLE
            for entry in archive.infolist():  # all of them: a sheet may lie under any name
                if _too_wide(archive.read(entry), limits):
                    return Text(
                        "A sheet goes beyond {max_rows} rows or {max_columns} columns.",
                        max_rows=limits.max_rows,
                        max_columns=limits.max_columns,
                    )
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError):
        return _UNREADABLE
    return None


def _too_wide(xml: bytes, limits: Limits) -> bool:
    return any(
        int(found[2]) > limits.max_rows + 100
        or _column_number(found[1].upper()) > limits.max_columns
        for found in _REFERENCE.finditer(xml)
    )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, Sequence[Any]]]:
    for line, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        yield line, [_text(cell) for cell in row]


def _text(cell: Any) -> str:
    """A cell as the text that `csv-de` would hold, so that one set of rules reads both."""
    match cell:
        case bool():
            return "ja" if cell else "nein"
        case int() | float():
            number = digits(cell)
            return number.removesuffix(".0").replace(".", ",")
        case datetime():
            return cell.isoformat(timespec="seconds") + "Z"  # Excel knows no zones; ours are UTC
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
