"""Contacts: functions with their opening hours, and whether somebody is there now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from klima_measures.base.model.dates import Day, Moment
from klima_measures.base.model.texts import Line, Prose, WebAddress
from klima_measures.base.rules import alphabetical_key
from klima_measures.community.rules.opening_hours import (
    BERLIN,
    Interval,
    check,
    closed_because,
    is_open,
    minutes,
    next_opening,
)
from klima_measures.community.tables import contact
from klima_measures.participation.model import Weekday
from klima_measures.records.actions import Document, Kind
from klima_measures.records.routes import Asked, PublishedBody, Resource, Stored, Viewing, routes
from klima_shared.database.connections import ReadConnection
from klima_shared.language.text import Label

router = APIRouter()


def _clock(text: str) -> str:
    minutes(text)
    return text


Clock = Annotated[str, Field(strict=True, max_length=5, examples=["07:30"]), AfterValidator(_clock)]


class OpenInterval(BaseModel):
    """Open from `from` to before `to`, wall-clock time."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    from_: Clock = Field(alias="from")
    to: Clock = Field(description="24:00 is the end of the day")


Hours = dict[Weekday, Annotated[list[OpenInterval], Field(max_length=6)]]


class ContactIn(PublishedBody):
    """Whom to ask: a function, not a person."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974000",
                    "function": "Klimamanagement",
                    "department": "Koordinierungsstelle Regionalentwicklung",
                    "phone": "02921 30-0",
                    "mail": "klima@kreis-soest.example",
                    "address": "Hoher Weg 1-3, 59494 Soest",
                    "topics": ["Klimaschutzkonzept", "Förderung"],
                    "opening_hours": {
                        "monday": [{"from": "08:30", "to": "12:00"}],
                        "tuesday": [
                            {"from": "07:30", "to": "12:00"},
                            {"from": "14:00", "to": "16:00"},
                        ],
                    },
                    "published": True,
                }
            ]
        },
    )
    function: Line
    department: Line | None = None
    phone: Annotated[str, Field(max_length=40, pattern=r"^[0-9+()/ .\-]{3,40}$")] | None = None
    mail: (
        Annotated[
            str, Field(max_length=200, pattern=r"^[^@\s<>\"',;:]+@[^@\s<>\"',;:]+\.[a-z]{2,}$")
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
    notes: Prose = Field(default="", description="for those who may read drafts")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        check(
            intervals(
                {
                    day.value: [i.model_dump(by_alias=True) for i in v]
                    for day, v in self.opening_hours.items()
                }
            )
        )
        return self


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


def intervals(hours: dict[str, list[dict[str, str]]]) -> list[Interval]:
    """Opening hours of the wire as intervals of the week."""
    return [
        Interval(Weekday(day).rank, minutes(one["from"]), minutes(one["to"]))
        for day, ones in hours.items()
        for one in ones
    ]


def _key(document: Document) -> str:
    return alphabetical_key(f"{document['function']} {document['department'] or ''}".strip())


CONTACT = Kind(
    "contact",
    Label("einen Kontakt", "contact"),
    contact,
    sort_key=_key,
    personal=("function", "department", "phone", "mail", "address", "website", "notes"),
)


async def _now(
    at: Annotated[Moment | None, Query(description="the moment asked for instead of now")] = None,
) -> Asked:
    return Asked(now=at or datetime.now(UTC))


async def _open(
    _: ReadConnection, rows: Sequence[dict[str, Any]], viewing: Viewing
) -> list[dict[str, Any]]:
    return [contact_state(row["document"], viewing.now) for row in rows]


def contact_state(document: Document, moment: datetime) -> dict[str, Any]:
    """Whether somebody is there at a moment, and when again."""
    at = moment.astimezone(BERLIN)
    week = intervals(document["opening_hours"])
    closed = {date.fromisoformat(day) for day in document["closed_days"]}
    opening = next_opening(week, at, closed)
    return {
        "open_now": is_open(week, at, closed),
        "closed_because": closed_because(at.date(), closed),
        "next_opening": opening.isoformat() if opening else None,
        "as_of": at.replace(second=0, microsecond=0).isoformat(),
    }


routes(
    router,
    Resource(
        CONTACT,
        "/v1/contacts",
        "contact",
        "contacts",
        ("a contact", "contacts"),
        ContactIn,
        Contact,
        "contacts",
        internal=frozenset({"notes"}),
        enrich=_open,
        asked=_now,
        viewed=_now,
    ),
)
