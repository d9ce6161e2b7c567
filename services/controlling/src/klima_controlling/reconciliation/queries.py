"""The audit cycle: notes and the corrective actions that follow from them."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.model import Entered, Written
from klima_controlling.reconciliation.tables import corrective_action as a
from klima_controlling.reconciliation.tables import cycle_note as n
from klima_shared.http.auth import Principal
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.entities import Entity, all_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleNote(Entered):
    """A row of `cycle_note`."""

    id: UUID
    region: str
    year: int
    stage: str
    text: str
    severity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectiveAction(Written):
    """A row of `corrective_action`."""

    id: UUID
    note_id: UUID
    measure_id: UUID | None
    region: str
    title: str
    owner: str
    due: date
    done_on: date | None


def no_note(_: UUID) -> Problem:
    return not_found(Text("There is no such note."))


def _readable(principal: Principal, row: CycleNote) -> bool:
    return principal.may_read_drafts(row.region)


CYCLE_NOTE: Final = Entity("cycle_note", n, CycleNote, no_note, readable=_readable)
CORRECTIVE_ACTION: Final = Entity("corrective_action", a, CorrectiveAction)


async def cycle(
    connection: AsyncConnection, region: str, year: int | None
) -> tuple[list[CycleNote], list[CorrectiveAction]]:
    """(notes, corrective actions) of a region's audit cycle."""
    query = select(*CYCLE_NOTE.columns).where(n.c.region == region)
    if year is not None:
        query = query.where(n.c.year == year)
    query = query.order_by(n.c.year, n.c.created_at, n.c.id)
    notes = await all_rows(connection, query, CycleNote)
    of_notes = a.c.note_id.in_([note.id for note in notes])
    actions = select(*CORRECTIVE_ACTION.columns).where(of_notes).order_by(a.c.due, a.c.id)
    return notes, await all_rows(connection, actions, CorrectiveAction)
