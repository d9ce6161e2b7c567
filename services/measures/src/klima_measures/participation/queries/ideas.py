"""Queries on ideas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.participation.model import Moderation, Triage
from klima_measures.participation.rules.triage import Standing, TriageSums, sums
from klima_measures.participation.tables import idea, idea_measure
from klima_measures.sheets.tables import measure, measure_view

_target = idea.alias("target")
_merged = idea.outerjoin(_target, idea.c.merged_into == _target.c.id)
_COLUMNS = (*idea.c, _target.c.reference.label("merged_into_reference"))

# Where an idea counts: `domain.triage.effective_triage` as SQL.
counted_as = case(
    (idea.c.moderation == Moderation.REJECTED.value, Triage.OUT_OF_SCOPE.value),
    (idea.c.moderation == Moderation.MERGED.value, _target.c.triage),
    else_=idea.c.triage,
)


async def find(
    connection: AsyncConnection, reference: str, *, lock: bool = False
) -> dict[str, Any] | None:
    query = select(*_COLUMNS).select_from(_merged).where(idea.c.reference == reference)
    if lock:
        query = query.with_for_update(of=idea)
    row = (await connection.execute(query)).mappings().first()
    return dict(row) if row else None


async def lock_both(
    connection: AsyncConnection, first: str, second: str
) -> dict[str, dict[str, Any]]:
    """Two ideas by their references, locked in one order, so that two mergers cannot wait for each
    other."""
    query = select(*_COLUMNS).select_from(_merged).where(idea.c.reference.in_([first, second]))
    rows = await connection.execute(query.order_by(idea.c.id).with_for_update(of=idea))
    return {row["reference"]: dict(row) for row in rows.mappings()}


# Made once: building a statement takes longer than running it.
_ADD = upsert(idea).on_conflict_do_nothing().returning(idea.c.id)


async def add(connection: AsyncConnection, row: dict[str, Any]) -> bool:
    """Store a new idea; False when its reference or its source key is already there."""
    return (await connection.execute(_ADD, row)).first() is not None


async def known_sources(connection: AsyncConnection, keys: Sequence[str]) -> set[str]:
    """Which of these source keys are stored."""
    found = await connection.execute(select(idea.c.source_key).where(idea.c.source_key.in_(keys)))
    return {str(key) for (key,) in found}


async def change(
    connection: AsyncConnection, identity: UUID, by: str, values: dict[str, Any]
) -> dict[str, Any]:
    """Write `values` and the next revision; the idea as it is now."""
    await connection.execute(
        update(idea)
        .where(idea.c.id == identity)
        .values(
            **values, revision=idea.c.revision + 1, changed_at=func.clock_timestamp(), changed_by=by
        )
    )
    query = select(*_COLUMNS).select_from(_merged).where(idea.c.id == identity)
    return dict((await connection.execute(query)).mappings().one())


async def merged_into(connection: AsyncConnection, identity: UUID) -> list[dict[str, Any]]:
    """Identity and reference of the ideas that went into this one."""
    query = (
        select(idea.c.id, idea.c.reference)
        .where(idea.c.merged_into == identity)
        .order_by(idea.c.reference)
    )
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def listing(
    connection: AsyncConnection,
    where: Sequence[ColumnElement[bool]],
    *,
    limit: int,
    after: Sequence[Any] | None = None,
) -> Sequence[Any]:
    """Ideas in the order in which they came in."""
    query = select(*_COLUMNS).select_from(_merged).where(*where)
    if after:
        query = query.where(
            or_(
                idea.c.created_at > after[0],
                and_(idea.c.created_at == after[0], idea.c.id > after[1]),
            )
        )
    query = query.order_by(idea.c.created_at, idea.c.id).limit(limit)
    return (await connection.execute(query)).mappings().all()


async def triage_sums(
    connection: AsyncConnection, where: Sequence[ColumnElement[bool]]
) -> TriageSums:
    """Sums over the ideas that meet `where`."""
    standing = (idea.c.moderation, idea.c.triage, _target.c.triage.label("target"))
    query = select(*standing, func.count()).select_from(_merged).where(*where).group_by(*standing)
    return sums(
        (Standing(Moderation(m), Triage(t) if t else None, Triage(g) if g else None), int(n))
        for m, t, g, n in await connection.execute(query)
    )


def unanswered(before: datetime) -> ColumnElement[bool]:
    """Older than `before`, and its author has heard nothing: no answer, no refusal, no merger."""
    waiting = idea.c.moderation.in_([Moderation.NEW.value, Moderation.ACCEPTED.value])
    return and_(
        idea.c.created_at < before,
        waiting,
        idea.c.answer.is_(None),
        idea.c.erased.is_distinct_from("delete"),
    )


def part_of(measure_id: UUID, audience: str) -> ColumnElement[bool]:
    """Ideas that became part of a measure, where this audience sees the measure."""
    seen = select(measure_view.c.measure_id).where(
        measure_view.c.measure_id == measure_id, measure_view.c.audience == audience
    )
    linked = select(idea_measure.c.idea_id).where(idea_measure.c.measure_id.in_(seen))
    return idea.c.id.in_(linked)


async def count(connection: AsyncConnection, where: Sequence[ColumnElement[bool]]) -> int:
    query = select(func.count()).select_from(_merged).where(*where)
    return int((await connection.execute(query)).scalar_one())


async def measures_of(
    connection: AsyncConnection, ideas: Sequence[UUID], audience: str
) -> dict[UUID, list[dict[str, Any]]]:
    """Measures that ideas became, as an audience (`public`, `internal`) sees them."""
    view = measure_view
    query = (
        select(idea_measure.c.idea_id, view.c.measure_id, view.c.number, view.c.title, view.c.phase)
        .join(
            view, and_(view.c.measure_id == idea_measure.c.measure_id, view.c.audience == audience)
        )
        .where(idea_measure.c.idea_id.in_(ideas))
        .order_by(view.c.field_rank, view.c.number_key, view.c.measure_id)
    )
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in (await connection.execute(query)).mappings():
        line = {
            "id": row["measure_id"],
            "number": row["number"],
            "title": row["title"],
            "phase": row["phase"],
        }
        found.setdefault(row["idea_id"], []).append(line)
    return found


async def measure_to_link(connection: AsyncConnection, identity: UUID) -> dict[str, Any] | None:
    """Owner, regions and whether it is intermunicipal, of a measure; None when there is none."""
    view = measure_view
    query = (
        select(measure.c.id, measure.c.owner, view.c.intermunicipal)
        .join(view, and_(view.c.measure_id == measure.c.id, view.c.audience == "internal"))
        .where(measure.c.id == identity)
    )
    row = (await connection.execute(query)).mappings().first()
    return dict(row) if row else None


async def link(
    connection: AsyncConnection, idea_id: UUID, measure_id: UUID, by: str, note: str | None
) -> bool:
    """Join an idea and a measure; False when they are already."""
    new = upsert(idea_measure).values(
        idea_id=idea_id, measure_id=measure_id, changed_by=by, note=note
    )
    return (
        await connection.execute(new.on_conflict_do_nothing().returning(idea_measure.c.idea_id))
    ).first() is not None


async def unlink(connection: AsyncConnection, idea_id: UUID, measure_id: UUID) -> bool:
    mine = (idea_measure.c.idea_id == idea_id) & (idea_measure.c.measure_id == measure_id)
    return (await connection.execute(delete(idea_measure).where(mine))).rowcount > 0


async def copy_in(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Store many new ideas at once."""
    await connection.execute(insert(idea), list(rows))


async def count_by_workshop(
    connection: AsyncConnection, workshops: Sequence[UUID]
) -> dict[UUID, tuple[int, int]]:
    """Workshop -> (accepted ideas, all ideas)."""
    accepted = func.count().filter(idea.c.moderation == Moderation.ACCEPTED.value)
    query = select(idea.c.workshop_id, accepted, func.count()).where(
        idea.c.workshop_id.in_(workshops)
    )
    found = await connection.execute(query.group_by(idea.c.workshop_id))
    return {identity: (int(some), int(all_)) for identity, some, all_ in found}
