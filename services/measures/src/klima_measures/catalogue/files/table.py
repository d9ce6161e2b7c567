"""The catalogue as a table, out and back in: which columns it has, which of them may be edited, and
how lists are set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from klima_shared.formats import Column, Kind, Value
from klima_shared.http.validation import TextError
from klima_shared.language.text import Label, Text

SEPARATOR: Final = "; "


@dataclass(frozen=True)
class Field:
    """A column of the catalogue. `many`: a list, its entries separated by semicolons."""

    column: Column
    editable: bool = False
    many: bool = False
    internal: bool = False


def _field(
    name: str,
    de: str,
    en: str,
    kind: Kind = Kind.TEXT,
    unit: str | None = None,
    *,
    edit: bool = False,
    many: bool = False,
    internal: bool = False,
) -> Field:
    return Field(Column(name, Label(de, en), kind, unit), edit, many, internal)


FIELDS: Final = (
    _field("id", "Kennung", "Id"),
    _field("revision", "Fassung", "Revision", Kind.INTEGER),
    _field("concept", "Konzept", "Concept", edit=True),
    _field("number", "Nummer", "Number", edit=True),
    _field("title", "Titel", "Title", edit=True),
    _field("short_text", "Kurztext", "Short text", edit=True),
    _field("field", "Handlungsfeld (Code)", "Field of action (code)", edit=True),
    _field("field_label", "Handlungsfeld", "Field of action"),
    _field("level", "Ebene", "Level", edit=True),
    _field("regions", "Gebiete (AGS)", "Regions (AGS)", edit=True, many=True),
    _field("intermunicipal", "Interkommunal", "Intermunicipal", Kind.BOOLEAN),
    _field("type", "Typ", "Type", edit=True),
    _field("phase", "Stand", "Phase"),
    _field("status", "Status", "Status"),
    _field("editorial", "Redaktion", "Editorial"),
    _field("horizon", "Einführung", "Introduction"),
    _field("priority", "Priorität", "Priority"),
    _field("goal", "Ziel und Strategie", "Goal and strategy", edit=True),
    _field("initial_situation", "Ausgangslage", "Initial situation", edit=True),
    _field("description", "Beschreibung", "Description", edit=True),
    _field("initiator", "Initiator", "Initiator", edit=True),
    _field("target_groups", "Zielgruppe", "Target group", edit=True, many=True),
    _field("value_added", "Wertschöpfung", "Local value added", edit=True),
    _field("financing", "Finanzierungsansatz", "Financing", edit=True),
    _field("notes", "Hinweise", "Notes", edit=True),
    _field("internal_notes", "Interne Hinweise", "Internal notes", edit=True, internal=True),
    _field("planned_start", "Beginn (Plan)", "Start (planned)", Kind.DATE, edit=True),
    _field("planned_end", "Ende (Plan)", "End (planned)", Kind.DATE, edit=True),
    _field("actual_start", "Beginn (Ist)", "Start (actual)", Kind.DATE, edit=True),
    _field("actual_end", "Ende (Ist)", "End (actual)", Kind.DATE, edit=True),
    _field("continuous", "Dauerhaft", "Continuous", Kind.BOOLEAN, edit=True),
    _field("duration", "Dauer", "Duration", edit=True),
    _field("cost_eur", "Kosten, soweit bekannt", "Known costs", Kind.MONEY, "EUR"),
    _field("saving_mwh", "Energieeinsparung je Jahr", "Energy saving a year", Kind.NUMBER, "MWh"),
    _field("saving_t_co2e", "THG-Einsparung je Jahr", "GHG saving a year", Kind.NUMBER, "t CO2e"),
    _field("example", "Beispiel", "Example", Kind.BOOLEAN),
    _field("changed_at", "Geändert", "Changed", Kind.TIME),
)
_BY_NAME: Final = {field.column.name: field for field in FIELDS}
# What a table must have to be imported; of the others only those that are there are changed.
REQUIRED: Final = frozenset({"number"})
OPTIONAL: Final = frozenset(field.column.name for field in FIELDS) - REQUIRED


def fields(*, internal: bool) -> list[Field]:
    """The columns for a reader; internal ones only for editors."""
    return [field for field in FIELDS if internal or not field.internal]


def row(chosen: list[Field], listed: Mapping[str, Any], document: Mapping[str, Any]) -> list[Value]:
    """Cells from a listed measure (derived values) and its document (what was written)."""
    cells: list[Value] = []
    for field in chosen:
        name = field.column.name
        value = document.get(name) if field.editable else listed.get(name)
        cells.append(_cell(value, field))
    return cells


def _cell(value: Any, field: Field) -> Value:
    if value is None:
        return None
    if field.many:
        return SEPARATOR.join(value)
    match field.column.kind:
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.TEXT:
            return str(value)
        case _:
            found: Value = value
            return found


def edits(values: Mapping[str, Value], present: frozenset[str]) -> dict[str, Any]:
    """What a row says about the editable fields, JSON-like; only columns that the file has
    (`present`)."""
    found: dict[str, Any] = {}
    for name in present:
        field = _BY_NAME.get(name)
        if field is None or not field.editable:
            continue
        found[name] = _written(values.get(name), field)
    return found


def _written(value: Value, field: Field) -> Any:
    if field.many:
        return [part.strip() for part in str(value or "").split(";") if part.strip()]
    if value is None:
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value


def shown(values: Mapping[str, Value], present: frozenset[str]) -> dict[str, Value]:
    """The cells of a row that are derived from others and so only read; without what tells which
    row it is."""
    fixed = {f.column.name for f in FIELDS if not f.editable} - {
        "id",
        "revision",
        "changed_at",
        "example",
    }
    return {name: values.get(name) for name in present & fixed}


def label_of(name: str) -> Text:
    return _BY_NAME[name].column.label


def identity_of(values: Mapping[str, Value]) -> tuple[str | None, int | None]:
    """Id and revision of a row; None for a new measure. `TextError` for a revision without an
    id."""
    identity, revision = values.get("id"), values.get("revision")
    if identity is None and revision is not None:
        raise TextError(Text("A new measure (without id) has no revision."))
    return (str(identity) if identity else None), (
        int(str(revision)) if revision is not None else None
    )
