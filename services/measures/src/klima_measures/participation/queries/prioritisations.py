"""Queries on prioritisations: what stands on the wall, and what was given to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.participation.rules.ranking import Tally
from klima_measures.participation.tables import idea, prioritisation_idea, vote

_root = idea.alias("root")


async def ideas_by_reference(
    connection: AsyncConnection, references: Collection[str]
) -> dict[str, dict[str, Any]]:
    columns = (idea.c.id, idea.c.reference, idea.c.moderation, idea.c.region, idea.c.erased)
    rows = await connection.execute(select(*columns).where(idea.c.reference.in_(references)))
    return {row["reference"]: dict(row) for row in rows.mappings()}


async def set_ideas(connection: AsyncConnection, session: UUID, ideas: Sequence[UUID]) -> None:
    mine = prioritisation_idea.c.prioritisation_id == session
    await connection.execute(delete(prioritisation_idea).where(mine))
    if ideas:
        rows = [{"prioritisation_id": session, "idea_id": identity} for identity in ideas]
        await connection.execute(insert(prioritisation_idea), rows)


async def on_the_wall(
    connection: AsyncConnection, sessions: Sequence[UUID]
) -> dict[UUID, dict[str, dict[str, Any]]]:
    """Session -> reference -> {id, text, region} of its ideas; a merged one is shown as the one it
    went into."""
    query = (
        select(
            prioritisation_idea.c.prioritisation_id,
            _root.c.id,
            _root.c.reference,
            _root.c.text,
            _root.c.region,
        )
        .join(idea, idea.c.id == prioritisation_idea.c.idea_id)
        .join(_root, _root.c.id == func.coalesce(idea.c.merged_into, idea.c.id))
        .where(prioritisation_idea.c.prioritisation_id.in_(sessions))
        .order_by(_root.c.created_at, _root.c.id)
    )
    found: dict[UUID, dict[str, dict[str, Any]]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["prioritisation_id"], {})[row["reference"]] = dict(row)
    return found


async def tallies(
    connection: AsyncConnection, sessions: Sequence[UUID]
) -> dict[UUID, dict[str, Tally]]:
    """Session -> reference -> tally. What was given to a merged idea counts for the one it went
    into."""
    query = (
        select(
            vote.c.prioritisation_id,
            _root.c.reference,
            func.sum(vote.c.ballots),
            func.sum(vote.c.ballots * vote.c.value),
        )
        .join(idea, idea.c.id == vote.c.idea_id)
        .join(_root, _root.c.id == func.coalesce(idea.c.merged_into, idea.c.id))
        .where(vote.c.prioritisation_id.in_(sessions))
        .group_by(vote.c.prioritisation_id, _root.c.reference)
    )
    found: dict[UUID, dict[str, Tally]] = {}
    for session, reference, ballots, total in await connection.execute(query):
        found.setdefault(session, {})[reference] = Tally(int(ballots), int(total))
    return found


async def voted(connection: AsyncConnection, session: UUID) -> set[UUID]:
    """The ideas something was given to."""
    found = await connection.execute(
        select(vote.c.idea_id).where(vote.c.prioritisation_id == session).distinct()
    )
    return {row.idea_id for row in found}


async def is_on_the_wall(connection: AsyncConnection, session: UUID, identity: UUID) -> bool:
    mine = and_(
        prioritisation_idea.c.prioritisation_id == session,
        prioritisation_idea.c.idea_id == identity,
    )
    return (
        await connection.execute(select(prioritisation_idea.c.idea_id).where(mine))
    ).first() is not None


async def add_vote(connection: AsyncConnection, row: dict[str, Any]) -> None:
    await connection.execute(insert(vote).values(**row))
