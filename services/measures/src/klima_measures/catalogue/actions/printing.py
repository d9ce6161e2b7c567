"""The printed catalogue: all sheets that filters leave, by field of action. Made in the background,
with progress."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

import structlog

from klima_measures.base.actions.session import WriteSession
from klima_measures.base.model.context import Context
from klima_measures.base.queries.regions import region_names
from klima_measures.base.rules import PUBLIC
from klima_measures.catalogue.queries import jobs, listing
from klima_measures.catalogue.queries.jobs import Job
from klima_measures.catalogue.queries.listing import Filters, ListedRow
from klima_measures.registers import queries as registers
from klima_measures.sheets.actions.reading import register_ids
from klima_measures.sheets.model.codes import Audience
from klima_measures.sheets.model.sheet import Sheet
from klima_measures.sheets.queries import sheets
from klima_measures.sheets.queries.reading import Reading
from klima_measures.sheets.queries.relatives import related
from klima_measures.sheets.queries.sheets import MEASURE
from klima_measures.sheets.rules.documents import public_form
from klima_shared.codes.action import Phase
from klima_shared.database.connections import Database, ReadConnection
from klima_shared.http.problems import Problem
from klima_shared.language.numbers import Lang
from klima_shared.look.pdf import BOOK, typeset
from klima_shared.revisions import entities
from klima_shared.revisions.stored import read_stored

log = structlog.get_logger(__name__)
MOST: Final = 500
_CHUNK: Final = 25


async def add_job(session: WriteSession, total: int, filters: Filters) -> Job:
    """A job that everybody who knows its id can ask for; it holds published sheets only."""
    identity = uuid4()
    stated = {name: value for name, value in asdict(filters).items() if value not in (None, ())}
    selection = {name: str(value) for name, value in stated.items()}
    await jobs.add(
        session.connection,
        id=identity,
        audience=Audience.PUBLIC.value,
        selection=selection,
        state="waiting",
        done=0,
        total=total,
        created_by=session.principal.subject,
    )
    await session.record("create", "catalogue", identity, after=selection)
    job = await jobs.find(session.connection, identity)
    assert job is not None  # noqa: S101
    return job


@dataclass(frozen=True)
class Printing:
    """What is printed, and how: `set_pages` makes a PDF of readings and takes a while."""

    database: Database
    context: Context
    filters: Filters
    set_pages: Callable[[Sequence[Reading], Context, Lang], bytes]
    lang: Lang
    most: int = MOST


async def print_catalogue(printing: Printing, identity: UUID) -> None:
    """Make the catalogue of a job. What goes wrong is written to the job, not raised."""
    database = printing.database

    async def note(**values: object) -> None:
        async with database.write() as connection:
            await jobs.change(connection, identity, **values)

    try:
        await note(state="running")
        readings: list[Reading] = []
        async for some in collect(printing):
            readings += some
            await note(done=len(readings) // 2)  # setting them is the other half
        content = await typeset(
            lambda: printing.set_pages(readings, printing.context, printing.lang), BOOK
        )
        now = datetime.now(UTC)
        await note(state="done", done=len(readings), content=content, finished_at=now)
    except Problem as problem:
        log.warning("catalogue not set", job=str(identity), status=problem.status)
        await note(state="failed", message=problem.detail.get(printing.lang))
    except Exception as error:
        log.exception("catalogue failed", job=str(identity), error=type(error).__name__)
        await note(state="failed", message="Der Katalog konnte nicht gesetzt werden.")


async def collect(printing: Printing) -> AsyncIterator[list[Reading]]:
    """Every published sheet, in the order of the catalogue, some at a time."""
    database = printing.database
    async with database.read() as connection:
        page = await listing.page(connection, printing.filters, PUBLIC, limit=printing.most)
    for start in range(0, len(page.rows), _CHUNK):
        async with database.read() as connection:
            some = page.rows[start : start + _CHUNK]
            readings = await _readings(connection, printing.context, some)
        yield readings


async def _readings(
    connection: ReadConnection, context: Context, rows: Sequence[ListedRow]
) -> list[Reading]:
    """All sheets in six queries, however many there are."""
    identities, today = [row.measure_id for row in rows], context.today()
    documents = await sheets.documents(connection, [(r.measure_id, r.revision) for r in rows])
    heads = await entities.find_many(connection, MEASURE, identities)
    found = {i: public_form(read_stored(Sheet, d)) for i, d in documents.items()}
    near = await related(connection, identities, Audience.PUBLIC, today=today)
    wanted = register_ids(list(found.values()))
    titles = await registers.titles(connection, wanted)
    entries = {identity: entry for identity, entry in titles.items() if entry.public}
    names = await region_names(connection)
    concepts = {sheet.concept for sheet in found.values()}
    dates = await registers.concept_dates(connection, concepts)
    return [
        Reading(
            heads[row.measure_id],
            Audience.PUBLIC,
            row.revision,
            found[row.measure_id],
            Phase(row.phase),
            today,
            dates.get(row.concept),
            near.get(row.measure_id, ()),
            entries,
            names,
        )
        for row in rows
    ]
