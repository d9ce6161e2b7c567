"""Kick-off talks, workshops and prioritisations: what is special about them, and their steps."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.model.dates import sortable
from klima_measures.participation import tables
from klima_measures.participation.model.codes import Moderation, PrioritisationMethod, WorkshopState
from klima_measures.participation.model.ideas import canonical_reference
from klima_measures.participation.model.workshops import (
    KickOffIn,
    PrioritisationIn,
    PrioritisationRow,
    Ranked,
    WorkshopIn,
    WorkshopRow,
)
from klima_measures.participation.queries import workshops as queries
from klima_measures.participation.rules import (
    PUBLIC_WORKSHOP_STATES,
    check_vote,
    next_workshop_states,
    ranking,
)
from klima_shared.codes.access import Role
from klima_shared.codes.regions import covers
from klima_shared.http.problems import FieldError, conflict, invalid, invalid_at
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.revisions import entities
from klima_shared.revisions.entities import open_to
from klima_shared.revisions.model import Record
from klima_shared.revisions.records import Draft, Kind, locked, opened, step
from klima_shared.revisions.writing import Writer

KICK_OFF: Kind[KickOffIn, Record] = Kind(
    "kick_off",
    tables.kick_off,
    Record,
    noun=Label("ein Auftaktgespräch", "kick-off talk"),
    sort_key=lambda body: body.held_on.isoformat(),
    columns_of=lambda body: {"held_on": body.held_on},
    newest_first=True,
    publishing=False,
)


def _handed_over(row: WorkshopRow) -> Text | None:
    if row.state in {WorkshopState.DELIVERED, WorkshopState.ACKNOWLEDGED}:
        return Text("The results of this workshop were handed over; it is not changed any more.")
    return None


WORKSHOP: Kind[WorkshopIn, WorkshopRow] = Kind(
    "workshop",
    tables.workshop,
    WorkshopRow,
    noun=Label("eine Klimawerkstatt", "workshop"),
    sort_key=lambda body: sortable(body.starts_at) if body.starts_at else "9999",
    columns_of=lambda body: {"starts_at": body.starts_at, "ends_at": body.ends_at},
    initial={"state": WorkshopState.PLANNED},
    newest_first=True,
    publishing=False,
    frozen=_handed_over,
)


async def move_workshop(writer: Writer, identity: UUID, to: WorkshopState) -> WorkshopRow:
    """The next step of a workshop. 409 for one that does not follow; inviting makes it public and
    is a manager's."""
    row = await opened(writer, WORKSHOP, identity)
    possible = next_workshop_states(row.state)
    if to not in possible:
        names = sorted(possible, key=lambda one: one.rank)
        raise conflict(
            Text(
                "“{state}” is not followed by “{to}”; possible: {names}.",
                state=row.state,
                to=to,
                names=Label(
                    ", ".join(n.de for n in names) or "nichts",
                    ", ".join(n.en for n in names) or "nothing",
                ),
            ),
            possible=[name.value for name in names],
        )
    public, was_public = (state in PUBLIC_WORKSHOP_STATES for state in (to, row.state))
    if public != was_public or to is WorkshopState.CANCELLED:
        writer.require(Role.MANAGER, row.region)
    if to in {WorkshopState.INVITED, WorkshopState.HELD} and row.starts_at is None:
        raise conflict(Text("The workshop has no date."))
    return await step(writer, WORKSHOP, row, to.value, {"state": to, "published": public})


async def check_workshop(writer: Writer, identity: UUID, region: str) -> None:
    """422 unless the workshop is there for the writer and of this region or of one around it."""
    row = await entities.find_readable(writer.connection, WORKSHOP, writer.principal, identity)
    if row is None or not (covers(row.region, region) or covers(region, row.region)):
        raise invalid_at("/body/workshop", Text("There is no such workshop in this region."))


CLOSED = Text("This prioritisation is closed and is not changed any more.")


async def _check_ideas(writer: Writer, draft: Draft[PrioritisationIn]) -> None:
    """422 unless all ideas are accepted ones, each named once, and the workshop is there."""
    if draft.body.workshop:
        await check_workshop(writer, draft.body.workshop, draft.region)
    named = [canonical_reference(text) or text for text in draft.body.ideas]
    known = await queries.ideas_by_reference(writer.connection, named)
    errors = []
    for position, reference in enumerate(named):
        idea = known.get(reference)
        if idea is None or not open_to(writer.principal, idea):
            text = Text("There is no such idea.")
        elif not idea.accepted:
            text = Text("This idea is not accepted.")
        elif reference in named[:position]:
            text = Text("This idea is named already.")
        else:
            continue
        errors.append(FieldError(f"/body/ideas/{position}", text))
    if errors:
        raise invalid(errors[0].detail, *errors)
    draft.body = draft.body.model_copy(update={"ideas": named})


async def _write_ideas(writer: Writer, row: PrioritisationRow) -> None:
    """Store which ideas the session is about. 409 when one that was voted on would be taken
    away."""
    named = row.document["ideas"]
    known = await queries.ideas_by_reference(writer.connection, named)
    wanted = [known[reference].id for reference in named]
    if await queries.voted_ideas(writer.connection, row.id) - set(wanted):
        raise conflict(Text("One of the ideas was voted on; it stays."))
    await queries.set_ideas(writer.connection, row.id, wanted)


PRIORITISATION: Kind[PrioritisationIn, PrioritisationRow] = Kind(
    "prioritisation",
    tables.prioritisation,
    PrioritisationRow,
    noun=Label("eine Priorisierung", "prioritisation"),
    sort_key=lambda body: body.title,
    columns_of=lambda body: {"method": body.method, "workshop_id": body.workshop},
    check=_check_ideas,
    written=_write_ideas,
    frozen=lambda row: CLOSED if row.closed_at else None,
)


async def vote(
    writer: Writer, identity: UUID, idea: str, *, value: int, ballots: int
) -> PrioritisationRow:
    """Enter what a group gave to an idea. 409 once the session is closed; the row's lock decides
    who was first."""
    session = await locked(writer, PRIORITISATION, identity, inside=True)
    if session.closed_at:
        raise conflict(CLOSED)
    try:
        check_vote(session.method, value, ballots)
    except InputError as error:
        raise invalid_at("/body/value", error.text) from error
    reference = canonical_reference(idea) or ""
    voted = (await queries.ideas_by_reference(writer.connection, [reference])).get(reference)
    if voted is None or not await queries.is_candidate(writer.connection, identity, voted.id):
        raise invalid_at("/body/idea", Text("This idea is not part of the session."))
    if voted.moderation is not Moderation.ACCEPTED:
        raise conflict(Text("This idea was merged in the meantime."))
    await _check_dots(writer, session, value * ballots)
    row = {"prioritisation_id": identity, "idea_id": voted.id, "value": value, "ballots": ballots}
    await queries.add_vote(writer.connection, {**row, "changed_by": writer.principal.subject})
    after = {"idea": reference, "value": value, "ballots": ballots}
    await writer.record("vote", "prioritisation", identity, region=session.region, after=after)
    return session


async def _check_dots(writer: Writer, session: PrioritisationRow, more: int) -> None:
    available = session.document["dots_available"]
    if available is None or session.method is not PrioritisationMethod.DOTS:
        return
    tallies = await queries.tallies(writer.connection, [session.id])
    given = sum(tally.total for tally in tallies.get(session.id, {}).values())
    if given + more > available:
        raise conflict(
            Text(
                "There are {available} dots, {given} are placed; {more} more are too many.",
                available=available,
                given=given,
                more=more,
            )
        )


async def close(writer: Writer, identity: UUID) -> PrioritisationRow:
    """Freeze the session with its result."""
    session = await opened(writer, PRIORITISATION, identity)
    writer.require(Role.MANAGER, session.region)
    result = [line._asdict() for line in (await results(writer.connection, [session]))[session.id]]
    values = {"closed_at": datetime.now(UTC), "result": result}
    return await step(writer, PRIORITISATION, session, "close", values)


async def results(
    connection: AsyncConnection, sessions: Sequence[PrioritisationRow]
) -> dict[UUID, list[Ranked]]:
    """The lines of sessions, best first: the frozen ones of a closed session, else as it stands
    now."""
    open_ones = [session.id for session in sessions if session.result is None]
    ideas = await queries.ideas_of(connection, open_ones) if open_ones else {}
    tallies = await queries.tallies(connection, open_ones) if open_ones else {}
    return {
        one.id: ranking(one.method, tallies.get(one.id, {}), ideas.get(one.id, []))
        if one.result is None
        else [Ranked(**line) for line in one.result]
        for one in sessions
    }
