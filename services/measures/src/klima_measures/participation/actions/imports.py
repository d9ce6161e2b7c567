"""Bringing ideas in from elsewhere: all of a file or nothing, and a repeat changes nothing."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID, uuid4

from klima_measures.base.actions.regions import Regions
from klima_measures.base.model.context import Fields
from klima_measures.base.model.dates import BERLIN
from klima_measures.participation.actions.ideas import public_audit
from klima_measures.participation.files import IdeaFile, ImportedIdea, InputFault
from klima_measures.participation.model.codes import IdeaChannel
from klima_measures.participation.model.ideas import NewIdea
from klima_measures.participation.queries import ideas
from klima_shared.codes.access import Role
from klima_shared.codes.regions import covers
from klima_shared.database import audit
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer


@dataclass(frozen=True, slots=True)
class Outcome:
    """`references` are those of what was stored; `known` how many were there already."""

    id: UUID
    rows: int
    references: Sequence[str]
    known: int
    faults: Sequence[InputFault]


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
    faults = [*file.faults, *_faults(writer, file, regions, fields.codes())]
    by_source = {_source(row): row for _, row in file.rows}
    stored = await ideas.stored_sources(writer.connection, list(by_source))
    new = [
        _idea(row, source, consent_version, writer.principal.subject)
        for source, row in by_source.items()
        if source not in stored
    ]
    identity, store = uuid4(), not (dry_run or faults)
    repeated = len(file.rows) - len(new)
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
    return Outcome(identity, file.count, references, repeated, faults)


def _faults(
    writer: Writer, file: IdeaFile, regions: Regions, fields: Iterable[str]
) -> list[InputFault]:
    faults = []
    stated = {row.region for _, row in file.rows}
    foreign = {region for region in stated if not covers(regions.county, region)}
    unknown = set(regions.unknown(stated - foreign))
    for line, row in file.rows:
        if row.region in foreign | unknown:
            text = Text("The region {region} is not in the county.", region=row.region)
            faults.append(InputFault(line, "region", text))
        elif not writer.principal.may(Role.EDITOR, row.region):
            text = Text("Your login does not hold for {region}.", region=row.region)
            faults.append(InputFault(line, "region", text))
        if row.field is not None and row.field not in fields:
            known = ", ".join(fields)
            text = Text("One of these is expected: {known}.", known=known)
            faults.append(InputFault(line, "field", text))
    return faults


def _source(row: ImportedIdea) -> str:
    """What tells that an idea is there already: the source's own id, else its region and text."""
    key = row.source_id or f"{row.region} {row.text}"
    return hashlib.sha256(f"{'id' if row.source_id else 'text'} {key}".encode()).hexdigest()


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
