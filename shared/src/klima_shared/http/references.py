"""What bodies refer to: regions, organisations, objects. Types carry a mark; which fields of a body
refer to what, and what is checked there, follows from the marks."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Final, NamedTuple, get_args, get_origin

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from klima_shared.codes.access import Role
from klima_shared.codes.references import REGION, Reference
from klima_shared.codes.regions import canonical_ags
from klima_shared.http.auth import bearer_of
from klima_shared.http.problems import FieldError, invalid
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label
from klima_shared.wire.json import Json

UnknownRegions = Callable[[Request, Sequence[str]], Awaitable[Sequence[str]]]
"""Which of these keys no region has, as far as can be told. Asked before a connection is taken."""
EACH: Final = "*"
"""Any entry of a list, any value of an object."""


class ReferenceField(NamedTuple):
    """Where a body refers to something."""

    path: tuple[str, ...]
    reference: Reference


class ReferenceValue(NamedTuple):
    """A reference that a body holds, and where."""

    pointer: str
    reference: Reference
    value: str


@cache
def reference_fields(model: type[BaseModel]) -> tuple[ReferenceField, ...]:
    """The fields of a body that refer to something."""
    return tuple(_of_model(model, ()))


def _of_model(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[ReferenceField]:
    for name, field in model.model_fields.items():
        yield from _of_field(field, (*path, field.alias or name))


def _of_field(field: FieldInfo, path: tuple[str, ...]) -> Iterator[ReferenceField]:
    marks = [one for one in field.metadata if isinstance(one, Reference)]
    yield from _of_type(field.annotation, path, marks[-1] if marks else None)


def _of_type(
    kind: object, path: tuple[str, ...], mark: Reference | None = None
) -> Iterator[ReferenceField]:
    """A mark outside stands for the one inside."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        marks = [one for one in arguments[1:] if isinstance(one, Reference)]
        yield from _of_type(arguments[0], path, mark or (marks[-1] if marks else None))
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _of_model(kind, path)
    elif origin in {list, tuple, set, frozenset}:
        for argument in arguments:
            yield from _of_type(argument, (*path, EACH), mark)
    elif origin is dict:
        yield from _of_type(arguments[1], (*path, EACH), mark)
    elif arguments:  # a union
        for argument in arguments:
            yield from _of_type(argument, path, mark)
    elif mark is not None and kind is not type(None):
        yield ReferenceField(path, mark)


def reference_values(model: type[BaseModel], body: object) -> list[ReferenceValue]:
    """The references of a body as JSON, as far as it has the form of the model."""
    return [
        ReferenceValue(pointer, place.reference, value)
        for place in reference_fields(model)
        for pointer, value in _values(body, place.path)
    ]


def _values(body: object, path: Sequence[str], pointer: str = "") -> Iterator[tuple[str, str]]:
    if not path:
        if isinstance(body, str):
            yield pointer, body
        return
    inner: Iterable[tuple[object, object]] = ()
    if path[0] == EACH:
        inner = (
            body.items()
            if isinstance(body, Mapping)
            else enumerate(body)
            if isinstance(body, list)
            else ()
        )
    elif isinstance(body, Mapping) and path[0] in body:
        inner = [(path[0], body[path[0]])]
    for name, value in inner:
        yield from _values(value, path[1:], f"{pointer}/{name}")


def deciding_regions(body: BaseModel, content: Json) -> set[str]:
    """The regions that a body (its content as JSON) says something for: who writes it needs the
    right in each. Where something merely is, is not among them."""
    return {
        canonical_ags(one.value)
        for one in reference_values(type(body), content)
        if one.reference.kind == REGION and one.reference.needs_right
    }


def body_of(route: APIRoute) -> type[BaseModel] | None:
    """The model of a route's JSON body."""
    kind = route.body_field.field_info.annotation if route.body_field else None
    options = [kind, *get_args(kind)]
    models = [one for one in options if isinstance(one, type) and issubclass(one, BaseModel)]
    return models[0] if models else None


async def check_regions(request: Request) -> None:
    """422 with every place of a JSON body that names a region nobody has: on every route that
    writes, for whoever may write at all."""
    unknown: UnknownRegions | None = request.app.state.unknown_regions
    route = request.scope.get("route")
    if unknown is None or not isinstance(route, APIRoute) or request.method == "GET":
        return
    model = body_of(route)
    if model is None or "json" not in request.headers.get("content-type", "json"):
        return
    principal = await bearer_of(request)
    if not (principal.may(Role.EDITOR) or principal.may(Role.METHOD)):
        return  # the route says what is needed
    stated = {one.pointer: _key(one.value) for one in _regions(model, await _json(request))}
    keys = sorted({key for key in stated.values() if key is not None})
    missing = set(await unknown(request, keys)) if keys else set()
    errors = [
        FieldError(f"/body{pointer}", no_region(key))
        for pointer, key in stated.items()
        if key is not None and key in missing
    ]
    if errors:
        raise invalid(no_region(sorted(missing)[0]), *errors)


def no_region(ags: str) -> Label:
    return Label(
        f"Ein Gebiet mit dem Schlüssel {ags} gibt es nicht.",
        f"There is no region with the key {ags}.",
    )


def _regions(model: type[BaseModel], body: object) -> list[ReferenceValue]:
    return [one for one in reference_values(model, body) if one.reference.kind == REGION]


async def _json(request: Request) -> object:
    try:
        return await request.json()
    except ValueError:
        return None  # the framework refuses it


def _key(text: str) -> str | None:
    try:
        return canonical_ags(text)
    except InputError:
        return None  # so does the model
