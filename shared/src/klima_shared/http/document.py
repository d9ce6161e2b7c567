"""The API document of a service: what FastAPI makes of its routes, completed, with schemas as
generators like them.

pydantic and FastAPI name schemas for Python (`Page_Region_`, `Sheet-Input`) and give every field a
title made of its name; generators make classes of both, and what collides they drop.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from klima_shared.codes.configured import CodeLists, fill_in
from klima_shared.county import served_county
from klima_shared.http.documented_headers import shared_headers
from klima_shared.http.examples import complete_examples
from klima_shared.http.operations import BEARER, Facts, complete, facts_of
from klima_shared.http.problems import ProblemDocument, ProblemError
from klima_shared.http.sparse import answer_content, fields_parameter, item_fields
from klima_shared.wire.json import JsonObject as Json

PREFIX = "#/components/schemas/"
_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas", "schemas")


def plain_name(name: str) -> str:
    """`Page_Region_` -> `RegionPage`, `Sheet-Output` -> `Sheet`, `Sheet-Input` -> `SheetInput`,
    `Body_create_import` -> `CreateImportForm`."""
    if match := re.fullmatch(r"Page_(\w+?)_", name):
        return match[1] + "Page"
    if match := re.fullmatch(r"Body_(\w+)", name):
        return "".join(part.capitalize() for part in match[1].split("_")) + "Form"
    return name.removesuffix("-Output").replace("-Input", "Input")


def give_plain_names(document: Json) -> None:
    """Rename all schemas of a document, in place. `ValueError` when two would get one name."""
    schemas = document["components"]["schemas"]
    names: dict[str, str] = {}
    for old in sorted(schemas):
        new = plain_name(old)
        if new in names.values():
            raise ValueError(f"two schemas would be called {new}")
        names[old] = new
    for node in _nodes(document):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(PREFIX):
            old = reference.removeprefix(PREFIX)
            node["$ref"] = PREFIX + names.get(old, old)
    document["components"]["schemas"] = {
        new: schemas[old] for old, new in sorted(names.items(), key=lambda pair: pair[1])
    }


def drop_titles(document: Json) -> None:
    """Take away the titles of schemas: they only repeat names of fields and models."""
    for schema in document["components"]["schemas"].values():
        _without_title(schema)
    for operation in operations(document):
        for parameter in operation.get("parameters", []):
            _without_title(parameter.get("schema", {}))
        contents = [operation.get("requestBody", {})]
        contents += operation["responses"].values()
        for content in contents:
            for media in content.get("content", {}).values():
                _without_title(media.get("schema", {}))


def _without_title(schema: object) -> None:
    if isinstance(schema, list):
        for part in schema:
            _without_title(part)
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("title"), str):
        del schema["title"]
    for key, value in schema.items():
        if key in _MAPS:
            for part in value.values():
                _without_title(part)
        elif key not in {"default", "example", "examples", "const", "enum"}:
            _without_title(value)


def operations(document: Json) -> Iterator[Json]:
    for item in document["paths"].values():
        yield from item.values()


def _nodes(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _nodes(part)


_BEARER: Final = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "OpenID Connect access token (RS256 or ES256)",
}


def describe(app: FastAPI, package: str, lists: CodeLists) -> None:
    """Make `app.openapi()` answer the completed document, with the installation's codes. What the
    tags mean is said in `tags.csv` of `package`; those that all services have, beside this module.
    """
    plain = app.openapi

    def described() -> Json:
        if app.openapi_schema is None:
            plain()
            assert app.openapi_schema is not None  # noqa: S101
            _offer_fields(app.openapi_schema, app)
            _complete(app.openapi_schema, _facts(app))
            fill_in(app.openapi_schema, lists)
            complete_examples(app.openapi_schema)
            _introduce(app.openapi_schema, package)
        document: Json = app.openapi_schema
        return document

    app.openapi = described  # type: ignore[method-assign]


def _facts(app: FastAPI) -> Mapping[tuple[str, str], Facts]:
    """By method and path. Of two routes at one address the document tells the last, as FastAPI
    does."""
    found: dict[tuple[str, str], Facts] = {}
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        if isinstance(context.original_route, APIRoute) and dependant is not None:
            for method in context.methods or ():
                found[method.lower(), str(context.path_format)] = facts_of(dependant)
    return found


def _offer_fields(document: Json, app: FastAPI) -> None:
    """`fields` of all lists, which no route declares."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if (
            isinstance(route, APIRoute)
            and route.include_in_schema
            and (known := item_fields(route))
        ):
            item = document["paths"][str(context.path_format)]
            if "get" in item and "GET" in (context.methods or ()):
                item["get"].setdefault("parameters", []).append(fields_parameter(known))
                item["get"]["responses"]["200"]["content"] |= answer_content()


def _introduce(document: Json, package: str) -> None:
    """Who answers for the API, where it is, and what its tags mean."""
    document["info"]["contact"] = {"name": served_county().publisher}
    document["servers"] = [{"url": "/", "description": "where this document is read"}]
    used = {tag for operation in operations(document) for tag in operation.get("tags", ())}
    described: dict[str, str] = {}
    for place in ("klima_shared.http", package):
        text = (files(place) / "tags.csv").read_text("utf-8")
        described |= {row["tag"]: row["description"] for row in csv.DictReader(text.splitlines())}
    document["tags"] = [{"name": tag, "description": described[tag]} for tag in sorted(used)]


def _complete(document: Json, facts: Mapping[tuple[str, str], Facts]) -> None:
    components = document["components"]
    schemas = components["schemas"]
    for model in (ProblemDocument, ProblemError):
        schema = model.model_json_schema(ref_template=PREFIX + "{model}")
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    for leftover in ("HTTPValidationError", "ValidationError"):
        schemas.pop(leftover, None)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            complete(operation, method, path, facts[method, path])
    # A token may be there and need not be. Said once, for all operations that say nothing else:
    # openapi-python-client takes what an operation says itself for mandatory.
    document["security"] = [{}, {BEARER: []}]
    give_plain_names(document)
    drop_titles(document)
    text = json.dumps(document)
    document["components"]["headers"] = {
        name: header
        for name, header in shared_headers().items()
        if f'"#/components/headers/{name}"' in text
    }
    document["components"]["securitySchemes"] = {BEARER: _BEARER}
