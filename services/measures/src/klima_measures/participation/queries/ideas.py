"""Queries on ideas."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.rules import Reader
from klima_measures.participation.model.codes import ErasureKind, Moderation, Triage
from klima_measures.participation.model.ideas import (
    IdeaRow,
    LinkedMeasure,
    MeasureToLink,
    NewIdea,
    Standing,
    StoredSource,
    TriageSums,
)
from klima_measures.participation.rules import sums
from klima_measures.participation.tables import idea, idea_measure
from klima_measures.sheets.queries.visibility import visible
from klima_measures.sheets.tables import measure, measure_view
from klima_shared.codes.action import Phase
from klima_shared.http.sorting import Order
from klima_shared.revisions.entities import Values, all_rows, first_row
from klima_shared.revisions.visibility import lies_in

_target = idea.alias("target")
_merged = idea.outerjoin(_target, idea.c.merged_into == _target.c.id)
_COLUMNS = (
    *(idea.c[one.name] for one in fields(IdeaRow) if one.name in idea.c),
    _target.c.reference.label("merged_into_reference"),
)
_IDEAS = select(*_COLUMNS).select_from(_merged)

# Where an idea counts: `rules.effective_triage` as SQL.
counted_as = case(
    (idea.c.moderation == Moderation.REJECTED, Triage.OUT_OF_SCOPE.value),
    (idea.c.moderation == Moderation.MERGED, _target.c.triage),
    else_=idea.c.triage,
)
not_deleted = idea.c.erased.is_distinct_from(ErasureKind.DELETE)


async def find(
    connection: AsyncConnection, reference: str, *, lock: bool = False
) -> IdeaRow | None:
    query = _IDEAS.where(idea.c.reference == reference)
    return await first_row(connection, query.with_for_update(of=idea) if lock else query, IdeaRow)


async def lock_both(connection: AsyncConnection, first: str, second: str) -> dict[str, IdeaRow]:
    """Two ideas by their references, locked in one order, so that two mergers cannot wait for each
    other."""
    query = _IDEAS.where(idea.c.reference.in_([first, second])).order_by(idea.c.id)
    rows = await all_rows(connection, query.with_for_update(of=idea), IdeaRow)
    return {row.reference: row for row in rows}


async def lock_merged_into(connection: AsyncConnection, identity: UUID) -> list[IdeaRow]:
    """The ideas that went into this one."""
    query = _IDEAS.where(idea.c.merged_into == identity).order_by(idea.c.reference)
    return await all_rows(connection, query.with_for_update(of=idea), IdeaRow)


# Made once: building a statement takes longer than running it.
_ADD = upsert(idea).on_conflict_do_nothing().returning(idea.c.id)


async def add(connection: AsyncConnection, new: NewIdea) -> bool:
    """Store a new idea; False when its reference or its source key is already there."""
    return (await connection.execute(_ADD, new.columns)).first() is not None


async def add_all(connection: AsyncConnection, new: Sequence[NewIdea]) -> None:
    """Store many new ideas at once."""
    await connection.execute(insert(idea), [one.columns for one in new])


async def stored_sources(
    connection: AsyncConnection, keys: Sequence[str]
) -> dict[str, StoredSource]:
    """The ideas that are stored with these source keys."""
    text = case((idea.c.erased.is_(None), idea.c.text))
    query = select(idea.c.source_key, idea.c.reference, idea.c.region, text)
    rows = await connection.execute(query.where(idea.c.source_key.in_(keys)))
    return {key: StoredSource(*rest) for key, *rest in rows}


async def change(connection: AsyncConnection, identity: UUID, by: str, values: Values) -> IdeaRow:
    """Write `values` and the next revision; the idea as it is now."""
    stamps = {
        "revision": idea.c.revision + 1,
        "changed_at": func.clock_timestamp(),
        "changed_by": by,
    }
    await connection.execute(update(idea).where(idea.c.id == identity).values({**stamps, **values}))
    row = await first_row(connection, _IDEAS.where(idea.c.id == identity), IdeaRow)
    assert row is not None  # noqa: S101
    return row


async def listing(
    connection: AsyncConnection,
    where: Sequence[ColumnElement[bool]],
    order: Order = Order("created_at"),
    *,
    limit: int,
    after: Sequence[object] | None = None,
) -> list[IdeaRow]:
    """Ideas in the order in which they came in, or were changed (`changed_at`)."""
    columns = [idea.c[order.name], idea.c.id]
    query = order.apply(_IDEAS.where(*where), columns, after, limit)
    return await all_rows(connection, query, IdeaRow)


async def triage_sums(
    connection: AsyncConnection, where: Sequence[ColumnElement[bool]]
) -> TriageSums:
    """Sums over the ideas that meet `where`."""
    standing = (idea.c.moderation, idea.c.triage, _target.c.triage.label("target"))
    query = select(*standing, func.count()).select_from(_merged).where(*where).group_by(*standing)
    return sums((Standing(*row[:3]), row[3]) for row in await connection.execute(query))


async def count(connection: AsyncConnection, where: Sequence[ColumnElement[bool]]) -> int:
    query = select(func.count()).select_from(_merged).where(*where)
    return int((await connection.execute(query)).scalar_one())


def visible_to(draft_regions: Sequence[str]) -> ColumnElement[bool]:
    """Accepted ideas, and all of these regions."""
    public = and_(idea.c.moderation == Moderation.ACCEPTED, not_deleted)
    return public | lies_in(idea.c.region, draft_regions)


def unanswered(before: datetime) -> ColumnElement[bool]:
    """Older than `before`, and its author has heard nothing: no answer, no refusal, no merger."""
    waiting = idea.c.moderation.in_([Moderation.NEW, Moderation.ACCEPTED])
    return and_(idea.c.created_at < before, waiting, idea.c.answer.is_(None), not_deleted)


def part_of(measure_id: UUID, reader: Reader) -> ColumnElement[bool]:
    """Ideas that became part of a measure, where a reader sees the measure."""
    seen = select(measure_view.c.measure_id).where(
        measure_view.c.measure_id == measure_id, visible(reader)
    )
    linked = select(idea_measure.c.idea_id).where(idea_measure.c.measure_id.in_(seen))
    return idea.c.id.in_(linked)


async def measures_of(
    connection: AsyncConnection, ideas: Collection[UUID], reader: Reader
) -> dict[UUID, list[LinkedMeasure]]:
    """Measures that ideas became, as a reader sees them."""
    view = measure_view
    # One parameter, not a hundred: the driver keeps short statements and reads long ones anew.
    among = bindparam("ideas", list(ideas), type_=ARRAY(Uuid))
    query = (
        select(idea_measure.c.idea_id, view.c.measure_id, view.c.number, view.c.title, view.c.phase)
        .join(view, and_(view.c.measure_id == idea_measure.c.measure_id, visible(reader)))
        .where(idea_measure.c.idea_id == any_(among))
        .order_by(view.c.field_rank, view.c.number_key, view.c.measure_id)
    )
    of_idea: dict[UUID, list[LinkedMeasure]] = {}
    for identity, measure_id, number, title, phase in await connection.execute(query):
        linked = LinkedMeasure(measure_id, number, title, Phase(phase))
        of_idea.setdefault(identity, []).append(linked)
    return of_idea


async def measure_to_link(connection: AsyncConnection, identity: UUID) -> MeasureToLink | None:
    """None when there is no such measure."""
    view = measure_view
    query = (
        select(measure.c.owner, view.c.intermunicipal)
        .join(view, and_(view.c.measure_id == measure.c.id, view.c.audience == "internal"))
        .where(measure.c.id == identity)
    )
    row = (await connection.execute(query)).first()
    return MeasureToLink(*row) if row else None


async def link(
    connection: AsyncConnection, idea_id: UUID, measure_id: UUID, by: str, note: str | None
) -> bool:
    """Join an idea and a measure; False when they are already."""
    new = upsert(idea_measure).values(
        idea_id=idea_id, measure_id=measure_id, changed_by=by, note=note
    )
    query = new.on_conflict_do_nothing().returning(idea_measure.c.idea_id)
    return (await connection.execute(query)).first() is not None


async def unlink(connection: AsyncConnection, idea_id: UUID, measure_id: UUID) -> bool:
    mine = (idea_measure.c.idea_id == idea_id) & (idea_measure.c.measure_id == measure_id)
    return (await connection.execute(delete(idea_measure).where(mine))).rowcount > 0
