"""The balance's change beside the savings of measures, and the audit cycle that follows from it."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.actions import Context
from klima_controlling.base.queries import Row
from klima_controlling.progress.queries import reports_of
from klima_controlling.reconciliation.queries import CYCLE_NOTE, CycleNote
from klima_controlling.reconciliation.rules import Reconciliation, Saving, from_sheets, reconcile
from klima_controlling.upstream.actions import region_state, sheets_of
from klima_controlling.upstream.model import RegionState, Sheets
from klima_shared.codes.access import Role
from klima_shared.revisions import entities
from klima_shared.revisions.entities import Entity, Values
from klima_shared.revisions.writing import R, Writer, create
from klima_shared.service.concurrency import task_group
from klima_shared.wire.measures import MeasureSheet


async def state_and_sheets(context: Context, ags: str) -> tuple[RegionState, Sheets]:
    async with task_group() as group:
        state = group.create_task(region_state(context, ags))
        sheets = group.create_task(sheets_of(context, ags))
    return state.result(), sheets.result()


async def reconciliation(
    connection: AsyncConnection, state: RegionState, sheets: Sequence[MeasureSheet]
) -> Reconciliation:
    """The balance's change beside the sum of the measures' savings."""
    totals = {p.year: p.value for p in state.series("emissions_t_co2e")}
    savings, silent = from_sheets(sheets)
    return reconcile(totals, savings, await achieved(connection, sheets), silent)


async def achieved(connection: AsyncConnection, sheets: Sequence[MeasureSheet]) -> list[Saving]:
    """What progress reports show with evidence: of each measure the newest report that names
    savings."""
    by_id = {sheet["id"]: sheet for sheet in sheets}
    newest: dict[str, list[Row]] = {}
    for row in await reports_of(connection, [UUID(identity) for identity in by_id]):
        savings = [s for s in row.savings if s["emissions_t_co2e"] is not None]
        if savings:
            newest[str(row.measure_id)] = savings
    return [
        Saving(
            measure=identity,
            number=by_id[identity]["number"],
            title=by_id[identity]["title"],
            sector=s["sector"],
            t_co2e=s["emissions_t_co2e"],
            overlap_group=s["overlap_group"],
            affects_bisko=s["affects_bisko"],
            effective=True,
            shown=True,
            evidence=s["evidence"],
        )
        for identity, savings in newest.items()
        for s in savings
    ]


async def add_record(writer: Writer, entity: Entity[R], region: str, values: Values) -> R:
    """A note of the audit cycle, or a corrective action."""
    writer.require(Role.EDITOR, region)
    return await create(writer, entity, {**values, "id": uuid4(), "region": region})


async def note_of(writer: Writer, identity: UUID) -> CycleNote:
    """404 for who may not read the audit cycle of its region."""
    note = await entities.find_readable(writer.connection, CYCLE_NOTE, writer.principal, identity)
    if note is None:
        raise CYCLE_NOTE.missing(identity)
    return note
