"""Handing in an idea: anybody may, without an account; it is public only after moderation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.domain.participation_codes import IdeaChannel, Moderation
from klima_measures.domain.references import new_reference
from klima_measures.storage import ideas
from klima_measures.storage.tables import metadata
from klima_measures.storage.tables.participation import workshop
from klima_measures.storage.tables.registers import region as region_table
from klima_shared import audit
from klima_shared.auth import Principal
from klima_shared.database import WriteConnection
from klima_shared.problems import internal, invalid_at
from klima_shared.types import covers


@dataclass(frozen=True, slots=True)
class NewIdea:
    """An idea as it comes in, its texts already checked."""

    region: str
    text: str
    channel: IdeaChannel
    consent_version: str
    field: str | None = None
    group: str | None = None
    topic: str | None = None
    workshop: UUID | None = None
    source_key: str | None = None
    created_at: datetime | None = None


def public_audit(row: dict[str, Any]) -> dict[str, Any]:
    """What the audit keeps of an idea: never what its author wrote, so that a deletion leaves nothing behind."""
    kept = ("reference", "region", "channel", "field", "workshop_id", "moderation", "merged_into", "triage", "erased")
    return {name: row[name] for name in kept if row.get(name) is not None} | {"characters": len(row.get("text") or "")}


async def check_place(connection: AsyncConnection, county: str, region: str, pointer: str = "/body/region") -> None:
    """422 for a region outside the county this installation serves, or one that its registry does not know."""
    if not covers(county, region):
        raise invalid_at(
            pointer,
            f"Das Gebiet {region} gehört nicht zum Kreis {county}.",
            f"The region {region} does not belong to the county {county}.",
        )
    known = set((await connection.execute(select(region_table.c.ags))).scalars())
    if known and region not in known:
        raise invalid_at(pointer, f"Das Gebiet {region} gibt es nicht.", f"There is no region {region}.")


async def check_workshop(connection: AsyncConnection, identity: UUID, region: str, pointer: str) -> None:
    """422 unless the workshop is there and of this region or of one around it."""
    found = (await connection.execute(select(workshop.c.region).where(workshop.c.id == identity))).scalar()
    if found is None or not (covers(found, region) or covers(region, found)):
        raise invalid_at(
            pointer, "Diese Werkstatt gibt es in diesem Gebiet nicht.", "There is no such workshop in this region."
        )


async def store(connection: WriteConnection, principal: Principal, new: NewIdea) -> dict[str, Any]:
    """Store a checked idea with its audit row; returns the row. A source key must be new."""
    row: dict[str, Any] = {
        "region": new.region,
        "text": new.text,
        "channel": new.channel.value,
        "field": new.field,
        "author_group": new.group,
        "topic": new.topic,
        "workshop_id": new.workshop,
        "consent_version": new.consent_version,
        "source_key": new.source_key,
        "moderation": Moderation.NEW.value,
        "created_at": new.created_at or datetime.now(UTC),
        "changed_by": principal.subject,
    }
    for _ in range(5):  # two equal references in a row will not be met in this world
        row |= {"id": uuid4(), "reference": new_reference()}
        if await ideas.add(connection, row):
            break
    else:
        raise internal()
    await audit.record(
        connection, metadata, principal, action="hand_in", entity="idea", entity_id=row["id"], region=new.region,
        after=public_audit(row),
    )  # fmt: skip
    return row
