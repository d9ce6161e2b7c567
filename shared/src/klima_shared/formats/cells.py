"""One cell of a delivered file, read strictly: what could mean two numbers is refused with a
question.

A wrong decimal mark shifts a figure by a factor of a thousand and nobody notices; that is worse
than asking.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Final

from klima_shared.formats.tables import Kind, Value, plain
from klima_shared.http.validation import TextError

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
_OTHER_MARK_POINT: Final = re.compile(r"[+-]?[0-9., ]*,[0-9., ]*")
_OTHER_MARK_COMMA: Final = re.compile(r"[+-]?[0-9]+\.[0-9]+")
_TRUE: Final = frozenset({"true", "ja", "wahr", "yes", "1"})
_FALSE: Final = frozenset({"false", "nein", "falsch", "no", "0"})


def parse_cell(text: str, kind: Kind, *, decimal_comma: bool) -> Value:
    """The value of a cell, `None` for an empty one (missing, never zero).

    Raises `TextError` with what was found and what was expected.
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
        raise TextError(
            f"„{_short(text)}“ ist zu groß für eine Zahl.",
            f'"{_short(text)}" is too large for a number.',
        )
    return value


def _normal(text: str, decimal_comma: bool) -> str:
    """The digits with a decimal point and without grouping."""
    number = text.strip().replace("\u2212", "-")
    shown = _short(text)
    if not decimal_comma:
        if _POINT.fullmatch(number):
            return re.sub(_BLANK, "", number)
        if _OTHER_MARK_POINT.fullmatch(number):
            raise TextError(
                f"„{shown}“ enthält ein Komma, aber diese Datei hat Dezimalpunkte. Bitte mit Punkt und ohne "
                "Tausenderzeichen schreiben (1234.5) oder die Datei mit Semikolon und Dezimalkomma liefern.",
                f'"{shown}" has a comma, but this file has decimal points. Please write it with a point and without '
                "grouping (1234.5), or deliver the file with semicolons and decimal commas.",
            )
    else:
        if _AMBIGUOUS.fullmatch(number):
            grouped, comma = number.replace(".", ""), number.replace(".", ",")
            raise TextError(
                f"„{shown}“ ist zweideutig: Ist {grouped} gemeint oder {comma}? Bitte eindeutig schreiben, "
                "ganze Zahlen ohne Tausenderpunkt.",
                f'"{shown}" can be read in two ways: is it {grouped} or {comma}? Please write it unambiguously, '
                "whole numbers without a grouping point.",
            )
        if _COMMA.fullmatch(number):
            return re.sub(_BLANK, "", number).replace(".", "").replace(",", ".")
        if _OTHER_MARK_COMMA.fullmatch(number):
            comma = number.replace(".", ",")
            raise TextError(
                f"„{shown}“ hat einen Dezimalpunkt, aber diese Datei hat Dezimalkommas. Ist {comma} gemeint?",
                f'"{shown}" has a decimal point, but this file has decimal commas. Is it {comma}?',
            )
    raise TextError(
        f"„{shown}“ ist keine Zahl. Eine Einheit gehört in ihre eigene Spalte; ohne Angabe bleibt die Zelle leer.",
        f'"{shown}" is no number. A unit belongs in its own column; without a figure the cell stays empty.',
    )


def _integer(text: str, decimal_comma: bool) -> int:
    number = _normal(text, decimal_comma)
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", number):
        raise TextError(
            f"„{_short(text)}“ ist keine ganze Zahl.", f'"{_short(text)}" is no whole number.'
        )
    return int(number)


def _money(text: str, decimal_comma: bool) -> Decimal:
    number = _normal(re.sub(_BLANK + "?(€|EUR)$", "", text), decimal_comma)
    if not re.fullmatch(r"[+-]?[0-9]{1,13}(\.[0-9]{1,2})?", number):
        raise TextError(
            f"„{_short(text)}“ ist kein Betrag mit höchstens zwei Stellen nach dem Komma.",
            f'"{_short(text)}" is no amount with at most two decimals.',
        )
    return Decimal(number) + 0


def _boolean(text: str) -> bool:
    word = text.lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise TextError(
        f"„{_short(text)}“: erwartet wird ja oder nein.", f'"{_short(text)}": expected yes or no.'
    )


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
    raise TextError(
        f"„{_short(text)}“ ist kein Datum wie 31.12.2021 oder 2021-12-31.",
        f'"{_short(text)}" is no date like 2021-12-31 or 31.12.2021.',
    )


def _time(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise TextError(
            f"„{_short(text)}“ ist kein Zeitpunkt mit Zeitzone wie 2021-12-31T12:00:00Z.",
            f'"{_short(text)}" is no time with a zone like 2021-12-31T12:00:00Z.',
        )
    return value.astimezone(UTC)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
