"""What community work keeps: actors, networks, working groups, contacts, campaigns, press items,
events. A body is checked as it comes in; a row is what its table holds."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from klima_measures.base.model.dates import Day, Moment, check_order
from klima_measures.base.model.ids import ActorId, CampaignId, MeasureId, MeetingId, WorkingGroupId
from klima_measures.base.model.texts import Line, Prose, WebAddress
from klima_measures.community.model.codes import (
    ActorKind,
    CommunicationChannel,
    ResolutionResult,
    TaskState,
    Weekday,
)
from klima_measures.community.model.opening_hours import Interval, check, minutes
from klima_shared.codes.quantities import NonNegativeMoney
from klima_shared.codes.regions import Ags
from klima_shared.http.validation import StrictBody
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text
from klima_shared.revisions.model import Body, PublishedBody, Record

Regions = Annotated[list[Ags], Field(min_length=1, max_length=50)]
Measures = Annotated[list[MeasureId], Field(max_length=200)]
Notes = Annotated[Prose, Field(description="for those who may read drafts")]


class ActorIn(PublishedBody):
    """An organisation, or somebody who works under his own name; published only with consent."""

    name: Line
    kind: ActorKind
    regions: Regions = Field(description="where it is active")
    roles: Annotated[list[Line], Field(max_length=20)] = Field(default_factory=list)
    description: Prose = ""
    website: WebAddress | None = None
    consent_to_publish: bool = Field(
        default=False, strict=True, description="the actor agreed to be shown"
    )
    notes: Notes = ""

    @model_validator(mode="after")
    def _consented(self) -> Self:
        if self.published and not self.consent_to_publish:
            raise InputError(
                Text("Without consent (consent_to_publish) an actor is not published.")
            )
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorRow(Record):
    kind: ActorKind


class MemberIn(StrictBody):
    actor: ActorId
    role: Line | None = None


class NetworkIn(PublishedBody):
    """A network of actors."""

    name: Line
    goal: Prose = ""
    regions: Regions
    members: Annotated[list[MemberIn], Field(max_length=500)] = Field(default_factory=list)
    website: WebAddress | None = None


class GroupMember(StrictBody):
    """An organisation and a function in it; who holds it now is nobody's business here."""

    organisation: Line
    function: Line


class WorkingGroupIn(Body):
    name: Line
    purpose: Prose = ""
    members: Annotated[list[GroupMember], Field(max_length=200)] = Field(default_factory=list)


class OfGroup(StrictBody):
    """What belongs to a group; its region is the group's."""

    group: WorkingGroupId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfGroupRow(Record):
    parent_id: UUID


class MeetingIn(OfGroup):
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
        check_order(self.starts_at, self.ends_at)
        return self


Votes = Annotated[int, Field(strict=True, ge=0, le=10_000)]


class ResolutionIn(OfGroup):
    meeting: MeetingId | None = None
    decided_on: Day
    text: Annotated[Prose, Field(min_length=1)]
    result: ResolutionResult
    votes_yes: Votes | None = None
    votes_no: Votes | None = None
    abstentions: Votes | None = None
    measures: Annotated[list[MeasureId], Field(max_length=50)] = Field(default_factory=list)


class TaskIn(OfGroup):
    meeting: MeetingId | None = None
    title: Line
    municipality: Ags | None = Field(
        default=None, description="who is to do it; null: the group itself"
    )
    due_on: Day
    state: TaskState = TaskState.OPEN
    note: Prose = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow(OfGroupRow):
    due_on: date
    state: TaskState


def _clock(text: str) -> str:
    minutes(text)
    return text


Clock = Annotated[str, Field(strict=True, max_length=5, examples=["07:30"]), AfterValidator(_clock)]


class OpenInterval(StrictBody):
    """Open from `from` to before `to`, wall-clock time."""

    model_config = ConfigDict(populate_by_name=True)
    from_: Clock = Field(alias="from")
    to: Clock = Field(description="24:00 is the end of the day")


Hours = dict[Weekday, Annotated[list[OpenInterval], Field(max_length=6)]]


class ContactIn(PublishedBody):
    """Whom to ask: a function, not a person."""

    function: Line
    department: Line | None = None
    phone: Annotated[str, Field(max_length=40, pattern=r"^[0-9+()/ .\-]{3,40}$")] | None = None
    mail: (
        Annotated[
            str, Field(max_length=200, pattern=r"""^[^@\s<>"',;:]+@[^@\s<>"',;:]+\.[a-z]{2,}$""")
        ]
        | None
    ) = None
    address: Line | None = None
    website: WebAddress | None = None
    topics: Annotated[list[Line], Field(max_length=50)] = Field(default_factory=list)
    opening_hours: Hours = Field(
        default_factory=dict, description="several intervals a weekday; holidays are closed"
    )
    closed_days: Annotated[list[Day], Field(max_length=400)] = Field(
        default_factory=list,
        description="days closed beside the holidays of North Rhine-Westphalia",
    )
    notes: Notes = ""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        check(
            [
                Interval(day.rank, minutes(one.from_), minutes(one.to))
                for day, ones in self.opening_hours.items()
                for one in ones
            ]
        )
        return self


class Reach(StrictBody):
    """How many were reached by a channel."""

    channel: CommunicationChannel
    figure: Line = Field(examples=["Besuche der Seite"])
    value: Annotated[int, Field(strict=True, ge=0, le=10**12)]
    as_of: Day


class CampaignIn(PublishedBody):
    title: Line
    goal: Prose = ""
    target_groups: Annotated[list[Line], Field(max_length=30)] = Field(default_factory=list)
    channels: Annotated[list[CommunicationChannel], Field(min_length=1, max_length=7)]
    starts_on: Day
    ends_on: Day | None = None
    regions: Regions
    measures: Measures = Field(default_factory=list)
    cost_eur: NonNegativeMoney | None = Field(
        default=None, description="null: not known, which is not 0"
    )
    reach: Annotated[list[Reach], Field(max_length=200)] = Field(default_factory=list)
    notes: Notes = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ends_on and self.ends_on < self.starts_on:
            raise InputError(Text("The end is before the beginning."))
        if len(set(self.channels)) < len(self.channels):
            raise InputError(Text("A channel is named twice."))
        return self


class PressItemIn(PublishedBody):
    title: Line
    text: Prose = ""
    channel: CommunicationChannel = CommunicationChannel.PRESS
    released_at: Moment = Field(description="not in the feed before")
    url: WebAddress | None = Field(default=None, description="where it appeared")
    campaign: CampaignId | None = None
    measures: Measures = Field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class PressItemRow(Record):
    published_at: datetime


class EventIn(PublishedBody):
    title: Line
    description: Prose = ""
    starts_at: Moment
    ends_at: Moment | None = None
    place: Line | None = None
    url: WebAddress | None = None
    campaign: CampaignId | None = None
    cancelled: bool = Field(
        default=False, strict=True, description="stays in the calendar as cancelled"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        check_order(self.starts_at, self.ends_at)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRow(Record):
    """A row of what has a date in the calendar."""

    starts_at: datetime | None
    ends_at: datetime | None
