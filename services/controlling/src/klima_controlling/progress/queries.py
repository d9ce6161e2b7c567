"""Progress reports, evaluations and budget entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.records import (
    budget_entry,
    corrective_action,
    cycle_note,
    evaluation,
    progress_report,
)
from klima_controlling.rows import Row, all_rows, first_row


async def of_measure(
    connection: AsyncConnection,
    table: Table,
    measure_id: UUID,
    *,
    limit: int,
    after: Sequence[Any] | None,
) -> list[Row]:
    """Newest first."""
    query = select(table).where(table.c.measure_id == measure_id)
    query = query.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)
    if after is not None:
        at, identity = after
        earlier = (table.c.created_at == at) & (table.c.id < identity)
        query = query.where(or_(table.c.created_at < at, earlier))
    return await all_rows(connection, query)


async def find(
    connection: AsyncConnection, table: Table, identity: UUID, *, lock: bool = False
) -> Row | None:
    query = select(table).where(table.c.id == identity)
    return await first_row(connection, query.with_for_update() if lock else query)


async def add(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> Row:
    added = await first_row(connection, insert(table).values(row).returning(table))
    assert added is not None  # noqa: S101
    return added


async def add_report(connection: AsyncConnection, row: Mapping[str, Any]) -> Row | None:
    """None when the measure has a report for the period."""
    new = (
        upsert(progress_report)
        .values(row)
        .on_conflict_do_nothing(index_elements=["measure_id", "period"])
    )
    return await first_row(connection, new.returning(progress_report))


async def change(
    connection: AsyncConnection, table: Table, identity: UUID, values: Mapping[str, Any]
) -> Row:
    changed = update(table).where(table.c.id == identity)
    row = await first_row(
        connection, changed.values({**values, "changed_at": func.now()}).returning(table)
    )
    assert row is not None  # noqa: S101
    return row


async def told(connection: AsyncConnection, table: Table, identity: UUID) -> None:
    await connection.execute(update(table).where(table.c.id == identity).values(told_at=func.now()))


async def untold(connection: AsyncConnection) -> list[tuple[Table, Row]]:
    """What the measures service has not taken note of yet, oldest first."""
    found: list[tuple[Table, Row]] = []
    for table in (evaluation, progress_report):
        query = (
            select(table).where(table.c.told_at.is_(None)).order_by(table.c.created_at).limit(100)
        )
        found += [(table, row) for row in await all_rows(connection, query)]
    return found


async def booked_days(connection: AsyncConnection, year: int | None = None) -> dict[str, Decimal]:
    """Staff days by measure, as reported."""
    query = select(
        progress_report.c.measure_id, func.sum(progress_report.c.staff_days).label("days")
    )
    query = query.where(progress_report.c.staff_days.is_not(None)).group_by(
        progress_report.c.measure_id
    )
    if year is not None:
        query = query.where(progress_report.c.period.startswith(str(year)))
    return {str(row["measure_id"]): row["days"] for row in await all_rows(connection, query)}


async def reports_of(connection: AsyncConnection, measures: Sequence[UUID]) -> list[Row]:
    query = select(progress_report).where(progress_report.c.measure_id.in_(measures))
    return await all_rows(
        connection, query.order_by(progress_report.c.period, progress_report.c.id)
    )


async def evaluations_of(connection: AsyncConnection, measures: Sequence[UUID]) -> list[Row]:
    query = select(evaluation).where(evaluation.c.measure_id.in_(measures))
    return await all_rows(connection, query.order_by(evaluation.c.evaluated_on, evaluation.c.id))


async def entries(
    connection: AsyncConnection, measures: Sequence[UUID], year: int | None = None
) -> list[Row]:
    query = select(budget_entry).where(budget_entry.c.measure_id.in_(measures))
    if year is not None:
        query = query.where(budget_entry.c.year == year)
    return await all_rows(connection, query.order_by(budget_entry.c.created_at, budget_entry.c.id))


async def cycle(
    connection: AsyncConnection, region: str, year: int | None
) -> tuple[list[Row], list[Row]]:
    """(notes, corrective actions) of a region's audit cycle."""
    query = select(cycle_note).where(cycle_note.c.region == region)
    if year is not None:
        query = query.where(cycle_note.c.year == year)
    notes = await all_rows(
        connection, query.order_by(cycle_note.c.year, cycle_note.c.created_at, cycle_note.c.id)
    )
    wanted = [note["id"] for note in notes]
    actions = select(corrective_action).where(corrective_action.c.note_id.in_(wanted))
    return notes, await all_rows(
        connection, actions.order_by(corrective_action.c.due, corrective_action.c.id)
    )
