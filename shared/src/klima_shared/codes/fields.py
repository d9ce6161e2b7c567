"""Types of fields that cross a service boundary: region keys, years, quantities, money.

Bodies are read strictly: a number where text is expected (or the other way round) is an error that
says so, because a region key as a number has already lost its leading zero, and a year as text
hides a mistake in the sender.
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from klima_shared.codes.lists import RegionKind
from klima_shared.http.validation import TextError
from klima_shared.language.text import Label, Text

GERMANY: Final = "DG000000"

# Land (01-16), then nothing but zeros for a state, or government district and county (the county
# never 00), with a municipality of three digits (AGS) or of seven with its association before it
# (ARS).
_PATTERN: Final = (
    r"^(DG(000000)?"
    r"|(0[1-9]|1[0-6])((000){0,2}|0{10}|[0-9](0[1-9]|[1-9][0-9])([0-9]{3}|[0-9]{7})?))$"
)
_KEY: Final = re.compile(_PATTERN)
_EXPECTED: Final = Text(
    "expected text of 8 digits (municipality), 5 or 8 (county), 2 or 8 (state), 12 (ARS), or DG "
    "for Germany"
)


def canonical_ags(text: str) -> str:
    """The 8 characters under which a region is stored: `05974` -> `05974000`, an ARS without its
    association.

    Raises `TextError` with what was found and what was expected.
    """
    key = text.strip().upper()
    if not _KEY.fullmatch(key):
        raise TextError(_why_no_key(text, key))
    if key.startswith("DG"):
        return GERMANY
    if len(key) == 12:
        association, municipality = key[5:9], key[9:]
        if municipality == "000" and association != "0000":
            # Cutting the association out would turn a Verbandsgemeinde into its whole county.
            raise TextError(
                Text(
                    "{key} is the key of a municipal association, not of a municipality; "
                    "{expected}.",
                    key=key,
                    expected=_EXPECTED,
                )
            )
        return key[:5] + municipality
    return key.ljust(8, "0")


def _why_no_key(text: str, key: str) -> Text:
    shown = text if len(text) <= 40 else text[:40] + "…"
    if re.fullmatch(r"[0-9]{1,11}", key) and _KEY.fullmatch("0" + key):
        return Text(
            '"{shown}" is no region key: the leading zero seems to be missing (0{key}).',
            shown=shown,
            key=key,
        )
    return Text('"{shown}" is no region key; {expected}.', shown=shown, expected=_EXPECTED)


def level(ags: str) -> RegionKind:
    """The level that the key itself shows.

    An independent city (kreisfreie Stadt) has the key of a county, Berlin and Hamburg have that of
    a state, although each is a municipality too. The key cannot tell; whoever must know asks the
    registry of regions for the kind.
    """
    key = canonical_ags(ags)
    if key == GERMANY:
        return RegionKind.COUNTRY
    if key.endswith("000000"):
        return RegionKind.STATE
    return RegionKind.COUNTY if key.endswith("000") else RegionKind.MUNICIPALITY


def parent(ags: str) -> str | None:
    """The next region up by the key: municipality, county (or independent city), state, Germany,
    `None`."""
    key = canonical_ags(ags)
    match level(key):
        case RegionKind.MUNICIPALITY:
            return key[:5] + "000"
        case RegionKind.COUNTY:
            return key[:2] + "000000"
        case RegionKind.STATE:
            return GERMANY
        case _:
            return None


def covers(region: str, other: str) -> bool:
    """Whether `other` lies in `region` or is `region`: what an editor of a county may write in, for
    one.

    An independent city covers itself and nothing else, because no other key begins with its five
    digits. Both keys may come in any accepted form; one that is no key raises `TextError` and never
    covers.
    """
    outer, inner = canonical_ags(region), canonical_ags(other)
    prefix = {
        RegionKind.COUNTRY: "",
        RegionKind.STATE: outer[:2],
        RegionKind.COUNTY: outer[:5],
        RegionKind.MUNICIPALITY: outer,
    }[level(outer)]
    return inner.startswith(prefix)


def _ags(value: Any) -> str:
    if not isinstance(value, str):
        raise TextError(
            Text(
                "A region key is text in quotation marks, not {kind}: as a number it loses its "
                'leading zero (example: "05974040").',
                kind=_kind(value),
            )
        )
    return canonical_ags(value)


def _kind(value: Any) -> Text:
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


Ags = Annotated[
    str,
    BeforeValidator(_ags),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": _PATTERN,
            "examples": ["05974040", "05974"],
            "description": "Amtlicher Gemeindeschlüssel (AGS) as text; answers hold the canonical 8 characters.",
        }
    ),
]
"""A region key in any accepted form; validated to its canonical 8 characters."""

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100
_YEAR_SCHEMA: Final = {
    "type": "integer",
    "minimum": FIRST_YEAR,
    "maximum": LAST_YEAR,
    "examples": [2021],
}


def _year(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TextError(
            Text(
                "A year is an integer without quotation marks, not {kind} (example: 2021).",
                kind=_kind(value),
            )
        )
    if not FIRST_YEAR <= value <= LAST_YEAR:
        # A number of hundreds of digits cannot even be printed.
        shown = str(value) if abs(value) < 10**9 else "…"
        raise TextError(
            Text(
                "The year {shown} is not between {first_year} and {last_year}.",
                shown=shown,
                first_year=FIRST_YEAR,
                last_year=LAST_YEAR,
            )
        )
    return value


def _year_parameter(value: Any) -> int:
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{4}", value):
            raise TextError(Text("A year is given with four digits (example: 2021)."))
        value = int(value)
    return _year(value)


Year = Annotated[int, BeforeValidator(_year), WithJsonSchema(_YEAR_SCHEMA)]
"""A year in a JSON body: an integer from 1990 to 2100, never text, a fraction or a boolean."""

YearParam = Annotated[int, BeforeValidator(_year_parameter), WithJsonSchema(_YEAR_SCHEMA)]
"""A year in a path or a query, where everything arrives as text: exactly four digits."""

Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A number of a JSON body, sign allowed; no text, boolean, infinity or NaN."""

NonNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
"""A quantity of a JSON body: finite and not below zero."""

_MONEY_PATTERN: Final = r"^-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$"
_NON_NEGATIVE_MONEY_PATTERN: Final = _MONEY_PATTERN.replace("-?", "", 1)


def _money(value: Any) -> Decimal:
    text = format(value, "f") if isinstance(value, Decimal) else value
    if not isinstance(text, str):
        raise TextError(
            Text(
                'An amount is text in quotation marks, not {kind} (example: "1234.50"): as a '
                "number it would not be exact to the cent.",
                kind=_kind(value),
            )
        )
    if not re.fullmatch(_MONEY_PATTERN, text):
        raise TextError(
            Text(
                "An amount has at most 13 digits before and 2 after the decimal point, no "
                'grouping (example: "1234.50").'
            )
        )
    return Decimal(text) + 0  # -0 becomes 0


def _non_negative_money(value: Any) -> Decimal:
    amount = _money(value)
    if amount < 0:
        raise TextError(Text("The amount must not be below zero."))
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
