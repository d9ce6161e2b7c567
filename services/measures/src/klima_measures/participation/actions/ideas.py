"""What managers do with ideas: moderate, merge, decide whose they are, answer, join with
measures."""

from datetime import UTC, datetime
from uuid import UUID

from klima_measures.base.model.texts import without_mail_address
from klima_measures.base.rules import EVERYTHING
from klima_measures.participation.model.codes import Moderation, Triage
from klima_measures.participation.model.ideas import IdeaRow, canonical_reference
from klima_measures.participation.queries import ideas
from klima_measures.participation.rules import may_link
from klima_measures.sheets.queries.sheets import MEASURE
from klima_shared.codes.access import Role
from klima_shared.http.etags import revision_etag
from klima_shared.http.problems import Problem, conflict, invalid_at, not_found
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.revisions import entities
from klima_shared.revisions.entities import Values, open_to
from klima_shared.revisions.writing import Writer

_IN_AUDIT = (
    "reference",
    "region",
    "channel",
    "field",
    "workshop_id",
    "moderation",
    "merged_into",
    "triage",
    "erased",
)


def public_audit(idea: object) -> dict[str, object]:
    """What the audit keeps of an idea, a new or a stored one: never what its author wrote, so that
    a deletion leaves nothing behind."""
    kept = {name: getattr(idea, name, None) for name in _IN_AUDIT}
    return {name: value for name, value in kept.items() if value is not None} | {
        "characters": len(getattr(idea, "text", None) or "")
    }


def no_idea(reference: str) -> Problem:
    shown = reference[:40]
    return not_found(Text("There is no idea with the number “{shown}”.", shown=shown))


def etag_of(row: IdeaRow, variant: str = "") -> str:
    return revision_etag(f"idea {row.id}", row.revision, variant)


async def opened(writer: Writer, reference: str, role: Role = Role.MANAGER) -> IdeaRow:
    """The idea, locked, for somebody who may decide about it and has seen its present state; 404
    for what he may not read."""
    canonical = canonical_reference(reference)
    row = await ideas.find(writer.connection, canonical, lock=True) if canonical else None
    if row is None or not open_to(writer.principal, row):
        raise no_idea(reference)
    writer.require(role, row.region)
    writer.check_version(etag_of(row))
    if row.deleted:
        raise conflict(Text("This idea was deleted on request."))
    return row


async def _store(
    writer: Writer, row: IdeaRow, action: str, values: Values, more: Values | None = None
) -> IdeaRow:
    """Store a decision with its audit row."""
    changed = await ideas.change(writer.connection, row.id, writer.principal.subject, values)
    await writer.record(
        action,
        "idea",
        row.id,
        region=row.region,
        before=public_audit(row),
        after=public_audit(changed) | dict(more or {}),
    )
    return changed


async def moderate(writer: Writer, reference: str, state: Moderation, reason: str) -> IdeaRow:
    """Accept an idea, which makes it public, or refuse it with a reason. A refused or merged one
    may be taken back."""
    row = await opened(writer, reference)
    if row.merged_into_reference is not None:  # who takes it back, as who merged it
        goal = await ideas.find(writer.connection, row.merged_into_reference)
        assert goal is not None  # noqa: S101
        writer.require(Role.MANAGER, goal.region)
    values: dict[str, object] = {
        "moderation": state,
        "moderation_reason": reason or None,
        "merged_into": None,
    }
    if state is Moderation.ACCEPTED:
        try:
            without_mail_address(row.text or "")
        except InputError as error:
            raise conflict(error.text) from error
    if state is Moderation.REJECTED:
        if not reason:
            raise invalid_at("/body/reason", Text("A refusal needs a reason."))
        if await ideas.lock_merged_into(writer.connection, row.id):
            raise conflict(Text("Other ideas were merged into this one."))
        await _check_unlinked(writer, row)
        values |= {"triage": None, "triage_reason": None}
    return await _store(writer, row, "moderate", values)


async def merge(writer: Writer, reference: str, into: str, reason: str) -> IdeaRow:
    """Let an idea go on in another one. What was merged into it before goes along."""
    source, target = canonical_reference(reference), canonical_reference(into)
    if source is not None and source == target:
        raise invalid_at("/body/into", Text("An idea cannot go into itself."))
    both = await ideas.lock_both(writer.connection, source or "", target or "")
    row = await opened(writer, reference)
    goal = both.get(target or "")
    if goal is None or not open_to(writer.principal, goal):
        raise invalid_at("/body/into", Text("There is no such idea."))
    writer.require(Role.MANAGER, goal.region)
    if not goal.accepted:
        raise conflict(
            Text(
                "The idea {reference} is not accepted; ideas are merged into accepted ones only.",
                reference=goal.reference,
            )
        )
    await _check_unlinked(writer, row)
    for follower in await ideas.lock_merged_into(writer.connection, row.id):
        await _store(writer, follower, "merge", {"merged_into": goal.id})
    values = {
        "moderation": Moderation.MERGED,
        "moderation_reason": reason,
        "merged_into": goal.id,
        "triage": None,
        "triage_reason": None,
    }
    return await _store(writer, row, "merge", values)


async def triage(writer: Writer, reference: str, whose: Triage, reason: str) -> IdeaRow:
    """Decide whose idea it is. The county's concept then sees the intermunicipal ones only."""
    row = await opened(writer, reference)
    _check_accepted(row)
    linked = await ideas.measures_of(writer.connection, [row.id], EVERYTHING)
    for one in linked.get(row.id, []):
        measure = await ideas.measure_to_link(writer.connection, one.id)
        if measure and not may_link(whose, intermunicipal_measure=measure.intermunicipal):
            head = await entities.find_readable(
                writer.connection, MEASURE, writer.principal, one.id
            )
            raise conflict(
                Text(
                    "The idea is part of measure {number}; please separate them first.",
                    number=head.number if head else "…",
                )
            )
    values = {"triage": whose, "triage_reason": reason}
    return await _store(writer, row, "triage", values, {"triage": whose})


async def answer(writer: Writer, reference: str, text: str) -> IdeaRow:
    """What the author and everybody else reads about it."""
    row = await opened(writer, reference)
    return await _store(writer, row, "answer", {"answer": text, "answered_at": datetime.now(UTC)})


async def link(writer: Writer, reference: str, measure: UUID, note: str | None) -> IdeaRow:
    """The idea becomes (part of) a measure. Both sides show it from then on."""
    row = await opened(writer, reference, Role.EDITOR)
    _check_accepted(row)
    head = await entities.find_readable(writer.connection, MEASURE, writer.principal, measure)
    target = await ideas.measure_to_link(writer.connection, measure) if head else None
    if target is None:
        raise invalid_at("/body/measure", Text("There is no such measure."))
    writer.require(Role.EDITOR, target.owner)
    if not may_link(row.triage, intermunicipal_measure=target.intermunicipal):
        raise conflict(
            Text(
                "Only intermunicipal ideas enter the county's concept; ideas undecided or out of "
                "scope are not linked."
            )
        )
    by = writer.principal.subject
    if not await ideas.link(writer.connection, row.id, measure, by, note):
        raise conflict(Text("Idea and measure are linked already."))
    return await _store(writer, row, "link", {}, {"measure": measure})


async def unlink(writer: Writer, reference: str, measure: UUID) -> IdeaRow:
    """Separate an idea from a measure; needs what joining them needs."""
    row = await opened(writer, reference, Role.EDITOR)
    head = await entities.find_readable(writer.connection, MEASURE, writer.principal, measure)
    if head is None:
        raise not_found(Text("Idea and measure are not linked."))
    writer.require(Role.EDITOR, head.owner)
    if not await ideas.unlink(writer.connection, row.id, measure):
        raise not_found(Text("Idea and measure are not linked."))
    return await _store(writer, row, "unlink", {}, {"measure": measure})


def _check_accepted(row: IdeaRow) -> None:
    if row.moderation is not Moderation.ACCEPTED:
        raise conflict(
            Text("The idea is “{moderation}”, not “accepted”.", moderation=row.moderation)
        )


async def _check_unlinked(writer: Writer, row: IdeaRow) -> None:
    if await ideas.measures_of(writer.connection, [row.id], EVERYTHING):
        raise conflict(Text("This idea has already become a measure."))
