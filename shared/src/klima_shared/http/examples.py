"""Examples of answers: those of the request they were made from, completed by what only the answer
has."""

from typing import Final

from klima_shared.wire.json import JsonObject as Json

_PREFIX: Final = "#/components/schemas/"
_TEXTS: Final = {
    "uuid": "4f0c2a9b-e01d-4773-8b0c-5d1f0a3c2e11",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "uri": "https://example.org/",
    "binary": "",
}
_DEPTH: Final = 8


def complete_examples(document: Json) -> None:
    """Give each example of an object the required members that it lacks, in place."""
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        if "properties" in schema:
            schema["examples"] = [
                {**_missing(schema, example, schemas), **example}
                for example in schema.get("examples", [])
            ]
            if not schema["examples"]:
                del schema["examples"]


def _missing(schema: Json, example: Json, schemas: Json) -> Json:
    return {
        name: sample(schema["properties"][name], schemas)
        for name in schema.get("required", [])
        if name not in example
    }


def sample(schema: Json, schemas: Json, depth: int = 0) -> object:
    """A value that fits: the schema's own example or default where it has one."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].removeprefix(_PREFIX)], schemas, depth + 1)
    if "const" in schema:
        return schema["const"]
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    if "default" in schema:
        return schema["default"]
    if "anyOf" in schema:
        return sample(schema["anyOf"][-1 if depth > _DEPTH else 0], schemas, depth)
    return _of_type(schema, schemas, depth)


def _of_type(schema: Json, schemas: Json, depth: int) -> object:
    kind = schema.get("type")
    if kind == "object":
        return {
            name: sample(schema["properties"][name], schemas, depth + 1)
            for name in schema.get("required", [])
        }
    if kind == "array":
        items = schema.get("items") or {}
        return [sample(items, schemas, depth + 1)] * schema.get("minItems", 0)
    if kind == "string":
        return _TEXTS.get(schema.get("format", ""), "text" * (1 + schema.get("minLength", 0) // 4))
    if kind in {"integer", "number"}:
        return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
    return {"boolean": True, "null": None}.get(kind or "")
