"""Standing deliveries: what is due, setting one up, changing it, noting that a date was served."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.queries import Row
from klima_controlling.deliveries import queries
from klima_controlling.deliveries.queries import DELIVERY, StandingDelivery
from klima_controlling.deliveries.rules import Due, due_list
from klima_shared.codes.access import Role
from klima_shared.http.problems import conflict, invalid_at
from klima_shared.language.text import Text
from klima_shared.revisions.writing import Writer, change, create_unless_there, opened


async def due(
    connection: AsyncConnection, today: date, regions: Sequence[str] | None, *, overdue: bool | None
) -> list[Due]:
    items = due_list(await queries.standing(connection, regions=regions), today)
    return items if overdue is None else [item for item in items if item.overdue is overdue]


async def due_of(connection: AsyncConnection, today: date, identity: UUID) -> Due:
    items = due_list(await queries.standing(connection, identity=identity), today)
    if not items:
        raise DELIVERY.missing(identity)
    return items[0]


async def create(writer: Writer, body: Row) -> StandingDelivery:
    writer.require(Role.EDITOR, body["region"])
    _check_interval(body)
    row = await create_unless_there(writer, DELIVERY, {**body, "id": uuid4()}, queries.UNIQUE)
    if row is None:
        raise conflict(Text("There is such a delivery already."))
    return row


def _check_interval(row: Row) -> None:
    if row["most_months"] is not None and row["most_months"] < row["interval_months"]:
        raise invalid_at("/body/most_months", Text("Not below the interval."))


async def replace(writer: Writer, identity: UUID, body: Row) -> StandingDelivery:
    """Changing the interval or the first date changes the dates that follow."""
    before = await opened(writer, DELIVERY, identity)
    writer.require(Role.EDITOR, body["region"])
    if body["region"] != before.region:
        raise invalid_at("/body/region", Text("The region of a delivery stays."))
    _check_interval(body)
    return await change(writer, DELIVERY, before, body)


async def receive(writer: Writer, today: date, identity: UUID, body: Row) -> Row:
    """Note that the date due next was served. 409 for one that was."""
    delivery = await opened(writer, DELIVERY, identity)
    if body["delivered_on"] > today:
        raise invalid_at("/body/delivered_on", Text("The date lies in the future."))
    receipt = {**body, "delivery_id": identity, "created_by": writer.principal.subject}
    if not await queries.add_receipt(writer.connection, receipt):
        raise conflict(Text("This date has been served already."))
    await change(writer, DELIVERY, delivery, {}, action="receive", more=body)
    return receipt
