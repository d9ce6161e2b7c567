"""Progress reports and evaluations: written here, reported to the measures service afterwards.

The measures service asks nobody. What it must know (that a measure was evaluated, how it is judged
to go) is reported to it with a service token after the row is committed; what could not be reported
is reported later by `report_all`.
"""

from datetime import date
from uuid import UUID, uuid4

import structlog

from klima_controlling.base.actions import Context
from klima_controlling.base.queries import Row
from klima_controlling.progress import queries
from klima_controlling.progress.queries import (
    EVALUATION,
    PROGRESS_REPORT,
    Evaluation,
    ProgressReport,
    Reported,
)
from klima_shared.codes.access import Role
from klima_shared.database.connections import Database
from klima_shared.http.problems import conflict, invalid_at
from klima_shared.language.text import Text
from klima_shared.revisions.entities import Values
from klima_shared.revisions.writing import Writer, change, create, create_unless_there, opened
from klima_shared.upstream.errors import UpstreamError, UpstreamUnavailableError
from klima_shared.wire.measures import EvaluationReport, MeasureSheet, StatusReport

log = structlog.get_logger(__name__)


def _check_past(name: str, day: date, today: date) -> None:
    if day > today:
        raise invalid_at(f"/body/{name}", Text("The date lies in the future."))


async def create_report(
    writer: Writer, today: date, sheet: MeasureSheet, body: Row
) -> ProgressReport:
    """A report of a period. 409 for a second one, 422 for one that lies ahead."""
    writer.require(Role.EDITOR, sheet["owner"])
    _check_past("reported_on", body["reported_on"], today)
    unique = ["measure_id", "period"]
    row = await create_unless_there(
        writer, PROGRESS_REPORT, _of_measure(sheet, body), unique, action="report"
    )
    if row is None:
        raise conflict(
            Text(
                "There is a report for {period} already; change it with PUT and If-Match.",
                period=body["period"],
            )
        )
    return row


def _of_measure(sheet: MeasureSheet, body: Row) -> Values:
    return {**body, "id": uuid4(), "measure_id": UUID(sheet["id"]), "region": sheet["owner"]}


async def change_report(
    writer: Writer, measure_id: UUID, identity: UUID, body: Row
) -> ProgressReport:
    before = await opened(writer, PROGRESS_REPORT, identity)
    if before.measure_id != measure_id:
        raise PROGRESS_REPORT.missing(identity)
    if body["period"] != before.period:
        raise invalid_at("/body/period", Text("The period of a report stays."))
    return await change(writer, PROGRESS_REPORT, before, {**body, "told_at": None})


async def create_evaluation(
    writer: Writer, today: date, sheet: MeasureSheet, body: Row
) -> Evaluation:
    """An evaluation. 422 without evidence (the body's shape sees to that), or with a date that lies
    ahead."""
    writer.require(Role.MANAGER, sheet["owner"])
    _check_past("evaluated_on", body["evaluated_on"], today)
    return await create(writer, EVALUATION, _of_measure(sheet, body), action="evaluate")


def message_of(row: Reported) -> tuple[str, EvaluationReport | StatusReport]:
    """(path below the measure, body) of what is reported to the measures service."""
    if isinstance(row, Evaluation):
        evaluation: EvaluationReport = {
            "evaluated_on": row.evaluated_on.isoformat(),
            "by": row.evaluator,
            "reference": f"controlling evaluation {row.id}",
            "summary": row.lesson[:2000],
        }
        return "evaluations", evaluation
    reported_on = row.reported_on.isoformat()
    status: StatusReport = {"reported_on": reported_on, "assessment": row.assessment}
    return "status-reports", status


async def report(database: Database, context: Context, row: Reported) -> bool:
    """Report one row, and note that it was reported. False when the service can't be asked now;
    refusals are logged."""
    if context.measures.writer is None:
        return False
    entity = EVALUATION if isinstance(row, Evaluation) else PROGRESS_REPORT
    what, body = message_of(row)
    key = f"{entity.name}-{row.id}-{row.revision}"
    try:
        await context.measures.report(row.measure_id, what, body, key)
    except UpstreamUnavailableError:
        return False
    except (UpstreamError, OSError) as error:
        log.error("the measures service refused a report", what=what, error=str(error))
        return False
    async with database.write() as connection:
        await queries.note_reported(connection, entity, row.id)
    return True


async def report_all(database: Database, context: Context) -> int:
    """Everything not reported yet; how much it was."""
    if context.measures.writer is None:
        return 0
    async with database.read() as connection:
        waiting = await queries.unreported(connection)
    return sum([await report(database, context, row) for row in waiting])
