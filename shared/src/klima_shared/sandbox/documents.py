"""JSON of strangers to plain values: lists, objects, texts, numbers, true, false, null.

What has no place in JSON as the services speak it is refused with its place: deep nesting, numbers
beyond 64 bit, halves of characters, control characters, names that occur twice.
"""

import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import Final

from klima_shared.language.characters import NO_ORDINARY_TEXT, has_control_characters
from klima_shared.language.text import Text
from klima_shared.sandbox.model import RefusedError

MAX_DEPTH: Final = 40
MAX_VALUES: Final = 300_000
TOO_MUCH: Final = Text("The file holds too much to be read at once. Please divide it.")
LOWEST: Final = -(1 << 63)
HIGHEST: Final = (1 << 63) - 1
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NOT_UTF8: Final = Text("The file is not in UTF-8.")


def read_json(data: bytes) -> object:
    """The value of a JSON document. `RefusedError` with a pointer to the place, as far as there is
    one; `ValueError` (with `lineno` where it is known) for what is no JSON at all."""
    if data.count(b",") > MAX_VALUES:
        raise RefusedError(TOO_MUCH)
    try:
        value = json.loads(
            utf8(data), object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant
        )
    except RecursionError:
        raise RefusedError(too_deep()) from None
    _check(value)
    return value


class _Doubled(dict[str, object]):
    """An object in which a name occurs twice."""

    name = ""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled, seen = _Doubled(found), set()
    for name, _ in pairs:
        if name in seen:
            doubled.name = name
        seen.add(name)
    return doubled


class _Wrong(str):
    """A number that is none here, as it is written."""

    __slots__ = ()


def _integer(digits: str) -> object:
    if len(digits) > 20:
        return _Wrong(digits)
    number = int(digits)
    return number if LOWEST <= number <= HIGHEST else _Wrong(digits)


def _constant(word: str) -> object:
    return _Wrong(word)


def utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(_NOT_UTF8) from error


def too_deep() -> Text:
    return Text("Nested too deeply: at most {most} levels.", most=MAX_DEPTH)


def _check(value: object) -> None:
    """`RefusedError` for what has no place in JSON as the services speak it."""
    stack: list[tuple[object, _Path | None]] = [(value, None)]
    while stack:
        one, path = stack.pop()
        if isinstance(one, dict | list):
            if path is not None and path.depth >= MAX_DEPTH:
                raise RefusedError(too_deep(), _pointer(path))
            if isinstance(one, _Doubled):
                raise RefusedError(twice(one.name), _pointer(path))
            if isinstance(one, dict):
                for name in one:
                    check_text(name, path)
            stack.extend((inner, _Path(name, path)) for name, inner in _items(one))
        elif isinstance(one, _Wrong):
            raise RefusedError(no_number(one), _pointer(path))
        elif isinstance(one, str):
            check_text(one, path)
        elif isinstance(one, float) and not isfinite(one):
            raise RefusedError(no_number("1e999"), _pointer(path))


class _Path:
    """A step on the way to a value; the pointer is written only when there is something to say."""

    __slots__ = ("depth", "name", "parent")

    def __init__(self, name: object, parent: "_Path | None") -> None:
        self.name, self.parent = name, parent
        self.depth: int = parent.depth + 1 if parent else 1


def _pointer(path: _Path | None) -> str:
    steps = []
    while path is not None:
        steps.append(shown(str(path.name)).replace("~", "~0").replace("/", "~1"))
        path = path.parent
    return "".join("/" + step for step in reversed(steps))[:400]


def _items(value: dict[str, object] | list[object]) -> Iterator[tuple[object, object]]:
    return iter(value.items()) if isinstance(value, dict) else enumerate(value)


def check_text(text: str, path: "_Path | None" = None) -> None:
    if not text.isascii() and _SURROGATE.search(text):
        raise RefusedError(Text("The text is not valid Unicode."), _pointer(path))
    if has_control_characters(text):
        raise RefusedError(NO_ORDINARY_TEXT, _pointer(path))


def twice(name: str) -> Text:
    return Text('The name "{name}" occurs twice.', name=shown(name))


def no_number(found: str) -> Text:
    return Text(
        "{found} is no number that can be stored (whole numbers up to 64 bit, no NaN, no "
        "infinity).",
        found=shown(found),
    )


def shown(text: str) -> str:
    clean = _SURROGATE.sub("\ufffd", text)
    return clean if len(clean) <= 40 else clean[:40] + "…"
