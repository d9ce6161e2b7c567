"""Which regions exist from when to when, and where the territory of one that ended went:
`regions.csv`.

A row is `ags,valid_from,valid_to,successor,share`; all but the key may be empty. A region that was
divided has a row for each successor with its share of the territory, the shares summing to 1.
"""

from collections.abc import Mapping
from datetime import date
from math import isclose
from pathlib import Path
from typing import Final, NamedTuple

from klima_balance.regions.files.table_files import Problem, TableFile

CHANGES: Final = "regions.csv"
_COLUMNS: Final = ("valid_from", "valid_to", "successor")


class RegisterRow(NamedTuple):
    """The first and the last day of a region (None: no such day), and its successors with their
    shares of it."""

    ags: str
    valid_from: date | None
    valid_to: date | None
    successors: Mapping[str, float]


def read_changes(path: Path, problems: list[Problem]) -> tuple[RegisterRow, ...]:
    """The rows by key. What is wrong is added to `problems`."""
    table = TableFile(path, problems, unique=False)
    for name in _COLUMNS:
        if name not in table.header:
            table.report(1, name, ",".join(table.header), f"the column {name}")
            return ()
    at = {name: table.header.index(name) for name in (*_COLUMNS, "share") if name in table.header}
    rows: dict[str, RegisterRow] = {}
    for line, key, row in zip(table.lines, table.keys, table.rows, strict=True):
        texts = {name: row[column].strip() for name, column in at.items()}
        days = [_day(table, line, name, texts[name]) for name in ("valid_from", "valid_to")]
        known = rows.setdefault(key, RegisterRow(key, days[0], days[1], {}))
        _check_days(table, line, known, days)
        if texts["successor"]:
            share = _share(table, line, texts.get("share", ""))
            rows[key] = known._replace(successors={**known.successors, texts["successor"]: share})
    for one in rows.values():
        _check_successors(table, one)
    return tuple(rows.values())


def _day(table: TableFile, line: int, column: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        table.report(line, column, text, "a day like 2020-12-31, or nothing")
        return None


def _share(table: TableFile, line: int, text: str) -> float:
    try:
        share = float(text or 1)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        table.report(line, "share", text, "a share above 0 and up to 1 with a decimal point")
    return share


def _check_days(table: TableFile, line: int, row: RegisterRow, days: list[date | None]) -> None:
    if [row.valid_from, row.valid_to] != days:
        expected = "the same days in every row of a region"
        table.report(line, "valid_to", " ".join(str(day or "-") for day in days), expected)
    first, last = days
    if first and last and last < first:
        table.report(line, "valid_to", last.isoformat(), f"a day after {first.isoformat()}")


def _check_successors(table: TableFile, row: RegisterRow) -> None:
    line = table.lines[table.keys.index(row.ags)]
    if not row.successors:
        return
    if row.valid_to is None:
        table.report(line, "valid_to", "", "the last day of a region that has a successor")
    if row.ags in row.successors:
        table.report(line, "successor", row.ags, "another region")
    if not isclose(total := sum(row.successors.values()), 1.0, abs_tol=1e-6):
        table.report(line, "share", f"{total:g}", f"shares of {row.ags} that sum to 1")
