"""What of the service's own public data changed: read from the audit, which every write leaves in
its transaction."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.tables import metadata
from klima_shared.database.change_feed import position_reached
from klima_shared.wire.json import Json

DATASETS: Final = {
    "indicator": "indicator-definitions",
    "indicator_value": "indicators",
    "target": "targets",
    "report": "reports",
    "data_delivery": "deliveries",
}
"""Entity of the audit -> dataset. What is computed (lights, computed indicators) follows from these
and the balances."""

_AUDIT: Final = metadata.tables[f"{metadata.schema}.audit"]
# Everything is public from its writing on but a report: a draft of one leaves no trace here.
_PUBLIC: Final = and_(
    _AUDIT.c.entity.in_(DATASETS), or_(_AUDIT.c.entity != "report", _AUDIT.c.action == "publish")
)


class Entry(NamedTuple):
    """A public change; `after`: the row as the audit holds it."""

    position: int
    at: datetime
    entity: str
    entity_id: str
    region: str | None
    after: Json | None


async def reached(connection: AsyncConnection, position: int) -> bool:
    """Whether the feed came as far as this position."""
    return await position_reached(connection, _AUDIT, position)


async def changes(connection: AsyncConnection, last: int, limit: int) -> list[Entry]:
    """Public changes after the position `last`, in the order of commits."""
    position = _AUDIT.c.position
    query = select(*(_AUDIT.c[name] for name in Entry._fields))
    query = query.where(_PUBLIC, position > last).order_by(position).limit(limit)
    return [Entry(*row) for row in await connection.execute(query)]


async def modified(connection: AsyncConnection) -> datetime | None:
    """When something public last changed; None before anything was written."""
    found: datetime | None = (
        await connection.execute(select(func.max(_AUDIT.c.at)).where(_PUBLIC))
    ).scalar()
    return found
