"""Steps of a workshop, and the handing over of its results."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from klima_measures.base.model.dates import sortable
from klima_measures.participation.model import WorkshopState
from klima_measures.participation.rules.steps import PUBLIC_WORKSHOP_STATES, next_workshop_states
from klima_measures.participation.tables import workshop
from klima_measures.records.actions import Document, Kind, Row, opened, step
from klima_shared.codes.lists import Role
from klima_shared.database.connections import WriteConnection
from klima_shared.http.auth import Principal
from klima_shared.http.etags import IfMatch
from klima_shared.http.problems import conflict
from klima_shared.language.text import Label, Text


def _columns(document: Document) -> dict[str, Any]:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(document[name]) if document.get(name) else None

    return {"starts_at": moment("starts_at"), "ends_at": moment("ends_at")}


def _frozen(row: Row) -> Text | None:
    state = WorkshopState(row["state"])
    if state in {WorkshopState.DELIVERED, WorkshopState.ACKNOWLEDGED}:
        return Text("The results of this workshop were handed over; it is not changed any more.")
    return None


WORKSHOP = Kind(
    "workshop",
    Label("eine Klimawerkstatt", "workshop"),
    workshop,
    sort_key=lambda document: sortable(document["starts_at"]) if document["starts_at"] else "9999",
    columns=_columns,
    initial={"state": WorkshopState.PLANNED.value},
    newest_first=True,
    publishing=False,
    frozen=_frozen,
)


async def move(
    connection: WriteConnection,
    principal: Principal,
    identity: UUID,
    if_match: IfMatch,
    to: WorkshopState,
) -> Row:
    """The next step of a workshop. 409 for one that does not follow; inviting makes it public and
    is a manager's."""
    row = await opened(connection, principal, WORKSHOP, identity, if_match)
    state = WorkshopState(row["state"])
    possible = next_workshop_states(state)
    if to not in possible:
        names = sorted(possible, key=lambda one: one.rank)
        raise conflict(
            Text(
                "“{state}” is not followed by “{to}”; possible: {names}.",
                state=state,
                to=to,
                names=Label(
                    ", ".join(n.de for n in names) or "nichts",
                    ", ".join(n.en for n in names) or "nothing",
                ),
            ),
            possible=[name.value for name in names],
        )
    if (to in PUBLIC_WORKSHOP_STATES) != (
        state in PUBLIC_WORKSHOP_STATES
    ) or to is WorkshopState.CANCELLED:
        principal.require(Role.MANAGER, row["region"])
    if to in {WorkshopState.INVITED, WorkshopState.HELD} and row["starts_at"] is None:
        raise conflict(Text("The workshop has no date."))
    values = {"state": to.value, "published": to in PUBLIC_WORKSHOP_STATES}
    return await step(connection, principal, WORKSHOP, row, to.value, values)
