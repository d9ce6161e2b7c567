"""Progress reports and evaluations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.model import Entered, Written
from klima_controlling.base.queries import Key, newest_first
from klima_controlling.progress.tables import evaluation, progress_report
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.entities import Entity, Order, R, all_rows, listing
from klima_shared.wire.json import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReport(Written):
    """A row of `progress_report`."""

    id: UUID
    measure_id: UUID
    region: str
    period: str
    assessment: str
    text: str
    obstacles: str
    decision_needed: str
    steps_done: list[str]
    costs: list[JsonObject]
    staff_days: Decimal | None
    savings: list[JsonObject]
    reported_on: date
    told_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation(Entered):
    """A row of `evaluation`."""

    id: UUID
    measure_id: UUID
    region: str
    evaluator: str
    evaluated_on: date
    evidence: list[JsonObject]
    comparison: JsonObject
    lesson: str
    conclusion: str
    conclusion_owner: str
    conclusion_due: date
    told_at: datetime | None


Reported = ProgressReport | Evaluation
"""What the measures service takes note of."""


def no_report(_: UUID) -> Problem:
    return not_found(Text("There is no such report."))


PROGRESS_REPORT: Final = Entity("progress_report", progress_report, ProgressReport, no_report)
EVALUATION: Final = Entity("evaluation", evaluation, Evaluation)


async def of_measure(
    connection: AsyncConnection, entity: Entity[R], measure_id: UUID, *, limit: int, after: Key
) -> list[R]:
    """Newest first."""
    table = entity.table
    query = select(*entity.columns).where(table.c.measure_id == measure_id).limit(limit)
    return await all_rows(connection, newest_first(table, query, after), entity.row)


async def note_reported(connection: AsyncConnection, entity: Entity[Any], identity: UUID) -> None:
    """The measures service has taken note."""
    table = entity.table
    await connection.execute(update(table).where(table.c.id == identity).values(told_at=func.now()))


async def unreported(connection: AsyncConnection) -> list[Reported]:
    """What the measures service has not taken note of yet, oldest first."""
    return [
        *await _unreported(connection, EVALUATION),
        *await _unreported(connection, PROGRESS_REPORT),
    ]


async def _unreported(connection: AsyncConnection, entity: Entity[R]) -> list[R]:
    table = entity.table
    query = select(*entity.columns).where(table.c.told_at.is_(None))
    query = query.order_by(table.c.created_at).limit(100)
    return await all_rows(connection, query, entity.row)


async def booked_days(connection: AsyncConnection, year: int | None = None) -> dict[str, Decimal]:
    """Staff days by measure, as reported."""
    p = progress_report.c
    query = select(p.measure_id, func.sum(p.staff_days)).where(p.staff_days.is_not(None))
    if year is not None:
        query = query.where(p.period.startswith(str(year)))
    rows = await connection.execute(query.group_by(p.measure_id))
    return {str(measure): days for measure, days in rows}


async def reports_of(connection: AsyncConnection, measures: Sequence[UUID]) -> list[ProgressReport]:
    where = [progress_report.c.measure_id.in_(measures)]
    return await listing(connection, PROGRESS_REPORT, where, order=Order(["period", "id"]))


async def evaluations_of(connection: AsyncConnection, measures: Sequence[UUID]) -> list[Evaluation]:
    where = [evaluation.c.measure_id.in_(measures)]
    return await listing(connection, EVALUATION, where, order=Order(["evaluated_on", "id"]))
