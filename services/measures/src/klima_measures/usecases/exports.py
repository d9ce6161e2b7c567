"""Tables to hand out: the catalogue as it can be edited and read back."""

from __future__ import annotations

from typing import Any

import anyio.to_thread

from klima_measures.domain.measure_codes import Horizon, Priority
from klima_measures.files import catalogue_rows, catalogue_table
from klima_measures.storage import listing, measures
from klima_measures.storage.listing import PUBLIC, Filters, Reader
from klima_measures.usecases.frame import Frame
from klima_shared.codes import MeasureStatus, Phase
from klima_shared.database import ReadConnection
from klima_shared.formats import Table
from klima_shared.i18n import Lang
from klima_shared.messages import Text
from klima_shared.meta import LICENCE

MOST = 20_000
CHUNK = 1000
EXAMPLES = Text(
    "Enthält Beispiele: Deren Zahlen sind erfunden und keine amtlichen Angaben.",
    "Contains examples: their figures are invented and not official.",
)


# How the workbook may be edited, and what of it is not read back.
EDITING = (
    (
        Text("Bearbeiten", "Editing"),
        "Die Datei kann geändert und wieder eingelesen werden; eine Vorschau zeigt vorher jeden Unterschied. Die Blätter "
        "nach dem ersten halten die Zeilen der Steckbriefe (Schritte, Kosten …), zugeordnet über Kennung oder Nummer.",
    ),
    (
        Text("Nur zum Lesen", "Read only"),
        "Nicht eingelesen werden abgeleitete Spalten (Stand, Status, Redaktion, Einführung, Priorität, Summen); die "
        "Vorschau nennt sie, wenn sie geändert wurden. Was die Datei nicht enthält (Kontakt, Bewertung, Verweise, "
        "Auswertungen), bleibt unverändert.",
    ),
)


def about(*, example: bool) -> list[tuple[Text, str]]:
    """What stands beside the figures of a table."""
    lines = [
        (Text("Lizenz", "Licence"), LICENCE),
        (Text("Quelle", "Source"), "Maßnahmen-Steckbriefe der Kommunen"),
    ]
    return [*lines, (Text("Beispiel", "Example"), EXAMPLES.de)] if example else lines


async def catalogue(connection: ReadConnection, frame: Frame, filters: Filters, reader: Reader, lang: Lang) -> Table:
    """All measures that the filters leave, one row each; internal notes only for those who edit."""
    rows, _ = await listing.page(connection, filters, reader, order="field", descending=False, limit=MOST)
    documents: dict[Any, Any] = {}
    for start in range(0, len(rows), CHUNK):
        chosen = [(row["measure_id"], row["revision"]) for row in rows[start : start + CHUNK]]
        documents |= await measures.documents(connection, chosen)
    fields = catalogue_table.fields(internal=reader != PUBLIC)

    def cells() -> list[list[Any]]:
        made = []
        for row in rows:
            document = documents[row["measure_id"]][0]
            if row["audience"] == "public":
                document = {name: value for name, value in document.items() if name != "internal_notes"}
            made.append(catalogue_table.row(fields, listed(row, frame, lang), document))
        return made

    return Table(
        "massnahmen",
        Text("Maßnahmenkatalog", "Catalogue of measures"),
        [field.column for field in fields],
        await anyio.to_thread.run_sync(cells),
        [*about(example=any(row["example"] for row in rows)), *EDITING],
        catalogue_rows.tables([(str(row["measure_id"]), documents[row["measure_id"]][0]) for row in rows]),
    )


def listed(row: Any, frame: Frame, lang: Lang) -> dict[str, Any]:
    """The derived columns of a row of the list, as words."""
    return {
        **row,
        "id": row["measure_id"],
        "field_label": frame.fields.label(row["field"], lang),
        "phase": Phase(row["phase"]).label(lang),
        "status": MeasureStatus(row["status"]).label(lang),
        "horizon": Horizon(row["horizon"]).label(lang) if row["horizon"] else None,
        "priority": Priority(row["priority"]).label(lang) if row["priority"] else None,
    }
