"""Working groups such as the Arbeitskreis Klimamanagement: members by function, meetings,
resolutions, tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Table

from klima_measures.base.model.dates import Day, Moment, sortable
from klima_measures.base.model.texts import Line, Prose
from klima_measures.base.rules import alphabetical_key
from klima_measures.community.actions.groups import check_group
from klima_measures.community.rules.opening_hours import BERLIN
from klima_measures.community.tables import meeting, resolution, task, working_group
from klima_measures.participation.model import ResolutionResult, TaskState
from klima_measures.records.actions import Document, Kind
from klima_measures.records.routes import Asked, Body, Resource, Stored, Viewing, routes
from klima_shared.codes.fields import Ags
from klima_shared.database.connections import ReadConnection
from klima_shared.http.validation import TextError
from klima_shared.language.text import Label, Text

router = APIRouter()
_TAG = "working groups"


class GroupMember(BaseModel):
    """An organisation and a function in it; who holds it now is nobody's business here."""

    model_config = ConfigDict(extra="forbid")
    organisation: Line
    function: Line


class WorkingGroupIn(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974000",
                    "name": "Arbeitskreis Klimamanagement",
                    "purpose": "Abstimmung der interkommunalen Maßnahmen",
                    "members": [{"organisation": "Stadt Werl", "function": "Klimamanagement"}],
                }
            ]
        },
    )
    name: Line
    purpose: Prose = ""
    members: Annotated[list[GroupMember], Field(max_length=200)] = Field(default_factory=list)


class WorkingGroup(WorkingGroupIn, Stored):
    pass


class OfGroup(BaseModel):
    """What belongs to a group; its region is the group's."""

    model_config = ConfigDict(extra="forbid")
    group: UUID


class MeetingIn(OfGroup):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "group": "3f1c9a52-6f0e-4a43-9a3c-5a2a0d6e1b11",
                    "title": "12. Sitzung",
                    "starts_at": "2026-09-15T10:00:00+02:00",
                    "place": "Kreishaus Soest",
                    "agenda": ["Stand der Maßnahmen", "Verschiedenes"],
                }
            ]
        },
    )
    title: Line
    starts_at: Moment
    ends_at: Moment | None = None
    place: Line | None = None
    agenda: Annotated[list[Line], Field(max_length=50)] = Field(default_factory=list)
    minutes: Prose = Field(default="", description="what was said and agreed")
    published: bool = Field(
        default=False, strict=True, description="the date is in the public calendar"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at and self.ends_at <= self.starts_at:
            raise TextError(Text("The end is not after the beginning."))
        return self


class Meeting(MeetingIn, Stored):
    region: Ags


Votes = Annotated[int, Field(strict=True, ge=0, le=10_000)]


class ResolutionIn(OfGroup):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "group": "3f1c9a52-6f0e-4a43-9a3c-5a2a0d6e1b11",
                    "decided_on": "2026-09-15",
                    "text": "Das Alltagsradnetz wird gemeinsam beantragt.",
                    "result": "adopted",
                    "votes_yes": 13,
                    "votes_no": 0,
                    "abstentions": 2,
                }
            ]
        },
    )
    meeting: UUID | None = None
    decided_on: Day
    text: Annotated[Prose, Field(min_length=1)]
    result: ResolutionResult
    votes_yes: Votes | None = None
    votes_no: Votes | None = None
    abstentions: Votes | None = None
    measures: Annotated[list[UUID], Field(max_length=50)] = Field(default_factory=list)


class Resolution(ResolutionIn, Stored):
    region: Ags


class TaskIn(OfGroup):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "group": "3f1c9a52-6f0e-4a43-9a3c-5a2a0d6e1b11",
                    "title": "Lückenliste der Radwege melden",
                    "municipality": "05974052",
                    "due_on": "2026-10-31",
                }
            ]
        },
    )
    meeting: UUID | None = None
    title: Line
    municipality: Ags | None = Field(
        default=None, description="who is to do it; null: the group itself"
    )
    due_on: Day
    state: TaskState = TaskState.OPEN
    note: Prose = ""


class Task(TaskIn, Stored):
    region: Ags
    overdue: bool = Field(description="open, and the day has passed")


GROUP = Kind(
    "working_group",
    Label("eine Arbeitsgruppe", "working group"),
    working_group,
    sort_key=lambda document: alphabetical_key(document["name"]),
    publishing=False,
)


def _of_group(
    entity: str, noun: Text, table: Table, key: str, columns: Any, *, publishing: bool = False
) -> Kind:
    return Kind(
        entity,
        noun,
        table,
        sort_key=lambda document: (
            sortable(document[key]) if key == "starts_at" else str(document[key])
        ),
        columns=lambda document: {"parent_id": UUID(document["group"]), **columns(document)},
        newest_first=key != "due_on",
        publishing=publishing,
        check=check_group,
    )


def _times(document: Document) -> dict[str, Any]:
    end = document["ends_at"]
    return {
        "starts_at": datetime.fromisoformat(document["starts_at"]),
        "ends_at": datetime.fromisoformat(end) if end else None,
    }


MEETING = _of_group(
    "meeting", Label("eine Sitzung", "meeting"), meeting, "starts_at", _times, publishing=True
)
RESOLUTION = _of_group(
    "resolution", Label("einen Beschluss", "resolution"), resolution, "decided_on", lambda _: {}
)
TASK = _of_group(
    "task",
    Label("eine Aufgabe", "task"),
    task,
    "due_on",
    lambda document: {"due_on": date.fromisoformat(document["due_on"]), "state": document["state"]},
)

GroupQuery = Annotated[UUID | None, Query(description="only of this working group")]


async def _meetings(group: GroupQuery = None) -> Asked:
    return Asked([meeting.c.parent_id == group] if group else [])


async def _resolutions(group: GroupQuery = None) -> Asked:
    return Asked([resolution.c.parent_id == group] if group else [])


async def _tasks(
    group: GroupQuery = None,
    overdue: Annotated[bool, Query(description="only open ones whose day has passed")] = False,
    municipality: Annotated[
        Ags | None, Query(description="only those this municipality is to do")
    ] = None,
) -> Asked:
    asked = Asked([task.c.parent_id == group] if group else [])
    if municipality:
        asked.where.append(task.c.document["municipality"].astext == municipality)
    if overdue:
        today = asked.now.astimezone(BERLIN).date()
        asked.where += [task.c.state == TaskState.OPEN.value, task.c.due_on < today]
    return asked


async def _overdue(
    _: ReadConnection, rows: Sequence[dict[str, Any]], viewing: Viewing
) -> list[dict[str, Any]]:
    today = viewing.now.astimezone(BERLIN).date()
    return [
        {"overdue": row["state"] == TaskState.OPEN.value and row["due_on"] < today} for row in rows
    ]


# The fixed paths come before that of one group.
routes(
    router,
    Resource(
        MEETING,
        "/v1/working-groups/meetings",
        "meeting",
        "meetings",
        ("a meeting", "meetings"),
        MeetingIn,
        Meeting,
        _TAG,
        internal=frozenset({"minutes"}),
        asked=_meetings,
    ),
)
routes(
    router,
    Resource(
        RESOLUTION,
        "/v1/working-groups/resolutions",
        "resolution",
        "resolutions",
        ("a resolution", "resolutions"),
        ResolutionIn,
        Resolution,
        _TAG,
        private=True,
        asked=_resolutions,
    ),
)
routes(
    router,
    Resource(
        TASK,
        "/v1/working-groups/tasks",
        "task",
        "tasks",
        ("a task", "tasks, the next due first"),
        TaskIn,
        Task,
        _TAG,
        private=True,
        enrich=_overdue,
        asked=_tasks,
    ),
)
routes(
    router,
    Resource(
        GROUP,
        "/v1/working-groups",
        "working_group",
        "working_groups",
        ("a working group", "working groups"),
        WorkingGroupIn,
        WorkingGroup,
        _TAG,
        private=True,
    ),
)
