"""Queries on measures and their revisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.registers.tables import region
from klima_measures.sheets.tables import measure, measure_link, measure_revision, measure_transition

_REVISION_HEAD = [c for c in measure_revision.c if c.name != "document"]


async def find(
    connection: AsyncConnection, identity: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    query = select(measure).where(measure.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def find_with_document(
    connection: AsyncConnection, identity: UUID, *, published: bool
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(measure, revision with document): the published or the working one, in one query."""
    wanted = measure.c.published_revision if published else measure.c.revision
    columns = [c.label(f"revision_{c.name}") for c in measure_revision.c]
    query = (
        select(measure, *columns)
        .join(measure_revision, measure_revision.c.measure_id == measure.c.id)
        .where(measure.c.id == identity, measure_revision.c.revision == wanted)
    )
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        return None
    head = {c.name: row[c.name] for c in measure.c}
    return head, {c.name: row[f"revision_{c.name}"] for c in measure_revision.c}


async def by_number(
    connection: AsyncConnection, concept: str, numbers: Sequence[str], *, lock: bool = False
) -> dict[str, dict[str, Any]]:
    """Number -> measure, of one concept."""
    query = (
        select(measure)
        .where(measure.c.concept == concept, measure.c.number.in_(numbers))
        .order_by(measure.c.id)
    )
    rows = (await connection.execute(query.with_for_update() if lock else query)).mappings()
    return {row["number"]: dict(row) for row in rows}


async def add(connection: AsyncConnection, row: Mapping[str, Any]) -> bool:
    """False when the number is taken in its concept."""
    new = upsert(measure).values(**row).on_conflict_do_nothing(index_elements=["concept", "number"])
    return (await connection.execute(new.returning(measure.c.id))).first() is not None


async def number_taken(
    connection: AsyncConnection, concept: str, number: str, besides: UUID
) -> bool:
    query = select(measure.c.id).where(
        measure.c.concept == concept, measure.c.number == number, measure.c.id != besides
    )
    return (await connection.execute(query)).first() is not None


async def change(connection: AsyncConnection, identity: UUID, values: Mapping[str, Any]) -> None:
    await connection.execute(
        update(measure)
        .where(measure.c.id == identity)
        .values(**{"changed_at": func.now(), **values})
    )


async def remove(connection: AsyncConnection, identity: UUID) -> None:
    await connection.execute(delete(measure).where(measure.c.id == identity))


async def add_revision(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    await connection.execute(insert(measure_revision).values(**row))


async def revision(
    connection: AsyncConnection, identity: UUID, number: int
) -> dict[str, Any] | None:
    query = select(measure_revision).where(
        measure_revision.c.measure_id == identity, measure_revision.c.revision == number
    )
    row = (await connection.execute(query)).mappings().first()
    return dict(row) if row else None


async def revisions(
    connection: AsyncConnection,
    identity: UUID,
    *,
    published: bool,
    documents: bool = False,
    limit: int,
    before: int | None = None,
    modified_since: datetime | None = None,
) -> Sequence[Any]:
    """Newest first; `published` leaves only those that were published."""
    columns = list(measure_revision.c) if documents else _REVISION_HEAD
    query = select(*columns).where(measure_revision.c.measure_id == identity)
    if published:
        query = query.where(measure_revision.c.action == "publish")
    if before is not None:
        query = query.where(measure_revision.c.revision < before)
    if modified_since is not None:
        query = query.where(measure_revision.c.at >= modified_since)
    query = query.order_by(measure_revision.c.revision.desc()).limit(limit)
    return (await connection.execute(query)).mappings().all()


async def documents(
    connection: AsyncConnection, chosen: Sequence[tuple[UUID, int]]
) -> dict[UUID, tuple[dict[str, Any], str]]:
    """Measure -> (document, phase) of the given revisions, in one query."""
    if not chosen:
        return {}
    ids, numbers = zip(*chosen, strict=True)
    wanted = select(
        func.unnest(text("cast(:ids as uuid[])").bindparams(ids=list(ids))).label("id"),
        func.unnest(text("cast(:numbers as int[])").bindparams(numbers=list(numbers))).label(
            "number"
        ),
    ).subquery()
    query = select(
        measure_revision.c.measure_id, measure_revision.c.document, measure_revision.c.phase
    ).join(
        wanted,
        (measure_revision.c.measure_id == wanted.c.id)
        & (measure_revision.c.revision == wanted.c.number),
    )
    return {
        identity: (document, phase) for identity, document, phase in await connection.execute(query)
    }


async def add_transition(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    await connection.execute(insert(measure_transition).values(**row))


async def transitions(
    connection: AsyncConnection, identity: UUID, *, up_to: int | None = None
) -> Sequence[Any]:
    """Moves on the phase axis, oldest first; `up_to` a revision."""
    query = select(measure_transition).where(measure_transition.c.measure_id == identity)
    if up_to is not None:
        query = query.where(measure_transition.c.revision <= up_to)
    return (
        (await connection.execute(query.order_by(measure_transition.c.revision))).mappings().all()
    )


async def edges(connection: AsyncConnection, kind: str, *, without: UUID) -> dict[UUID, list[UUID]]:
    """Links of a kind between the working revisions of all measures but one. Waits for others who
    change links."""
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended('measures links', 0))")
    )
    query = select(measure_link.c.measure_id, measure_link.c.target_id).where(
        measure_link.c.kind == kind,
        measure_link.c.audience == "internal",
        measure_link.c.measure_id != without,
    )
    found: dict[UUID, list[UUID]] = {}
    for source, target in await connection.execute(query):
        found.setdefault(source, []).append(target)
    return found


async def is_superseded(connection: AsyncConnection, identity: UUID) -> bool:
    query = select(measure_link.c.measure_id).where(
        measure_link.c.kind == "supersedes",
        measure_link.c.audience == "internal",
        measure_link.c.target_id == identity,
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def left_without_successor(
    connection: AsyncConnection, identity: UUID, targets: Collection[UUID]
) -> list[str]:
    """Numbers of those replaced measures among `targets` that nothing but `identity` supersedes."""
    others = (
        select(measure_link.c.measure_id)
        .where(
            measure_link.c.kind == "supersedes",
            measure_link.c.audience == "internal",
            measure_link.c.target_id == measure.c.id,
            measure_link.c.measure_id != identity,
        )
        .exists()
    )
    query = select(measure.c.number).where(
        measure.c.id.in_(targets), measure.c.phase == "replaced", ~others
    )
    return (
        list((await connection.execute(query.order_by(measure.c.number))).scalars())
        if targets
        else []
    )


async def region_names(connection: AsyncConnection) -> dict[str, str]:
    """AGS -> name of the regions whose names are known here."""
    rows = await connection.execute(select(region.c.ags, region.c.name))
    return {row.ags: row.name for row in rows}


async def put_regions(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    new = upsert(region)
    changes = {name: new.excluded[name] for name in ("name", "kind", "parent")}
    await connection.execute(
        new.on_conflict_do_update(index_elements=["ags"], set_={**changes, "read_at": func.now()}),
        list(rows),
    )


async def heads(
    connection: AsyncConnection, identities: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Id -> measure (without its content)."""
    if not identities:
        return {}
    rows = await connection.execute(select(measure).where(measure.c.id.in_(identities)))
    return {row["id"]: dict(row) for row in rows.mappings()}


async def linking(connection: AsyncConnection, identity: UUID) -> list[str]:
    """Numbers of the measures that link to this one, in their working or published revision."""
    query = (
        select(measure.c.number)
        .join(measure_link, measure_link.c.measure_id == measure.c.id)
        .where(measure_link.c.target_id == identity)
        .distinct()
        .order_by(measure.c.number)
    )
    return list((await connection.execute(query.limit(10))).scalars())


async def using(connection: AsyncConnection, identity: UUID) -> list[str]:
    """Numbers of the measures whose working or published sheet refers to an entry of a register."""
    text_id = str(identity)
    document = measure_revision.c.document
    query = (
        select(measure.c.number)
        .join(measure_revision, measure_revision.c.measure_id == measure.c.id)
        .where(
            measure_revision.c.revision.in_([measure.c.revision, measure.c.published_revision]),
            document.contains({"strategy": text_id})
            | document.contains({"quarter": text_id})
            | document.contains({"funding": [{"programme": text_id}]}),
        )
        .distinct()
        .order_by(measure.c.number)
    )
    return list((await connection.execute(query.limit(10))).scalars())
