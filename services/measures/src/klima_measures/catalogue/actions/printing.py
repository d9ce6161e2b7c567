"""The printed catalogue: all sheets that filters leave, by field of action. Made in the background,
with progress."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import anyio.to_thread
import structlog

from klima_measures.base.actions.context import Frame, beginning
from klima_measures.base.tables import metadata
from klima_measures.catalogue.actions.exports import EXAMPLES
from klima_measures.catalogue.queries import listing
from klima_measures.catalogue.queries.listing import PUBLIC, Filters
from klima_measures.registers import queries as registers
from klima_measures.sheets.actions.pages import page_of
from klima_measures.sheets.actions.reading import Reading, register_ids
from klima_measures.sheets.actions.writing import sheet_of
from klima_measures.sheets.model.codes import Audience
from klima_measures.sheets.pages.blocks import SheetPage
from klima_measures.sheets.pages.rendering import Part, Print, print_pdf
from klima_measures.sheets.queries import measures, relatives
from klima_measures.sheets.rules.derived import horizon, intermunicipal, priority
from klima_measures.sheets.rules.publicity import public_form
from klima_measures.sheets.rules.status import status
from klima_shared.codes.lists import Phase
from klima_shared.database import audit
from klima_shared.database.connections import Database, ReadConnection, WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.language.numbers import Lang, long_date
from klima_shared.language.text import Label, Text

log = structlog.get_logger(__name__)
MOST: Final = 500
Row = dict[str, Any]


async def begin(
    connection: WriteConnection, principal: Principal, total: int, selection: Row
) -> Row:
    """A job that everybody who knows its id can ask for; it holds published sheets only."""
    identity = uuid4()
    await registers.add_job(
        connection,
        {
            "id": identity,
            "audience": Audience.PUBLIC.value,
            "selection": selection,
            "state": "waiting",
            "done": 0,
            "total": total,
            "created_by": principal.subject,
        },
    )
    await audit.record(
        connection,
        metadata,
        principal,
        action="create",
        entity="catalogue",
        entity_id=identity,
        after=selection,
    )
    job = await registers.find_job(connection, identity)
    assert job is not None  # noqa: S101
    return job


async def make(
    database: Database, frame: Frame, filters: Filters, lang: Lang, identity: UUID, most: int = MOST
) -> None:
    """Make the catalogue of a job. What goes wrong is written to the job, not raised."""
    try:
        await _note(database, identity, {"state": "running"})
        pages = await collect(database, frame, filters, lang, identity, most)
        made = await anyio.to_thread.run_sync(typeset, pages, frame, lang)
        await _note(
            database,
            identity,
            {
                "state": "done",
                "done": len(pages),
                "content": made,
                "finished_at": datetime.now(UTC),
            },
        )
    except Exception as error:
        log.exception("catalogue failed", job=str(identity), error=type(error).__name__)
        await _note(
            database,
            identity,
            {"state": "failed", "message": "Der Katalog konnte nicht gesetzt werden."},
        )


async def _note(database: Database, identity: UUID, values: Row) -> None:
    async with database.write() as connection:
        await registers.change_job(connection, identity, values)


async def collect(
    database: Database,
    frame: Frame,
    filters: Filters,
    lang: Lang,
    identity: UUID | None = None,
    most: int = MOST,
) -> list[tuple[str, SheetPage]]:
    """(field of action, page) of every published sheet, in the order of the catalogue; progress
    goes to the job."""
    async with database.read() as connection:
        rows, _ = await listing.page(
            connection, filters, PUBLIC, order="field", descending=False, limit=most
        )
        readings = await _readings(connection, frame, rows)
    pages: list[tuple[str, SheetPage]] = []
    for start in range(0, len(readings), 25):
        some = readings[start : start + 25]
        pages += await anyio.to_thread.run_sync(
            lambda part: [(r.sheet.field, page_of(r, frame, lang)) for r in part], some
        )
        if identity is not None:
            await _note(
                database, identity, {"done": len(pages) // 2}
            )  # setting them is the other half
    return pages


async def _readings(connection: ReadConnection, frame: Frame, rows: Sequence[Any]) -> list[Reading]:
    """All sheets in six queries, however many there are."""
    documents = await measures.documents(
        connection, [(row["measure_id"], row["revision"]) for row in rows]
    )
    heads = await measures.heads(connection, [row["measure_id"] for row in rows])
    sheets = {i: public_form(sheet_of(document)) for i, (document, _) in documents.items()}
    related = await relatives.related_to_many(connection, list(sheets), frame.today())
    wanted: dict[str, set[UUID]] = {}
    for sheet in sheets.values():
        for kind, ids in register_ids(sheet).items():
            wanted.setdefault(kind, set()).update(ids)
    entries = {i: e for i, e in (await registers.titles(connection, wanted)).items() if e["public"]}
    names = await measures.region_names(connection)
    dates = await registers.concept_dates(connection, {sheet.concept for sheet in sheets.values()})
    today = frame.today()
    found: list[Reading] = []
    for row in rows:
        identity = row["measure_id"]
        sheet, phase = sheets[identity], Phase(row["phase"])
        found.append(
            Reading(
                heads[identity],
                Audience.PUBLIC,
                row["revision"],
                sheet,
                phase,
                today,
                status(sheet, phase, today),
                horizon(sheet, dates.get(sheet.concept)),
                priority(sheet),
                intermunicipal(sheet),
                related.get(identity, ()),
                entries,
                names,
            )
        )
    return found


def typeset(pages: Sequence[tuple[str, SheetPage]], frame: Frame, lang: Lang) -> bytes:
    """The PDF of the pages, by field in the order of the concept."""
    parts: list[Part] = []
    for code, label in frame.fields.labels(lang).items():
        sheets = [page for field, page in pages if field == code]
        if sheets:
            lead = Text("{count} measures", count=len(sheets)) if len(sheets) > 1 else None
            parts.append(
                Part(label, (lead or Label("Eine Maßnahme", "One measure")).get(lang), sheets)
            )
    day = frame.today()
    title = Label("Maßnahmenkatalog", "Catalogue of measures").get(lang)
    lead = Text(
        "{count} measures in {parts_count} fields of action, as of {day}",
        count=len(pages),
        parts_count=len(parts),
        day=Label(long_date(day, "de"), long_date(day, "en")),
    )
    imprint = f"{title} · {long_date(day, lang)} · dl-de/by-2-0"
    example = EXAMPLES.get(lang) if any(page.example for _, page in pages) else None
    content = Print(
        lang=lang, title=title, imprint=imprint, parts=parts, lead=lead.get(lang), example=example
    )
    return print_pdf(content, beginning(day))
