"""Every field of every body of the three services: characters that nobody writes, numbers that are
none, figures beyond all bounds are refused with the place."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError

from klima_shared.http.json_bodies import check_json_body
from klima_shared.sandbox.documents import read_json
from klima_shared.sandbox.model import RefusedError

SERVICES: Final = ("balance", "measures", "controlling")
FIGURES: Final = ("planned", "actual")
CHARACTERS: Final = ("a\x00b", "a\x07b", "a\x1fb", "a\x7fb", "a\u202eb", "a\u2066b")
NO_INTEGERS: Final = (True, "3", 2.0, 1e30, 10**30)
NO_FIGURES: Final = (1e18, -1e18, 10**30, "1e400", "1e18", float("inf"), float("nan"), True)
# What may be below zero: a saving that is none, the value of an indicator or a target in whatever
# unit it has; parameters and votes have bounds of their kind.
SIGNED: Final = {
    *("savings/emissions_t_co2e", "savings/final_energy_mwh", "value", "base/value"),
    *("points/value", "parameters/key", "levers/delay", "levers/ratio", "levers/value"),
    *(f"comparison/{of}/{which}" for of in ("cost", "time", "effect") for which in FIGURES),
}
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Field:
    """A field of a body: where it stands, and how a body looks that has only this one."""

    name: str
    body: TypeAdapter[Any]
    path: Path
    constants: tuple[tuple[Path, object], ...]
    schema: dict[str, Any]

    def errors(self, value: object) -> list[Path]:
        """Places of errors when it has this value; the lack of the others is none of them."""
        whole: Any = _placed(self.path, value)
        for path, constant in self.constants:
            _set(whole, path, constant)
        try:
            self.body.validate_python(whole)
        except ValidationError as error:
            return [e["loc"] for e in error.errors() if e["type"] != "missing"]
        return []

    def refuses(self, value: object) -> bool:
        """With an error at the field, not elsewhere."""
        names = [part for part in self.path if part != 0]
        return any(_follows(names, [p for p in loc if p != 0]) for loc in self.errors(value))


def _follows(names: list[str | int], place: list[str | int]) -> bool:
    """The names in their order; between them are words for alternatives."""
    rest = iter(place)
    return all(name in rest for name in names)


def _placed(path: Path, value: object) -> object:
    for part in reversed(path):
        value = [value] if part == 0 else {part: value}
    return value


def _set(whole: Any, path: Path, value: object) -> None:
    for part in path[:-1]:
        whole = whole[part]
    whole[path[-1]] = value


def fields(name: str, body: TypeAdapter[Any]) -> Iterator[Field]:
    """The leaves of a body, by its JSON schema."""
    whole = body.json_schema(mode="validation")
    definitions = whole.get("$defs", {})

    def walk(schema: dict[str, Any], path: Path, constants: Any, seen: tuple[str, ...]) -> Any:
        if "$ref" in schema:
            reference = schema["$ref"].rpartition("/")[2]
            if reference not in seen:
                yield from walk(definitions[reference], path, constants, (*seen, reference))
            return
        for kind in ("anyOf", "oneOf", "allOf"):
            for one in schema.get(kind, ()):
                yield from walk(one, path, constants, seen)
        if "properties" in schema:
            fixed = [
                ((*path, key), inner["const"])
                for key, inner in schema["properties"].items()
                if "const" in inner
            ]
            for key, inner in schema["properties"].items():
                if "const" not in inner:
                    yield from walk(inner, (*path, key), (*constants, *fixed), seen)
        if isinstance(schema.get("additionalProperties"), dict):
            yield from walk(schema["additionalProperties"], (*path, "key"), constants, seen)
        if isinstance(schema.get("items"), dict):
            yield from walk(schema["items"], (*path, 0), constants, seen)
        if schema.get("type") in ("string", "integer", "number") and "enum" not in schema:
            yield Field(name, body, path, constants, schema)

    yield from walk(whole, (), (), ())


def _each(routes: Any) -> Iterator[Any]:
    for route in routes:
        inner = getattr(route, "effective_candidates", None)  # of an included router
        yield from _each(inner()) if inner else (route,)


@cache
def create_app(service: str) -> FastAPI:
    settings = import_module(f"klima_{service}.settings").Settings(
        environment="test", database_url="postgresql://nowhere/x", auth_issuer="https://nowhere"
    )
    app: FastAPI = import_module(f"klima_{service}.app").create_app(settings)
    return app


@cache
def all_fields(service: str) -> list[Field]:
    found = []
    for route in _each(create_app(service).routes):
        body = getattr(route, "body_field", None)
        if body is not None:
            name = f"{sorted(route.methods)[0]} {route.path}"
            found += list(fields(name, TypeAdapter(body.field_info.annotation)))
    return found


def of_kind(service: str, kind: str) -> list[Field]:
    return [field for field in all_fields(service) if field.schema["type"] == kind]


def accepted(found: list[Field], values: tuple[object, ...]) -> list[str]:
    return [
        f"{field.name} {'/'.join(map(str, field.path))}: {value!r}"
        for field in found
        for value in values
        if not field.refuses(value)
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_no_text_holds_control_characters(service: str) -> None:
    """Refused before anything is made of a body: the rule is one for all fields."""
    found = of_kind(service, "string")
    assert len(found) > 30
    for field in found:
        for text in CHARACTERS:
            body = json.dumps(_placed(field.path, text)).encode()
            with pytest.raises(RefusedError, match="control characters") as refused:
                read_json(body)
            assert refused.value.pointer == "".join(f"/{part}" for part in field.path)


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_with_a_body_has_it_checked_as_a_whole(service: str) -> None:
    for route in _each(create_app(service).routes):
        if getattr(route, "body_field", None) is not None:
            checks = [one.call for one in route.dependant.dependencies]
            assert check_json_body in checks, route.path


async def test_a_control_character_is_refused_with_its_place() -> None:
    transport = httpx.ASGITransport(create_app("controlling"))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for text in CHARACTERS:
            answer = await client.post("/v1/indicators", json={"unit": "kWh", "name_de": text})
            assert answer.status_code == 422
            assert [e["pointer"] for e in answer.json()["errors"]] == ["/body/name_de"]


@pytest.mark.parametrize("service", SERVICES)
def test_whole_numbers_are_whole_numbers(service: str) -> None:
    found = of_kind(service, "integer")
    assert len(found) > 3
    assert accepted(found, NO_INTEGERS) == []


@pytest.mark.parametrize("service", SERVICES)
def test_figures_have_bounds(service: str) -> None:
    found = of_kind(service, "number")
    assert len(found) > 3
    assert accepted(found, NO_FIGURES) == []


@pytest.mark.parametrize("service", SERVICES)
def test_below_zero_is_only_what_can_be(service: str) -> None:
    found = [*of_kind(service, "number"), *of_kind(service, "integer")]
    below = {
        "/".join(str(p) for p in field.path if p != 0) for field in found if not field.refuses(-1)
    }
    assert below <= SIGNED
