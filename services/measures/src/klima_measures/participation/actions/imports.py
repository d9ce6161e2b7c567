"""Bringing ideas in from elsewhere: all of a file or nothing, and a repeat changes nothing."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID, uuid4

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.actions.regions import Regions
from klima_measures.base.model.context import Fields
from klima_measures.base.model.dates import BERLIN
from klima_measures.participation.actions.ideas import public_audit
from klima_measures.participation.files import IdeaFile, ImportedIdea
from klima_measures.participation.model.codes import IdeaChannel
from klima_measures.participation.model.ideas import ChangedText, NewIdea, StoredSource
from klima_measures.participation.queries import ideas
from klima_shared.codes.access import Role
from klima_shared.codes.regions import covers
from klima_shared.database import audit
from klima_shared.formats.sheets import line_fault, shortened
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer


@dataclass(frozen=True, slots=True)
class Outcome:
    """`references` are those of what was stored; `known` how many were there already, `changes`
    those of them whose text is another one in the file."""

    id: UUID
    rows: int
    references: Sequence[str]
    known: int
    faults: Sequence[InputError]
    changes: Sequence[ChangedText] = ()


async def import_ideas(
    writer: Writer,
    file: IdeaFile,
    consent_version: str,
    *,
    regions: Regions,
    fields: Fields,
    dry_run: bool,
) -> Outcome:
    """Check the rows and store them unless there is a fault or it is a `dry_run`."""
    faults = [*file.faults, *_faults(writer, file, regions, fields.codes()), *_doubles(file)]
    faults = shortened(faults)
    stored = await _stored(writer.connection, file)
    new = [
        _idea(row, _source(row, file.list_name), consent_version, writer.principal.subject)
        for line, row in file.rows
        if line not in stored
    ]
    changes = [
        ChangedText(line, stored[line].reference, before, row.text)
        for line, row in file.rows
        if line in stored and (before := stored[line].text) is not None and before != row.text
        if writer.principal.may(Role.EDITOR, row.region)
    ]
    identity, store = uuid4(), not (dry_run or faults)
    repeated = sum(
        line in stored and writer.principal.may(Role.EDITOR, row.region) for line, row in file.rows
    )
    if store and new:
        await ideas.add_all(writer.connection, new)
        trail = [
            audit.values(
                writer.principal,
                action="hand_in",
                entity="idea",
                entity_id=idea.id,
                region=idea.region,
                after=public_audit(idea),
            )
            for idea in new
        ]
        await audit.record_all(writer.connection, writer.metadata, trail)
    if store:
        facts = {"rows": file.count, "stored": len(new), "known": repeated}
        await writer.record("import", "idea_import", identity, after=facts)
    references = [idea.reference for idea in new] if store else []
    return Outcome(identity, file.count, references, repeated, faults, changes)


def _faults(
    writer: Writer, file: IdeaFile, regions: Regions, fields: Iterable[str]
) -> list[InputError]:
    faults = []
    stated = {row.region for _, row in file.rows}
    foreign = {region for region in stated if not covers(regions.county, region)}
    unknown = set(regions.unknown(stated - foreign))
    for line, row in file.rows:
        if row.region in foreign | unknown:
            text = Text("The region {region} is not in the county.", region=row.region)
            faults.append(line_fault(line, "region", text))
        elif not writer.principal.may(Role.EDITOR, row.region):
            text = Text("Your login does not hold for {region}.", region=row.region)
            faults.append(line_fault(line, "region", text))
        if row.field is not None and row.field not in fields:
            known = ", ".join(fields)
            text = Text("One of these is expected: {known}.", known=known)
            faults.append(line_fault(line, "field", text))
    return faults


def _doubles(file: IdeaFile) -> list[InputError]:
    """Ideas that stand in the file twice, by the id of their source or by their text."""
    faults, lines = [], dict[str, int]()
    for line, row in file.rows:
        first = lines.setdefault(_source(row, file.list_name), line)
        if first != line:
            column = "source_id" if row.source_id else "text"
            text = Text(
                "The same stands in line {first} already. Each idea of a municipality has an id of "
                "its own and stands in the file once.",
                first=first,
            )
            faults.append(line_fault(line, column, text))
    return faults


async def _stored(connection: AsyncConnection, file: IdeaFile) -> dict[int, StoredSource]:
    """The ideas of the file that are there already, by line."""
    keys = [
        key
        for _, row in file.rows
        for key in (_source(row, file.list_name), _older_source(row))
        if key
    ]
    known = await ideas.stored_sources(connection, keys)
    stored = {}
    for line, row in file.rows:
        found = known.get(_source(row, file.list_name))
        older = known.get(_older_source(row) or "")
        if found is None and older and older.region == row.region and not file.list_name:
            found = older
        if found is not None:
            stored[line] = found
    return stored


def _source(row: ImportedIdea, list_name: str) -> str:
    """What tells that an idea is there already: its id in a list of its municipality, else its
    region and text."""
    if row.source_id:
        key = orjson.dumps(["id", row.region, list_name, row.source_id])
    else:
        key = f"text {row.region} {row.text}".encode()
    return hashlib.sha256(key).hexdigest()


def _older_source(row: ImportedIdea) -> str | None:
    """As ideas were stored when an id counted everywhere."""
    if not row.source_id:
        return None
    return hashlib.sha256(f"id {row.source_id}".encode()).hexdigest()


def _idea(row: ImportedIdea, source: str, consent_version: str, by: str) -> NewIdea:
    day = row.received_on
    return NewIdea(
        region=row.region,
        text=row.text,
        channel=IdeaChannel.IMPORT,
        consent_version=consent_version,
        changed_by=by,
        field=row.field,
        author_group=row.group,
        topic=row.topic,
        source_key=source,
        created_at=datetime.combine(day, time(12), BERLIN) if day else datetime.now(UTC),
    )
