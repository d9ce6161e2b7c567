"""Codes that the installation lists, not the program: they stand in the API document that the
running service serves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

CodeLists = Mapping[str, Sequence[str]]
_SIGN: Final = "x-code-list"


@dataclass(frozen=True, slots=True)
class CodeOf:
    """Marks a text in a request as a code of a list: `Annotated[str, CodeOf("fields_of_action")]`.

    An answer may hold a code that the installation lists no more, so it promises nothing.
    """

    name: str

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        return schema | {_SIGN: self.name} if handler.mode == "validation" else schema


def fill_in(schema: Any, lists: CodeLists) -> None:
    """Replace every mark in an API document by the codes of its list, in place."""
    if isinstance(schema, dict):
        if isinstance(name := schema.get(_SIGN), str):
            del schema[_SIGN]
            schema["enum"] = list(lists[name])
        for part in schema.values():
            fill_in(part, lists)
    elif isinstance(schema, list):
        for part in schema:
            fill_in(part, lists)
