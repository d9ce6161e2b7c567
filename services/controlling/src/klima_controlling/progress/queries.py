"""Progress reports and evaluations."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.queries import (
    Key,
    Row,
    Values,
    add_unless_taken,
    all_rows,
    newest_first,
)
from klima_controlling.progress.tables import evaluation, progress_report


async def of_measure(
    connection: AsyncConnection, table: Table, measure_id: UUID, *, limit: int, after: Key
) -> list[Row]:
    """Newest first."""
    query = select(table).where(table.c.measure_id == measure_id).limit(limit)
    return await all_rows(connection, newest_first(table, query, after))


async def add_report(connection: AsyncConnection, row: Values) -> Row | None:
    """None when the measure has a report for the period."""
    return await add_unless_taken(connection, progress_report, row, ["measure_id", "period"])


async def note_reported(connection: AsyncConnection, table: Table, identity: UUID) -> None:
    """The measures service has taken note."""
    await connection.execute(update(table).where(table.c.id == identity).values(told_at=func.now()))


async def unreported(connection: AsyncConnection) -> list[tuple[Table, Row]]:
    """What the measures service has not taken note of yet, oldest first."""
    waiting: list[tuple[Table, Row]] = []
    for table in (evaluation, progress_report):
        query = select(table).where(table.c.told_at.is_(None))
        rows = await all_rows(connection, query.order_by(table.c.created_at).limit(100))
        waiting += [(table, row) for row in rows]
    return waiting


async def booked_days(connection: AsyncConnection, year: int | None = None) -> dict[str, Decimal]:
    """Staff days by measure, as reported."""
    p = progress_report.c
    query = select(p.measure_id, func.sum(p.staff_days)).where(p.staff_days.is_not(None))
    if year is not None:
        query = query.where(p.period.startswith(str(year)))
    rows = await connection.execute(query.group_by(p.measure_id))
    return {str(measure): days for measure, days in rows}


async def reports_of(connection: AsyncConnection, measures: Sequence[UUID]) -> list[Row]:
    p = progress_report.c
    query = select(progress_report).where(p.measure_id.in_(measures))
    return await all_rows(connection, query.order_by(p.period, p.id))


async def evaluations_of(connection: AsyncConnection, measures: Sequence[UUID]) -> list[Row]:
    e = evaluation.c
    query = select(evaluation).where(e.measure_id.in_(measures))
    return await all_rows(connection, query.order_by(e.evaluated_on, e.id))
