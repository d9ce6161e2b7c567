"""The kinds of records of community work, and what is checked before one is written."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.model.dates import sortable
from klima_measures.base.rules import alphabetical_key
from klima_measures.community import queries, tables
from klima_measures.community.model.records import (
    ActorIn,
    ActorRow,
    CampaignIn,
    ContactIn,
    DateRow,
    EventIn,
    MeetingIn,
    NetworkIn,
    OfGroup,
    OfGroupRow,
    PressItemIn,
    PressItemRow,
    ResolutionIn,
    TaskIn,
    TaskRow,
    WorkingGroupIn,
)
from klima_measures.sheets.queries.sheets import MEASURE
from klima_shared.http.auth import Principal
from klima_shared.http.problems import FieldError, invalid, invalid_at
from klima_shared.language.text import Label, Text
from klima_shared.revisions import entities
from klima_shared.revisions.entities import Values
from klima_shared.revisions.model import Record
from klima_shared.revisions.records import Draft, Kind
from klima_shared.revisions.writing import Writer


async def _check_members(writer: Writer, draft: Draft[NetworkIn]) -> None:
    """422 for a member that is no actor, or that is named twice."""
    named = [member.actor for member in draft.body.members]
    known = await entities.readable_ones(writer.connection, ACTOR, writer.principal, named)
    errors = []
    for position, identity in enumerate(named):
        if identity not in known:
            text = Text("There is no such actor.")
        elif identity in named[:position]:
            text = Text("This actor is named already.")
        else:
            continue
        errors.append(FieldError(f"/body/members/{position}/actor", text))
    if errors:
        raise invalid(errors[0].detail, *errors)


async def _write_members(writer: Writer, row: Record) -> None:
    roles = {UUID(one["actor"]): one["role"] for one in row.document["members"]}
    await queries.set_members(writer.connection, row.id, roles)


async def _check_group(
    writer: Writer, draft: Draft[MeetingIn] | Draft[ResolutionIn] | Draft[TaskIn]
) -> None:
    """Give the draft its group's region: whoever writes for the group writes for its meetings and
    tasks. 422 for a group, or a meeting of it, that is not there."""
    body: OfGroup = draft.body
    group = await entities.find_readable(
        writer.connection, WORKING_GROUP, writer.principal, body.group
    )
    if group is None:
        raise invalid_at("/body/group", Text("There is no such working group."))
    draft.region = group.region
    identity: UUID | None = getattr(body, "meeting", None)
    if identity is not None:
        meeting = await entities.find(writer.connection, MEETING, identity)
        if meeting is None or meeting.parent_id != group.id:
            raise invalid_at("/body/meeting", Text("The group has no such meeting."))
    await _check_measures(writer, getattr(body, "measures", []))


async def _check_measures(writer: Writer, named: Sequence[UUID]) -> None:
    """422 for a measure that is not there for the writer."""
    known = await entities.readable_ones(writer.connection, MEASURE, writer.principal, named)
    text = Text("There is no such measure.")
    errors = [
        FieldError(f"/body/measures/{position}", text)
        for position, identity in enumerate(named)
        if identity not in known
    ]
    if errors:
        raise invalid(text, *errors)


async def _check_references(
    writer: Writer, draft: Draft[CampaignIn] | Draft[PressItemIn] | Draft[EventIn]
) -> None:
    """422 for a measure or a campaign that is not there for the writer."""
    await _check_measures(writer, getattr(draft.body, "measures", []))
    campaign: UUID | None = getattr(draft.body, "campaign", None)
    if campaign and not await entities.find_readable(
        writer.connection, CAMPAIGN, writer.principal, campaign
    ):
        raise invalid_at("/body/campaign", Text("There is no such campaign."))


def _period(body: MeetingIn | EventIn) -> Values:
    return {"starts_at": body.starts_at, "ends_at": body.ends_at}


ACTOR: Kind[ActorIn, ActorRow] = Kind(
    "actor",
    tables.actor,
    ActorRow,
    noun=Label("einen Akteur", "actor"),
    sort_key=lambda body: alphabetical_key(body.name),
    columns_of=lambda body: {"kind": body.kind, "regions": body.regions},
    personal=("name", "roles", "description", "website", "notes"),
)
NETWORK: Kind[NetworkIn, Record] = Kind(
    "network",
    tables.network,
    Record,
    noun=Label("ein Netzwerk", "network"),
    sort_key=lambda body: alphabetical_key(body.name),
    columns_of=lambda body: {"regions": body.regions},
    check=_check_members,
    written=_write_members,
)
WORKING_GROUP: Kind[WorkingGroupIn, Record] = Kind(
    "working_group",
    tables.working_group,
    Record,
    noun=Label("eine Arbeitsgruppe", "working group"),
    sort_key=lambda body: alphabetical_key(body.name),
    publishing=False,
)
MEETING: Kind[MeetingIn, OfGroupRow] = Kind(
    "meeting",
    tables.meeting,
    OfGroupRow,
    noun=Label("eine Sitzung", "meeting"),
    sort_key=lambda body: sortable(body.starts_at),
    columns_of=lambda body: {"parent_id": body.group, **_period(body)},
    newest_first=True,
    check=_check_group,
)
RESOLUTION: Kind[ResolutionIn, OfGroupRow] = Kind(
    "resolution",
    tables.resolution,
    OfGroupRow,
    noun=Label("einen Beschluss", "resolution"),
    sort_key=lambda body: body.decided_on.isoformat(),
    columns_of=lambda body: {"parent_id": body.group},
    newest_first=True,
    publishing=False,
    check=_check_group,
)
TASK: Kind[TaskIn, TaskRow] = Kind(
    "task",
    tables.task,
    TaskRow,
    noun=Label("eine Aufgabe", "task"),
    sort_key=lambda body: body.due_on.isoformat(),
    columns_of=lambda body: {"parent_id": body.group, "due_on": body.due_on, "state": body.state},
    publishing=False,
    check=_check_group,
)
CONTACT: Kind[ContactIn, Record] = Kind(
    "contact",
    tables.contact,
    Record,
    noun=Label("einen Kontakt", "contact"),
    sort_key=lambda body: alphabetical_key(f"{body.function} {body.department or ''}".strip()),
    personal=("function", "department", "phone", "mail", "address", "website", "notes"),
)
CAMPAIGN: Kind[CampaignIn, Record] = Kind(
    "campaign",
    tables.campaign,
    Record,
    noun=Label("eine Kampagne", "campaign"),
    sort_key=lambda body: body.starts_on.isoformat(),
    columns_of=lambda body: {"regions": body.regions},
    newest_first=True,
    check=_check_references,
)
PRESS_ITEM: Kind[PressItemIn, PressItemRow] = Kind(
    "press_item",
    tables.press_item,
    PressItemRow,
    noun=Label("eine Meldung", "press item"),
    sort_key=lambda body: sortable(body.released_at),
    columns_of=lambda body: {"published_at": body.released_at},
    newest_first=True,
    check=_check_references,
)
EVENT: Kind[EventIn, DateRow] = Kind(
    "event",
    tables.event,
    DateRow,
    noun=Label("eine Veranstaltung", "event"),
    sort_key=lambda body: sortable(body.starts_at),
    columns_of=_period,
    check=_check_references,
)


async def references_for(
    connection: AsyncConnection, principal: Principal, rows: Sequence[Record]
) -> list[Values]:
    """What records name of measures and campaigns, as far as somebody may read those: what was
    withdrawn is named no more."""
    named = [row.document.get("measures", []) for row in rows]
    campaigns = [row.document.get("campaign") for row in rows]
    measures = await entities.readable_ones(
        connection, MEASURE, principal, {UUID(one) for some in named for one in some}
    )
    known = await entities.readable_ones(
        connection, CAMPAIGN, principal, {UUID(one) for one in campaigns if one}
    )
    found: list[Values] = []
    for row, some, campaign in zip(rows, named, campaigns, strict=True):
        shown: dict[str, object] = {"measures": [one for one in some if UUID(one) in measures]}
        shown["campaign"] = campaign if campaign and UUID(campaign) in known else None
        found.append({name: value for name, value in shown.items() if name in row.document})
    return found
