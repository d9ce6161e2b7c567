"""Removing what somebody wrote: on request, or because its time has passed. That it happened stays
in the audit.

What is removed: the text and everything of the row that its author or an answer may have put a
person into, the same in all audit rows of the idea, stored answers to repeated requests, and files
of result packages that hold the idea. What stays: number, place, channel, triage and times, so that
sums still agree and the citizen can look up that it is gone.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement

from klima_measures.participation.actions.ideas import opened
from klima_measures.participation.model.codes import ErasureKind, Moderation, PackageState
from klima_measures.participation.model.ideas import IdeaRow, Periods
from klima_measures.participation.model.workshops import PackageRow
from klima_measures.participation.queries import ideas, privacy
from klima_measures.participation.queries.workshops import PACKAGE, packages_with, remove_file
from klima_shared.database import audit
from klima_shared.database.connections import Database
from klima_shared.http.auth import Principal
from klima_shared.http.problems import invalid_at
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.writing import Writer

# What of an idea's audit rows could tell of a person.
PERSONAL: Final = (
    "text",
    "author_group",
    "topic",
    "field",
    "moderation_reason",
    "triage_reason",
    "answer",
    "note",
)
REMOVED: Final = "[entfernt]"
KEEPER: Final = Principal(subject="retention")
BATCH: Final = 200
_WORD: Final = re.compile(r"[\w.+@-]+")
_MAIL: Final = re.compile(r"[\w.+-]@[\w-]++\.[\w-]")
_CONTACT: Final = re.compile(
    r"(?<!\w)(\+|00?)[1-9][\d /()-]{5,}\d"  # telephone
    r"|(https?://|www\.)\S+",
    re.I,
)


def without_contacts(text: str) -> str:
    """The text without mail addresses, telephone numbers and web addresses."""
    return _CONTACT.sub(REMOVED, _WORD.sub(_without_mail, text))


def _without_mail(found: re.Match[str]) -> str:
    word = found[0]
    if "@" not in word or not _MAIL.search(word):
        return word
    return REMOVED + word[len(word.rstrip(".+")) :]


@dataclass(frozen=True, slots=True)
class Erased:
    """The idea as it is now, and the packages whose receivers must be notified (Art. 19 GDPR)."""

    row: IdeaRow
    packages: list[PackageRow]


async def erase(
    writer: Writer, reference: str, kind: ErasureKind, request: str, text: str | None
) -> Erased:
    """Delete or pseudonymise an idea on request. `request` names the file note of the request, not
    the person.

    Pseudonymised: `text` replaces the old one; without it mail addresses, telephone numbers and web
    addresses are taken out, which is all a program can find.
    """
    row = await opened(writer, reference)
    if kind is ErasureKind.DELETE and text is not None:
        raise invalid_at("/body/text", Text("A deletion has no new text."))
    return await _carry_out(writer, row, kind, request, text)


async def _carry_out(
    writer: Writer, row: IdeaRow, kind: ErasureKind, request: str, text: str | None = None
) -> Erased:
    """The removal itself, of a locked idea."""
    connection = writer.connection
    # What others wrote about the idea may name its author, and no program can tell: it goes with
    # both kinds. What a rule of the table wants to be there becomes the word that it was removed.
    rejected = row.moderation is Moderation.REJECTED
    values: dict[str, object] = {
        "erased": kind,
        "erased_at": datetime.now(UTC),
        "author_group": None,
        "source_key": None,
        "topic": None,
        "answer": None,
        "moderation_reason": REMOVED if rejected else None,
        "triage_reason": REMOVED if row.triage else None,
    }
    if kind is ErasureKind.DELETE:
        values |= {"text": None, "field": None}
    else:
        values["text"] = text if text is not None else without_contacts(row.text or "")
    await privacy.forget_notes(connection, row.id)
    changed = await ideas.change(connection, row.id, writer.principal.subject, values)
    packages = await _from_packages(writer, row.reference)
    await audit.scrub(connection, writer.metadata, "idea", row.id, PERSONAL)
    await privacy.forget_answers(connection, row.reference)
    await writer.record(
        kind.value,
        "idea",
        row.id,
        region=row.region,
        after={
            "reference": row.reference,
            "request": request,
            "packages": [str(package.id) for package in packages],
        },
    )
    return Erased(changed, packages)


async def _from_packages(writer: Writer, reference: str) -> list[PackageRow]:
    """Remove drafts with the idea, and the files of packages that were handed over; returns the
    latter."""
    handed_over = []
    for package in await packages_with(writer.connection, reference):
        if package.state is PackageState.DRAFTED:
            await entities.delete(writer.connection, PACKAGE, package.id)
            continue
        if package.removed_at is None:
            await remove_file(writer.connection, package.id, writer.principal.subject)
        handed_over.append(package)
    return handed_over


@dataclass
class Removed:
    """How many of each were removed."""

    rejected_ideas: int = 0
    finished_ideas: int = 0
    author_groups: int = 0
    idempotency_keys: int = 0
    client_counters: int = 0


async def apply_retention(database: Database, periods: Periods, now: datetime) -> Removed:
    """Remove what is due (`klima-measures retention`, once a day). Works in batches with a
    transaction each, so that nobody waits for it."""
    removed = Removed()
    if before := periods.before(now, periods.rejected_ideas):
        removed.rejected_ideas = await _delete_ideas(database, privacy.REJECTED, before)
    if before := periods.before(now, periods.finished_ideas):
        removed.finished_ideas = await _delete_ideas(database, privacy.FINISHED, before)
    async with database.write() as connection:
        if before := periods.before(now, periods.author_groups):
            forgotten = await privacy.forget_groups(connection, before, KEEPER.subject)
            writer = Writer(connection, KEEPER, database.metadata)
            for identity, region in forgotten:
                await writer.record("forget_author_group", "idea", identity, region=region)
            removed.author_groups = len(forgotten)
        if before := periods.before(now, periods.idempotency_keys):
            removed.idempotency_keys = await privacy.forget_keys(connection, before)
        if before := periods.before(now, periods.client_counters):
            removed.client_counters = await privacy.forget_clients(connection, before)
    return removed


async def _delete_ideas(database: Database, which: ColumnElement[bool], before: datetime) -> int:
    """Delete the texts of ideas that nothing was done to since `before`."""
    total = 0
    while True:
        async with database.write() as connection:
            writer = Writer(connection, KEEPER, database.metadata)
            references = await privacy.lock_due(connection, which, before, BATCH)
            for reference in references:
                row = await ideas.find(connection, reference, lock=True)
                assert row is not None  # noqa: S101
                await _carry_out(writer, row, ErasureKind.DELETE, "retention")
        total += len(references)
        if len(references) < BATCH:
            return total
