"""One cell of a delivered file, read strictly: what could mean two numbers is refused with a
question.

A wrong decimal mark shifts a figure by a factor of a thousand and nobody notices; that is worse
than asking.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Final

from klima_shared.formats.tables import Kind, Value, digits, plain
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.sandbox.model import Cell, Sheet

_BLANK: Final = "[ \u00a0\u202f\u2009]"
_POINT: Final = re.compile(
    r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:" + _BLANK + r"[0-9]{3})+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?"
)
_COMMA: Final = re.compile(
    r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:"
    + _BLANK
    + r"[0-9]{3})+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,[0-9]+)?"
    r"(?:[eE][+-]?[0-9]{1,3})?"
)
_AMBIGUOUS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
_OTHER_MARK_POINT: Final = re.compile(r"[+-]?(?=[0-9. ]*+,)[0-9., ]*+")
_OTHER_MARK_COMMA: Final = re.compile(r"[+-]?[0-9]+\.[0-9]+")
_TRUE: Final = frozenset({"true", "ja", "wahr", "yes", "1"})
_FALSE: Final = frozenset({"false", "nein", "falsch", "no", "0"})


def parse_cell(text: str, kind: Kind, *, decimal_comma: bool) -> Value:
    """The value of a cell, `None` for an empty one (missing, never zero).

    Raises `InputError` with what was found and what was expected.
    """
    found = text.strip()
    if not found:
        return None
    match kind:
        case Kind.TEXT:
            # Stripped of blanks around it, but not before the mark against formulas is taken off.
            return plain(text).strip() or None
        case Kind.NUMBER:
            return parse_number(found, decimal_comma=decimal_comma)
        case Kind.INTEGER:
            return _integer(found, decimal_comma)
        case Kind.MONEY:
            return _money(found, decimal_comma)
        case Kind.BOOLEAN:
            return _boolean(found)
        case Kind.DATE:
            return _date(found)
        case Kind.TIME:
            return _time(found)


def parse_number(text: str, *, decimal_comma: bool) -> float:
    """A finite number, with a decimal comma (`csv-de`) or a decimal point (`csv`)."""
    value = float(_normal(text, decimal_comma))
    if not isfinite(value):
        raise InputError(Text('"{short}" is too large for a number.', short=_short(text)))
    return value


def _normal(text: str, decimal_comma: bool) -> str:
    """The digits with a decimal point and without grouping."""
    number = text.strip().replace("\u2212", "-")
    shown = _short(text)
    if not decimal_comma:
        if _POINT.fullmatch(number):
            return re.sub(_BLANK, "", number)
        if _OTHER_MARK_POINT.fullmatch(number):
            raise InputError(
                Text(
                    '"{shown}" has a comma, but this file has decimal points. Please write it '
                    "with a point and without grouping (1234.5), or deliver the file with "
                    "semicolons and decimal commas.",
                    shown=shown,
                )
            )
    else:
        if _AMBIGUOUS.fullmatch(number):
            grouped, comma = number.replace(".", ""), number.replace(".", ",")
            raise InputError(
                Text(
                    '"{shown}" can be read in two ways: is it {grouped} or {comma}? Please write '
                    "it unambiguously, whole numbers without a grouping point.",
                    shown=shown,
                    grouped=grouped,
                    comma=comma,
                )
            )
        if _COMMA.fullmatch(number):
            return re.sub(_BLANK, "", number).replace(".", "").replace(",", ".")
        if _OTHER_MARK_COMMA.fullmatch(number):
            comma = number.replace(".", ",")
            raise InputError(
                Text(
                    '"{shown}" has a decimal point, but this file has decimal commas. Is it '
                    "{comma}?",
                    shown=shown,
                    comma=comma,
                )
            )
    raise InputError(
        Text(
            '"{shown}" is no number. A unit belongs in its own column; without a figure the cell '
            "stays empty.",
            shown=shown,
        )
    )


def _integer(text: str, decimal_comma: bool) -> int:
    number = _normal(text, decimal_comma)
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", number):
        raise InputError(Text('"{short}" is no whole number.', short=_short(text)))
    return int(number)


def _money(text: str, decimal_comma: bool) -> Decimal:
    number = _normal(re.sub(_BLANK + "?(€|EUR)$", "", text), decimal_comma)
    if not re.fullmatch(r"[+-]?[0-9]{1,13}(\.[0-9]{1,2})?", number):
        raise InputError(
            Text('"{short}" is no amount with at most two decimals.', short=_short(text))
        )
    return Decimal(number) + 0


def _boolean(text: str) -> bool:
    word = text.lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise InputError(Text('"{short}": expected yes or no.', short=_short(text)))


def _date(text: str) -> date:
    try:
        if german := re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text):
            day, month, year = map(int, german.groups())
            return date(year, month, day)
        if re.fullmatch(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T00:00:00Z)?", text
        ):  # Excel's dates are midnights
            return date.fromisoformat(text[:10])
    except ValueError:
        pass
    raise InputError(
        Text('"{short}" is no date like 2021-12-31 or 31.12.2021.', short=_short(text))
    )


def _time(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise InputError(
            Text('"{short}" is no time with a zone like 2021-12-31T12:00:00Z.', short=_short(text))
        )
    return value.astimezone(UTC)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


def dates_of(sheet: Sheet) -> dict[tuple[int, int], str]:
    """Cells of a workbook that hold a date or a time, as people write them."""
    return {
        (line, place): f"{cell:%d.%m.%Y}" if isinstance(cell, date) else str(cell)
        for line, cells in (sheet.rows if sheet.kind == "xlsx" else ())
        for place, cell in enumerate(cells)
        if isinstance(cell, date | time | timedelta)
    }


def texts_of(cells: Sequence[Cell]) -> list[str]:
    texts = [text_of(cell) for cell in cells]
    while texts and not texts[-1].strip():
        texts.pop()  # Excel likes to end every line with separators
    return texts


def text_of(cell: Cell) -> str:
    """A cell as the text that `csv-de` would hold, so that one set of rules reads both."""
    match cell:
        case None:
            return ""
        case bool():
            return "ja" if cell else "nein"
        case float() if not isfinite(cell):
            return str(cell)
        case int() | float():
            return digits(cell).removesuffix(".0").replace(".", ",")
        case datetime():
            return cell.isoformat(timespec="seconds") + "Z"  # Excel knows no zones; ours are UTC
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
