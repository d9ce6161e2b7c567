"""Numbers are no dates: wherever a request can name a day or a moment, in all services."""

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from importlib import import_module
from typing import Annotated, Any, Final, get_args, get_type_hints

import pytest
from fastapi import params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import (
    AwareDatetime,
    BaseModel,
    FutureDate,
    NaiveDatetime,
    PastDate,
    PastDatetime,
    TypeAdapter,
    ValidationError,
)

SERVICES: Final = ("balance", "measures", "controlling")
KINDS: Final = (date, AwareDatetime, NaiveDatetime, PastDate, PastDatetime, FutureDate)
NUMBERS: Final = (0, 1, 20210101, 1.5, "0", "2021", "20210101", "1672531200", True)


def _routes(service: str) -> Iterator[Any]:
    settings = import_module(f"klima_{service}.settings").Settings
    address = "postgresql://nobody@127.0.0.1/none"
    app = import_module(f"klima_{service}.app").create_app(
        settings(environment="test", database_url=address)
    )
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield context


def _parts(annotation: Any) -> Iterator[Any]:
    """The annotation and what it is made of: members of unions, items of lists."""
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _fields(model: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            metadata = tuple(field.metadata)
            yield name, Annotated[(field.annotation, *metadata)] if metadata else field.annotation
    elif dataclasses.is_dataclass(model) and isinstance(model, type):
        yield from get_type_hints(model, include_extras=True).items()


def _dates(annotation: Any, place: str, seen: set[object]) -> Iterator[tuple[str, Any]]:
    """Place and annotation of everything below that may be a day or a moment."""
    parts = list(_parts(annotation))
    if any(isinstance(part, type) and issubclass(part, KINDS) for part in parts):
        yield place, annotation
    for part in parts:
        if isinstance(part, type) and part not in seen:
            seen.add(part)
            for name, inner in _fields(part):
                yield from _dates(inner, f"{part.__name__}.{name}", seen)


@pytest.mark.parametrize("service", SERVICES)
def test_numbers_are_no_dates(service: str) -> None:
    found: dict[str, Any] = {}
    seen: set[object] = set()
    for context in _routes(service):
        for field in get_flat_params(context.dependant):
            if isinstance(field.field_info, params.Query | params.Path):
                info = field.field_info
                annotation = (
                    Annotated[(info.annotation, *info.metadata)]
                    if info.metadata
                    else info.annotation
                )
                found |= _dates(annotation, f"{context.path_format}?{field.alias}", set())
        if context.body_field is not None:
            found |= _dates(context.body_field.field_info.annotation, context.path_format, seen)
    assert len(found) > 5
    wrong = [
        place
        for place, annotation in found.items()
        if any(_taken(annotation, number) for number in NUMBERS)
    ]
    assert wrong == [], "\n".join(wrong)
    assert [place for place, annotation in found.items() if not _takes_text(annotation)] == []


def _taken(annotation: Any, value: object) -> bool:
    adapter: TypeAdapter[object] = TypeAdapter(annotation)
    for given in (value, [value], {"a": value}):
        try:
            result = adapter.validate_python(given)
        except ValidationError:
            continue
        if any(isinstance(one, date) for one in _values(result)):
            return True
    return False


def _values(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _takes_text(annotation: Any) -> bool:
    return any(_taken(annotation, text) for text in ("2026-01-31", "2026-01-31T12:00:00+01:00"))


def test_what_a_day_may_be() -> None:
    from klima_shared.http.dates import IsoDate, IsoMoment

    assert TypeAdapter(IsoDate).validate_python("2026-01-31") == date(2026, 1, 31)
    moment: datetime = TypeAdapter(IsoMoment).validate_python("2026-01-31T12:00:00Z")
    assert moment.year == 2026
