"""Importing local figures from a file: everything is checked, then all rows are stored or none; and
taken back whole."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import anyio
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.queries import balances
from klima_balance.figures.rules import Vocabulary
from klima_balance.imports import queries
from klima_balance.imports.files.template import template
from klima_balance.imports.files.uploads import read_upload
from klima_balance.imports.model import (
    Changes,
    ImportedFigure,
    ImportHead,
    ImportSource,
    OtherSource,
    Outcome,
    Replacement,
)
from klima_balance.imports.rules.forms import form_rows
from klima_balance.imports.rules.rows import check_rows
from klima_balance.imports.rules.suppliers import plan
from klima_balance.method.model import Method
from klima_balance.regions import queries as regions
from klima_balance.territory import queries as territory
from klima_balance.territory.rules import outside_its_years
from klima_shared.codes.access import Role
from klima_shared.database.connections import Database
from klima_shared.formats.sheets import line_fault, line_of, shortened
from klima_shared.http.auth import Principal
from klima_shared.http.problems import Problem, conflict, invalid_at, not_found
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.revisions.writing import Writer

MOST_MUNICIPALITIES = 60  # in one form
_NOTHING = Changes(None, 0, 0, 0)


def fingerprint(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


async def read_file(database: Database, method: Method, data: bytes, file_name: str) -> Outcome:
    """The figures of a file and its faults. No connection is held while it is read. 422 for a file
    that is refused as a whole."""
    async with database.read() as connection:
        known = await regions.names(connection)
    outcome = await anyio.to_thread.run_sync(_read, data, file_name, method, known)
    async with database.read() as connection:
        return await _in_their_years(connection, outcome)


async def _in_their_years(read: AsyncConnection, outcome: Outcome) -> Outcome:
    """The outcome, figures of years in which their region did not exist being faults."""
    days = await territory.limited(read)
    figures, errors = [], list(outcome.errors)
    for one in outcome.figures:
        ags, year = one.figure.region, one.figure.year
        if ags not in days or days[ags].covers(year):
            figures.append(one)
            continue
        region = await regions.get(read, ags)
        text = outside_its_years(
            region.name, ags, days[ags], await territory.related(read, ags), year
        )
        errors.append(line_fault(one.line, "year", text))
    return replace(outcome, figures=figures, errors=shortened(errors))


async def store_file(
    writer: Writer, outcome: Outcome, *, dry_run: bool, otherwise: OtherSource
) -> Outcome:
    """Store what was read, unless in a dry run or with errors. 403 for a foreign region, 409 for
    another source's cells."""
    for ags in outcome.regions:
        writer.require(Role.EDITOR, ags)
    if outcome.errors and not dry_run:
        return outcome
    source, figures = outcome.source, outcome.figures
    changes = await store_changes(writer, source, figures, dry_run=dry_run, otherwise=otherwise)
    stored = changes.import_id is not None
    if not dry_run and not stored:
        same = await queries.newest_with_digest(writer.connection, source.digest)
        changes = changes._replace(import_id=same)
    return replace(outcome, changes=changes, stored=stored)


def _read(
    data: bytes, file_name: str, method: Method, known: Mapping[str, tuple[str, str]]
) -> Outcome:
    """A file to figures and the faults of its rows."""
    try:
        upload = read_upload(data)
    except InputError as error:
        raise _refused(error) from error
    figures, errors = check_rows(upload.rows, Vocabulary(method), known)
    errors = sorted([*upload.errors, *errors], key=lambda e: e.place.line or 0)
    if not figures and not errors:
        errors = [InputError(Text("The file holds no row that is filled in."))]
    faulty = {line_of(error) for error in errors} - {one.line for one in figures}
    rows = len(figures) + len(faulty)
    errors = shortened(errors)
    source = ImportSource(upload.kind, file_name, fingerprint(data), len(data), rows)
    return Outcome(source, figures, errors, upload.notices, _NOTHING)


def _refused(error: InputError) -> Problem:
    """422 for a file that is not read at all; its `errors` have the shape of those of rows."""
    title = Label("Die Datei wird nicht angenommen", "The file is not accepted")
    problem = Problem(422, "file-refused", title, error.text)
    problem.extra["refused"] = error
    return problem


async def store_changes(
    writer: Writer,
    source: ImportSource,
    figures: Sequence[ImportedFigure],
    *,
    dry_run: bool = False,
    otherwise: OtherSource = OtherSource.ASK,
) -> Changes:
    """Store what is new or differs as one import that can be taken back. 409 for cells with another
    source's figure, unless `otherwise` says what becomes of them."""
    if not dry_run:
        await queries.lock(writer.connection)
    places = sorted({one.figure.region for one in figures})
    years = sorted({one.figure.year for one in figures})
    before = await queries.standing(writer.connection, places, years, source.digest)
    planned = plan(figures, before, otherwise)
    new, replaced = planned.new, planned.replaced
    changes = Changes(None, planned.added, len(replaced), planned.unchanged, replaced)
    if dry_run or not new:
        return changes
    if questions := [one for one in replaced if one.question]:
        raise _of_another_source(questions)
    identity = uuid4()
    head = ImportHead(
        id=identity,
        **source._replace(file_name=source.file_name[:200])._asdict(),
        added=changes.added,
        changed=changes.changed,
        unchanged=changes.unchanged,
        regions=places,
        years=years,
        created_at=datetime.now(UTC),
        created_by=writer.principal.subject,
        undone_at=None,
        undone_by=None,
    )
    await queries.store(writer.connection, head, new)
    after = queries.stored_values(head)
    await writer.record("import", "data_import", identity, region=head.region, after=after)
    return changes._replace(import_id=identity)


def _of_another_source(questions: Sequence[Replacement]) -> Problem:
    cells = [one.cell for one in questions]
    text = Text(
        "{count} cells have a figure of another source: {shown}. replace=true replaces it, "
        "add=true adds to it what it does not hold yet; dry_run=true shows both figures.",
        count=len(cells),
        shown=", ".join(cells[:5]) + (" …" if len(cells) > 5 else ""),
    )
    return conflict(text, cells=cells[:200])


async def find_import(
    read: AsyncConnection, viewer: Principal, identity: UUID, role: Role
) -> ImportHead:
    """The head of an import, for who may read all its regions, else 404; 403 without the role
    there."""
    head = await queries.find(read, identity)
    if head is None or not all(map(viewer.may_read_drafts, head.regions)):
        raise not_found(Text("There is no such import."))
    for ags in head.regions:
        viewer.require(role, ags)
    return head


async def undo_import(writer: Writer, identity: UUID) -> ImportHead:
    """Take a whole import back. 409 when it is undone already, or when somebody changed one of its
    cells since."""
    write = writer.connection
    head = await find_import(write, writer.principal, identity, Role.EDITOR)
    await queries.lock(write)
    head = await queries.find(write, identity, lock=True) or head
    if head.undone_at is not None:
        raise conflict(Text("This import is undone already."))
    if changed := await queries.changed_since(write, identity):
        shown = ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")
        text = Text(
            "{count} figures of this import have been changed since: {shown}. Please check them "
            "one by one.",
            count=len(changed),
            shown=shown,
        )
        raise conflict(text, cells=changed[:200])
    await queries.undo(write, identity, writer.principal.subject)
    after = await queries.find(write, identity) or head
    versions = {"before": vars(head), "after": vars(after)}
    await writer.record("undo", "data_import", identity, region=head.region, **versions)
    return after


async def make_form(read: AsyncConnection, method: Method, ags: str, year: int) -> bytes:
    """The Excel form of a municipality, or of all municipalities of a county, with the figures that
    hold so far. 404, and 422 for more than that."""
    if await regions.find(read, ags) is None:
        raise not_found(Text("There is no region with the key {ags}.", ags=ags))
    leaves = await regions.leaves(read, ags, year)
    if len(leaves) > MOST_MUNICIPALITIES:
        raise invalid_at("/path/ags", Text("The form is made for a municipality or a county."))
    names = await regions.names(read)
    defaults: dict[tuple[str, str, str], float] = {}
    for row in await balances.newest_documents(read, leaves, year):
        for cell in orjson.loads(row.document)["cells"]:
            place = row.region, cell["sector"], cell["carrier"]
            defaults[place] = cell["final_energy_mwh"]
    chosen = [(leaf, names[leaf][0]) for leaf in leaves]
    return await anyio.to_thread.run_sync(
        lambda: template(chosen, year, list(form_rows(Vocabulary(method))), defaults)
    )
