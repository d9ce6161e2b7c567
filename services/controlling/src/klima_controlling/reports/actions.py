"""Composing, approving and publishing the yearly report; a correction is a new version with its
reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.budget.rules import budget
from klima_controlling.codes import ReportState
from klima_controlling.context import Frame
from klima_controlling.indicators import actions as indicator_values
from klima_controlling.indicators.model import Value
from klima_controlling.progress import queries as progress
from klima_controlling.reconciliation import actions as records
from klima_controlling.reconciliation.rules import from_sheets, reconcile
from klima_controlling.reports import queries as reports
from klima_controlling.reports.rules import Inputs, canonical, compose, digest
from klima_controlling.status import actions as status
from klima_controlling.tables import metadata
from klima_controlling.upstream.actions import RegionState, region_state
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import Problem, conflict, not_found, unavailable
from klima_shared.language.text import Text
from klima_shared.service.concurrency import together

Row = dict[str, Any]


def no_report() -> Problem:
    return not_found(Text("Diesen Bericht gibt es nicht.", "There is no such report."))


def etag_of(row: Mapping[str, Any]) -> str:
    return revision_etag(f"report {row['id']}", row["revision"])


async def composed(
    connection: AsyncConnection, frame: Frame, region: str, year: int
) -> tuple[bytes, Row]:
    """(content, what it was made of). 503 rather than a report out of copies that could not be
    confirmed."""
    state, sheets = await together(region_state(frame, region), records.sheets_of(frame, region))
    if state.stale or state.down or sheets.fetched.stale_since:
        raise unavailable(
            Text(
                "Ein Bericht braucht aktuelle Angaben; ein Dienst ist gerade nicht erreichbar.",
                "A report needs current figures; a service is not reachable right now.",
            )
        )
    state = _up_to(state, year)
    lights = await status.lights(frame, state, await status.recorded(connection, frame, region))
    shown = await indicator_values.of_region(connection, frame, state, None)
    measures = [UUID(str(s["id"])) for s in sheets.sheets]
    entries = await progress.entries(connection, measures)
    days = await progress.booked_days(connection)
    savings, silent = from_sheets(sheets.sheets)
    achieved = await records.achieved(connection, sheets.sheets)
    totals = {p.year: p.value for p in state.series("emissions_t_co2e")}
    statuses = {str(item["id"]): str(item["status"]) for item in sheets.items}
    inputs = Inputs(
        region=state.region,
        year=year,
        as_of=frame.today().isoformat(),
        balances=state.balances,
        lights=lights,
        indicators=[(one.indicator, one.value) for one in shown],
        measures=[(s, statuses[str(s["id"])]) for s in sheets.sheets],
        savings=savings,
        budget=budget(sheets.sheets, entries, days),
        reconciliation=reconcile(totals, savings, achieved, silent),
    )
    used = {
        "balances": [
            {
                "id": d["id"],
                "region": region,
                "year": d["year"],
                "version": d["version"],
                "factor_set": d["factor_set"]["id"],
                "factor_set_digest": d["factor_set"]["digest"],
            }
            for d in state.balances
        ],
        "measures": [
            {
                "id": str(s["id"]),
                "number": s["number"],
                "revision": s["revision"],
                "status": statuses[str(s["id"])],
            }
            for s in sheets.sheets
        ],
        "targets": [{"code": j.target.code, "version": j.target.version} for j in lights],
        "indicators": [_used(one.value) for one in shown],
        "progress_reports": [
            {"id": str(r["id"]), "revision": r["revision"]}
            for r in await progress.reports_of(connection, measures)
        ],
        "evaluations": [
            {"id": str(r["id"])} for r in await progress.evaluations_of(connection, measures)
        ],
        "budget_entries": [str(e["id"]) for e in entries],
    }
    return canonical(compose(inputs)), used


def _used(value: Value) -> Row:
    return {
        "code": value.indicator,
        "origin": value.origin.value,
        "period": value.period,
        "revision": value.revision,
    }


def _up_to(state: RegionState, year: int) -> RegionState:
    """Without balances of later years: a report of 2020 does not know 2021."""
    return RegionState(
        **{**state.__dict__, "balances": [d for d in state.balances if d["year"] <= year]}
    )


async def create(connection: WriteConnection, principal: Principal, frame: Frame, body: Row) -> Row:
    """A draft. 409 when the year has a report already: then a correction of it is what is meant."""
    principal.require(Role.EDITOR, body["region"])
    if await reports.latest_version(connection, body["region"], body["year"]):
        raise conflict(
            Text(
                f"Für {body['year']} gibt es schon einen Bericht; eine Berichtigung ist eine neue Fassung davon.",
                f"There is a report for {body['year']} already; a correction is a new version of it.",
            )
        )
    return await _add(connection, principal, frame, {**body, "version": 1})


async def correct(
    connection: WriteConnection, principal: Principal, frame: Frame, identity: UUID, body: Row
) -> Row:
    """The next version of a published report, as a draft, with the reason for it."""
    old = await _found(connection, identity)
    principal.require(Role.EDITOR, old["region"])
    if old["state"] != ReportState.PUBLISHED.value:
        raise conflict(
            Text(
                "Nur ein veröffentlichter Bericht wird berichtigt.",
                "Only a published report is corrected.",
            )
        )
    latest = await reports.latest_version(connection, old["region"], old["year"])
    if latest != old["version"]:
        raise conflict(
            Text(f"Es gibt schon die Fassung {latest}.", f"There is version {latest} already.")
        )
    kept = {n: old[n] for n in ("region", "year", "title", "narrative", "decisions")}
    given = {n: v for n, v in body.items() if v is not None}
    return await _add(
        connection, principal, frame, {**kept, **given, "version": latest + 1, "corrects": identity}
    )


async def _add(connection: WriteConnection, principal: Principal, frame: Frame, values: Row) -> Row:
    content, used = await composed(connection, frame, values["region"], values["year"])
    row = await reports.add(
        connection,
        {
            **values,
            "id": uuid4(),
            "state": ReportState.DRAFT.value,
            "content": content,
            "digest": digest(content),
            "used": used,
            "created_by": principal.subject,
        },
    )
    if row is None:
        raise conflict(
            Text(
                "Ein anderer hat diese Fassung gerade angelegt.", "Another one has just been made."
            )
        )
    await _audit(connection, principal, "compose", row)
    return row


async def change(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    identity: UUID,
    body: Row,
    match: IfMatch,
) -> Row:
    """New words in a draft, and its figures composed again from what is published now."""
    row = await _opened(connection, principal, identity, match, Role.EDITOR, ReportState.DRAFT)
    content, used = await composed(connection, frame, row["region"], row["year"])
    values = {
        **body,
        "content": content,
        "digest": digest(content),
        "used": used,
        "revision": row["revision"] + 1,
    }
    changed = await reports.change(connection, identity, values)
    await _audit(connection, principal, "change", changed)
    return changed


async def approve(
    connection: WriteConnection, principal: Principal, frame: Frame, identity: UUID, match: IfMatch
) -> Row:
    """From here on nothing of it changes."""
    row = await _opened(connection, principal, identity, match, Role.MANAGER, ReportState.DRAFT)
    return await _moved(
        connection,
        principal,
        row,
        {
            "state": ReportState.APPROVED.value,
            "approved_at": frame.now(),
            "approved_by": principal.subject,
        },
        "approve",
    )


async def publish(
    connection: WriteConnection, principal: Principal, frame: Frame, identity: UUID, match: IfMatch
) -> Row:
    row = await _opened(connection, principal, identity, match, Role.MANAGER, ReportState.APPROVED)
    return await _moved(
        connection,
        principal,
        row,
        {
            "state": ReportState.PUBLISHED.value,
            "published_at": frame.now(),
            "published_by": principal.subject,
        },
        "publish",
    )


async def _moved(
    connection: WriteConnection, principal: Principal, row: Row, values: Row, action: str
) -> Row:
    moved = await reports.change(connection, row["id"], {**values, "revision": row["revision"] + 1})
    await _audit(connection, principal, action, moved)
    return moved


async def _found(connection: AsyncConnection, identity: UUID) -> Row:
    row = await reports.find(connection, identity, lock=True)
    if row is None:
        raise no_report()
    return row


async def _opened(
    connection: WriteConnection,
    principal: Principal,
    identity: UUID,
    match: IfMatch,
    role: Role,
    state: ReportState,
) -> Row:
    row = await _found(connection, identity)
    principal.require(role, row["region"])
    match.check(etag_of(row))
    if row["state"] != state.value:
        current = ReportState(row["state"])
        raise conflict(
            Text(
                f"Der Bericht ist {current.de}; dafür müsste er {state.de} sein. Eine Berichtigung ist eine neue Fassung.",
                f"The report is {current.en}; for this it would have to be {state.en}. A correction is a new version.",
            )
        )
    return row


async def readable(connection: AsyncConnection, principal: Principal, identity: UUID) -> Row:
    """A published report for everybody, others for viewers of the region. 404 for everybody
    else."""
    row = await reports.find(connection, identity)
    if row is None:
        raise no_report()
    if row["state"] != ReportState.PUBLISHED.value and not principal.may_read_drafts(row["region"]):
        raise no_report()
    return row


async def doubts(frame: Frame, row: Row) -> Sequence[str]:
    """What stands against the report: its content against its digest, each balance version against
    what is stored."""
    found = []
    if digest(bytes(row["content"])) != row["digest"]:
        found.append("content does not match its digest")
    for used in row["used"]["balances"]:
        document = await frame.balance.balance(used["region"], used["year"], used["version"])
        if document is None or document["id"] != used["id"]:
            found.append(f"balance {used['id']} is not the version it was")
    return found


async def _audit(connection: WriteConnection, principal: Principal, action: str, row: Row) -> None:
    after = {n: row[n] for n in ("state", "version", "digest", "revision", "reason", "title")}
    await audit.record(
        connection,
        metadata,
        principal,
        action=action,
        entity="report",
        entity_id=row["id"],
        region=row["region"],
        after=after,
    )
