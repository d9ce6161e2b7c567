"""Kick-off talks, workshops, prioritisations and result packages: bodies as they come in, rows as
they are stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple, Self
from uuid import UUID

from pydantic import Field, model_validator

from klima_measures.base.model.dates import Day, Moment, check_order
from klima_measures.base.model.ids import IdeaReference, WorkshopId
from klima_measures.base.model.texts import Line, Prose
from klima_measures.participation.model.codes import (
    AuthorGroup,
    Focus,
    PackageState,
    PrioritisationMethod,
    WorkshopState,
)
from klima_shared.revisions.model import Body, Document, PublishedBody, Record, Stamps

Count = Annotated[int, Field(strict=True, ge=0, le=100_000)]


class KickOffIn(Body):
    """A talk; roles instead of names."""

    held_on: Day
    participant_roles: Annotated[list[Line], Field(max_length=50)] = Field(default_factory=list)
    notes: Prose = ""
    actors_found: Annotated[list[Line], Field(max_length=200)] = Field(default_factory=list)


class WorkshopIn(Body):
    """A workshop. People are counted by group, never named."""

    title: Line
    focus: Focus = Focus.TERRITORY
    topics: Annotated[list[Line], Field(max_length=20)] = Field(
        default=[], description="chosen by the municipality"
    )
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    place: Line | None = None
    participants: dict[AuthorGroup, Count] = Field(
        default={}, description="how many of each group came"
    )
    summary: Prose = Field(default="", description="for everybody")
    notes: Prose = Field(default="", description="for those who may read drafts")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        check_order(self.starts_at, self.ends_at)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkshopRow(Record):
    state: WorkshopState
    starts_at: datetime | None


class PrioritisationIn(PublishedBody):
    title: Line
    method: PrioritisationMethod
    workshop: WorkshopId | None = None
    ideas: Annotated[list[IdeaReference], Field(max_length=500)] = Field(
        default_factory=list, description="references of accepted ideas"
    )
    dots_available: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = Field(
        default=None, description="more than these are refused"
    )


class Tally(NamedTuple):
    """What was given to one idea: how many ballots, and the sum of their values."""

    ballots: int
    total: int


class Ranked(NamedTuple):
    """One line of a result. `mean` is the mean score, or the share of yes; None for dots and
    without ballots."""

    idea: str
    rank: int
    ballots: int
    total: int
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrioritisationRow(Record):
    method: PrioritisationMethod
    closed_at: datetime | None
    result: list[Document] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRow(Stamps):
    """A result package without its file."""

    id: UUID
    workshop_id: UUID
    version: int
    state: PackageState
    digest: str
    size: int
    ideas: list[str]
    recipient: str | None
    note: str | None
    drafted_at: datetime
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    removed_at: datetime | None
