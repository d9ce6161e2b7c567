"""What is answered about the records of community work."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from klima_measures.community.model.codes import ActorKind
from klima_measures.community.model.records import (
    ActorIn,
    CampaignIn,
    ContactIn,
    EventIn,
    MeetingIn,
    NetworkIn,
    PressItemIn,
    ResolutionIn,
    TaskIn,
    WorkingGroupIn,
)
from klima_shared.codes.regions import Ags
from klima_shared.revisions.model import Stored


class Actor(ActorIn, Stored):
    kind_label: str


class Member(BaseModel):
    actor: UUID
    name: str
    kind: ActorKind
    role: str | None


class Network(NetworkIn, Stored):
    members: list[Member] = Field(  # type: ignore[assignment]
        description="by the alphabet; the public sees those who agreed"
    )


class WorkingGroup(WorkingGroupIn, Stored):
    pass


class Meeting(MeetingIn, Stored):
    region: Ags


class Resolution(ResolutionIn, Stored):
    region: Ags


class Task(TaskIn, Stored):
    region: Ags
    overdue: bool = Field(description="open, and the day has passed")


class Contact(ContactIn, Stored):
    open_now: bool = Field(
        description="in Europe/Berlin, with the holidays of North Rhine-Westphalia"
    )
    closed_because: str | None = Field(
        description="name of today's holiday, or `closed` for a day of its own"
    )
    next_opening: datetime | None = Field(
        description="when it opens next; null within two months not"
    )
    as_of: datetime = Field(description="the moment asked for")


class Campaign(CampaignIn, Stored):
    pass


class PressItem(PressItemIn, Stored):
    pass


class Event(EventIn, Stored):
    pass
