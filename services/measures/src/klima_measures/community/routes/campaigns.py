"""Communication (Öffentlichkeitsarbeit): campaigns with their reach, press items, public dates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_measures.base.model.dates import Day, Moment, sortable
from klima_measures.base.model.texts import Line, Prose, WebAddress
from klima_measures.community.actions.references import check_references
from klima_measures.community.tables import campaign, event, press_item
from klima_measures.participation.model import CommunicationChannel
from klima_measures.records.actions import Document, Kind
from klima_measures.records.routes import Asked, PublishedBody, Resource, Stored, routes
from klima_shared.codes.fields import Ags, NonNegativeMoney
from klima_shared.http.validation import TextError
from klima_shared.language.text import Label, Text

router = APIRouter()
_TAG = "communication"
Measures = Annotated[list[UUID], Field(max_length=200)]


class Reach(BaseModel):
    """How many were reached by a channel."""

    model_config = ConfigDict(extra="forbid")
    channel: CommunicationChannel
    figure: Line = Field(examples=["Besuche der Seite"])
    value: Annotated[int, Field(strict=True, ge=0, le=10**12)]
    as_of: Day


class CampaignIn(PublishedBody):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974000",
                    "title": "Stadtradeln 2026",
                    "goal": "Alltagswege mit dem Rad zeigen",
                    "target_groups": ["Berufspendelnde", "Schulen"],
                    "channels": ["website", "press", "school"],
                    "starts_on": "2026-05-01",
                    "ends_on": "2026-05-21",
                    "regions": ["05974000"],
                    "cost_eur": "4500.00",
                    "published": True,
                }
            ]
        },
    )
    title: Line
    goal: Prose = ""
    target_groups: Annotated[list[Line], Field(max_length=30)] = Field(default_factory=list)
    channels: Annotated[list[CommunicationChannel], Field(min_length=1, max_length=7)]
    starts_on: Day
    ends_on: Day | None = None
    regions: Annotated[list[Ags], Field(min_length=1, max_length=50)]
    measures: Measures = Field(default_factory=list)
    cost_eur: NonNegativeMoney | None = Field(
        default=None, description="null: not known, which is not 0"
    )
    reach: Annotated[list[Reach], Field(max_length=200)] = Field(default_factory=list)
    notes: Prose = Field(default="", description="for those who may read drafts")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ends_on and self.ends_on < self.starts_on:
            raise TextError(Text("The end is before the beginning."))
        if len(set(self.channels)) < len(self.channels):
            raise TextError(Text("A channel is named twice."))
        return self


class Campaign(CampaignIn, Stored):
    pass


class PressItemIn(PublishedBody):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974052",
                    "title": "Zwölf Ideen aus der Klimawerkstatt Werl",
                    "text": "Die Ergebnisse liegen vor.",
                    "released_at": "2026-04-02T09:00:00+02:00",
                    "published": True,
                }
            ]
        },
    )
    title: Line
    text: Prose = ""
    channel: CommunicationChannel = CommunicationChannel.PRESS
    released_at: Moment = Field(description="not in the feed before")
    url: WebAddress | None = Field(default=None, description="where it appeared")
    campaign: UUID | None = None
    measures: Measures = Field(default_factory=list)


class PressItem(PressItemIn, Stored):
    pass


class EventIn(PublishedBody):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974052",
                    "title": "Auftakt Stadtradeln",
                    "starts_at": "2026-05-01T11:00:00+02:00",
                    "ends_at": "2026-05-01T13:00:00+02:00",
                    "place": "Marktplatz Werl",
                    "published": True,
                }
            ]
        },
    )
    title: Line
    description: Prose = ""
    starts_at: Moment
    ends_at: Moment | None = None
    place: Line | None = None
    url: WebAddress | None = None
    campaign: UUID | None = None
    cancelled: bool = Field(
        default=False, strict=True, description="stays in the calendar as cancelled"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at and self.ends_at <= self.starts_at:
            raise TextError(Text("The end is not after the beginning."))
        return self


class Event(EventIn, Stored):
    pass


def _moments(document: Document) -> dict[str, Any]:
    end = document["ends_at"]
    return {
        "starts_at": datetime.fromisoformat(document["starts_at"]),
        "ends_at": datetime.fromisoformat(end) if end else None,
    }


CAMPAIGN = Kind(
    "campaign",
    Label("eine Kampagne", "campaign"),
    campaign,
    sort_key=lambda document: str(document["starts_on"]),
    columns=lambda document: {"regions": document["regions"]},
    newest_first=True,
    check=check_references,
)
PRESS_ITEM = Kind(
    "press_item",
    Label("eine Meldung", "press item"),
    press_item,
    sort_key=lambda document: sortable(document["released_at"]),
    columns=lambda document: {"published_at": datetime.fromisoformat(document["released_at"])},
    newest_first=True,
    check=check_references,
)
EVENT = Kind(
    "event",
    Label("eine Veranstaltung", "event"),
    event,
    sort_key=lambda document: sortable(document["starts_at"]),
    columns=_moments,
    check=check_references,
)


async def _events(
    since: Annotated[
        Moment | None, Query(description="only those that begin at or after this moment")
    ] = None,
) -> Asked:
    return Asked([event.c.starts_at >= since] if since else [])


routes(
    router,
    Resource(
        CAMPAIGN,
        "/v1/campaigns",
        "campaign",
        "campaigns",
        ("a campaign", "campaigns"),
        CampaignIn,
        Campaign,
        _TAG,
        internal=frozenset({"notes", "cost_eur"}),
    ),
)
routes(
    router,
    Resource(
        PRESS_ITEM,
        "/v1/press-items",
        "press_item",
        "press_items",
        ("a press item", "press items"),
        PressItemIn,
        PressItem,
        _TAG,
    ),
)
routes(
    router,
    Resource(
        EVENT,
        "/v1/events",
        "event",
        "events",
        ("an event", "events"),
        EventIn,
        Event,
        _TAG,
        asked=_events,
    ),
)
