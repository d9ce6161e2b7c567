"""Handing the results of a workshop over: drafted, delivered, acknowledged. A delivered file never
changes."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.participation.actions.results import collect
from klima_measures.participation.actions.workshops import WORKSHOP
from klima_measures.participation.files import workshop_pdf, write_package
from klima_measures.participation.model.codes import PackageState, WorkshopState
from klima_measures.participation.model.ideas import TriageSums
from klima_measures.participation.model.workshops import PackageRow, WorkshopRow
from klima_measures.participation.queries.workshops import PACKAGE, newest_package
from klima_measures.participation.rules import PACKAGED_STATES, may_acknowledge, may_deliver
from klima_shared.codes.access import Role
from klima_shared.database.connections import Database
from klima_shared.http.auth import Principal
from klima_shared.http.problems import Problem, conflict, not_found
from klima_shared.language.text import Text
from klima_shared.look.pdf import typeset
from klima_shared.revisions import entities
from klima_shared.revisions.entities import Values
from klima_shared.revisions.model import Document
from klima_shared.revisions.records import locked, readable, step
from klima_shared.revisions.writing import Writer

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


class Prepared(NamedTuple):
    """The file of a package, and what stands in it as of `moment`."""

    moment: datetime
    content: Document
    file: bytes


async def prepare(
    database: Database, principal: Principal, identity: UUID, fields: Mapping[str, str]
) -> Prepared:
    """Set the report of a package before its transaction begins: that takes a while, and nobody
    waits for a row or a connection meanwhile. `fields`: labels of the fields of action.

    409 until the workshop is documented and all its ideas are moderated.
    """
    moment = datetime.now(UTC).replace(microsecond=0)
    async with database.read() as connection:
        workshop = await readable(connection, WORKSHOP, principal, identity)
        principal.require(Role.MANAGER, workshop.region)
        content, _ = await _results(connection, workshop, moment, fields)
    file = await typeset(lambda: write_package(content, workshop_pdf(content, moment), moment))
    return Prepared(moment, content, file)


async def _results(
    connection: AsyncConnection, workshop: WorkshopRow, moment: datetime, fields: Mapping[str, str]
) -> tuple[Document, TriageSums]:
    if workshop.state not in PACKAGED_STATES:
        raise conflict(Text("There is a result package only once the workshop is documented."))
    content, sums = await collect(connection, workshop, moment, fields)
    if sums.new:
        raise conflict(
            Text("{new} ideas are not moderated yet.", new=sums.new), unmoderated=sums.new
        )
    return content, sums


async def draft(
    writer: Writer, identity: UUID, fields: Mapping[str, str], prepared: Prepared
) -> PackageRow:
    """Put a package together. A draft is replaced; after a delivery the next one is a new version.
    409 when the results are others by now."""
    workshop = await locked(writer, WORKSHOP, identity, Role.MANAGER)
    moment, _, file = prepared
    content, sums = await _results(writer.connection, workshop, moment, fields)
    if content != prepared.content:
        raise conflict(Text("The results have changed meanwhile. Please put them together again."))
    before = await newest_package(writer.connection, identity, lock=True)
    version = 1 if before is None else before.version + 1
    if before is not None and before.state is PackageState.DRAFTED:
        version = before.version
        await entities.delete(writer.connection, PACKAGE, before.id)
    new = {
        "id": uuid4(),
        "workshop_id": identity,
        "version": version,
        "revision": 1,
        "state": PackageState.DRAFTED,
        "digest": hashlib.sha256(file).hexdigest(),
        "size": len(file),
        "content": file,
        "ideas": [one["reference"] for one in content["ideas"]],
        "drafted_at": moment,
        "changed_by": writer.principal.subject,
    }
    row = await entities.insert(writer.connection, PACKAGE, new)
    await _record(writer, workshop, "draft", None, row, {"sums": sums.model_dump()})
    return row


async def deliver(writer: Writer, identity: UUID, recipient: str, note: str | None) -> PackageRow:
    """Hand the drafted package over to the municipality; from now on its file never changes."""
    workshop = await locked(writer, WORKSHOP, identity, Role.MANAGER)
    row = await _opened(writer, identity)
    if not may_deliver(row.state):
        raise conflict(Text("This package was handed over already."))
    values = {"recipient": recipient, "note": note, "delivered_at": datetime.now(UTC)}
    return await _move(writer, workshop, row, PackageState.DELIVERED, values)


async def acknowledge(writer: Writer, identity: UUID) -> PackageRow:
    """The municipality confirms that it has the package. 409 for one that was not delivered."""
    workshop = await locked(writer, WORKSHOP, identity)
    row = await _opened(writer, identity)
    if not may_acknowledge(row.state):
        raise conflict(
            Text(
                "Only what was handed over can be acknowledged; this package is “{state}”.",
                state=row.state,
            )
        )
    values = {"acknowledged_at": datetime.now(UTC)}
    return await _move(writer, workshop, row, PackageState.ACKNOWLEDGED, values)


async def _opened(writer: Writer, workshop: UUID) -> PackageRow:
    row = await newest_package(writer.connection, workshop, lock=True)
    if row is None:
        raise no_package()
    writer.check_version(PACKAGE.etag(row))
    return row


async def _move(
    writer: Writer, workshop: WorkshopRow, row: PackageRow, state: PackageState, values: Values
) -> PackageRow:
    """The package's next state, and with it the workshop's, which is called the same."""
    stored = await entities.update(
        writer.connection, PACKAGE, [row.id], writer.principal.subject, {"state": state, **values}
    )
    await _record(writer, workshop, state.value, row, stored)
    follows = {"state": WorkshopState(state.value), "published": True}
    await step(writer, WORKSHOP, workshop, state.value, follows)
    return stored


async def _record(
    writer: Writer,
    workshop: WorkshopRow,
    action: str,
    before: PackageRow | None,
    after: PackageRow,
    more: Values | None = None,
) -> None:
    facts = {name: getattr(after, name) for name in _FACTS}
    await writer.record(
        action,
        "package",
        after.id,
        region=workshop.region,
        before={name: getattr(before, name) for name in _FACTS} if before else None,
        after={**facts, "workshop": workshop.id, **(more or {})},
    )
