"""Types of years, quantities and money that cross a service boundary.

Bodies are read strictly: a number where text is expected (or the other way round) is an error that
says so: a year as text hides a mistake in the sender, an amount as a number is not exact.
"""

import re
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100
MOST: Final = 1e12
"""What a figure may be at the very most, in whatever unit it is entered."""
MOST_MWH: Final = 1e9
"""Energy of one figure once it is in MWh: nearly half of what Germany uses in a year."""
MOST_TONNES: Final = 1e9
"""Tonnes of one figure: more than Germany emits in a year."""
_YEAR_SCHEMA: Final = {
    "type": "integer",
    "minimum": FIRST_YEAR,
    "maximum": LAST_YEAR,
    "examples": [2021],
}


def kind_of_value(value: object) -> Text:
    """What a value of JSON is, for a message."""
    match value:
        case bool():
            return Label("Wahrheitswert", "a boolean")
        case int() | float() | Decimal():
            return Label("Zahl", "a number")
        case str():
            return Label("Text", "text")
        case None:
            return Label("leerer Wert", "null")
        case list() | tuple():
            return Label("Liste", "a list")
        case _:
            return Label("Objekt", "an object")


def _year(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(
            Text(
                "A year is an integer without quotation marks, not {kind} (example: 2021).",
                kind=kind_of_value(value),
            )
        )
    if not FIRST_YEAR <= value <= LAST_YEAR:
        # A number of hundreds of digits cannot even be printed.
        shown = str(value) if abs(value) < 10**9 else "…"
        raise InputError(
            Text(
                "The year {shown} is not between {first_year} and {last_year}.",
                shown=shown,
                first_year=FIRST_YEAR,
                last_year=LAST_YEAR,
            )
        )
    return value


def _year_parameter(value: object) -> int:
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{4}", value):
            raise InputError(Text("A year is given with four digits (example: 2021)."))
        value = int(value)
    return _year(value)


Year = Annotated[int, BeforeValidator(_year), WithJsonSchema(_YEAR_SCHEMA)]
"""A year in a JSON body: an integer from 1990 to 2100, never text, a fraction or a boolean."""

YearParam = Annotated[int, BeforeValidator(_year_parameter), WithJsonSchema(_YEAR_SCHEMA)]
"""A year in a path or a query, where everything arrives as text: exactly four digits."""

Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A number of a JSON body, sign allowed; no text, boolean, infinity or NaN."""

Signed = Annotated[Finite, Field(ge=-MOST, le=MOST)]
"""A figure of a JSON body in any unit, sign allowed."""

Quantity = Annotated[Finite, Field(ge=0, le=MOST)]
"""A figure of a JSON body in any unit, not below zero."""

Mwh = Annotated[Finite, Field(ge=0, le=MOST_MWH)]
SignedMwh = Annotated[Finite, Field(ge=-MOST_MWH, le=MOST_MWH)]
Tonnes = Annotated[Finite, Field(ge=0, le=MOST_TONNES)]
SignedTonnes = Annotated[Finite, Field(ge=-MOST_TONNES, le=MOST_TONNES)]

Percent = Annotated[Finite, Field(ge=0, le=100)]

Whole = Annotated[int, Field(strict=True)]
"""A whole number of a JSON body: no boolean, no text, no 2.0."""

_MONEY_PATTERN: Final = r"^-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$"
_NON_NEGATIVE_MONEY_PATTERN: Final = _MONEY_PATTERN.replace("-?", "", 1)


def _money(value: object) -> Decimal:
    text = format(value, "f") if isinstance(value, Decimal) else value
    if not isinstance(text, str):
        raise InputError(
            Text(
                'An amount is text in quotation marks, not {kind} (example: "1234.50"): as a '
                "number it would not be exact to the cent.",
                kind=kind_of_value(value),
            )
        )
    if not re.fullmatch(_MONEY_PATTERN, text):
        raise InputError(
            Text(
                "An amount has at most 13 digits before and 2 after the decimal point, no "
                'grouping (example: "1234.50").'
            )
        )
    return Decimal(text) + 0  # -0 becomes 0


def _non_negative_money(value: object) -> Decimal:
    amount = _money(value)
    if amount < 0:
        raise InputError(Text("The amount must not be below zero."))
    return amount


def _cents(amount: Decimal) -> str:
    return f"{amount:.2f}"


Money = Annotated[
    Decimal,
    BeforeValidator(_money),
    PlainSerializer(_cents, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _MONEY_PATTERN, "examples": ["1234.50"]}),
]
"""Euro, exact to the cent, a decimal string on the wire."""

NonNegativeMoney = Annotated[
    Decimal,
    BeforeValidator(_non_negative_money),
    PlainSerializer(_cents, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": _NON_NEGATIVE_MONEY_PATTERN, "examples": ["1234.50"]}
    ),
]
"""Euro not below zero: costs, budgets, grants."""
