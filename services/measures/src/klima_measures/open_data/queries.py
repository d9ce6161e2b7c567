"""What of the public data came, changed and went: read from the audit, which every write leaves in
its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Text, and_, case, cast, exists, func, literal, null, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.tables import metadata
from klima_measures.sheets.tables import measure, measure_view

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


async def changes(connection: AsyncConnection, last: int, limit: int) -> Sequence[Any]:
    """(position, at, entity, entity_id, region, operation) after the position `last`; operation
    null where nothing public changed.

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
    known = exists().where(
        cast(measure.c.id, Text) == audit.c.entity_id, measure.c.first_published_at.is_not(None)
    )
    query = query.where(or_(~sheet, known))
    return (await connection.execute(query.order_by(audit.c.position).limit(limit))).all()


async def state(connection: AsyncConnection) -> tuple[datetime | None, bool]:
    """(when something public last changed, whether there are examples among the measures)."""
    audit = metadata.tables["measures.audit"]
    modified = select(func.max(audit.c.at)).where(audit.c.entity.in_(DATASETS)).scalar_subquery()
    public = exists().where(measure_view.c.audience == "public", measure_view.c.example)
    row = (await connection.execute(select(modified, public))).one()
    return row[0], bool(row[1])
