"""The three OpenAPI documents: complete, uniform, and what the services really answer."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from klima_local.services import SERVICES
from klima_shared.http.document import give_plain_names

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


def effective_security(document: dict[str, Any], operation: dict[str, Any]) -> list[Any]:
    found: list[Any] = operation.get("security", document["security"])
    return found


def test_every_problem_is_a_problem(document: dict[str, Any]):
    for method, path, operation in operations(document):
        if path.startswith("/health"):
            continue
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                content = response["content"]
                assert set(content) == {"application/problem+json"}, f"{method} {path} {status}"


def test_what_a_token_opens_says_so(document: dict[str, Any]):
    for method, path, operation in operations(document):
        security = effective_security(document, operation)
        assert security in ([], [{}, {"bearer": []}], [{"bearer": []}]), path
        if security:
            assert "401" in operation["responses"], f"{method} {path}"
        if {} not in security and security:
            assert "403" in operation["responses"], f"{method} {path}"


def test_statuses_and_headers_are_told_one_by_one(document: dict[str, Any]):
    for method, path, operation in operations(document):
        place, responses = f"{method.upper()} {path}", operation["responses"]
        assert "default" not in responses, place
        if path.startswith("/health"):
            continue
        success = [r for s, r in responses.items() if s.startswith(("2", "3")) and s != "304"]
        assert success, place
        if method == "get":
            assert "304" in responses, place
            assert {"ETag", "Cache-Control", "Vary"} <= set(success[0]["headers"]), place
        names = {p.get("name") for p in operation.get("parameters", [])}
        if "cursor" in names and path != "/v1/changes":  # the feed has no last page
            assert "Link" in success[0]["headers"], place
        if "If-Match" in names:
            assert {"412", "428"} <= set(responses), place
        else:
            assert not {"412", "428"} & set(responses), place
        if "Idempotency-Key" in names:
            assert "409" in responses, place
            assert "Idempotent-Replayed" in success[0]["headers"], place


def test_every_answer_has_a_type(document: dict[str, Any]):
    """A schema of its own for JSON; text or bytes for files."""
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            for media, described in response.get("content", {}).items():
                schema, place = described.get("schema", {}), f"{method} {path} {status} {media}"
                own = media in {"application/json", "application/problem+json"}
                assert schema.get("$ref") if own else schema.get("type"), place
                if own:
                    assert resolved(document, schema).get("properties"), place


def test_parameters_have_bounds(document: dict[str, Any]):
    for method, path, operation in operations(document):
        for parameter in operation.get("parameters", []):
            schema = parameter["schema"]
            for one in schema.get("anyOf", [schema]):
                if one.get("type") == "string":
                    bounds = {"maxLength", "pattern", "format", "enum", "const"} & set(one)
                    assert bounds, f"{method} {path} {parameter['name']}"


def test_what_is_referred_to_is_there_and_nothing_else(document: dict[str, Any]):
    text = json.dumps(document)
    used = set(re.findall(r'"#/components/(\w+/[\w-]+)"', text))
    there = {
        f"{kind}/{name}"
        for kind, entries in document["components"].items()
        if kind not in {"securitySchemes", "headers"}
        for name in entries
    }
    assert {one for one in used if not one.startswith("headers/")} == there


def test_generators_can_use_the_names(document: dict[str, Any]):
    assert document["info"]["title"].isascii()
    names = list(document["components"]["schemas"])
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)] == []
    assert len({name.casefold() for name in names}) == len(names)


def test_two_schemas_of_one_name_are_refused():
    one = {"components": {"schemas": {"Sheet": {}, "Sheet-Output": {}}}, "paths": {}}
    with pytest.raises(ValueError, match="Sheet"):
        give_plain_names(one)


def parts(value: Any, key: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """All JSON objects below a value, each with the key it stands under."""
    if isinstance(value, dict):
        yield key, value
        for name, part in value.items():
            yield from parts(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from parts(part, key)


def test_no_schema_allows_null_alone(document: dict[str, Any]):
    for key, part in parts(document):
        assert part.get("type") != "null" or key == "anyOf", (key, part)


def test_patterns_are_those_of_other_languages_too(document: dict[str, Any]):
    """ECMAScript with the flag `u`, which AJV sets, knows no escape of what needs none."""
    for key, part in parts(document):
        pattern = part.get("pattern")
        if isinstance(pattern, str):
            assert re.findall(r"\\[^dDwWsSbBnrtvfuxpPkc0-9^$\\.*+?()\[\]{}|/-]", pattern) == [], key
            assert not re.search(r"\(\?[P<!=#a-zA-Z]|\\[AZ]", pattern.replace("(?!", "")), key


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
