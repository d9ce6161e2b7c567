"""Plans of the published sheets with what was entered beside them."""

from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.budget import queries
from klima_controlling.budget.rules import Budget, BudgetEntry, budget
from klima_controlling.progress.queries import booked_days
from klima_controlling.upstream.model import Sheets
from klima_shared.codes.access import Role
from klima_shared.revisions.entities import Values
from klima_shared.revisions.writing import Writer, create


async def budget_of(
    connection: AsyncConnection, sheets: Sheets, year: int | None, *, inside: bool
) -> Budget:
    """Plans of the published sheets; with `inside` also what is entered beside them."""
    if not inside:
        return budget(sheets.sheets, [], {}, year)
    measures = [UUID(sheet["id"]) for sheet in sheets.sheets]
    entries = await queries.entries(connection, measures, year)
    return budget(sheets.sheets, entries, await booked_days(connection, year), year)


async def enter(writer: Writer, owner: str, body: Values) -> BudgetEntry:
    """Store an amount of a measure that `owner`, a region, answers for."""
    writer.require(Role.EDITOR, owner)
    return await create(writer, queries.BUDGET_ENTRY, {**body, "id": uuid4(), "region": owner})
