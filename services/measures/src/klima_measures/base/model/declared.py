"""How fields of the sheet and of its rows are shown. Each field declares it once, beside its type;
publicity, the table of the catalogue, the printed sheet and the search follow from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Flag, auto
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from klima_shared.codes.labelled import Labelled
from klima_shared.language.text import Label


class In(Flag):
    """Where a field appears beside the sheet's own JSON. What is not PUBLIC never leaves for the
    public."""

    PUBLIC = auto()
    COLUMN = auto()
    """A column of the catalogue's table; it may be edited there and read back."""
    WORKING = auto()
    """In files only where all measures are working revisions: the public is shown less of it than
    there is, which would come back as if the rest had been struck out."""
    HEADING = auto()
    """Printed under a heading of its own."""
    SEARCH = auto()


@dataclass(frozen=True)
class Shown:
    """A field's names and where it appears. `part`: a list of rows that fills a further sheet of
    the catalogue's workbook, and the place of that sheet."""

    de: str
    en: str
    places: In = In.PUBLIC
    unit: str | None = None
    part: int | None = None

    @property
    def label(self) -> Label:
        return Label(self.de, self.en)


class Declared(NamedTuple):
    """A field of a model with its declaration. `type` is that of the value, or of the entries of a
    list (`many`)."""

    name: str
    shown: Shown
    type: type
    many: bool


@cache
def declared(model: type[BaseModel]) -> tuple[Declared, ...]:
    """The declared fields of a sheet or a row, in their order."""
    found = []
    for name, field in model.model_fields.items():
        for shown in field.metadata:
            if isinstance(shown, Shown):
                kind, many = _type(field.annotation)
                found.append(Declared(name, shown, kind, many))
    return tuple(found)


def _type(annotation: object) -> tuple[type, bool]:
    """(type without Annotated and None, whether it is that of a list's entries)."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin in {Union, UnionType}:
        return _type(next(one for one in arguments if one is not NoneType))
    if origin is list:
        return _type(arguments[0])[0], True
    assert isinstance(annotation, type)  # noqa: S101
    return annotation, False


def names(model: type[BaseModel], place: In) -> frozenset[str]:
    """The fields that appear in a place."""
    return frozenset(field.name for field in declared(model) if place in field.shown.places)


def words(model: BaseModel) -> Iterator[str]:
    """The texts by which a sheet is found: those of its own and those of its rows, in German."""
    for field in declared(type(model)):
        if In.SEARCH not in field.shown.places:
            continue
        value = getattr(model, field.name)
        for one in value if field.many else [value]:
            if isinstance(one, BaseModel):
                yield from words(one)
            elif one is not None:
                yield one.de if isinstance(one, Labelled) else str(one)
