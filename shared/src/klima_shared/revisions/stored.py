"""Reading what was stored: bounds count when something is entered, never when it is read.

A rule that was tightened must not make unreadable what was stored under the older one. So stored
documents are read by the same models without their bounds: of numbers, lengths and patterns, and
without the checks of texts, which were made when the text came in.
"""

from functools import cache
from typing import Final, TypeVar, cast

from pydantic import BaseModel
from pydantic_core import CoreSchema, SchemaValidator

M = TypeVar("M", bound=BaseModel)
_BOUNDS: Final = frozenset({"ge", "gt", "le", "lt", "max_length", "min_length", "pattern"})


def read_stored(model: type[M], document: object) -> M:
    """The model of a stored document (a mapping, or a row with `from_attributes`)."""
    return cast("M", _reader(model).validate_python(document))


@cache
def _reader(model: type[BaseModel]) -> SchemaValidator:
    schema = cast("CoreSchema", _without_bounds(model.__pydantic_core_schema__))
    # else the validators that the inner models were made with would be taken
    return SchemaValidator(schema, _use_prebuilt=False)


def _without_bounds(node: object) -> object:
    """A core schema (nested mappings and lists of pydantic's) without what only entries need."""
    if isinstance(node, dict):
        if node.get("type") == "function-after" and _checks_text(node):
            return _without_bounds(node["schema"])
        return {
            name: _without_bounds(value)
            for name, value in node.items()
            if name not in _BOUNDS or isinstance(value, dict)
        }
    if isinstance(node, list):
        return [_without_bounds(one) for one in node]
    if type(node) is tuple:
        return tuple(_without_bounds(one) for one in node)
    return node


def _checks_text(node: object) -> bool:
    """Whether functions behind each other check a text."""
    while isinstance(node, dict) and node.get("type") == "function-after":
        node = node.get("schema")
    return isinstance(node, dict) and node.get("type") == "str"
