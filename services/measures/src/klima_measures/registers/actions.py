"""Writing entries of the registers beside the sheets: concepts, templates, programmes, rounds,
strategies, quarters."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from klima_measures.base.actions.context import Frame
from klima_measures.base.tables import metadata
from klima_measures.registers import queries as registers
from klima_measures.registers.model import KINDS, Entry, Round, public_round
from klima_measures.sheets.queries import measures, views
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.database.connections import ReadConnection, WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import Problem, conflict, not_found
from klima_shared.language.text import Text

Row = dict[str, Any]


def etag_of(kind: str, row: Row, variant: str = "") -> str:
    return revision_etag(f"{kind} {row['id']}", row["revision"], variant)


def entry_of(kind: str, row: Row) -> Entry:
    return KINDS[kind].model_validate({**row["document"], "region": row["region"]})


def no_entry(identity: UUID) -> Problem:
    return not_found(Text("There is no entry {identity}.", identity=identity))


async def find(
    connection: ReadConnection, principal: Principal, kind: str, identity: UUID
) -> tuple[Row, Entry]:
    """404 for what the caller can't see."""
    row = await registers.find(connection, kind, identity)
    if row is None or not (row["public"] or principal.may_read_drafts(row["region"])):
        raise no_entry(identity)
    return row, shown(kind, row, principal)


def shown(kind: str, row: Row, principal: Principal) -> Entry:
    """The entry as the caller may see it: firms without consent are not named to the public."""
    entry = entry_of(kind, row)
    if isinstance(entry, Round) and not principal.may_read_drafts(row["region"]):
        return public_round(entry)
    return entry


def _values(entry: Entry, region: str, principal: Principal) -> Row:
    document = entry.model_dump(mode="json")
    return {
        "code": entry.code,
        "title": entry.title,
        "region": region,
        "document": document,
        "public": entry.public,
        "valid_from": getattr(entry, "valid_from", None),
        "valid_to": getattr(entry, "valid_to", None),
        "changed_by": principal.subject,
    }


async def create(
    connection: WriteConnection, principal: Principal, frame: Frame, kind: str, entry: Entry
) -> Row:
    """409 when the code is taken in the region."""
    region = entry.region or frame.county
    principal.require(Role.EDITOR, region)
    new = {"id": uuid4(), "revision": 1, **_values(entry, region, principal)}
    row = await registers.add(connection, kind, new)
    if row is None:
        raise _taken(entry.code)
    await _after(connection, principal, kind, "create", None, row)
    return row


async def change(
    connection: WriteConnection,
    principal: Principal,
    frame: Frame,
    kind: str,
    identity: UUID,
    entry: Entry,
    if_match: IfMatch,
) -> Row:
    before = await open_for(connection, principal, kind, identity, if_match)
    region = entry.region or frame.county
    principal.require(Role.EDITOR, region)
    if (region, entry.code) != (before["region"], before["code"]) and await registers.taken(
        connection, kind, region, entry.code
    ):
        raise _taken(entry.code)
    values = {**_values(entry, region, principal), "revision": before["revision"] + 1}
    row = await registers.change(connection, kind, identity, values)
    await _after(connection, principal, kind, "change", before, row)
    return row


async def open_for(
    connection: WriteConnection, principal: Principal, kind: str, identity: UUID, if_match: IfMatch
) -> Row:
    row = await registers.find(connection, kind, identity, lock=True)
    if row is None:
        principal.require(Role.EDITOR)
        raise no_entry(identity)
    principal.require(Role.EDITOR, row["region"])
    if_match.check(etag_of(kind, row))
    return row


async def remove(
    connection: WriteConnection, principal: Principal, kind: str, identity: UUID, if_match: IfMatch
) -> None:
    """409 while a sheet refers to the entry."""
    row = await open_for(connection, principal, kind, identity, if_match)
    if users := await measures.using(connection, identity):
        numbers = ", ".join(users)
        raise conflict(Text("Measures refer to it: {numbers}.", numbers=numbers))
    await registers.remove(connection, kind, identity)
    await audit.record(
        connection,
        metadata,
        principal,
        action="delete",
        entity=kind,
        entity_id=identity,
        region=row["region"],
        before=row["document"],
    )


def _taken(code: str) -> Problem:
    return conflict(Text("The code {code} is taken.", code=code))


async def _after(
    connection: WriteConnection,
    principal: Principal,
    kind: str,
    action: str,
    before: Row | None,
    row: Row,
) -> None:
    await audit.record(
        connection,
        metadata,
        principal,
        action=action,
        entity=kind,
        entity_id=row["id"],
        region=row["region"],
        before=before["document"] if before else None,
        after=row["document"],
    )
    if kind == "concept":
        await _horizons(connection, row["code"])


async def _horizons(connection: WriteConnection, concept: str) -> None:
    """The horizon of every measure of the concept is counted from its date: lay them out anew."""
    since = await registers.concept_date(connection, concept)
    await views.put(connection, await views.of_concept(connection, concept, since))
