"""One name for one thing, in the API documents of all three services (docs/api.md, "Namen")."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("balance", "measures", "controlling")
VERBS = {
    "get": {"compare", "count", "download", "explain", "export", "get", "list", "verify"},
    "put": {"answer", "replace"},
    "delete": {"delete", "unlink"},
    "patch": {"update"},
}
# What an answer is about, by the name of its key; other keys name one more thing of the region.
OBJECT = {"ags", "name"}


def document(service: str) -> Mapping[str, Any]:
    text = (ROOT / "services" / service / "openapi.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


def operations(service: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in document(service)["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                yield method, path, operation


def properties(service: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(schema, name, property) of all properties that are not on their way out."""
    for schema, content in document(service)["components"]["schemas"].items():
        for name, value in content.get("properties", {}).items():
            if not value.get("deprecated"):
                yield schema, name, value


def kinds(value: Mapping[str, Any]) -> set[str]:
    parts = value.get("anyOf", [value])
    return {part.get("type", "reference") for part in parts} - {"null"}


@pytest.mark.parametrize("service", SERVICES)
def test_verbs_say_what_a_method_does(service: str) -> None:
    wrong = [
        f"{method} {path}: {operation['operationId']}"
        for method, path, operation in operations(service)
        if method in VERBS and operation["operationId"].split("_")[0] not in VERBS[method]
    ]
    assert wrong == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_year_is_a_number(service: str) -> None:
    wrong = [
        f"{schema}.{name}: {kinds(value)}"
        for schema, name, value in properties(service)
        if (name == "year" or name.endswith("_year")) and kinds(value) != {"integer"}
    ]
    assert wrong == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_region_is_a_key_or_an_object_with_its_key(service: str) -> None:
    schemas = document(service)["components"]["schemas"]
    wrong = []
    for schema, name, value in properties(service):
        if name != "region" or kinds(value) in ({"string"}, {"object"}):
            continue
        found = schemas[value["$ref"].rpartition("/")[2]]["properties"]
        if not found.keys() >= OBJECT:
            wrong.append(f"{schema}.{name}")
    assert wrong == []


@pytest.mark.parametrize("service", SERVICES)
def test_ids_in_addresses_are_named_after_their_kind_or_identity(service: str) -> None:
    names = {
        name
        for _, path, _ in operations(service)
        for name in re.findall(r"{(\w+)}", path)
        if name.endswith("_id") or name.startswith("id")
    }
    assert not names & {"id", "entry_id", "item_id", "record_id"}


def test_which_picture_is_chosen_by_one_parameter() -> None:
    wrong = [
        path
        for service in SERVICES
        for _, path, operation in operations(service)
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "show" and not parameter.get("deprecated")
    ]
    assert wrong == []
