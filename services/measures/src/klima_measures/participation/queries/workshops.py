"""Queries of workshops: result packages, and what stands on the wall of a prioritisation."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.participation.model.codes import ErasureKind, Moderation
from klima_measures.participation.model.workshops import PackageRow, Tally
from klima_measures.participation.tables import idea, package, prioritisation_idea, vote
from klima_shared.revisions.entities import Entity, Values, all_rows, first_row, update

PACKAGE = Entity("package", package, PackageRow)
_root = idea.alias("root")


async def newest_package(
    connection: AsyncConnection, workshop: UUID, *, lock: bool = False, version: int | None = None
) -> PackageRow | None:
    """The newest package of a workshop, or one of its versions, without its file."""
    query = select(*PACKAGE.columns).where(package.c.workshop_id == workshop)
    query = query.order_by(package.c.version.desc()).limit(1)
    if version is not None:
        query = query.where(package.c.version == version)
    return await first_row(connection, query.with_for_update() if lock else query, PackageRow)


async def package_file(connection: AsyncConnection, identity: UUID) -> bytes | None:
    """The file; None once it was removed."""
    query = select(package.c.content).where(package.c.id == identity)
    content = (await connection.execute(query)).scalar()
    return None if content is None else bytes(content)


async def packages_with(connection: AsyncConnection, reference: str) -> list[PackageRow]:
    """All packages an idea is in, locked."""
    query = select(*PACKAGE.columns).where(package.c.ideas.contains([reference]))
    return await all_rows(connection, query.order_by(package.c.id).with_for_update(), PackageRow)


async def remove_file(connection: AsyncConnection, identity: UUID, by: str) -> None:
    """Remove the file of a package that was handed over; when and to whom it went stays."""
    values = {"content": None, "removed_at": func.clock_timestamp()}
    await update(connection, PACKAGE, [identity], by, values)


class VotedIdea(NamedTuple):
    """What a prioritisation needs to know of an idea."""

    id: UUID
    reference: str
    moderation: Moderation
    erased: ErasureKind | None
    region: str

    @property
    def public(self) -> bool:
        return self.accepted

    @property
    def accepted(self) -> bool:
        return self.moderation is Moderation.ACCEPTED and self.erased is not ErasureKind.DELETE


async def ideas_by_reference(
    connection: AsyncConnection, references: Collection[str]
) -> dict[str, VotedIdea]:
    columns = (idea.c.id, idea.c.reference, idea.c.moderation, idea.c.erased, idea.c.region)
    rows = await connection.execute(select(*columns).where(idea.c.reference.in_(references)))
    return {row.reference: VotedIdea(*row) for row in rows}


async def set_ideas(connection: AsyncConnection, session: UUID, ideas: Sequence[UUID]) -> None:
    mine = prioritisation_idea.c.prioritisation_id == session
    await connection.execute(delete(prioritisation_idea).where(mine))
    if ideas:
        rows = [{"prioritisation_id": session, "idea_id": identity} for identity in ideas]
        await connection.execute(insert(prioritisation_idea), rows)


async def ideas_of(
    connection: AsyncConnection, sessions: Collection[UUID]
) -> dict[UUID, list[str]]:
    """Session -> references of its ideas; a merged one is shown as the one it went into."""
    query = (
        select(prioritisation_idea.c.prioritisation_id, _root.c.reference)
        .join(idea, idea.c.id == prioritisation_idea.c.idea_id)
        .join(_root, _root.c.id == func.coalesce(idea.c.merged_into, idea.c.id))
        .where(prioritisation_idea.c.prioritisation_id.in_(sessions))
        .order_by(_root.c.created_at, _root.c.id)
    )
    of_session: dict[UUID, list[str]] = {}
    for session, reference in await connection.execute(query):
        of_session.setdefault(session, []).append(reference)
    return of_session


async def tallies(
    connection: AsyncConnection, sessions: Collection[UUID]
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
    of_session: dict[UUID, dict[str, Tally]] = {}
    for session, reference, ballots, total in await connection.execute(query):
        of_session.setdefault(session, {})[reference] = Tally(int(ballots), int(total))
    return of_session


async def voted_ideas(connection: AsyncConnection, session: UUID) -> set[UUID]:
    """The ideas something was given to."""
    query = select(vote.c.idea_id).where(vote.c.prioritisation_id == session).distinct()
    return set((await connection.execute(query)).scalars())


async def is_candidate(connection: AsyncConnection, session: UUID, identity: UUID) -> bool:
    """Whether an idea is one of a session's."""
    mine = and_(
        prioritisation_idea.c.prioritisation_id == session,
        prioritisation_idea.c.idea_id == identity,
    )
    query = select(prioritisation_idea.c.idea_id).where(mine)
    return (await connection.execute(query)).first() is not None


async def add_vote(connection: AsyncConnection, row: Values) -> None:
    await connection.execute(insert(vote).values(**row))


async def count_ideas(
    connection: AsyncConnection, workshops: Collection[UUID]
) -> dict[UUID, tuple[int, int]]:
    """Workshop -> (accepted ideas, all ideas)."""
    accepted = func.count().filter(idea.c.moderation == Moderation.ACCEPTED)
    query = select(idea.c.workshop_id, accepted, func.count())
    query = query.where(idea.c.workshop_id.in_(workshops)).group_by(idea.c.workshop_id)
    return {row[0]: (row[1], row[2]) for row in await connection.execute(query)}
