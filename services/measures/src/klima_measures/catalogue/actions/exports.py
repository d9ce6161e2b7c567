"""Tables to hand out: the catalogue as it can be edited and read back."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import anyio.to_thread

from klima_measures.base.actions.session import ReadSession
from klima_measures.base.rules import PUBLIC, Reader
from klima_measures.catalogue.files import rows as parts
from klima_measures.catalogue.files import table
from klima_measures.catalogue.queries import listing
from klima_measures.catalogue.queries.listing import Filters, ListedRow
from klima_measures.sheets.model.codes import Horizon, Priority
from klima_measures.sheets.queries import sheets
from klima_shared.codes.lists import MeasureStatus, Phase
from klima_shared.database.connections import ReadConnection
from klima_shared.formats import Table, Value
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json
from klima_shared.wire.meta import LICENCE

MOST = 20_000
CHUNK = 1000
EXAMPLES = Text("Contains examples: their figures are invented and not official.")


# How the workbook may be edited, and what of it is not read back.
EDITING = (
    (
        Label("Bearbeiten", "Editing"),
        "Die Datei kann geändert und wieder eingelesen werden; eine Vorschau zeigt vorher jeden Unterschied. Die Blätter "
        "nach dem ersten halten die Zeilen der Steckbriefe (Schritte, Kosten …), zugeordnet über Kennung oder Nummer. "
        "Ein Blatt, das da ist, gilt ganz: Was darauf fehlt, wird entfernt. Ein Blatt, das fehlt, ändert nichts.",
    ),
    (
        Label("Nur zum Lesen", "Read only"),
        "Nicht eingelesen werden abgeleitete Spalten (Stand, Status, Redaktion, Einführung, Priorität, Summen); die "
        "Vorschau nennt sie, wenn sie geändert wurden.",
    ),
    (
        Label("Nicht enthalten", "Not included"),
        "Ansprechpersonen, Zuständigkeit, Einfluss, Sektoren, Strategie, Quartier, Herkunft, Statusvorgaben, Berichte, "
        "Auswertungen und die Begründung, warum nichts beziffert ist, stehen nicht in der Datei und bleiben unverändert.",
    ),
)
PUBLISHED_ONLY = (
    Label("Nicht enthalten", "Not included"),
    "Interne Hinweise, Kontakt und Verweise: Sie stehen nur in einem Auszug, dessen Maßnahmen alle in der Arbeitsfassung "
    "gelesen werden dürfen, und bleiben beim Einlesen dieser Datei unverändert.",
)


def about(*, example: bool) -> list[tuple[Label, str]]:
    """What stands beside the figures of a table."""
    lines = [
        (Label("Lizenz", "Licence"), LICENCE),
        (Label("Quelle", "Source"), "Maßnahmen-Steckbriefe der Kommunen"),
    ]
    return [*lines, (Label("Beispiel", "Example"), EXAMPLES.de)] if example else lines


async def catalogue_table(
    session: ReadSession, filters: Filters, reader: Reader, lang: Lang
) -> Table:
    """All measures that the filters leave, one row each; internal notes only for those who edit."""
    connection = session.connection
    rows = (await listing.page(connection, filters, reader, limit=MOST)).rows
    documents: dict[UUID, Json] = {}
    for start in range(0, len(rows), CHUNK):
        chosen = [(row.measure_id, row.revision) for row in rows[start : start + CHUNK]]
        documents |= await sheets.documents(connection, chosen)
    # With one published form among them, what it lacks would come back as if it had been struck
    # out.
    internal = reader != PUBLIC and all(row.audience == "internal" for row in rows)
    fields = table.fields(internal=internal)
    if internal:
        documents = await _with_numbers(connection, documents)
    labels = session.context.fields.labels(lang)

    def cells() -> list[list[Value]]:
        return [
            table.row(fields, derived_values(row, labels, lang), documents[row.measure_id])
            for row in rows
        ]

    every = [(str(row.measure_id), documents[row.measure_id]) for row in rows]
    return Table(
        "massnahmen",
        Label("Maßnahmenkatalog", "Catalogue of measures"),
        [field.column for field in fields],
        await anyio.to_thread.run_sync(cells),
        [
            *about(example=any(row.example for row in rows)),
            *EDITING,
            *(() if internal else (PUBLISHED_ONLY,)),
        ],
        parts.tables(every, internal=internal),
    )


async def _with_numbers(
    connection: ReadConnection, documents: dict[UUID, Json]
) -> dict[UUID, Json]:
    """The documents with links to measures of the same concept by number, as people write them;
    others by id."""
    links = [link for document in documents.values() for link in document.get("links") or ()]
    heads = await sheets.heads(connection, {UUID(link["measure"]) for link in links})

    def name(link: Json, concept: str) -> Json:
        head = heads[UUID(link["measure"])]
        return {**link, "measure": head.number} if head.concept == concept else link

    return {
        identity: {
            **document,
            "links": [name(link, document["concept"]) for link in document.get("links") or ()],
        }
        for identity, document in documents.items()
    }


def derived_values(row: ListedRow, fields: Mapping[str, str], lang: Lang) -> dict[str, object]:
    """The derived columns of a row of the list, as words."""
    return {
        **row._asdict(),
        "id": row.measure_id,
        "field_label": fields.get(row.field, row.field),
        "phase": Phase(row.phase).label(lang),
        "status": MeasureStatus(row.status).label(lang),
        "horizon": Horizon(row.horizon).label(lang) if row.horizon else None,
        "priority": Priority(row.priority).label(lang) if row.priority else None,
    }
