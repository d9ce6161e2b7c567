"""Data deliveries and their receipts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.records import data_delivery as d
from klima_controlling.records import delivery_receipt as r
from klima_controlling.rows import Row, all_rows, first_row


async def listing(
    connection: AsyncConnection, *, regions: Sequence[str] | None, running: bool = True
) -> list[Row]:
    """With the due date that was served last (`last_due`) and when (`last_delivered`); null:
    never."""
    last = (
        select(
            r.c.delivery_id,
            func.max(r.c.due_on).label("last_due"),
            func.max(r.c.delivered_on).label("last_delivered"),
        )
        .group_by(r.c.delivery_id)
        .subquery()
    )
    query = select(d, last.c.last_due, last.c.last_delivered).outerjoin(
        last, last.c.delivery_id == d.c.id
    )
    if regions is not None:
        query = query.where(d.c.region.in_(regions))
    if running:
        query = query.where(d.c.ended_on.is_(None))
    return await all_rows(connection, query.order_by(d.c.title, d.c.id))


async def find(connection: AsyncConnection, identity: UUID, *, lock: bool = False) -> Row | None:
    query = select(d).where(d.c.id == identity)
    return await first_row(connection, query.with_for_update() if lock else query)


async def receipts(connection: AsyncConnection, identity: UUID) -> list[Row]:
    query = select(r).where(r.c.delivery_id == identity).order_by(r.c.due_on)
    return await all_rows(connection, query)


async def add(connection: AsyncConnection, row: Row) -> bool:
    """False when the region has a delivery of that title."""
    new = (
        upsert(d)
        .values(row)
        .on_conflict_do_nothing(index_elements=["region", "title"])
        .returning(d.c.id)
    )
    return (await connection.execute(new)).first() is not None


async def change(connection: AsyncConnection, identity: UUID, values: Row) -> None:
    await connection.execute(
        update(d).where(d.c.id == identity).values({**values, "changed_at": func.now()})
    )


async def add_receipt(connection: AsyncConnection, row: Row) -> bool:
    """False when this due date was served already."""
    new = (
        upsert(r)
        .values(row)
        .on_conflict_do_nothing(index_elements=["delivery_id", "due_on"])
        .returning(r.c.id)
    )
    return (await connection.execute(new)).first() is not None
