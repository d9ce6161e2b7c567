"""The rows of sheets (steps, costs, savings ...) as further sheets of the catalogue's workbook, out
and back in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from klima_shared.formats import Column, Kind, ReadTable, Table, Value
from klima_shared.http.validation import TextError
from klima_shared.language.text import Label, Text

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """A list of a sheet: its field, and the columns of its rows (named as the rows' fields).

    `internal`: only in a file whose measures are all working revisions, because what the public is
    shown of it is less than there is, and would come back as if the rest had been struck out.
    `single`: at most one row a measure.
    """

    field: str
    title: Text
    columns: tuple[Column, ...]
    internal: bool = False
    single: bool = False


def _column(name: str, de: str, en: str, kind: Kind = Kind.TEXT, unit: str | None = None) -> Column:
    return Column(name, Label(de, en), kind, unit)


_YEAR: Final = _column("year", "Jahr", "Year", Kind.INTEGER)
_AMOUNT: Final = _column("amount_eur", "Betrag", "Amount", Kind.MONEY, "EUR")
_STATE: Final = _column("state", "Stand", "State")
PARTS: Final = (
    Part(
        "actors",
        Label("Akteure", "Actors"),
        (_column("name", "Name", "Name"), _column("role", "Rolle", "Role")),
    ),
    Part(
        "steps",
        Label("Schritte", "Steps"),
        (
            _column("title", "Schritt", "Step"),
            _column("starts_on", "Von", "From", Kind.DATE),
            _column("ends_on", "Bis", "To", Kind.DATE),
            _column("responsible", "Zuständig", "Responsible"),
            _STATE,
        ),
    ),
    Part(
        "milestones",
        Label("Meilensteine", "Milestones"),
        (
            _column("title", "Meilenstein", "Milestone"),
            _column("due", "Termin", "Due", Kind.DATE),
            _column("done_at", "Erreicht am", "Done at", Kind.DATE),
            _STATE,
        ),
    ),
    Part(
        "indicators",
        Label("Indikatoren", "Indicators"),
        (
            _column("name", "Indikator", "Indicator"),
            _column("unit", "Einheit", "Unit"),
            _column("kind", "Art", "Kind"),
            _column("code", "Code", "Code"),
            _column("baseline", "Ausgang", "Baseline"),
            _column("target", "Ziel", "Target"),
            _column("interval", "Turnus", "Interval"),
            _column("source", "Quelle", "Source"),
        ),
    ),
    Part(
        "costs",
        Label("Kosten", "Costs"),
        (
            _YEAR,
            _column("kind", "Art", "Kind"),
            _column("payer", "Träger", "Payer"),
            _column("recurring", "Jährlich", "Yearly", Kind.BOOLEAN),
            _AMOUNT,
            _column("certainty", "Güte", "Certainty"),
        ),
    ),
    Part(
        "staff",
        Label("Personal", "Staff"),
        (
            _YEAR,
            _column("days", "Tage", "Days", Kind.NUMBER),
            _column("fte", "Stellen", "Full-time equivalents", Kind.NUMBER),
        ),
    ),
    Part(
        "funding",
        Label("Förderung", "Funding"),
        (
            _column("programme", "Programm (Kennung)", "Programme (id)"),
            _STATE,
            _AMOUNT,
            _column("rate_percent", "Quote", "Rate", Kind.NUMBER, "%"),
            _column("likelihood", "Wahrscheinlichkeit", "Likelihood"),
            _column("note", "Bemerkung", "Note"),
        ),
    ),
    Part(
        "savings",
        Label("Einsparungen", "Savings"),
        (
            _YEAR,
            _column("sector", "Sektor", "Sector"),
            _column("carrier", "Energieträger", "Carrier"),
            _column("final_energy_mwh", "Endenergie", "Final energy", Kind.NUMBER, "MWh"),
            _column("emissions_t_co2e", "THG", "GHG", Kind.NUMBER, "t CO2e"),
            _column("method", "Rechenweg", "Method"),
            _column("evidence", "Güte", "Evidence"),
            _column("overlap_group", "Überschneidung", "Overlap group"),
            _column("affects_bisko", "Wirkt in BISKO", "Affects BISKO", Kind.BOOLEAN),
        ),
    ),
    Part(
        "decisions",
        Label("Beschlüsse", "Decisions"),
        (
            _column("body", "Gremium", "Body"),
            _column("decided_on", "Datum", "Date", Kind.DATE),
            _column("paper", "Vorlage", "Paper"),
            _column("url", "Adresse", "URL"),
        ),
    ),
    Part(
        "scores",
        Label("Bewertung", "Assessment"),
        (
            _column("criterion", "Kriterium", "Criterion"),
            _column("points", "Punkte (1 bis 5)", "Points (1 to 5)", Kind.INTEGER),
            _column("reason", "Begründung", "Reason"),
        ),
    ),
    Part(
        "links",
        Label("Verweise", "Links"),
        (
            _column("kind", "Art", "Kind"),
            _column("measure", "Maßnahme (Nummer)", "Measure (number)"),
        ),
        internal=True,
    ),
    Part(
        "contact",
        Label("Kontakt", "Contact"),
        (
            _column("function", "Funktion", "Function"),
            _column("department", "Stelle", "Department"),
            _column("phone", "Telefon", "Phone"),
            _column("email", "E-Mail der Funktion", "E-mail of the function"),
            _column("public", "Öffentlich", "Public", Kind.BOOLEAN),
        ),
        internal=True,
        single=True,
    ),
)
# Which measure a row belongs to: by its id, or by concept and number when it has none yet.
KEY: Final = (
    _column("id", "Kennung", "Id"),
    _column("concept", "Konzept", "Concept"),
    _column("number", "Nummer", "Number"),
)
OPTIONAL: Final = ("id", "concept")
WANTED: Final = {part.title: (*KEY, *part.columns) for part in PARTS}


def tables(measures: Sequence[tuple[str, Document]], *, internal: bool) -> list[Table]:
    """A table for each part, with the rows of all measures (id, document) in their order.

    internal: whether all documents are working revisions.
    """
    shown = [part for part in PARTS if internal or not part.internal]
    return [
        Table(part.field, part.title, WANTED[part.title], _rows(part, measures)) for part in shown
    ]


def _rows(part: Part, measures: Sequence[tuple[str, Document]]) -> Iterator[list[Value]]:
    for identity, document in measures:
        key: list[Value] = [identity, document["concept"], document["number"]]
        found = document.get(part.field)
        for row in [found] if part.single and found else found or ():
            yield [*key, *(_cell(row.get(c.name), c.kind) for c in part.columns)]


def _cell(value: Any, kind: Kind) -> Value:
    if value is None:
        return None
    match kind:
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.MONEY:
            return Decimal(value)
        case Kind.NUMBER:
            return float(value)
        case Kind.TEXT:
            return str(value)
        case _:
            found: Value = value
            return found


Key = tuple[str | None, str, str]  # id (None: not said), concept, number


@dataclass
class ReadParts:
    """What the further sheets of a workbook say about measures. Only parts that the workbook has
    are there."""

    rows: dict[str, dict[str | tuple[str, str], list[dict[str, Any]]]]
    """Part -> id, or (concept, number) -> rows."""
    lines: list[tuple[str, int, str | tuple[str, str]]]
    """(title of the sheet, line, measure) of all rows."""

    def of(self, measure: Key) -> dict[str, Any]:
        """Field -> rows of a measure; a part that says nothing of it is empty. `TextError` for a
        second single row."""
        identity, concept, number = measure
        found: dict[str, Any] = {}
        for part in PARTS:
            if part.field not in self.rows:
                continue
            there = self.rows[part.field]
            rows = (there.get(identity, []) if identity else []) + there.get((concept, number), [])
            if part.single and len(rows) > 1:
                title = part.title
                raise TextError(
                    Text('Sheet "{title}": a measure has one row at most.', title=title)
                )
            found[part.field] = (rows[0] if rows else None) if part.single else rows
        return found

    def strangers(self, measures: Iterable[Key]) -> list[tuple[str, int]]:
        """(title of the sheet, line) of rows whose measure is not on the first sheet."""
        known: set[str | tuple[str, str] | None] = set()
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
            content = {
                c.name: _written(row.values[c.name])
                for c in part.columns
                if row.values[c.name] is not None
            }
            rows.setdefault(measure, []).append(content)
            parts.lines.append((part.title.de, row.line, measure))
    return parts


def _measure(values: Mapping[str, Value]) -> str | tuple[str, str]:
    identity = values.get("id")
    if identity is not None:
        return str(identity)
    return str(values.get("concept") or "2.0"), str(values.get("number") or "")


def _written(value: Value) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value
