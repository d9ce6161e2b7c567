"""The three OpenAPI documents: complete, uniform, and what the services really answer."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from klima_local.services import SERVICES

METHODS = {"get", "put", "post", "delete", "patch"}


def document_of(service: str) -> dict[str, Any]:
    app = importlib.import_module(f"klima_{service}.app")
    settings = importlib.import_module(f"klima_{service}.settings").Settings
    made = app.create_app(
        settings(environment="test", database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    )
    document: dict[str, Any] = made.openapi()
    return document


@pytest.fixture(scope="module", params=SERVICES)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return document_of(request.param)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method, path, operation


def test_every_operation_says_what_it_is(document: dict[str, Any]):
    assert document["openapi"].startswith("3.1")
    seen = set()
    for method, path, operation in operations(document):
        place = f"{method.upper()} {path}"
        assert operation.get("summary"), place
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", operation["operationId"]), place
        assert operation["operationId"] not in seen, place
        seen.add(operation["operationId"])
        assert operation.get("tags"), place


def test_every_problem_is_a_problem(document: dict[str, Any]):
    for method, path, operation in operations(document):
        if path.startswith("/health"):
            continue
        for status, response in operation["responses"].items():
            if status == "default" or status.startswith(("4", "5")):
                assert "application/problem+json" in response.get("content", {}), (
                    f"{method} {path} {status}"
                )


def test_what_a_token_opens_says_so(document: dict[str, Any]):
    for method, path, operation in operations(document):
        if operation.get("security") and method != "get":
            assert {"401", "403"} & set(operation["responses"]) or "default" in operation[
                "responses"
            ], path


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def has_example(document: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> bool:
    schema = resolved(document, schema)
    if depth == 0 and set(schema) <= {"type", "title"}:
        return True  # a whole file, which its own documentation describes
    if any(k in schema for k in ("examples", "example", "const", "enum", "default")):
        return True
    if depth > 6:
        return False
    parts = [
        *schema.get("properties", {}).values(),
        *schema.get("anyOf", []),
        *schema.get("allOf", []),
    ]
    if "items" in schema:
        parts.append(schema["items"])
    return any(has_example(document, part, depth + 1) for part in parts)


def test_bodies_have_examples(document: dict[str, Any]):
    lacking = []
    for method, path, operation in operations(document):
        contents = [operation.get("requestBody", {}).get("content", {})]
        contents += [
            r.get("content", {}) for s, r in operation["responses"].items() if s.startswith("2")
        ]
        for content in contents:
            for media, described in content.items():
                if (
                    media == "application/json"
                    and described.get("schema")
                    and resolved(document, described["schema"])
                ):
                    found = (
                        "examples" in described
                        or "example" in described
                        or has_example(document, described["schema"])
                    )
                    if not found:
                        lacking.append(f"{method.upper()} {path}")
    assert not lacking
