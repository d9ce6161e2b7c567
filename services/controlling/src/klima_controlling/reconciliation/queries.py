"""The audit cycle: notes and the corrective actions that follow from them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.queries import Row, all_rows
from klima_controlling.reconciliation.tables import corrective_action as a
from klima_controlling.reconciliation.tables import cycle_note as n


async def cycle(
    connection: AsyncConnection, region: str, year: int | None
) -> tuple[list[Row], list[Row]]:
    """(notes, corrective actions) of a region's audit cycle."""
    query = select(n).where(n.c.region == region)
    if year is not None:
        query = query.where(n.c.year == year)
    notes = await all_rows(connection, query.order_by(n.c.year, n.c.created_at, n.c.id))
    actions = select(a).where(a.c.note_id.in_([note["id"] for note in notes]))
    return notes, await all_rows(connection, actions.order_by(a.c.due, a.c.id))
