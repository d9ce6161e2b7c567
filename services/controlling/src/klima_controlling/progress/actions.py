"""Progress reports and evaluations: written here, told to the measures service afterwards.

The measures service asks nobody. What it must know (that a measure was evaluated, how it is judged
to go) it is told with a service token after the row is committed; what could not be told is told
later by `tell_all`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Table

from klima_controlling.context import Frame
from klima_controlling.progress import queries
from klima_controlling.records import evaluation, progress_report
from klima_controlling.tables import metadata
from klima_controlling.upstream.source import SourceDownError
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.database.connections import Database, WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import Problem, conflict, invalid_at, not_found, unavailable
from klima_shared.language.text import Text
from klima_shared.upstream.client import UpstreamError, UpstreamUnavailableError

log = structlog.get_logger(__name__)
Row = dict[str, Any]


async def measure_of(frame: Frame, identity: UUID) -> Mapping[str, Any]:
    """The published sheet. 404 where there is none, 503 while it can't be asked and was never
    read."""
    try:
        found = await frame.measures.measure(str(identity))
    except SourceDownError as error:
        text = Text("Der Maßnahmendienst antwortet nicht.", "The measures service does not answer.")
        raise unavailable(text) from error
    if found is None:
        raise not_found(
            Text(f"Es gibt keine Maßnahme {identity}.", f"There is no measure {identity}.")
        )
    data: Mapping[str, Any] = found.data
    return data


def etag_of(row: Mapping[str, Any]) -> str:
    return revision_etag(f"progress {row['id']}", row["revision"])


async def report(
    connection: WriteConnection, principal: Principal, frame: Frame, identity: UUID, body: Row
) -> Row:
    """A report of a period. 409 for a second one, 422 for one that lies ahead."""
    sheet = await measure_of(frame, identity)
    principal.require(Role.EDITOR, sheet["owner"])
    if date.fromisoformat(body["reported_on"]) > frame.today():
        raise invalid_at(
            "/body/reported_on", "Das Datum liegt in der Zukunft.", "The date lies in the future."
        )
    row = await queries.add_report(
        connection,
        {
            **_report(body),
            "id": uuid4(),
            "measure_id": identity,
            "region": sheet["owner"],
            "created_by": principal.subject,
        },
    )
    if row is None:
        raise conflict(
            Text(
                f"Für {body['period']} gibt es schon einen Bericht; er wird mit PUT und If-Match geändert.",
                f"There is a report for {body['period']} already; change it with PUT and If-Match.",
            )
        )
    await audit.record(
        connection,
        metadata,
        principal,
        action="report",
        entity="progress_report",
        entity_id=row["id"],
        region=sheet["owner"],
        after=row,
    )
    return row


def _report(body: Row) -> Row:
    return {**body, "reported_on": date.fromisoformat(body["reported_on"])}


async def change_report(
    connection: WriteConnection,
    principal: Principal,
    measure_id: UUID,
    identity: UUID,
    body: Row,
    match: IfMatch,
) -> Row:
    before = await queries.find(connection, progress_report, identity, lock=True)
    if before is None or before["measure_id"] != measure_id:
        raise no_report()
    principal.require(Role.EDITOR, before["region"])
    match.check(etag_of(before))
    if body["period"] != before["period"]:
        raise invalid_at(
            "/body/period", "Der Zeitraum eines Berichts bleibt.", "The period of a report stays."
        )
    values = {**_report(body), "revision": before["revision"] + 1, "told_at": None}
    row = await queries.change(connection, progress_report, identity, values)
    await audit.record(
        connection,
        metadata,
        principal,
        action="change",
        entity="progress_report",
        entity_id=identity,
        region=before["region"],
        before=before,
        after=row,
    )
    return row


async def evaluate(
    connection: WriteConnection, principal: Principal, frame: Frame, identity: UUID, body: Row
) -> Row:
    """An evaluation. 422 without evidence (the body's shape sees to that), or with a date that lies
    ahead."""
    sheet = await measure_of(frame, identity)
    principal.require(Role.MANAGER, sheet["owner"])
    on, until = date.fromisoformat(body["evaluated_on"]), date.fromisoformat(body["conclusion_due"])
    if on > frame.today():
        raise invalid_at(
            "/body/evaluated_on", "Das Datum liegt in der Zukunft.", "The date lies in the future."
        )
    values = {**body, "evaluated_on": on, "conclusion_due": until, "region": sheet["owner"]}
    row = await queries.add(
        connection,
        evaluation,
        {**values, "id": uuid4(), "measure_id": identity, "created_by": principal.subject},
    )
    await audit.record(
        connection,
        metadata,
        principal,
        action="evaluate",
        entity="evaluation",
        entity_id=row["id"],
        region=sheet["owner"],
        after=row,
    )
    return row


def message_of(table: Table, row: Mapping[str, Any]) -> tuple[str, Row]:
    """(path below the measure, body) of what the measures service is told."""
    if table is evaluation:
        return "evaluations", {
            "evaluated_on": row["evaluated_on"].isoformat(),
            "by": row["evaluator"],
            "reference": f"controlling evaluation {row['id']}",
            "summary": row["lesson"][:2000],
        }
    return "status-reports", {
        "reported_on": row["reported_on"].isoformat(),
        "assessment": row["assessment"],
    }


async def tell(database: Database, frame: Frame, table: Table, row: Mapping[str, Any]) -> bool:
    """Tell one row, and note that it was told. False when the service can't be asked now; refusals
    are logged."""
    if frame.measures.writer is None:
        return False
    what, body = message_of(table, row)
    key = f"{table.name}-{row['id']}-{row.get('revision', 1)}"
    try:
        await frame.measures.tell(row["measure_id"], what, body, key)
    except UpstreamUnavailableError:
        return False
    except (UpstreamError, OSError) as error:
        log.error("the measures service refused what it was told", what=what, error=str(error))
        return False
    async with database.write() as connection:
        await queries.told(connection, table, row["id"])
    return True


async def tell_all(database: Database, frame: Frame) -> int:
    """Everything not told yet; how many it were."""
    if frame.measures.writer is None:
        return 0
    async with database.read() as connection:
        waiting = await queries.untold(connection)
    return sum([await tell(database, frame, table, row) for table, row in waiting])


def no_report() -> Problem:
    return not_found(Text("Diesen Bericht gibt es nicht.", "There is no such report."))
