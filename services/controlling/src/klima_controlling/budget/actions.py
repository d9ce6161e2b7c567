"""Plans of the published sheets with what was entered beside them."""

from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.queries import Row, add, record
from klima_controlling.budget import queries
from klima_controlling.budget.rules import Budget, budget
from klima_controlling.budget.tables import budget_entry
from klima_controlling.progress.queries import booked_days
from klima_controlling.upstream.model import Sheets
from klima_shared.codes.access import Role
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal


async def budget_of(
    connection: AsyncConnection, sheets: Sheets, year: int | None, *, inside: bool
) -> Budget:
    """Plans of the published sheets; with `inside` also what is entered beside them."""
    if not inside:
        return budget(sheets.sheets, [], {}, year)
    measures = [UUID(sheet["id"]) for sheet in sheets.sheets]
    entries = await queries.entries(connection, measures, year)
    return budget(sheets.sheets, entries, await booked_days(connection, year), year)


async def enter(connection: WriteConnection, principal: Principal, owner: str, body: Row) -> Row:
    """Store an amount of a measure that `owner`, a region, answers for."""
    principal.require(Role.EDITOR, owner)
    new = {**body, "id": uuid4(), "region": owner, "created_by": principal.subject}
    row = await add(connection, budget_entry, new)
    await record(connection, principal, "create", "budget_entry", row)
    return row
