"""CSV files on their way in, in either dialect and in the encodings that spreadsheets write.

Where it is not UTF-8, German letters tell the others apart: a byte that is `ö` in one of them is a
quotation mark or a foreign capital inside a word in the others. What fits several is a question,
never a guess.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from typing import Final, cast

from klima_shared.language.characters import line_of_control_characters
from klima_shared.language.text import Text
from klima_shared.sandbox.model import (
    Cell,
    Dialect,
    Limits,
    RefusedError,
    Sheet,
    too_large,
    unordinary,
)

_FIRST_LINES: Final = 30
_FIRST_CHARACTERS: Final = 1 << 18
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')


def csv_sheet(data: bytes, limits: Limits, dialect: Dialect | None = None) -> Sheet:
    """A CSV file in either dialect, in UTF-8 or, with semicolons, in an encoding that old programs
    write. `RefusedError` when it is neither."""
    return sheet_of(decoded(data), limits, dialect)


def sheet_of(text: str, limits: Limits, dialect: Dialect | None = None) -> Sheet:
    """The rows of a CSV text; without `dialect` its separators decide. `RefusedError` for control
    characters and beyond the limits."""
    if bad := line_of_control_characters(text):
        raise unordinary(bad)
    first = text[:_FIRST_CHARACTERS].partition("\n")[0]
    skipped, separator = 0, ""
    if first.strip().lower() in {"sep=;", "sep=,"}:
        # A hint that Excel writes and reads; not a line of the table.
        text, skipped, separator = text[len(first) + 1 :], 1, first.strip()[-1]
    if dialect is not None:
        separator = ";" if dialect == "csv-de" else ","
    beginning = text[:_FIRST_CHARACTERS].splitlines()[:_FIRST_LINES]
    separator = separator or _separator(beginning)
    rows, broken = _rows(text, separator, 1 + skipped, limits)
    kind: Dialect = "csv-de" if separator == ";" else "csv"
    return Sheet(kind, rows, separator == ";", broken=broken)


def _rows(
    text: str, separator: str, line: int, limits: Limits
) -> tuple[list[tuple[int, list[Cell]]], tuple[int, str] | None]:
    """The rows that hold anything, and where and why the rest cannot be read."""
    rows: list[tuple[int, list[Cell]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    skipped, count = line - 1, 0
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                count += len(cells)
                if count > limits.max_cells or len(rows) > limits.max_rows + 100:
                    raise too_large(limits)
                rows.append((line, cast("list[Cell]", cells)))
            line = reader.line_num + 1 + skipped
    except csv.Error as error:
        return rows, (line, str(error))
    return rows, None


def _separator(lines: Iterable[str]) -> str:
    """The mark that cuts most of the lines into the same number of cells, the greater number first.

    A text may hold the other mark more often than a line has cells.
    """
    bare = [_QUOTED.sub("", line) for line in lines]
    found = [(0, 0, ",")]
    for mark in (";", ","):
        counts = Counter(count for line in bare if (count := line.count(mark)))
        if counts:
            cells, times = max(counts.items(), key=lambda item: (item[1], item[0]))
            found.append((times, cells, mark))
    return max(found)[2]


_NO_CSV: Final = Text("The file cannot be read: expected CSV in UTF-8 with commas or semicolons.")
_WHICH: Final = Text(
    "The encoding of the file cannot be told for certain: umlauts could become other characters. "
    "Please save it as CSV UTF-8."
)
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_LETTER: Final = r"[A-Za-zÀ-ÖØ-öø-ÿŠšŽžŒœŸ]"
# What German texts have beside the alphabet of ASCII, where it stands.
_PLAUSIBLE: Final = re.compile(
    r"(?<![a-zäöüß])[ÄÖÜ](?=[A-Za-zäöüßÄÖÜ\W]|$)|(?<=[A-ZÄÖÜ])[ÄÖÜ]|[äöü]|(?<=[A-Za-zäöü])ß"
    r"|(?<=[A-Za-z])[éèêáàâçëïîñóôšžæøå](?=[A-Za-z\W]|$)"
    r"|[\xa0°€²³µ½¼¾×·±£«»…•™®©–—]|(?<![A-Za-z])§(?![A-Za-z])|(?<![A-Za-z])[„‚](?=[^\W_])"
    r"|(?<=[\w.!?])[“”](?![A-Za-z])|(?<![A-Za-z])[“”](?=[^\W_])|[’‘´`]"
)
_GERMAN: Final = re.compile(r"[äöüÄÖÜß]")
_OTHERS: Final = ("mac_roman", "cp850")


def decoded(data: bytes) -> str:
    """The text of a CSV file; `RefusedError` for one that is no text, or whose encoding is not
    certain."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # UTF-16 is full of zeros; commas and points are told apart by the semicolons beside them.
        if b"\x00" in data or b";" not in data:
            raise RefusedError(_NO_CSV) from None
        return _single_byte(data)
    if "\x00" in text:
        raise RefusedError(_NO_CSV)
    return text


def _single_byte(data: bytes) -> str:
    """The one reading that makes sense; two that say the same are one."""
    # What stands around the other characters is enough to tell.
    western = _reading(data, "cp1252")
    found = {text for name in _OTHERS if (text := _reading(data, name)) and _GERMAN.search(text)}
    if western is not None:
        found.add(western)
    if len(found) == 1:
        return found.pop()
    raise RefusedError(_WHICH)


def _reading(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    high = sum(1 for _ in _HIGH.finditer(data))
    return (
        text if high == sum(1 for found in _PLAUSIBLE.finditer(text) if found[0] > "\x7f") else None
    )
