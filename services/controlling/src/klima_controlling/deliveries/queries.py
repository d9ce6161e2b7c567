"""Data deliveries and their receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.model import Written
from klima_controlling.base.queries import Values, add_unless_taken, all_rows
from klima_controlling.deliveries.rules import Agreed, Delivery
from klima_controlling.deliveries.tables import data_delivery as d
from klima_controlling.deliveries.tables import delivery_receipt as r
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.entities import Entity


@dataclass(frozen=True, kw_only=True)
class StandingDelivery(Written, Agreed):
    """A row of `data_delivery`."""

    source: str
    ended_on: date | None


def no_delivery(_: UUID) -> Problem:
    return not_found(Text("There is no such delivery."))


DELIVERY: Final = Entity("data_delivery", d, StandingDelivery, no_delivery)
UNIQUE: Final = ("region", "title")


async def standing(
    connection: AsyncConnection,
    *,
    regions: Sequence[str] | None = None,
    identity: UUID | None = None,
) -> list[Delivery]:
    """Those that have not ended, with the due date that was served last and when it was."""
    served = (
        func.max(r.c.due_on).label("last_due"),
        func.max(r.c.delivered_on).label("last_delivered"),
    )
    last = select(r.c.delivery_id, *served).group_by(r.c.delivery_id).subquery()
    names = [name for name in Delivery.__dataclass_fields__ if name in d.c]
    columns = [*(d.c[name] for name in names), last.c.last_due, last.c.last_delivered]
    query = select(*columns).outerjoin(last, last.c.delivery_id == d.c.id)
    query = query.where(d.c.ended_on.is_(None)).order_by(d.c.title, d.c.id)
    if regions is not None:
        query = query.where(d.c.region.in_(regions))
    if identity is not None:
        query = query.where(d.c.id == identity)
    return [Delivery(**row) for row in await all_rows(connection, query)]


async def add_receipt(connection: AsyncConnection, row: Values) -> bool:
    """False when this due date was served already."""
    return await add_unless_taken(connection, r, row, ["delivery_id", "due_on"]) is not None
