"""Standing deliveries: what is due, setting one up, changing it, noting that a date was served."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.queries import Row, change, find, record
from klima_controlling.deliveries import queries
from klima_controlling.deliveries.rules import Due, due_list
from klima_controlling.deliveries.tables import data_delivery
from klima_shared.codes.access import Role
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import Problem, conflict, invalid_at, not_found
from klima_shared.language.text import Text


async def due(
    connection: AsyncConnection, today: date, regions: Sequence[str] | None, *, overdue: bool | None
) -> list[Due]:
    items = due_list(await queries.standing(connection, regions=regions), today)
    return items if overdue is None else [item for item in items if item.overdue is overdue]


async def due_of(connection: AsyncConnection, today: date, identity: UUID) -> Due:
    items = due_list(await queries.standing(connection, identity=identity), today)
    if not items:
        raise no_delivery()
    return items[0]


def no_delivery() -> Problem:
    return not_found(Text("There is no such delivery."))


def etag_of(row: Row) -> str:
    return revision_etag(f"delivery {row['id']}", row["revision"])


async def create(connection: WriteConnection, principal: Principal, body: Row) -> Row:
    principal.require(Role.EDITOR, body["region"])
    _check_interval(body)
    row = await queries.add(connection, {**body, "id": uuid4(), "created_by": principal.subject})
    if row is None:
        raise conflict(Text("There is such a delivery already."))
    await record(connection, principal, "create", "data_delivery", row)
    return row


def _check_interval(row: Row) -> None:
    if row["most_months"] is not None and row["most_months"] < row["interval_months"]:
        raise invalid_at("/body/most_months", Text("Not below the interval."))


async def _locked(connection: WriteConnection, principal: Principal, identity: UUID) -> Row:
    row = await find(connection, data_delivery, identity, lock=True)
    if row is None:
        raise no_delivery()
    principal.require(Role.EDITOR, row["region"])
    return row


async def replace(
    connection: WriteConnection, principal: Principal, identity: UUID, body: Row, match: IfMatch
) -> Row:
    """Changing the interval or the first date changes the dates that follow."""
    before = await _locked(connection, principal, identity)
    match.check(etag_of(before))
    if body["region"] != before["region"]:
        raise invalid_at("/body/region", Text("The region of a delivery stays."))
    _check_interval(body)
    values = {**body, "revision": before["revision"] + 1}
    await change(connection, data_delivery, identity, values)
    after = {**before, **values}
    await record(connection, principal, "change", "data_delivery", after, before)
    return after


async def receive(
    connection: WriteConnection, principal: Principal, today: date, identity: UUID, body: Row
) -> Row:
    """Note that the date due next was served. 409 for one that was."""
    row = await _locked(connection, principal, identity)
    if body["delivered_on"] > today:
        raise invalid_at("/body/delivered_on", Text("The date lies in the future."))
    receipt = {**body, "delivery_id": identity, "created_by": principal.subject}
    if not await queries.add_receipt(connection, receipt):
        raise conflict(Text("This date has been served already."))
    await change(connection, data_delivery, identity, {"revision": row["revision"] + 1})
    await record(connection, principal, "receive", "data_delivery", {**row, **body}, row)
    return receipt
