"""Progress reports and evaluations: written here, reported to the measures service afterwards.

The measures service asks nobody. What it must know (that a measure was evaluated, how it is judged
to go) is reported to it with a service token after the row is committed; what could not be reported
is reported later by `report_all`.
"""

from datetime import date
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Table

from klima_controlling.base.actions import Context
from klima_controlling.base.queries import Row, Values, add, change, find, record
from klima_controlling.progress import queries
from klima_controlling.progress.tables import evaluation, progress_report
from klima_shared.codes.access import Role
from klima_shared.database.connections import Database, WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import Problem, conflict, invalid_at, not_found
from klima_shared.language.text import Text
from klima_shared.upstream.errors import UpstreamError, UpstreamUnavailableError
from klima_shared.wire.measures import MeasureSheet

log = structlog.get_logger(__name__)


def etag_of(row: Row) -> str:
    return revision_etag(f"progress {row['id']}", row["revision"])


def no_report() -> Problem:
    return not_found(Text("There is no such report."))


def _check_past(name: str, day: date, today: date) -> None:
    if day > today:
        raise invalid_at(f"/body/{name}", Text("The date lies in the future."))


async def create_report(
    connection: WriteConnection, principal: Principal, today: date, sheet: MeasureSheet, body: Row
) -> Row:
    """A report of a period. 409 for a second one, 422 for one that lies ahead."""
    principal.require(Role.EDITOR, sheet["owner"])
    _check_past("reported_on", body["reported_on"], today)
    row = await queries.add_report(connection, _owned(sheet, principal, body))
    if row is None:
        raise conflict(
            Text(
                "There is a report for {period} already; change it with PUT and If-Match.",
                period=body["period"],
            )
        )
    await record(connection, principal, "report", "progress_report", row)
    return row


def _owned(sheet: MeasureSheet, principal: Principal, body: Row) -> Values:
    return {
        **body,
        "id": uuid4(),
        "measure_id": UUID(sheet["id"]),
        "region": sheet["owner"],
        "created_by": principal.subject,
    }


async def change_report(
    connection: WriteConnection,
    principal: Principal,
    place: tuple[UUID, UUID],
    body: Row,
    match: IfMatch,
) -> Row:
    """`place`: the measure's id and the report's."""
    measure_id, identity = place
    before = await find(connection, progress_report, identity, lock=True)
    if before is None or before["measure_id"] != measure_id:
        raise no_report()
    principal.require(Role.EDITOR, before["region"])
    match.check(etag_of(before))
    if body["period"] != before["period"]:
        raise invalid_at("/body/period", Text("The period of a report stays."))
    values = {**body, "revision": before["revision"] + 1, "told_at": None}
    row = await change(connection, progress_report, identity, values)
    await record(connection, principal, "change", "progress_report", row, before)
    return row


async def create_evaluation(
    connection: WriteConnection, principal: Principal, today: date, sheet: MeasureSheet, body: Row
) -> Row:
    """An evaluation. 422 without evidence (the body's shape sees to that), or with a date that lies
    ahead."""
    principal.require(Role.MANAGER, sheet["owner"])
    _check_past("evaluated_on", body["evaluated_on"], today)
    row = await add(connection, evaluation, _owned(sheet, principal, body))
    await record(connection, principal, "evaluate", "evaluation", row)
    return row


def message_of(table: Table, row: Row) -> tuple[str, Values]:
    """(path below the measure, body) of what is reported to the measures service."""
    if table is evaluation:
        return "evaluations", {
            "evaluated_on": row["evaluated_on"].isoformat(),
            "by": row["evaluator"],
            "reference": f"controlling evaluation {row['id']}",
            "summary": row["lesson"][:2000],
        }
    reported_on = row["reported_on"].isoformat()
    return "status-reports", {"reported_on": reported_on, "assessment": row["assessment"]}


async def report(database: Database, context: Context, table: Table, row: Row) -> bool:
    """Report one row, and note that it was reported. False when the service can't be asked now;
    refusals are logged."""
    if context.measures.writer is None:
        return False
    what, body = message_of(table, row)
    key = f"{table.name}-{row['id']}-{row.get('revision', 1)}"
    try:
        await context.measures.report(row["measure_id"], what, body, key)
    except UpstreamUnavailableError:
        return False
    except (UpstreamError, OSError) as error:
        log.error("the measures service refused a report", what=what, error=str(error))
        return False
    async with database.write() as connection:
        await queries.note_reported(connection, table, row["id"])
    return True


async def report_all(database: Database, context: Context) -> int:
    """Everything not reported yet; how much it was."""
    if context.measures.writer is None:
        return 0
    async with database.read() as connection:
        waiting = await queries.unreported(connection)
    return sum([await report(database, context, table, row) for table, row in waiting])
