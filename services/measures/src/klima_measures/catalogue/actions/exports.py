"""Tables to hand out: the catalogue as it can be edited and read back."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Final
from uuid import UUID

import anyio.to_thread

from klima_measures.base.actions.session import ReadSession
from klima_measures.base.rules import PUBLIC, Reader
from klima_measures.catalogue.files import rows as parts
from klima_measures.catalogue.files import table
from klima_measures.catalogue.pages import EXAMPLES
from klima_measures.catalogue.queries import listing
from klima_measures.catalogue.queries.listing import Filters, ListedRow
from klima_measures.sheets.model.codes import Horizon, Priority
from klima_measures.sheets.queries import sheets
from klima_measures.sheets.queries.sheets import MEASURE
from klima_shared.codes.action import MeasureStatus, Phase
from klima_shared.formats import Table, Value
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label
from klima_shared.revisions import entities
from klima_shared.wire.json import Json
from klima_shared.wire.meta import LICENCE

MOST = 20_000
CHUNK = 1000

# How the workbook may be edited, and what of it is not read back: headings with German prose.
_ABOUT: Final = json.loads(
    files("klima_measures.catalogue.files").joinpath("about.json").read_text("utf-8")
)


def _about(*, internal: bool) -> list[tuple[Label, str]]:
    rows = [*_ABOUT["editing"], *([] if internal else [_ABOUT["published_only"]])]
    return [(Label(*heading), text) for heading, text in rows]


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
        documents = await _with_numbers(session, documents)
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
        [*about(example=any(row.example for row in rows)), *_about(internal=internal)],
        parts.tables(every, internal=internal),
    )


async def _with_numbers(session: ReadSession, documents: dict[UUID, Json]) -> dict[UUID, Json]:
    """The documents with links to measures of the same concept by number, as people write them;
    others, and those that the reader can't see, by id."""
    links = [link for document in documents.values() for link in document.get("links") or ()]
    heads = await entities.readable_ones(
        session.connection, MEASURE, session.principal, {UUID(link["measure"]) for link in links}
    )

    def name(link: Json, concept: str) -> Json:
        head = heads.get(UUID(link["measure"]))
        return {**link, "measure": head.number} if head and head.concept == concept else link

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
