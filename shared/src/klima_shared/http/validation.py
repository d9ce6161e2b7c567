"""Validation errors of the framework in plain German and English, with a JSON pointer to the
place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from klima_shared.language.text import Text

# Error types of pydantic -> (German, English) with the fields of the error's context.
# Types not listed keep pydantic's English message behind a German lead-in.
_TEXTS: dict[str, tuple[str, str]] = {
    "missing": ("Diese Angabe fehlt.", "This value is missing."),
    "extra_forbidden": ("Dieses Feld ist hier nicht bekannt.", "This field is not known here."),
    "string_type": (
        "Erwartet wird Text in Anführungszeichen.",
        "A text in quotation marks is expected.",
    ),
    "string_unicode": ("Der Text ist kein gültiges Unicode.", "The text is not valid Unicode."),
    "string_too_short": (
        "Zu kurz: mindestens {min_length} Zeichen.",
        "Too short: at least {min_length} characters.",
    ),
    "string_too_long": (
        "Zu lang: höchstens {max_length} Zeichen.",
        "Too long: at most {max_length} characters.",
    ),
    "string_pattern_mismatch": (
        "Erwartet wird die Form {pattern}.",
        "The pattern {pattern} is expected.",
    ),
    "int_type": ("Erwartet wird eine ganze Zahl.", "An integer is expected."),
    "int_parsing": ("Erwartet wird eine ganze Zahl.", "An integer is expected."),
    "int_from_float": ("Erwartet wird eine ganze Zahl.", "An integer is expected."),
    "float_type": ("Erwartet wird eine Zahl.", "A number is expected."),
    "float_parsing": (
        "Erwartet wird eine Zahl mit Dezimalpunkt.",
        "A number with a decimal point is expected.",
    ),
    "finite_number": ("Erwartet wird eine endliche Zahl.", "A finite number is expected."),
    "decimal_type": ("Erwartet wird ein Betrag.", "A decimal amount is expected."),
    "decimal_parsing": (
        'Erwartet wird ein Betrag wie "1234.50".',
        'An amount like "1234.50" is expected.',
    ),
    "bool_type": ("Erwartet wird true oder false.", "true or false is expected."),
    "bool_parsing": ("Erwartet wird true oder false.", "true or false is expected."),
    "enum": ("Erwartet wird eines von: {expected}.", "One of these is expected: {expected}."),
    "literal_error": (
        "Erwartet wird eines von: {expected}.",
        "One of these is expected: {expected}.",
    ),
    "greater_than": ("Muss größer als {gt} sein.", "Must be greater than {gt}."),
    "greater_than_equal": ("Muss mindestens {ge} sein.", "Must be at least {ge}."),
    "less_than": ("Muss kleiner als {lt} sein.", "Must be less than {lt}."),
    "less_than_equal": ("Darf höchstens {le} sein.", "Must be at most {le}."),
    "too_long": (
        "Zu viele Einträge: höchstens {max_length}.",
        "Too many items: at most {max_length}.",
    ),
    "too_short": (
        "Zu wenige Einträge: mindestens {min_length}.",
        "Too few items: at least {min_length}.",
    ),
    "uuid_parsing": ("Erwartet wird eine Kennung (UUID).", "An identifier (UUID) is expected."),
    "uuid_type": ("Erwartet wird eine Kennung (UUID).", "An identifier (UUID) is expected."),
    "date_from_datetime_parsing": (
        "Erwartet wird ein Datum wie 2026-01-31.",
        "A date like 2026-01-31 is expected.",
    ),
    "date_parsing": (
        "Erwartet wird ein Datum wie 2026-01-31.",
        "A date like 2026-01-31 is expected.",
    ),
    "date_type": ("Erwartet wird ein Datum wie 2026-01-31.", "A date like 2026-01-31 is expected."),
    "datetime_parsing": (
        "Erwartet wird ein Zeitpunkt wie 2026-01-31T12:00:00Z.",
        "A time like 2026-01-31T12:00:00Z is expected.",
    ),
    "datetime_from_date_parsing": (
        "Erwartet wird ein Zeitpunkt wie 2026-01-31T12:00:00Z.",
        "A time like 2026-01-31T12:00:00Z is expected.",
    ),
    "timezone_aware": ("Der Zeitpunkt braucht eine Zeitzone.", "The time needs a time zone."),
    "model_attributes_type": ("Erwartet wird ein JSON-Objekt.", "A JSON object is expected."),
    "model_type": ("Erwartet wird ein JSON-Objekt.", "A JSON object is expected."),
    "dict_type": ("Erwartet wird ein JSON-Objekt.", "A JSON object is expected."),
    "list_type": ("Erwartet wird eine Liste.", "A list is expected."),
    "json_invalid": ("Kein gültiges JSON: {error}.", "Not valid JSON: {error}."),
}


def pointer_of(loc: Sequence[int | str]) -> str:
    """`("body", "items", 2, "year")` -> `/body/items/2/year`, with `~` and `/` escaped as RFC 6901
    wants."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in loc)


def validation_text(error: Mapping[str, Any]) -> Text:
    """What is wrong at one place. `error` is one entry of pydantic's `errors()`.

    A validator of ours raises `TextError`, whose text is already in both languages.
    """
    context = error.get("ctx") or {}
    cause = context.get("error")
    if isinstance(cause, TextError):
        return cause.text
    known = _TEXTS.get(str(error["type"]))
    if known is None:
        message = str(error["msg"])
        return Text(f"Ungültiger Wert ({message}).", f"Invalid value ({message}).")
    shown = {
        k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in context.items()
    }
    try:
        german = {k: str(v).replace(" or ", " oder ").replace("'", "") for k, v in shown.items()}
        return Text(known[0].format(**german), known[1].format(**shown))
    except (KeyError, IndexError):
        return Text("Ungültiger Wert.", "Invalid value.")


class TextError(ValueError):
    """A validator's error in both languages; pydantic carries it in the error's context."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(de, en)
