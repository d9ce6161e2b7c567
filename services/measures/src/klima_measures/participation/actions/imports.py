"""Bringing ideas in from elsewhere: all of a file or nothing, and a repeat changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from klima_measures.base.actions.context import Frame
from klima_measures.base.tables import metadata
from klima_measures.community.rules.opening_hours import BERLIN
from klima_measures.participation.actions.submission import NewIdea, audited, new_row
from klima_measures.participation.files.ideas import Fault, IdeaRow, Read
from klima_measures.participation.model import IdeaChannel
from klima_measures.participation.queries import ideas
from klima_measures.sheets.actions.references import unknown_regions
from klima_shared.codes.fields import covers
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.language.text import Text


@dataclass(frozen=True, slots=True)
class Outcome:
    """`stored` are the references of what came in; `known` how many were there already."""

    identity: UUID
    rows: int
    stored: Sequence[str]
    known: int
    faults: Sequence[Fault]


async def run(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    file: Read,
    *,
    consent_version: str,
    dry_run: bool,
) -> Outcome:
    """Check the rows and store them unless there is a fault or it is a `dry_run`."""
    faults = [*file.faults, *await _faults(connection, principal, frame, file)]
    new = {_source(row): (line, row) for line, row in file.rows}
    known = await ideas.known_sources(connection, list(new))
    rows = [
        new_row(principal, _idea(row, source, consent_version))
        for source, (_, row) in new.items()
        if source not in known
    ]
    identity = uuid4()
    stored = not (dry_run or faults)
    if stored and rows:
        await ideas.copy_in(connection, rows)
        trail = [audit.values(principal, **audited(row)) for row in rows]
        await connection.execute(insert(metadata.tables["measures.audit"]), trail)
    if stored:
        facts = {"rows": file.count, "stored": len(rows), "known": len(file.rows) - len(rows)}
        await audit.record(
            connection,
            metadata,
            principal,
            action="import",
            entity="idea_import",
            entity_id=identity,
            after=facts,
        )
    references = [row["reference"] for row in rows] if stored else []
    return Outcome(identity, file.count, references, len(file.rows) - len(rows), faults)


async def _faults(
    connection: WriteConnection, principal: Principal, frame: Frame, file: Read
) -> list[Fault]:
    faults = []
    regions = {row.region for _, row in file.rows}
    foreign = {region for region in regions if not covers(frame.county, region)}
    unknown = set(await unknown_regions(connection, frame, sorted(regions - foreign)))
    fields = set(frame.fields.codes())
    for line, row in file.rows:
        if row.region in foreign | unknown:
            text = Text("The region {region} is not in the county.", region=row.region)
            faults.append(Fault(line, "region", text))
        elif not principal.may(Role.EDITOR, row.region):
            text = Text("Your login does not hold for {region}.", region=row.region)
            faults.append(Fault(line, "region", text))
        if row.field is not None and row.field not in fields:
            known = ", ".join(frame.fields.codes())
            text = Text("One of these is expected: {known}.", known=known)
            faults.append(Fault(line, "field", text))
    return faults


def _source(row: IdeaRow) -> str:
    """What tells that an idea is there already: the source's own id, else its region and text."""
    key = row.source_id or f"{row.region} {row.text}"
    return hashlib.sha256(f"{'id' if row.source_id else 'text'} {key}".encode()).hexdigest()


def _idea(row: IdeaRow, source: str, consent_version: str) -> NewIdea:
    received = (
        datetime.combine(row.received_on, time(12), BERLIN)
        if row.received_on
        else datetime.now(UTC)
    )
    return NewIdea(
        row.region,
        row.text,
        IdeaChannel.IMPORT,
        consent_version,
        row.field,
        row.group.value if row.group else None,
        row.topic,
        source_key=source,
        created_at=received,
    )


def as_dict(fault: Fault, lang: str) -> dict[str, Any]:
    return {"line": fault.line, "column": fault.column, "message": fault.message.get(lang)}
