"""The catalogue as a table, out and back in. Its columns are the fields that the sheet declares as
such, and between them what is derived from them and only read."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from klima_measures.base.model.declared import Declared, In, declared
from klima_measures.sheets.model.sheet import Sheet
from klima_shared.formats import Column, Kind, Value
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json

SEPARATOR: Final = "; "
_KINDS: Final = ((bool, Kind.BOOLEAN), (int, Kind.INTEGER), (date, Kind.DATE), (float, Kind.NUMBER))


class Field(NamedTuple):
    """A column of the catalogue. `many`: a list, its entries separated by semicolons."""

    column: Column
    editable: bool = False
    many: bool = False
    internal: bool = False


def column_of(field: Declared) -> Column:
    """The column of a declared field: its name, heading, kind and unit."""
    shown = field.shown
    kind = next((kind for type_, kind in _KINDS if issubclass(field.type, type_)), Kind.TEXT)
    if issubclass(field.type, Decimal):
        kind = Kind.MONEY if shown.unit == "EUR" else Kind.NUMBER
    return Column(field.name, shown.label, Kind.TEXT if field.many else kind, shown.unit)


def _derived(name: str, de: str, en: str, kind: Kind = Kind.TEXT, unit: str | None = None) -> Field:
    return Field(Column(name, Label(de, en), kind, unit))


# Derived columns, by the field they stand behind.
_DERIVED: Final = {
    "field": (_derived("field_label", "Handlungsfeld", "Field of action"),),
    "regions": (_derived("intermunicipal", "Interkommunal", "Intermunicipal", Kind.BOOLEAN),),
    "type": (
        _derived("phase", "Stand", "Phase"),
        _derived("status", "Status", "Status"),
        _derived("editorial", "Redaktion", "Editorial"),
        _derived("horizon", "Einführung", "Introduction"),
        _derived("priority", "Priorität", "Priority"),
    ),
}
_LAST: Final = (
    _derived("cost_eur", "Kosten einmalig, soweit bekannt", "Known costs, once", Kind.MONEY, "EUR"),
    _derived(
        "cost_yearly_eur",
        "Kosten jährlich, soweit bekannt",
        "Known costs, every year",
        Kind.MONEY,
        "EUR/a",
    ),
    _derived("saving_mwh", "Energieeinsparung je Jahr", "Energy saving a year", Kind.NUMBER, "MWh"),
    _derived("saving_t_co2e", "THG-Einsparung je Jahr", "GHG saving a year", Kind.NUMBER, "t CO2e"),
    _derived("example", "Beispiel", "Example", Kind.BOOLEAN),
    _derived("changed_at", "Geändert", "Changed", Kind.TIME),
)
# The columns that people look for first; the others follow in the order of the sheet.
_FIRST: Final = ("concept", "number", "title", "short_text", "field", "level")


def _fields() -> list[Field]:
    found = [
        _derived("id", "Kennung", "Id"),
        _derived("revision", "Fassung", "Revision", Kind.INTEGER),
    ]
    columns = {f.name: f for f in declared(Sheet) if In.COLUMN in f.shown.places}
    for name in dict.fromkeys([*_FIRST, *columns]):
        field = columns[name]
        internal = In.WORKING in field.shown.places
        found.append(Field(column_of(field), True, field.many, internal))
        found += _DERIVED.get(name, ())
    return [*found, *_LAST]


FIELDS: Final = _fields()
_BY_NAME: Final = {field.column.name: field for field in FIELDS}
# What a table must have to be imported; of the others only those that are there are changed.
OPTIONAL: Final = frozenset(_BY_NAME) - {"number"}
# What tells which row it is, or is no statement about the measure.
_UNSAID: Final = frozenset({"id", "revision", "changed_at", "example"})


def fields(*, internal: bool) -> list[Field]:
    """The columns for a reader; internal ones only for editors."""
    return [field for field in FIELDS if internal or not field.internal]


def row(chosen: Sequence[Field], listed: Mapping[str, object], document: Json) -> list[Value]:
    """Cells from a listed measure (derived values) and its document (what was written)."""
    return [
        cell((document if f.editable else listed).get(f.column.name), f.column.kind, many=f.many)
        for f in chosen
    ]


def cell(value: object, kind: Kind, *, many: bool = False) -> Value:
    """A value of a document as a cell."""
    if value is None:
        return None
    if many and isinstance(value, list):
        return SEPARATOR.join(value)
    match kind:
        case Kind.DATE:
            return date.fromisoformat(str(value))
        case Kind.MONEY:
            return Decimal(str(value))
        case Kind.NUMBER:
            return float(str(value))
        case Kind.INTEGER | Kind.BOOLEAN:
            assert isinstance(value, int)  # noqa: S101
            return value
        case Kind.TIME:
            assert isinstance(value, datetime)  # noqa: S101
            return value
        case _:
            return str(value)


def edits(values: Mapping[str, Value], present: frozenset[str]) -> dict[str, object]:
    """What a row says about the editable fields, JSON-like; only columns that the file has
    (`present`)."""
    editable = [name for name in present if name in _BY_NAME and _BY_NAME[name].editable]
    return {name: written(values.get(name), many=_BY_NAME[name].many) for name in editable}


def written(value: Value, *, many: bool = False) -> object:
    """A cell as a document has it."""
    if many:
        return [part.strip() for part in str(value or "").split(";") if part.strip()]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def derived(values: Mapping[str, Value], present: frozenset[str]) -> dict[str, Value]:
    """The cells of a row that are derived from others and so only read; without what tells which
    row it is."""
    fixed = {name for name, field in _BY_NAME.items() if not field.editable} - _UNSAID
    return {name: values.get(name) for name in present & fixed}


def label_of(name: str) -> Label | Text:
    return _BY_NAME[name].column.label


def identity_of(values: Mapping[str, Value]) -> tuple[str | None, int | None]:
    """Id and revision of a row; None for a new measure. `InputError` for a revision without an
    id."""
    identity, revision = values.get("id"), values.get("revision")
    if identity is None and revision is not None:
        raise InputError(Text("A new measure (without id) has no revision."))
    number = int(str(revision)) if revision is not None else None
    return (str(identity) if identity else None), number
