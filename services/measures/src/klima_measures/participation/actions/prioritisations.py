"""Sessions in which a group weighs ideas: open ones take votes, a closed one never changes
again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from klima_measures.base.tables import metadata
from klima_measures.participation.actions.submission import check_workshop
from klima_measures.participation.model import Moderation, PrioritisationMethod
from klima_measures.participation.queries import prioritisations as storage
from klima_measures.participation.rules.ranking import check_vote, ranking
from klima_measures.participation.rules.references import canonical_reference
from klima_measures.participation.tables import prioritisation
from klima_measures.records import queries as records
from klima_measures.records.actions import Document, Kind, Row, missing, opened, step
from klima_shared.codes.lists import Role
from klima_shared.database import audit
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch
from klima_shared.http.problems import FieldError, conflict, invalid, invalid_at
from klima_shared.http.validation import TextError
from klima_shared.language.text import Label, Text

CLOSED = Text("This prioritisation is closed and is not changed any more.")


async def _check(connection: WriteConnection, _: Principal, document: Document) -> None:
    """422 unless all ideas are accepted ones, each named once, and the workshop is there."""
    if document["workshop"]:
        await check_workshop(
            connection, UUID(document["workshop"]), document["region"], "/body/workshop"
        )
    asked = [canonical_reference(text) or text for text in document["ideas"]]
    known = await storage.ideas_by_reference(connection, asked)
    errors = []
    for place, reference in enumerate(asked):
        found = known.get(reference)
        if found is None:
            text = Text("There is no such idea.")
        elif found["moderation"] != Moderation.ACCEPTED.value or found["erased"] == "delete":
            text = Text("This idea is not accepted.")
        elif reference in asked[:place]:
            text = Text("This idea is named already.")
        else:
            continue
        errors.append(FieldError(f"/body/ideas/{place}", text))
    if errors:
        raise invalid(errors[0].detail, *errors)
    document["ideas"] = asked


async def _written(connection: WriteConnection, row: Row) -> None:
    """Put the ideas on the wall. 409 when one that was voted on would be taken down."""
    known = await storage.ideas_by_reference(connection, row["document"]["ideas"])
    wanted = [known[reference]["id"] for reference in row["document"]["ideas"]]
    given = await storage.voted(connection, row["id"])
    if given - set(wanted):
        raise conflict(Text("One of the ideas was voted on; it stays."))
    await storage.set_ideas(connection, row["id"], wanted)


PRIORITISATION = Kind(
    "prioritisation",
    Label("eine Priorisierung", "prioritisation"),
    prioritisation,
    sort_key=lambda document: str(document["title"]),
    columns=lambda document: {
        "method": document["method"],
        "workshop_id": UUID(document["workshop"]) if document["workshop"] else None,
    },
    check=_check,
    written=_written,
    frozen=lambda row: CLOSED if row["closed_at"] else None,
)


async def vote(
    connection: WriteConnection,
    principal: Principal,
    identity: UUID,
    idea: str,
    value: int,
    ballots: int,
) -> Row:
    """Enter what a group gave to an idea. 409 once the session is closed; the row's lock decides
    who was first."""
    session = await records.find(connection, prioritisation, identity, lock=True)
    if session is None or not principal.may_read_drafts(session["region"]):
        raise missing(PRIORITISATION)
    principal.require(Role.EDITOR, session["region"])
    if session["closed_at"]:
        raise conflict(CLOSED)
    try:
        check_vote(PrioritisationMethod(session["method"]), value, ballots)
    except TextError as error:
        raise invalid_at("/body/value", Label(error.text.de, error.text.en)) from error
    reference = canonical_reference(idea) or ""
    found = (await storage.ideas_by_reference(connection, [reference])).get(reference)
    if found is None or not await storage.is_on_the_wall(connection, identity, found["id"]):
        raise invalid_at("/body/idea", Text("This idea is not part of the session."))
    if found["moderation"] != Moderation.ACCEPTED.value:
        raise conflict(Text("This idea was merged in the meantime."))
    await _check_dots(connection, session, value * ballots)
    given = {"idea_id": found["id"], "value": value, "ballots": ballots}
    await storage.add_vote(
        connection, {"prioritisation_id": identity, "changed_by": principal.subject, **given}
    )
    await audit.record(
        connection,
        metadata,
        principal,
        action="vote",
        entity="prioritisation",
        entity_id=identity,
        region=session["region"],
        after={"idea": reference, "value": value, "ballots": ballots},
    )
    return session


async def _check_dots(connection: WriteConnection, session: Row, more: int) -> None:
    available = session["document"]["dots_available"]
    if available is None or session["method"] != PrioritisationMethod.DOTS.value:
        return
    given = sum(
        t.total
        for t in (await storage.tallies(connection, [session["id"]]))
        .get(session["id"], {})
        .values()
    )
    if given + more > available:
        raise conflict(
            Text(
                "There are {available} dots, {given} are placed; {more} more are too many.",
                available=available,
                given=given,
                more=more,
            )
        )


async def close(
    connection: WriteConnection, principal: Principal, identity: UUID, if_match: IfMatch
) -> Row:
    """Freeze the session with its result."""
    session = await opened(connection, principal, PRIORITISATION, identity, if_match)
    principal.require(Role.MANAGER, session["region"])
    values = {"closed_at": datetime.now(UTC), "result": await result(connection, session)}
    return await step(connection, principal, PRIORITISATION, session, "close", values)


async def result(connection: Any, session: Row) -> list[dict[str, Any]]:
    """The lines of a session, best first: the frozen ones of a closed session, else as it stands
    now."""
    if session["result"] is not None:
        return list(session["result"])
    wall = (await storage.on_the_wall(connection, [session["id"]])).get(session["id"], {})
    given = (await storage.tallies(connection, [session["id"]])).get(session["id"], {})
    return [asdict(line) for line in ranking(PrioritisationMethod(session["method"]), given, wall)]
