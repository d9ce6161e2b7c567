"""Deliveries, budget, reconciliation and the audit cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.budget.rules import Budget, budget
from klima_controlling.context import Frame
from klima_controlling.deliveries import queries as deliveries
from klima_controlling.deliveries.rules import Delivery, Due, due_list
from klima_controlling.progress import queries as progress
from klima_controlling.reconciliation.rules import Reconciliation, Saving, from_sheets, reconcile
from klima_controlling.tables import metadata
from klima_controlling.upstream.actions import RegionState, no_region, region_state
from klima_controlling.upstream.source import Fetched, SourceDownError
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import conflict, invalid_at, not_found, unavailable
from klima_shared.language.text import Text
from klima_shared.service.concurrency import together

Row = dict[str, Any]
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Sheets:
    """The published measures of a region as list items and as whole sheets."""

    items: Sequence[Document]
    sheets: Sequence[Document]
    fetched: Fetched


async def sheets_of(frame: Frame, ags: str) -> Sheets:
    """404 for a region nobody has, 503 while the measures service can't be asked and was never
    read."""
    try:
        items = await frame.measures.of_region(ags)
        if items is None:
            raise no_region(ags)
        return Sheets(items.data, await frame.measures.sheets(items.data), items)
    except SourceDownError as error:
        text = Text("Der Maßnahmendienst antwortet nicht.", "The measures service does not answer.")
        raise unavailable(text) from error


# --- deliveries
# ------------------------------------------------------------------------------------------------------


async def due(
    connection: AsyncConnection, today: date, regions: Sequence[str] | None, *, overdue: bool | None
) -> list[Due]:
    rows = await deliveries.listing(connection, regions=regions)
    names = Delivery.__dataclass_fields__
    found = due_list([Delivery(**{n: row[n] for n in names}) for row in rows], today)
    return found if overdue is None else [item for item in found if item.overdue is overdue]


def etag_of(what: str, row: Mapping[str, Any]) -> str:
    return revision_etag(f"{what} {row['id']}", row["revision"])


async def add_delivery(connection: WriteConnection, principal: Principal, body: Row) -> Row:
    principal.require(Role.EDITOR, body["region"])
    row = {
        **body,
        "id": uuid4(),
        "first_due": date.fromisoformat(body["first_due"]),
        "created_by": principal.subject,
    }
    _check_interval(row)
    if not await deliveries.add(connection, row):
        raise conflict(Text("Diese Lieferung gibt es schon.", "There is such a delivery already."))
    await _audit(connection, principal, "create", "data_delivery", row, None)
    found = await deliveries.find(connection, row["id"])
    assert found is not None  # noqa: S101
    return found


def _check_interval(row: Mapping[str, Any]) -> None:
    if row["most_months"] is not None and row["most_months"] < row["interval_months"]:
        raise invalid_at(
            "/body/most_months",
            "Der längste Abstand ist nicht kürzer als der übliche.",
            "Not below the interval.",
        )


async def _opened(connection: WriteConnection, principal: Principal, identity: UUID) -> Row:
    row = await deliveries.find(connection, identity, lock=True)
    if row is None:
        raise not_found(Text("Diese Lieferung gibt es nicht.", "There is no such delivery."))
    principal.require(Role.EDITOR, row["region"])
    return row


async def change_delivery(
    connection: WriteConnection, principal: Principal, identity: UUID, body: Row, match: IfMatch
) -> Row:
    """Changing the interval or the first date changes the dates that follow."""
    before = await _opened(connection, principal, identity)
    match.check(etag_of("delivery", before))
    if body["region"] != before["region"]:
        raise invalid_at(
            "/body/region", "Das Gebiet einer Lieferung bleibt.", "The region of a delivery stays."
        )
    values = {
        **body,
        "first_due": date.fromisoformat(body["first_due"]),
        "revision": before["revision"] + 1,
    }
    _check_interval(values)
    await deliveries.change(connection, identity, values)
    await _audit(connection, principal, "change", "data_delivery", {**before, **values}, before)
    return {**before, **values}


async def receive(
    connection: WriteConnection, principal: Principal, frame: Frame, identity: UUID, body: Row
) -> Row:
    """Note that the date due next was served. 409 for one that was."""
    row = await _opened(connection, principal, identity)
    delivered = date.fromisoformat(body["delivered_on"])
    if delivered > frame.today():
        raise invalid_at(
            "/body/delivered_on", "Das Datum liegt in der Zukunft.", "The date lies in the future."
        )
    served = date.fromisoformat(body["due_on"])
    receipt = {
        "delivery_id": identity,
        "due_on": served,
        "delivered_on": delivered,
        "note": body["note"],
        "created_by": principal.subject,
    }
    if not await deliveries.add_receipt(connection, receipt):
        raise conflict(
            Text("Dieser Termin ist schon bedient.", "This date has been served already.")
        )
    await deliveries.change(connection, identity, {"revision": row["revision"] + 1})
    await _audit(connection, principal, "receive", "data_delivery", {**row, **body}, row)
    return receipt


# --- budget
# ----------------------------------------------------------------------------------------------------------


async def budget_of(
    connection: AsyncConnection, frame: Frame, ags: str, year: int | None, *, inside: bool
) -> tuple[Budget, Sheets]:
    """Plans of the published sheets; with `inside` also what is entered beside them."""
    sheets = await sheets_of(frame, ags)
    entries = (
        await progress.entries(connection, [UUID(str(s["id"])) for s in sheets.sheets], year)
        if inside
        else []
    )
    days = await progress.booked_days(connection, year) if inside else {}
    return budget(sheets.sheets, entries, days, year), sheets


async def add_entry(
    connection: WriteConnection, principal: Principal, table: Table, sheet: Document, body: Row
) -> Row:
    principal.require(Role.EDITOR, sheet["owner"])
    row = await progress.add(
        connection,
        table,
        {**body, "id": uuid4(), "region": sheet["owner"], "created_by": principal.subject},
    )
    await _audit(connection, principal, "create", table.name, row, None)
    return row


# --- reconciliation
# --------------------------------------------------------------------------------------------------


async def reconciliation(
    connection: AsyncConnection, frame: Frame, ags: str
) -> tuple[Reconciliation, RegionState, Sheets]:
    """The balance's change beside the sum of the measures' savings."""
    state, sheets = await together(region_state(frame, ags), sheets_of(frame, ags))
    totals = {p.year: p.value for p in state.series("emissions_t_co2e")}
    savings, silent = from_sheets(sheets.sheets)
    shown = await achieved(connection, sheets.sheets)
    return reconcile(totals, savings, shown, silent), state, sheets


async def achieved(connection: AsyncConnection, sheets: Sequence[Document]) -> list[Saving]:
    """What progress reports show with evidence: of each measure the newest report that names
    savings."""
    known = {str(s["id"]): s for s in sheets}
    newest: dict[str, Row] = {}
    for row in await progress.reports_of(connection, [UUID(i) for i in known]):
        if any(s["emissions_t_co2e"] is not None for s in row["savings"]):
            newest[str(row["measure_id"])] = row
    found = []
    for identity, row in newest.items():
        sheet = known[identity]
        for s in row["savings"]:
            if s["emissions_t_co2e"] is not None:
                found.append(
                    Saving(
                        identity,
                        sheet["number"],
                        sheet["title"],
                        s["sector"],
                        s["emissions_t_co2e"],
                        s["overlap_group"],
                        s["affects_bisko"],
                        True,
                        True,
                        s["evidence"],
                    )
                )
    return found


# --- audit cycle
# -----------------------------------------------------------------------------------------------------


async def add_record(
    connection: WriteConnection, principal: Principal, table: Table, region: str, values: Row
) -> Row:
    principal.require(Role.EDITOR, region)
    row = await progress.add(
        connection,
        table,
        {**values, "id": uuid4(), "region": region, "created_by": principal.subject},
    )
    await _audit(connection, principal, "create", table.name, row, None)
    return row


async def _audit(
    connection: WriteConnection,
    principal: Principal,
    action: str,
    entity: str,
    after: Row,
    before: Row | None,
) -> None:
    await audit.record(
        connection,
        metadata,
        principal,
        action=action,
        entity=entity,
        entity_id=after["id"],
        region=after["region"],
        before=before,
        after=after,
    )
