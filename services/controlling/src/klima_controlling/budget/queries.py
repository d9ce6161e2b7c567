"""Amounts entered beside the sheets."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.queries import all_rows
from klima_controlling.budget.rules import Entry
from klima_controlling.budget.tables import budget_entry as b


async def entries(
    connection: AsyncConnection, measures: Sequence[UUID], year: int | None = None
) -> list[Entry]:
    query = select(*(b.c[name] for name in Entry._fields)).where(b.c.measure_id.in_(measures))
    if year is not None:
        query = query.where(b.c.year == year)
    rows = await all_rows(connection, query.order_by(b.c.created_at, b.c.id))
    return [Entry(**row) for row in rows]
