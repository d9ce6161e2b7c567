"""Handing in an idea: anybody may, without an account; it is public only after moderation."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.actions.context import Frame
from klima_measures.base.tables import metadata
from klima_measures.participation.actions.rate_limit import Callers
from klima_measures.participation.model import IdeaChannel, Moderation
from klima_measures.participation.queries import ideas
from klima_measures.participation.queries import submission as storage
from klima_measures.participation.rules.references import new_reference
from klima_measures.participation.tables import workshop
from klima_measures.sheets.actions.references import unknown_regions
from klima_shared.codes.fields import covers
from klima_shared.database import audit
from klima_shared.database.connections import SingleConnection, WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.problems import internal, invalid_at, unavailable
from klima_shared.language.text import Text


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
    """What the audit keeps of an idea: never what its author wrote, so that a deletion leaves
    nothing behind."""
    kept = (
        "reference",
        "region",
        "channel",
        "field",
        "workshop_id",
        "moderation",
        "merged_into",
        "triage",
        "erased",
    )
    return {name: row[name] for name in kept if row.get(name) is not None} | {
        "characters": len(row.get("text") or "")
    }


@dataclass
class Places:
    """Which regions ideas may come from; verdicts are kept for a minute. One per process."""

    county: str
    _verdicts: dict[str, tuple[float, bool]] = field(default_factory=dict)

    async def check(
        self, connection: AsyncConnection, frame: Frame, region: str, pointer: str = "/body/region"
    ) -> None:
        """422 for a region outside the county this installation serves, or one that the registry
        does not know.

        While neither our copy of the registry nor the balance service can tell, the county is all
        that is checked.
        """
        if not covers(self.county, region):
            raise invalid_at(
                pointer,
                Text(
                    "The region {region} does not belong to the county {county}.",
                    region=region,
                    county=self.county,
                ),
            )
        asked_at, known = self._verdicts.get(region, (-math.inf, False))
        if time.monotonic() - asked_at > _PLACES_SECONDS:
            known = not await unknown_regions(connection, frame, [region])
            self._verdicts[region] = (time.monotonic(), known)
        if not known:
            raise invalid_at(pointer, Text("There is no region {region}.", region=region))


_PLACES_SECONDS: Final = 60.0


def check_field(frame: Frame, code: str | None) -> None:
    """422 for a field of action that this installation does not have."""
    if code is not None and code not in frame.fields.codes():
        known = ", ".join(frame.fields.codes())
        raise invalid_at(
            "/body/field", Text("There is no such field of action; possible: {known}.", known=known)
        )


async def check_workshop(
    connection: AsyncConnection, identity: UUID, region: str, pointer: str
) -> None:
    """422 unless the workshop is there and of this region or of one around it."""
    found = (
        await connection.execute(select(workshop.c.region).where(workshop.c.id == identity))
    ).scalar()
    if found is None or not (covers(found, region) or covers(region, found)):
        raise invalid_at(pointer, Text("There is no such workshop in this region."))


async def hand_in(
    connection: SingleConnection,
    principal: Principal,
    new: NewIdea,
    callers: Callers,
    client: bytes,
    now: datetime,
    key: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]],
) -> dict[str, Any] | None:
    """Store the checked idea of a citizen; returns the row, or None when nothing was stored: the
    request's key was taken, or too many came from there.

    key: the row of the request's key with the answer for an idea (`IdempotencyContext.values`).
    """
    row = new_row(principal, new)
    trail = audit.values(principal, **audited(row))
    limit = callers.settings.idea_rate_limit
    try:
        stored = await storage.hand_in(
            connection, row, trail, await key(row), client, callers.window(now), limit
        )
    except IntegrityError as error:  # the reference is in use: once in a lifetime
        raise unavailable(Text("Please send it again.")) from error
    return row if stored else None


async def store(connection: WriteConnection, principal: Principal, new: NewIdea) -> dict[str, Any]:
    """Store a checked idea that staff entered, or an import brought; returns the row. A source key
    must be new."""
    for _ in range(_DRAWS):
        row = new_row(principal, new)
        if await ideas.add(connection, row):
            await audit.record(connection, metadata, principal, **audited(row))
            return row
    raise internal()


_DRAWS: Final = 5  # two equal references in a row will not be met in this world


def new_row(principal: Principal, new: NewIdea) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "reference": new_reference(),
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


def audited(row: dict[str, Any]) -> dict[str, Any]:
    after = public_audit(row)
    return {
        "action": "hand_in",
        "entity": "idea",
        "entity_id": row["id"],
        "region": row["region"],
        "after": after,
    }
