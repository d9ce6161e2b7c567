"""Composing, approving and publishing the yearly report; a correction is a new version with its
reason.

A report is composed before the transaction that stores it begins: no row is locked while other
services are asked. What must hold is checked before and, with the row locked, once more.
"""

from dataclasses import dataclass, replace
from types import MappingProxyType
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.actions import Context
from klima_controlling.base.model import ReportState
from klima_controlling.base.queries import Row, Values
from klima_controlling.budget.queries import entries as budget_entries
from klima_controlling.budget.rules import budget
from klima_controlling.indicators import actions as indicators
from klima_controlling.progress.queries import booked_days, evaluations_of, reports_of
from klima_controlling.reconciliation.actions import reconciliation, state_and_sheets
from klima_controlling.reconciliation.rules import from_sheets
from klima_controlling.reports import queries
from klima_controlling.reports.model import Report
from klima_controlling.reports.queries import REPORT
from klima_controlling.reports.rules import Inputs, canonical, compose, digest
from klima_controlling.status import actions as status
from klima_shared.codes.access import Role
from klima_shared.database.connections import Database
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch
from klima_shared.http.problems import conflict, forbidden, unavailable
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.writing import Writer, change, create_unless_there, opened


@dataclass(frozen=True)
class Composition:
    """A report's frozen content, and the ids and revisions of what it was made of."""

    content: bytes
    used: Values

    @property
    def values(self) -> Row:
        return {"content": self.content, "digest": digest(self.content), "used": self.used}


async def composed(database: Database, context: Context, region: str, year: int) -> Composition:
    """503 rather than a report out of answers that could not be confirmed."""
    state, sheets = await state_and_sheets(context, region)
    if state.stale or state.down or sheets.stale_since:
        raise unavailable(
            Text("A report needs current figures; a service is not reachable right now.")
        )
    # a report of 2020 does not know 2021
    state = replace(state, balances=[d for d in state.balances if d["year"] <= year])
    measures = [UUID(sheet["id"]) for sheet in sheets.sheets]
    async with database.read() as connection:
        targets = await status.recorded(connection, context, region)
        values = await indicators.recorded(connection, context, state, None)
        entries = await budget_entries(connection, measures)
        money = budget(sheets.sheets, entries, await booked_days(connection))
        compared = await reconciliation(connection, state, sheets.sheets)
        reported = await reports_of(connection, measures)
        evaluated = await evaluations_of(connection, measures)
    lights = await status.lights(context, state, targets)
    shown = await indicators.of_region(context, state, values)
    statuses = {item["id"]: item["status"] for item in sheets.items}
    inputs = Inputs(
        region=state.region,
        year=year,
        as_of=context.today().isoformat(),
        balances=state.complete,
        lights=lights,
        indicators=[(one.indicator, one.value) for one in shown],
        measures=[(sheet, statuses[sheet["id"]]) for sheet in sheets.sheets],
        savings=from_sheets(sheets.sheets)[0],
        budget=money,
        reconciliation=compared,
    )
    used = {
        **_used(inputs, region),
        "progress_reports": [{"id": str(row.id), "revision": row.revision} for row in reported],
        "evaluations": [{"id": str(row.id)} for row in evaluated],
        "budget_entries": [str(entry.id) for entry in entries],
    }
    return Composition(canonical(compose(inputs)), used)


def _used(inputs: Inputs, region: str) -> Row:
    """Ids, versions and revisions of what the other services and the indicators gave."""
    return {
        "balances": [
            {
                "id": d["id"],
                "region": region,
                "year": d["year"],
                "version": d["version"],
                "factor_set": d["factor_set"]["id"],
                "factor_set_digest": d["factor_set"]["digest"],
            }
            for d in inputs.balances
        ],
        "measures": [
            {"id": s["id"], "number": s["number"], "revision": s["revision"], "status": state}
            for s, state in inputs.measures
        ],
        "targets": [{"code": j.target.code, "version": j.target.version} for j in inputs.lights],
        "indicators": [
            {
                "code": value.indicator,
                "origin": value.origin.value,
                "period": value.period,
                "revision": value.revision,
            }
            for _, value in inputs.indicators
        ],
    }


async def compose_new(
    database: Database, context: Context, principal: Principal, body: Row
) -> Composition:
    """Of a first report. 409 when the year has one already: then a correction is what is meant."""
    principal.require(Role.EDITOR, body["region"])
    async with database.read() as connection:
        taken = await queries.latest_version(connection, body["region"], body["year"])
    if taken:
        raise conflict(
            Text(
                "There is a report for {year} already; a correction is a new version of it.",
                year=body["year"],
            )
        )
    return await composed(database, context, body["region"], body["year"])


async def compose_correction(
    database: Database, context: Context, principal: Principal, identity: UUID
) -> Composition:
    async with database.read() as connection:
        old = await _correctable(connection, principal, identity)
    return await composed(database, context, old.region, old.year)


async def _correctable(connection: AsyncConnection, principal: Principal, identity: UUID) -> Report:
    """A published report that no other one corrects yet."""
    old = await readable(connection, principal, identity)
    principal.require(Role.EDITOR, old.region)
    if old.state != ReportState.PUBLISHED.value:
        raise conflict(Text("Only a published report is corrected."))
    latest = await queries.latest_version(connection, old.region, old.year)
    if latest != old.version:
        raise conflict(Text("There is version {latest} already.", latest=latest))
    return old


async def add(writer: Writer, values: Row, new: Composition) -> Report:
    """A draft. `values`: region, year, version and the words."""
    draft = {**values, **new.values, "id": uuid4(), "state": ReportState.DRAFT.value}
    row = await create_unless_there(writer, REPORT, draft, queries.UNIQUE, action="compose")
    if row is None:
        raise conflict(Text("Another one has just been made."))
    return row


async def correct(writer: Writer, identity: UUID, body: Row, new: Composition) -> Report:
    """The next version of a published report, as a draft, with the reason for it."""
    old = await _correctable(writer.connection, writer.principal, identity)
    kept = {n: getattr(old, n) for n in ("region", "year", "title", "narrative", "decisions")}
    given = {n: v for n, v in body.items() if v is not None}
    version = {"version": old.version + 1, "corrects": identity}
    return await add(writer, {**kept, **given, **version}, new)


async def compose_again(
    database: Database, context: Context, principal: Principal, identity: UUID, *, match: IfMatch
) -> Composition:
    """A draft's figures, from what is published now."""
    async with database.read() as connection:
        row = await readable(connection, principal, identity)
    principal.require(Role.EDITOR, row.region)
    match.check(REPORT.etag(row))
    _check_state(row, ReportState.DRAFT)
    return await composed(database, context, row.region, row.year)


async def replace_words(writer: Writer, identity: UUID, body: Row, new: Composition) -> Report:
    """New words in a draft, and its figures as they were composed again."""
    row = await opened(writer, REPORT, identity)
    _check_state(row, ReportState.DRAFT)
    return await change(writer, REPORT, row, {**body, **new.values})


async def approve(writer: Writer, context: Context, identity: UUID) -> Report:
    """From here on nothing of it changes. 403 for an author of it where the installation wants four
    eyes."""
    wrote = await queries.authors(writer.connection, identity)
    four_eyes = writer.principal.subject not in wrote
    more = {"approved_role": Role.MANAGER.value, "four_eyes": four_eyes}
    row = await _sign(writer, context, identity, ReportState.APPROVED, "approve", more)
    if context.four_eyes and not four_eyes:
        raise forbidden(
            Text("Whoever wrote a report does not approve it here; another manager has to.")
        )
    return row


async def publish(writer: Writer, context: Context, identity: UUID) -> Report:
    return await _sign(writer, context, identity, ReportState.PUBLISHED, "publish")


async def _sign(
    writer: Writer,
    context: Context,
    identity: UUID,
    state: ReportState,
    action: str,
    more: Values = MappingProxyType({}),
) -> Report:
    """The next state, with who gave it and when."""
    row = await opened(writer, REPORT, identity, role=Role.MANAGER)
    approved = state is ReportState.APPROVED
    _check_state(row, ReportState.DRAFT if approved else ReportState.APPROVED)
    name, now, by = state.value, context.now(), writer.principal.subject
    values = {"state": name, f"{name}_at": now, f"{name}_by": by, **more}
    return await change(writer, REPORT, row, values, action=action)


def _check_state(row: Report, wanted: ReportState) -> None:
    if row.state != wanted.value:
        raise conflict(
            Text(
                "The report is {current}; for this it would have to be {state}. A correction is a "
                "new version.",
                current=ReportState(row.state),
                state=wanted,
            )
        )


async def readable(connection: AsyncConnection, principal: Principal, identity: UUID) -> Report:
    """A published report for everybody, others for viewers of the region; else 404."""
    row = await entities.find_readable(connection, REPORT, principal, identity)
    if row is None:
        raise REPORT.missing(identity)
    return row


async def doubts(context: Context, row: Report) -> list[str]:
    """What differs from the report: its digest, and each balance version it cites."""
    doubted = []
    if digest(bytes(row.content)) != row.digest:
        doubted.append("content does not match its digest")
    for used in row.used["balances"]:
        document = await context.balance.balance(used["region"], used["year"], used["version"])
        if document is None or document["id"] != used["id"]:
            doubted.append(f"balance {used['id']} is not the version it was")
    return doubted
