"""What of the public data came, changed and went: read from the audit, which every write leaves in
its transaction."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Text, and_, case, cast, exists, func, literal, null, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.tables import metadata
from klima_measures.sheets.tables import measure, measure_view
from klima_shared.database.change_feed import Operation, position_reached

DATASETS: Final = {
    "measure": "measures",
    "contact": "contacts",
    "event": "events",
    "campaign": "campaigns",
    "actor": "actors",
    "network": "networks",
}
"""Entity of the audit -> dataset. Press items are not here: they may wait for their hour; the Atom
feed has them."""


class Step(NamedTuple):
    """A row of the audit about a dataset; `operation` None: nothing public changed."""

    position: int
    at: datetime
    dataset: str
    id: str
    region: str | None
    operation: Operation | None


async def reached(connection: AsyncConnection, position: int) -> bool:
    """Whether the feed came as far as this position."""
    return await position_reached(connection, metadata.tables["measures.audit"], position)


async def changes(connection: AsyncConnection, last: int, limit: int) -> list[Step]:
    """The steps after the position `last`.

    A measure is public from its first publishing on until it is archived; a record while it is
    marked as published.
    """
    audit = metadata.tables["measures.audit"]
    was, now = (column["published"].as_boolean() for column in (audit.c.before, audit.c.after))
    sheet = audit.c.entity == "measure"
    operation = case(
        (and_(sheet, audit.c.action == "publish"), literal("upsert")),
        (and_(sheet, audit.c.action == "archive"), literal("delete")),
        (sheet, null()),
        (func.coalesce(now, False), literal("upsert")),
        (func.coalesce(was, False), literal("delete")),
        else_=null(),
    )
    query = select(
        audit.c.position,
        audit.c.at,
        audit.c.entity,
        audit.c.entity_id,
        audit.c.region,
        operation.label("operation"),
    )
    query = query.where(audit.c.position > last, audit.c.entity.in_(DATASETS))
    # A measure that was never public leaves no trace here, not even by being archived.
    published = exists().where(
        cast(measure.c.id, Text) == audit.c.entity_id, measure.c.first_published_at.is_not(None)
    )
    query = query.where(or_(~sheet, published))
    rows = await connection.execute(query.order_by(audit.c.position).limit(limit))
    return [Step(*row)._replace(dataset=DATASETS[row.entity]) for row in rows]


async def state(connection: AsyncConnection) -> tuple[datetime | None, bool]:
    """(when something public last changed, whether there are examples among the measures)."""
    audit = metadata.tables["measures.audit"]
    modified = select(func.max(audit.c.at)).where(audit.c.entity.in_(DATASETS)).scalar_subquery()
    public = exists().where(measure_view.c.audience == "public", measure_view.c.example)
    row = (await connection.execute(select(modified, public))).one()
    return row[0], bool(row[1])
