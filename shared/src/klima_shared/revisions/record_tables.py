"""Lists of records as tables: the columns follow from the answer's fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from klima_shared.formats import Column, Kind, Table
from klima_shared.language.text import Label, Text

# Headings of columns; a field without one is headed by its name.
HEADINGS: dict[str, Text] = {
    "id": Label("Kennung", "Id"),
    "region": Label("Gebiet (AGS)", "Region (AGS)"),
    "regions": Label("Gebiete (AGS)", "Regions (AGS)"),
    "title": Label("Titel", "Title"),
    "name": Label("Name", "Name"),
    "kind": Label("Art", "Kind"),
    "state": Label("Stand", "State"),
    "starts_at": Label("Beginn", "Starts at"),
    "ends_at": Label("Ende", "Ends at"),
    "due_on": Label("Fällig am", "Due on"),
    "held_on": Label("Datum", "Date"),
    "place": Label("Ort", "Place"),
    "topics": Label("Themen", "Topics"),
    "participants": Label("Teilnehmende", "Participants"),
    "reference": Label("Nummer", "Reference"),
    "text": Label("Text", "Text"),
    "function": Label("Funktion", "Function"),
    "department": Label("Abteilung", "Department"),
    "phone": Label("Telefon", "Phone"),
    "mail": Label("E-Mail", "Mail"),
    "cost_eur": Label("Kosten", "Cost"),
}


def record_table(name: str, answer: type[BaseModel], views: Sequence[Mapping[str, Any]]) -> Table:
    """The views as a table: lists joined by `; `, objects as `name: value`, dates and numbers as
    what they are."""
    names = list(answer.model_fields)
    kinds = {field: _kind([view.get(field) for view in views]) for field in names}
    columns = [
        Column(field, HEADINGS.get(field, Label(field, field)), kinds[field], _unit(field))
        for field in names
    ]
    rows = [[_cell(view.get(field), kinds[field]) for field in names] for view in views]
    return Table(name, Label(name, name), columns, rows)


def _unit(field: str) -> str | None:
    return "EUR" if field.endswith("_eur") else None


def _kind(values: Sequence[Any]) -> Kind:
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


def _cell(value: Any, kind: Kind) -> Any:
    if value is None or kind is not Kind.TEXT:
        return value
    return _text(value)


def _text(value: Any) -> str:
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
