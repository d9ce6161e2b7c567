"""Amounts entered beside the sheets."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.budget.rules import BudgetEntry
from klima_controlling.budget.tables import budget_entry as b
from klima_shared.revisions.entities import Entity, all_rows

BUDGET_ENTRY: Final = Entity("budget_entry", b, BudgetEntry)


async def entries(
    connection: AsyncConnection, measures: Sequence[UUID], year: int | None = None
) -> list[BudgetEntry]:
    query = select(*BUDGET_ENTRY.columns).where(b.c.measure_id.in_(measures))
    if year is not None:
        query = query.where(b.c.year == year)
    query = query.order_by(b.c.created_at, b.c.id)
    return await all_rows(connection, query, BudgetEntry)
