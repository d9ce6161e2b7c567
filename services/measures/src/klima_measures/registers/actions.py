"""Writing entries of the registers beside the sheets."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from klima_measures.base.actions.session import ReadSession
from klima_measures.registers import queries
from klima_measures.registers.model import MODELS, Entry, RegisterKind, Round, public_round
from klima_measures.registers.queries import REGISTERS, StoredEntry, no_entry
from klima_shared.codes.access import Role
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.problems import Problem, conflict
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.stored import read_stored
from klima_shared.revisions.writing import Writer


@dataclass(frozen=True)
class Hooks:
    """What the subjects above have to say about entries: they know the registers, not the other way
    round."""

    users: Callable[[Writer, UUID], Awaitable[Text | None]]
    """The measures that refer to an entry, as far as the writer may read them; None without any."""
    concept_changed: Callable[[WriteConnection, str], Awaitable[None]]
    """Called with the code of a concept that was written."""


def entry_of(kind: RegisterKind, stored: StoredEntry) -> Entry:
    return read_stored(MODELS[kind], {**stored.document, "region": stored.region})


async def find(session: ReadSession, kind: RegisterKind, identity: UUID) -> StoredEntry:
    """404 for what the caller can't see."""
    stored = await entities.find_readable(
        session.connection, REGISTERS[kind], session.principal, identity
    )
    if stored is None:
        raise no_entry(identity)
    return stored


def visible_entry(kind: RegisterKind, stored: StoredEntry, caller: Principal) -> Entry:
    """The entry as the caller may see it: firms without consent are not named to the public."""
    entry = entry_of(kind, stored)
    if isinstance(entry, Round) and not caller.may_read_drafts(stored.region):
        return public_round(entry)
    return entry


def _values(entry: Entry, region: str) -> dict[str, object]:
    return {
        "code": entry.code,
        "title": entry.title,
        "region": region,
        "document": entry.model_dump(mode="json"),
        "public": entry.public,
        "valid_from": getattr(entry, "valid_from", None),
        "valid_to": getattr(entry, "valid_to", None),
    }


async def create(
    writer: Writer, kind: RegisterKind, entry: Entry, region: str, *, hooks: Hooks
) -> StoredEntry:
    """409 when the code is taken in the region."""
    writer.require(Role.EDITOR, region)
    stamps = {"id": uuid4(), "revision": 1, "changed_by": writer.principal.subject}
    values = {**stamps, **_values(entry, region)}
    stored = await entities.insert_unless_there(
        writer.connection, REGISTERS[kind], values, ["region", "code"]
    )
    if stored is None:
        raise _taken(entry.code)
    await _record(writer, kind, "create", None, stored)
    if kind is RegisterKind.CONCEPT:
        await hooks.concept_changed(writer.connection, stored.code)
    return stored


async def change(
    writer: Writer, before: StoredEntry, kind: RegisterKind, entry: Entry, region: str, hooks: Hooks
) -> StoredEntry:
    """Replace an opened entry."""
    connection = writer.connection
    writer.require(Role.EDITOR, region)
    moved = (region, entry.code) != (before.region, before.code)
    if moved and await queries.is_taken(connection, kind, region, entry.code):
        raise _taken(entry.code)
    subject, values = writer.principal.subject, _values(entry, region)
    stored = await entities.update(connection, REGISTERS[kind], [before.id], subject, values)
    await _record(writer, kind, "change", before, stored)
    if kind is RegisterKind.CONCEPT:
        await hooks.concept_changed(connection, stored.code)
    return stored


async def remove(writer: Writer, stored: StoredEntry, kind: RegisterKind, *, hooks: Hooks) -> None:
    """Delete an opened entry. 409 while a sheet refers to it."""
    if users := await hooks.users(writer, stored.id):
        raise conflict(Text("Measures refer to it: {numbers}.", numbers=users))
    await entities.delete(writer.connection, REGISTERS[kind], stored.id)
    await _record(writer, kind, "delete", stored, None)


def _taken(code: str) -> Problem:
    return conflict(Text("The code {code} is taken.", code=code))


async def _record(
    writer: Writer,
    kind: RegisterKind,
    action: str,
    before: StoredEntry | None,
    after: StoredEntry | None,
) -> None:
    """What the audit keeps of an entry is its document."""
    entry = after or before
    assert entry is not None  # noqa: S101
    await writer.record(
        action,
        kind.value,
        entry.id,
        region=entry.region,
        before=before.document if before else None,
        after=after.document if after else None,
    )
