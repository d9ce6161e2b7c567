"""The rows of sheets (steps, costs, savings ...) as further sheets of the catalogue's workbook, out
and back in: one for each list that the sheet declares as a part."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from klima_measures.base.model.declared import In, declared
from klima_measures.catalogue.files.table import cell, column_of, written
from klima_measures.sheets.model.sheet import Sheet
from klima_shared.formats import Column, Kind, ReadTable, Table, Value
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json


@dataclass(frozen=True)
class Part:
    """A list of a sheet: its field, and the columns of its rows (named as the rows' fields).
    `internal`: only in a file of working revisions. `single`: at most one row a measure."""

    field: str
    title: Text
    columns: tuple[Column, ...]
    internal: bool
    single: bool


def _parts() -> Iterator[Part]:
    found = [field for field in declared(Sheet) if field.shown.part is not None]
    for field in sorted(found, key=lambda field: field.shown.part or 0):
        columns = tuple(column_of(column) for column in declared(field.type))
        internal = In.WORKING in field.shown.places
        yield Part(field.name, field.shown.label, columns, internal, not field.many)


PARTS: Final = tuple(_parts())
# Which measure a row belongs to: by its id, or by concept and number when it has none yet.
KEY: Final = (
    Column("id", Label("Kennung", "Id"), Kind.TEXT),
    Column("concept", Label("Konzept", "Concept"), Kind.TEXT),
    Column("number", Label("Nummer", "Number"), Kind.TEXT),
)
OPTIONAL: Final = ("id", "concept")
WANTED: Final = {part.title: (*KEY, *part.columns) for part in PARTS}


def tables(measures: Sequence[tuple[str, Json]], *, internal: bool) -> list[Table]:
    """A table for each part, with the rows of all measures (id, document) in their order.

    internal: whether all documents are working revisions.
    """
    shown = [part for part in PARTS if internal or not part.internal]
    return [
        Table(part.field, part.title, WANTED[part.title], _rows(part, measures)) for part in shown
    ]


def _rows(part: Part, measures: Sequence[tuple[str, Json]]) -> Iterator[list[Value]]:
    for identity, document in measures:
        key: list[Value] = [identity, document["concept"], document["number"]]
        found = document.get(part.field)
        for row in [found] if part.single and found else found or ():
            yield [*key, *(cell(row.get(c.name), c.kind) for c in part.columns)]


Key = tuple[str | None, str, str]  # id (None: not said), concept, number
Named = str | tuple[str, str]  # id, or concept and number
Rows = dict[Named, list[dict[str, object]]]


@dataclass
class ReadParts:
    """What the further sheets of a workbook say about measures. Only parts that the workbook has
    are there."""

    rows: dict[str, Rows]
    """Part -> measure -> rows."""
    lines: list[tuple[str, int, Named]]
    """(title of the sheet, line, measure) of all rows."""

    def of(self, measure: Key) -> dict[str, object]:
        """Field -> rows of a measure; a part that says nothing of it is empty. `InputError` for a
        second single row."""
        identity, concept, number = measure
        found: dict[str, object] = {}
        for part in PARTS:
            if part.field not in self.rows:
                continue
            there = self.rows[part.field]
            rows = (there.get(identity, []) if identity else []) + there.get((concept, number), [])
            if part.single and len(rows) > 1:
                text = Text('Sheet "{title}": a measure has one row at most.', title=part.title)
                raise InputError(text)
            found[part.field] = (rows[0] if rows else None) if part.single else rows
        return found

    def strangers(self, measures: Iterable[Key]) -> list[tuple[str, int]]:
        """(title of the sheet, line) of rows whose measure is not on the first sheet."""
        known: set[Named | None] = set()
        for identity, concept, number in measures:
            known |= {identity, (concept, number)}
        return [(title, line) for title, line, measure in self.lines if measure not in known]


def read(found: Mapping[Text, ReadTable]) -> ReadParts:
    """From the sheets that a workbook has; their faults are the caller's to report."""
    parts = ReadParts({}, [])
    for part in PARTS:
        table = found.get(part.title)
        if table is None:
            continue
        rows = parts.rows.setdefault(part.field, {})
        for row in table.rows:
            measure = _measure(row.values)
            said = {c.name: written(row.values[c.name]) for c in part.columns}
            content = {name: value for name, value in said.items() if value is not None}
            rows.setdefault(measure, []).append(content)
            parts.lines.append((part.title.de, row.line, measure))
    return parts


def _measure(values: Mapping[str, Value]) -> Named:
    identity = values.get("id")
    if identity is not None:
        return str(identity)
    return str(values.get("concept") or "2.0"), str(values.get("number") or "")
