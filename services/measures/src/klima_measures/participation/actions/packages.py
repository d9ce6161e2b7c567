"""Handing the results of a workshop over: drafted, delivered, acknowledged. A delivered file never
changes."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import anyio

from klima_measures.base.actions.context import Frame
from klima_measures.base.tables import metadata
from klima_measures.participation.actions.results import collect
from klima_measures.participation.actions.workshops import WORKSHOP
from klima_measures.participation.files.packages import package as zipped
from klima_measures.participation.model import PackageState, WorkshopState
from klima_measures.participation.pages import workshop_pdf
from klima_measures.participation.queries import packages as storage
from klima_measures.participation.rules.steps import PACKAGED_STATES, may_acknowledge, may_deliver
from klima_measures.participation.tables import workshop as table
from klima_measures.records import queries as records
from klima_measures.records.actions import Row, missing, step
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import Problem, conflict, not_found
from klima_shared.language.text import Text

_FACTS = (
    "version",
    "state",
    "digest",
    "size",
    "recipient",
    "delivered_at",
    "acknowledged_at",
    "removed_at",
)


def no_package() -> Problem:
    return not_found(Text("This workshop has no result package yet."))


def etag_of(row: Row) -> str:
    return revision_etag(f"package {row['id']}", row["revision"])


async def draft(
    connection: WriteConnection, principal: Principal, identity: UUID, frame: Frame
) -> Row:
    """Put a package together. A draft is replaced; after a delivery the next one is a new version.

    409 until the workshop is documented and all its ideas are moderated.
    """
    workshop = await _workshop(connection, principal, identity, Role.MANAGER)
    if WorkshopState(workshop["state"]) not in PACKAGED_STATES:
        raise conflict(Text("There is a result package only once the workshop is documented."))
    moment = datetime.now(UTC).replace(microsecond=0)
    results, sums = await collect(connection, workshop, moment, frame.fields.labels("de"))
    if sums.new:
        raise conflict(
            Text("{new} ideas are not moderated yet.", new=sums.new), unmoderated=sums.new
        )
    content = await anyio.to_thread.run_sync(
        lambda: zipped(results, workshop_pdf(results, moment), moment)
    )
    before = await storage.newest(connection, identity, lock=True)
    version = 1 if before is None else before["version"] + 1
    if before is not None and storage.is_draft(before):
        version = before["version"]
        await storage.remove(connection, before["id"])
    row = {
        "id": uuid4(),
        "workshop_id": identity,
        "version": version,
        "revision": 1,
        "state": PackageState.DRAFTED.value,
        "digest": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "content": content,
        "ideas": [idea["reference"] for idea in results["ideas"]],
        "drafted_at": moment,
        "changed_by": principal.subject,
    }
    stored = await storage.add(connection, row)
    await _audit(connection, principal, workshop, "draft", None, stored, sums=asdict(sums))
    return stored


async def deliver(
    connection: WriteConnection,
    principal: Principal,
    identity: UUID,
    if_match: IfMatch,
    recipient: str,
    note: str | None,
) -> Row:
    """Hand the drafted package over to the municipality; from now on its file never changes."""
    workshop = await _workshop(connection, principal, identity, Role.MANAGER)
    row = await _newest(connection, identity, if_match)
    if not may_deliver(PackageState(row["state"])):
        raise conflict(Text("This package was handed over already."))
    values = {
        "state": PackageState.DELIVERED.value,
        "recipient": recipient,
        "note": note,
        "delivered_at": datetime.now(UTC),
    }
    return await _move(connection, principal, workshop, row, WorkshopState.DELIVERED, values)


async def acknowledge(
    connection: WriteConnection, principal: Principal, identity: UUID, if_match: IfMatch
) -> Row:
    """The municipality confirms that it has the package. 409 for one that was not delivered."""
    workshop = await _workshop(connection, principal, identity, Role.EDITOR)
    row = await _newest(connection, identity, if_match)
    if not may_acknowledge(PackageState(row["state"])):
        state = PackageState(row["state"])
        raise conflict(
            Text(
                "Only what was handed over can be acknowledged; this package is “{state}”.",
                state=state,
            )
        )
    values = {"state": PackageState.ACKNOWLEDGED.value, "acknowledged_at": datetime.now(UTC)}
    return await _move(connection, principal, workshop, row, WorkshopState.ACKNOWLEDGED, values)


async def _workshop(
    connection: WriteConnection, principal: Principal, identity: UUID, role: Role
) -> Row:
    row = await records.find(connection, table, identity, lock=True)
    if row is None or not (row["published"] or principal.may_read_drafts(row["region"])):
        raise missing(WORKSHOP)
    principal.require(role, row["region"])
    return row


async def _newest(connection: WriteConnection, identity: UUID, if_match: IfMatch) -> Row:
    row = await storage.newest(connection, identity, lock=True)
    if row is None:
        raise no_package()
    if_match.check(etag_of(row))
    return row


async def _move(
    connection: WriteConnection,
    principal: Principal,
    workshop: Row,
    row: Row,
    state: WorkshopState,
    values: Row,
) -> Row:
    stored = await storage.change(connection, row["id"], principal.subject, values)
    await _audit(connection, principal, workshop, state.value, row, stored)
    await step(
        connection,
        principal,
        WORKSHOP,
        workshop,
        state.value,
        {"state": state.value, "published": True},
    )
    return stored


async def _audit(
    connection: WriteConnection,
    principal: Principal,
    workshop: Row,
    action: str,
    before: Row | None,
    after: Row,
    **more: Any,
) -> None:
    await audit.record(
        connection,
        metadata,
        principal,
        action=action,
        entity="package",
        entity_id=after["id"],
        region=workshop["region"],
        before={name: before[name] for name in _FACTS} if before else None,
        after={name: after[name] for name in _FACTS} | {"workshop": workshop["id"]} | more,
    )
