"""What comes in: models that know every field they take, and what is wrong in plain German and
English, with a JSON pointer to the place."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict

from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text

MOST_ERRORS: Final = 501
"""Places that one answer names."""
# Messages of pydantic's error types, with the fields of the error's context as placeholders.
# Types not listed keep pydantic's English message behind a lead-in.
_TEXTS: Final[dict[str, Text]] = {
    "missing": Text("This value is missing."),
    "extra_forbidden": Text("This field is not known here."),
    "string_type": Text("A text in quotation marks is expected."),
    "string_unicode": Text("The text is not valid Unicode."),
    "string_too_short": Text("Too short: at least {min_length} characters."),
    "string_too_long": Text("Too long: at most {max_length} characters."),
    "string_pattern_mismatch": Text("The pattern {pattern} is expected."),
    "int_type": Text("An integer is expected."),
    "int_parsing": Text("An integer is expected."),
    "int_from_float": Text("An integer is expected."),
    "float_type": Text("A number is expected."),
    "float_parsing": Text("A number with a decimal point is expected."),
    "finite_number": Text("A finite number is expected."),
    "decimal_type": Text("A decimal amount is expected."),
    "decimal_parsing": Text('An amount like "1234.50" is expected.'),
    "bool_type": Text("true or false is expected."),
    "bool_parsing": Text("true or false is expected."),
    "enum": Text("One of these is expected: {expected}."),
    "literal_error": Text("One of these is expected: {expected}."),
    "greater_than": Text("Must be greater than {gt}."),
    "greater_than_equal": Text("Must be at least {ge}."),
    "less_than": Text("Must be less than {lt}."),
    "less_than_equal": Text("Must be at most {le}."),
    "too_long": Text("Too many items: at most {max_length}."),
    "too_short": Text("Too few items: at least {min_length}."),
    "uuid_parsing": Text("An identifier (UUID) is expected."),
    "uuid_type": Text("An identifier (UUID) is expected."),
    "date_from_datetime_parsing": Text("A date like 2026-01-31 is expected."),
    "date_parsing": Text("A date like 2026-01-31 is expected."),
    "date_type": Text("A date like 2026-01-31 is expected."),
    "datetime_type": Text("A time like 2026-01-31T12:00:00Z is expected."),
    "datetime_parsing": Text("A time like 2026-01-31T12:00:00Z is expected."),
    "datetime_from_date_parsing": Text("A time like 2026-01-31T12:00:00Z is expected."),
    "timezone_aware": Text("The time needs a time zone."),
    "model_attributes_type": Text("A JSON object is expected."),
    "model_type": Text("A JSON object is expected."),
    "dict_type": Text("A JSON object is expected."),
    "list_type": Text("A list is expected."),
    "json_invalid": Text("Not valid JSON: {error}."),
}


def pointer_of(loc: Sequence[int | str]) -> str:
    """`("body", "items", 2, "year")` -> `/body/items/2/year`, with `~` and `/` escaped as RFC 6901
    wants."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in loc)


def validation_text(error: Mapping[str, Any]) -> Text:
    """What is wrong at one place. `error` is one entry of pydantic's `errors()`.

    A validator of ours raises `InputError`, whose text is already in both languages.
    """
    context = error.get("ctx") or {}
    cause = context.get("error")
    if isinstance(cause, InputError):
        return cause.text
    text = _TEXTS.get(str(error["type"]))
    if text is None:
        message = str(error["msg"])
        return Text("Invalid value ({cause}).", cause=message)
    try:
        filled = text.fill(**{name: _shown(value) for name, value in context.items()})
        return Label(filled.de, filled.en)
    except (KeyError, IndexError):
        return Text("Invalid value.")


def _shown(value: object) -> Label:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Label(str(value).replace(" or ", " oder ").replace("'", ""), str(value))


@lru_cache
def _examples(package: str) -> dict[str, list[object]]:
    file = files(package) / "examples.json"
    return orjson.loads(file.read_bytes()) if file.is_file() else {}


def add_examples(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Put the examples of a model, or of the one it is derived from, into its schema. They stand
    under the model's name in `examples.json` of its subject (`klima_measures.community`)."""
    for one in model.__mro__:
        package = ".".join(one.__module__.split(".")[:2])
        if one.__module__.startswith("klima_") and one.__name__ in _examples(package):
            schema["examples"] = _examples(package)[one.__name__]
            return


class StrictBody(BaseModel):
    """A body whose unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=add_examples)
