"""What managers do with ideas: moderate, merge, decide whose they are, answer, join with
measures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from klima_measures.base.model.texts import without_mail_address
from klima_measures.base.tables import metadata
from klima_measures.participation.actions.submission import public_audit
from klima_measures.participation.model import Moderation, Triage
from klima_measures.participation.queries import ideas
from klima_measures.participation.rules.references import canonical_reference
from klima_measures.participation.rules.steps import may_link
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch, revision_etag
from klima_shared.http.problems import Problem, conflict, invalid_at, not_found
from klima_shared.http.validation import TextError
from klima_shared.language.text import Text

Row = dict[str, Any]


def no_idea(reference: str) -> Problem:
    shown = reference[:40]
    return not_found(Text("There is no idea with the number “{shown}”.", shown=shown))


def etag_of(row: Row) -> str:
    return revision_etag(f"idea {row['id']}", row["revision"])


async def open_for(
    connection: WriteConnection,
    principal: Principal,
    reference: str,
    if_match: IfMatch,
    role: Role = Role.MANAGER,
) -> Row:
    """The idea, locked, for somebody who may decide about it and has seen its present state."""
    canonical = canonical_reference(reference)
    row = await ideas.find(connection, canonical, lock=True) if canonical else None
    if row is None:
        raise no_idea(reference)
    principal.require(role, row["region"])
    if_match.check(etag_of(row))
    if row["erased"] == "delete":
        raise conflict(Text("This idea was deleted on request."))
    return row


async def write(
    connection: WriteConnection,
    principal: Principal,
    row: Row,
    action: str,
    values: Row,
    **more: Any,
) -> Row:
    """Store a decision with its audit row."""
    changed = await ideas.change(connection, row["id"], principal.subject, values)
    await audit.record(
        connection,
        metadata,
        principal,
        action=action,
        entity="idea",
        entity_id=row["id"],
        region=row["region"],
        before=public_audit(row),
        after=public_audit(changed) | more,
    )
    return changed


async def moderate(
    connection: WriteConnection,
    principal: Principal,
    reference: str,
    if_match: IfMatch,
    state: Moderation,
    reason: str,
) -> Row:
    """Accept an idea, which makes it public, or refuse it with a reason. A refused or merged one
    may be taken back."""
    row = await open_for(connection, principal, reference, if_match)
    values: Row = {
        "moderation": state.value,
        "moderation_reason": reason or None,
        "merged_into": None,
    }
    if state is Moderation.ACCEPTED:
        try:
            without_mail_address(row["text"] or "")
        except TextError as error:
            raise conflict(error.text) from error
    if state is Moderation.REJECTED:
        if not reason:
            raise invalid_at("/body/reason", Text("A refusal needs a reason."))
        if await ideas.merged_into(connection, row["id"]):
            raise conflict(Text("Other ideas were merged into this one."))
        if await ideas.measures_of(connection, [row["id"]], "internal"):
            raise conflict(Text("This idea has already become a measure."))
        values |= {"triage": None, "triage_reason": None}
    return await write(connection, principal, row, "moderate", values)


async def merge(
    connection: WriteConnection,
    principal: Principal,
    reference: str,
    if_match: IfMatch,
    into: str,
    reason: str,
) -> Row:
    """Let an idea go on in another one. What was merged into it before goes along."""
    source, target = canonical_reference(reference), canonical_reference(into)
    if source is not None and source == target:
        raise invalid_at("/body/into", Text("An idea cannot go into itself."))
    both = await ideas.lock_both(connection, source or "", target or "")
    row = await open_for(connection, principal, reference, if_match)
    goal = both.get(target or "")
    if goal is None:
        raise invalid_at("/body/into", Text("There is no such idea."))
    principal.require(Role.MANAGER, goal["region"])
    if goal["moderation"] != Moderation.ACCEPTED.value or goal["erased"] == "delete":
        raise conflict(
            Text(
                "The idea {reference} is not accepted; ideas are merged into accepted ones only.",
                reference=goal["reference"],
            )
        )
    if await ideas.measures_of(connection, [row["id"]], "internal"):
        raise conflict(Text("This idea has already become a measure."))
    for follower in await ideas.merged_into(connection, row["id"]):
        one = await ideas.find(connection, follower["reference"], lock=True)
        assert one is not None  # noqa: S101
        await write(connection, principal, one, "merge", {"merged_into": goal["id"]})
    values = {
        "moderation": Moderation.MERGED.value,
        "moderation_reason": reason,
        "merged_into": goal["id"],
        "triage": None,
        "triage_reason": None,
    }
    return await write(connection, principal, row, "merge", values)


async def decide(
    connection: WriteConnection,
    principal: Principal,
    reference: str,
    if_match: IfMatch,
    triage: Triage,
    reason: str,
) -> Row:
    """Whose idea it is. The county's concept then sees the intermunicipal ones only."""
    row = await open_for(connection, principal, reference, if_match)
    _needs_accepted(row)
    linked = await ideas.measures_of(connection, [row["id"]], "internal")
    for line in linked.get(row["id"], []):
        found = await ideas.measure_to_link(connection, line["id"])
        if found and not may_link(triage, intermunicipal_measure=found["intermunicipal"]):
            raise conflict(
                Text(
                    "The idea is part of measure {number}; please separate them first.",
                    number=line["number"],
                )
            )
    return await write(
        connection,
        principal,
        row,
        "triage",
        {"triage": triage.value, "triage_reason": reason},
        triage=triage.value,
    )


async def answer(
    connection: WriteConnection, principal: Principal, reference: str, if_match: IfMatch, text: str
) -> Row:
    """What the author and everybody else reads about it."""
    row = await open_for(connection, principal, reference, if_match)
    return await write(
        connection, principal, row, "answer", {"answer": text, "answered_at": datetime.now(UTC)}
    )


async def link(
    connection: WriteConnection,
    principal: Principal,
    reference: str,
    if_match: IfMatch,
    measure: UUID,
    note: str | None,
) -> Row:
    """The idea becomes (part of) a measure. Both sides show it from then on."""
    row = await open_for(connection, principal, reference, if_match, Role.EDITOR)
    _needs_accepted(row)
    found = await ideas.measure_to_link(connection, measure)
    if found is None:
        raise invalid_at("/body/measure", Text("There is no such measure."))
    principal.require(Role.EDITOR, found["owner"])
    triage = Triage(row["triage"]) if row["triage"] else None
    if not may_link(triage, intermunicipal_measure=found["intermunicipal"]):
        raise conflict(
            Text(
                "Only intermunicipal ideas enter the county's concept; ideas undecided or out of "
                "scope are not linked."
            )
        )
    if not await ideas.link(connection, row["id"], measure, principal.subject, note):
        raise conflict(Text("Idea and measure are linked already."))
    return await write(connection, principal, row, "link", {}, measure=measure)


async def unlink(
    connection: WriteConnection,
    principal: Principal,
    reference: str,
    if_match: IfMatch,
    measure: UUID,
) -> Row:
    """Separate an idea from a measure."""
    row = await open_for(connection, principal, reference, if_match, Role.EDITOR)
    if not await ideas.unlink(connection, row["id"], measure):
        raise not_found(Text("Idea and measure are not linked."))
    return await write(connection, principal, row, "unlink", {}, measure=measure)


def _needs_accepted(row: Row) -> None:
    if row["moderation"] != Moderation.ACCEPTED.value:
        raise conflict(
            Text(
                "The idea is “{moderation}”, not “accepted”.",
                moderation=Moderation(row["moderation"]),
            )
        )
