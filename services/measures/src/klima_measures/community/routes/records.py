"""The records of community work on the wire: five routes for each kind."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.model.dates import BERLIN, Moment
from klima_measures.community import actions, queries, shapes
from klima_measures.community.model import records as model
from klima_measures.community.model.codes import ActorKind, TaskState
from klima_measures.community.model.opening_hours import contact_state
from klima_measures.community.tables import actor, event, meeting, resolution, task
from klima_shared.codes.regions import Ags
from klima_shared.revisions.model import Record
from klima_shared.revisions.resources import Fields, Filter, Resource, Viewing, routes

router = APIRouter()


async def _actors(
    kind: Annotated[ActorKind | None, Query(description="only of this kind")] = None,
) -> Filter:
    return Filter(actor.c.kind == kind if kind else None)


async def _kind_labels(
    _: AsyncConnection, rows: Sequence[model.ActorRow], viewing: Viewing
) -> list[Fields]:
    return [{"kind_label": row.kind.label(viewing.lang)} for row in rows]


async def _members(
    connection: AsyncConnection, rows: Sequence[Record], viewing: Viewing
) -> list[Fields]:
    """The public sees the members who agreed to be shown."""
    of_network = await queries.members(connection, [row.id for row in rows])
    return [
        {
            "members": [
                {"actor": one.actor, "name": one.name, "kind": one.kind, "role": one.role}
                for one in of_network.get(row.id, [])
                if one.published or viewing.caller.may_read_drafts(one.region)
            ]
        }
        for row in rows
    ]


async def _references(
    connection: AsyncConnection, rows: Sequence[Record], viewing: Viewing
) -> list[Fields]:
    return await actions.references_for(connection, viewing.caller, rows)


GroupQuery = Annotated[UUID | None, Query(description="only of this working group")]


async def _meetings(group: GroupQuery = None) -> Filter:
    return Filter(meeting.c.parent_id == group if group else None)


async def _resolutions(group: GroupQuery = None) -> Filter:
    return Filter(resolution.c.parent_id == group if group else None)


async def _tasks(
    group: GroupQuery = None,
    overdue: Annotated[bool, Query(description="only open ones whose day has passed")] = False,
    municipality: Annotated[
        Ags | None, Query(description="only those this municipality is to do")
    ] = None,
) -> Filter:
    filtered = Filter(task.c.parent_id == group if group else None)
    if municipality:
        filtered.where.append(task.c.document["municipality"].astext == municipality)
    if overdue:
        today = filtered.now.astimezone(BERLIN).date()
        filtered.where += [task.c.state == TaskState.OPEN, task.c.due_on < today]
    return filtered


async def _overdue(
    _: AsyncConnection, rows: Sequence[model.TaskRow], viewing: Viewing
) -> list[Fields]:
    today = viewing.now.astimezone(BERLIN).date()
    return [{"overdue": row.state is TaskState.OPEN and row.due_on < today} for row in rows]


async def _at(
    at: Annotated[Moment | None, Query(description="the moment asked for instead of now")] = None,
) -> Filter:
    return Filter(now=at or datetime.now(UTC))


async def _opening(_: AsyncConnection, rows: Sequence[Record], viewing: Viewing) -> list[Fields]:
    return [contact_state(row.document, viewing.now) for row in rows]


async def _events(
    since: Annotated[
        Moment | None, Query(description="only those that begin at or after this moment")
    ] = None,
) -> Filter:
    return Filter(event.c.starts_at >= since if since else None)


GROUPS = "/v1/working-groups"
RESOURCES = (
    Resource(
        actions.ACTOR,
        "/v1/actors",
        model.ActorIn,
        shapes.Actor,
        "networks",
        listed="actors in the order of the alphabet",
        internal=frozenset({"notes"}),
        enrich=_kind_labels,
        filter=_actors,
    ),
    Resource(
        actions.NETWORK,
        "/v1/networks",
        model.NetworkIn,
        shapes.Network,
        "networks",
        enrich=_members,
    ),
    # The fixed paths come before that of one group.
    Resource(
        actions.MEETING,
        f"{GROUPS}/meetings",
        model.MeetingIn,
        shapes.Meeting,
        "working groups",
        internal=frozenset({"minutes"}),
        filter=_meetings,
    ),
    Resource(
        actions.RESOLUTION,
        f"{GROUPS}/resolutions",
        model.ResolutionIn,
        shapes.Resolution,
        "working groups",
        private=True,
        enrich=_references,
        filter=_resolutions,
    ),
    Resource(
        actions.TASK,
        f"{GROUPS}/tasks",
        model.TaskIn,
        shapes.Task,
        "working groups",
        listed="tasks, the next due first",
        private=True,
        enrich=_overdue,
        filter=_tasks,
    ),
    Resource(
        actions.WORKING_GROUP,
        GROUPS,
        model.WorkingGroupIn,
        shapes.WorkingGroup,
        "working groups",
        private=True,
    ),
    Resource(
        actions.CONTACT,
        "/v1/contacts",
        model.ContactIn,
        shapes.Contact,
        "contacts",
        internal=frozenset({"notes"}),
        enrich=_opening,
        filter=_at,
        view_at=_at,
    ),
    Resource(
        actions.CAMPAIGN,
        "/v1/campaigns",
        model.CampaignIn,
        shapes.Campaign,
        "communication",
        internal=frozenset({"notes", "cost_eur"}),
        enrich=_references,
    ),
    Resource(
        actions.PRESS_ITEM,
        "/v1/press-items",
        model.PressItemIn,
        shapes.PressItem,
        "communication",
        enrich=_references,
    ),
    Resource(
        actions.EVENT,
        "/v1/events",
        model.EventIn,
        shapes.Event,
        "communication",
        enrich=_references,
        filter=_events,
    ),
)
for _resource in RESOURCES:
    routes(router, _resource)
