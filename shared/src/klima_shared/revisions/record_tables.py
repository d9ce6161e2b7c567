"""Lists of records as tables: the columns follow from the answer's fields."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel

from klima_shared.formats import Column, Kind, Table
from klima_shared.language.text import Label


@cache
def _headings() -> dict[str, Label]:
    """Headings of columns (`headings.csv`); a field without one is headed by its name."""
    content = (files("klima_shared.revisions") / "headings.csv").read_text("utf-8")
    return {
        row["field"]: Label(row["de"], row["en"]) for row in csv.DictReader(content.splitlines())
    }


def record_table(
    name: str, answer: type[BaseModel], views: Sequence[Mapping[str, object]]
) -> Table:
    """The views as a table: lists joined by `; `, objects as `name: value`, dates and numbers as
    what they are."""
    names = list(answer.model_fields)
    kinds = {field: _kind([view.get(field) for view in views]) for field in names}
    columns = [
        Column(field, _headings().get(field, Label(field, field)), kinds[field], _unit(field))
        for field in names
    ]
    rows = [[_cell(view.get(field), kinds[field]) for field in names] for view in views]
    return Table(name, Label(name, name), columns, rows)


def _unit(field: str) -> str | None:
    return "EUR" if field.endswith("_eur") else None


def _kind(values: Sequence[object]) -> Kind:
    found = {type(value) for value in values if value is not None}
    if found == {bool}:
        return Kind.BOOLEAN
    if found == {int}:
        return Kind.INTEGER
    if found and all(issubclass(one, datetime) for one in found):
        return Kind.TIME
    if found and all(issubclass(one, date) for one in found):
        return Kind.DATE
    return Kind.TEXT


def _cell(value: object, kind: Kind) -> Any:
    if value is None or kind is not Kind.TEXT:
        return value
    return _text(value)


def _text(value: object) -> str:
    match value:
        case Mapping():
            return "; ".join(
                f"{key}: {_text(one)}" for key, one in value.items() if one is not None
            )
        case list() | tuple():
            return "; ".join(_text(one) for one in value)
        case datetime():
            return value.isoformat()
        case _:
            return str(value)
