"""What is kept of callers and authors, and what is thrown away: keyed digests of addresses with
their salts, answers to repeated requests, groups and texts of ideas.

Counters are in the database, so that all processes of the service count together.
"""

import secrets
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.tables import metadata
from klima_measures.participation.model.codes import Moderation
from klima_measures.participation.queries.ideas import not_deleted
from klima_measures.participation.tables import client_counter, client_salt, idea, idea_measure

REJECTED = idea.c.moderation == Moderation.REJECTED
FINISHED = or_(idea.c.triage.is_not(None), idea.c.moderation == Moderation.MERGED)
_keys = metadata.tables["measures.idempotency_key"]


async def salt_of(connection: AsyncConnection, day: date) -> bytes | None:
    """The salt of a day; None when there was none or it was thrown away."""
    query = select(client_salt.c.salt).where(client_salt.c.day == day)
    return (await connection.execute(query)).scalar()


async def make_salt(connection: AsyncConnection, day: date) -> bytes:
    """The salt of a day, drawn now if no process did so before."""
    new = insert(client_salt).values(day=day, salt=secrets.token_bytes(32)).on_conflict_do_nothing()
    await connection.execute(new)
    salt = await salt_of(connection, day)
    assert salt is not None  # noqa: S101
    return salt


async def forget_clients(connection: AsyncConnection, before: datetime) -> int:
    """Remove counters and salts older than `before`; how many counters it were."""
    await connection.execute(delete(client_salt).where(client_salt.c.day < before.date()))
    query = delete(client_counter).where(client_counter.c.window_start < before)
    return (await connection.execute(query)).rowcount


async def forget_answers(connection: AsyncConnection, reference: str) -> None:
    """Remove stored answers to repeated requests that hold this reference, and with them the digest
    of the content."""
    holds = func.strpos(func.encode(_keys.c.body, "escape"), reference) > 0
    await connection.execute(delete(_keys).where(holds))


async def forget_notes(connection: AsyncConnection, identity: UUID) -> None:
    """Remove the notes at the links from an idea to measures; the links stay."""
    query = update(idea_measure).where(idea_measure.c.idea_id == identity).values(note=None)
    await connection.execute(query)


async def forget_keys(connection: AsyncConnection, before: datetime) -> int:
    """Remove the keys of repeated requests that are older."""
    return (await connection.execute(delete(_keys).where(_keys.c.created_at < before))).rowcount


async def lock_due(
    connection: AsyncConnection, which: ColumnElement[bool], before: datetime, limit: int
) -> list[str]:
    """References of ideas that nothing was done to since `before`; those that somebody else has
    locked are left for another time."""
    query = select(idea.c.reference).where(which, idea.c.changed_at < before, not_deleted)
    query = query.order_by(idea.c.id).limit(limit).with_for_update(skip_locked=True)
    return list((await connection.execute(query)).scalars())


async def forget_groups(
    connection: AsyncConnection, before: datetime, by: str
) -> list[tuple[UUID, str]]:
    """Remove the group of authors of older ideas; (id, region) of these."""
    query = (
        update(idea)
        .where(idea.c.author_group.is_not(None), idea.c.created_at < before)
        .values(author_group=None, revision=idea.c.revision + 1, changed_by=by)
        .returning(idea.c.id, idea.c.region)
    )
    return [(row.id, row.region) for row in await connection.execute(query)]
