"""What has been kept long enough goes: `klima-measures retention`, once a day. Periods are
settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update

from klima_measures.base.queries import erasure as traces
from klima_measures.base.tables import metadata
from klima_measures.participation.actions.erasure import carry_out
from klima_measures.participation.model import ErasureKind, Moderation
from klima_measures.participation.queries import ideas
from klima_measures.participation.queries import rate_limit as clients
from klima_measures.participation.rules.retention import Periods
from klima_measures.participation.tables import idea
from klima_shared.database import audit
from klima_shared.database.connections import Database, WriteConnection
from klima_shared.http.auth import Principal

KEEPER = Principal(subject="retention")
BATCH = 200


@dataclass
class Removed:
    """How many of each were removed."""

    rejected_ideas: int = 0
    finished_ideas: int = 0
    author_groups: int = 0
    idempotency_keys: int = 0
    client_counters: int = 0


async def run(database: Database, periods: Periods, now: datetime) -> Removed:
    """Remove what is due. Works in batches with a transaction each, so that nobody waits for it."""
    removed = Removed()
    rejected = periods.before(now, periods.rejected_ideas)
    finished = periods.before(now, periods.finished_ideas)
    if rejected:
        refused = idea.c.moderation == Moderation.REJECTED.value
        removed.rejected_ideas = await _ideas(database, refused, rejected)
    if finished:
        ended = or_(idea.c.triage.is_not(None), idea.c.moderation == Moderation.MERGED.value)
        removed.finished_ideas = await _ideas(database, ended, finished)
    async with database.write() as connection:
        groups = periods.before(now, periods.author_groups)
        if groups:
            removed.author_groups = await _groups(connection, groups)
        keys = periods.before(now, periods.idempotency_keys)
        if keys:
            removed.idempotency_keys = await traces.forget_keys(connection, keys)
        counters = periods.before(now, periods.client_counters)
        if counters:
            removed.client_counters = await clients.forget(connection, counters)
    return removed


async def _ideas(database: Database, which: ColumnElement[bool], before: datetime) -> int:
    """Delete the texts of ideas that nothing was done to since `before`."""
    due = select(idea.c.reference).where(
        which, idea.c.changed_at < before, idea.c.erased.is_distinct_from("delete")
    )
    total = 0
    while True:
        async with database.write() as connection:
            query = due.order_by(idea.c.id).limit(BATCH).with_for_update(skip_locked=True)
            references = list((await connection.execute(query)).scalars())
            for reference in references:
                row = await ideas.find(connection, reference, lock=True)
                assert row is not None  # noqa: S101
                await carry_out(connection, KEEPER, row, ErasureKind.DELETE, "retention", None)
        total += len(references)
        if len(references) < BATCH:
            return total


async def _groups(connection: WriteConnection, before: datetime) -> int:
    query = (
        update(idea)
        .where(idea.c.author_group.is_not(None), idea.c.created_at < before)
        .values(author_group=None, revision=idea.c.revision + 1, changed_by=KEEPER.subject)
        .returning(idea.c.id, idea.c.region)
    )
    rows = (await connection.execute(query)).all()
    for identity, region in rows:
        await audit.record(
            connection,
            metadata,
            KEEPER,
            action="forget_author_group",
            entity="idea",
            entity_id=identity,
            region=region,
        )
    return len(rows)
