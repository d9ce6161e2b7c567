"""Bodies and answers about kick-off talks, workshops, prioritisations and packages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from klima_measures.base.model.ids import IdeaReference
from klima_measures.base.model.texts import Line
from klima_measures.participation.model.codes import PackageState, WorkshopState
from klima_measures.participation.model.workshops import KickOffIn, PrioritisationIn, WorkshopIn
from klima_shared.codes.regions import RegionKind
from klima_shared.http.validation import StrictBody
from klima_shared.revisions.model import Stored


class KickOff(KickOffIn, Stored):
    pass


class Administration(BaseModel):
    region: str = Field(examples=["05974052"])
    name: str = Field(examples=["Werl"])


class KickOffReport(BaseModel):
    """Which administrations have been talked to, and which have not."""

    expected: int | None = Field(
        examples=[15], description="null: the municipalities are not known yet"
    )
    held: int = Field(description="administrations talked to")
    missing: list[Administration] | None = Field(
        description="null: not known, because the municipalities are not"
    )


class Workshop(WorkshopIn, Stored):
    published: bool
    state: WorkshopState
    state_label: str
    level: RegionKind = Field(description="municipality or county; follows from the region")
    participants_total: int
    ideas: int = Field(
        description="ideas noted there that are public, or all for readers of drafts"
    )


class WorkshopStep(StrictBody):
    to: WorkshopState = Field(
        description="delivered and acknowledged are reached by the package's own routes"
    )


class PrioritisationLine(BaseModel):
    idea: str = Field(description="reference; a merged idea counts for the one it went into")
    rank: int = Field(description="equal sums share a rank")
    ballots: int
    total: int = Field(description="dots, number of yes, or sum of scores")
    mean: float | None = Field(description="mean score, or share of yes")


class Prioritisation(PrioritisationIn, Stored):
    closed_at: datetime | None = Field(description="from then on nothing changes")
    total: int
    results: list[PrioritisationLine]


class VoteIn(StrictBody):
    """What a group gave to an idea; nobody's name is asked."""

    idea: IdeaReference
    value: Annotated[int, Field(strict=True, ge=-100, le=100)] = Field(
        default=1,
        description="of each ballot: dots, 1 for yes and 0 for no, or a score from 1 to 5",
    )
    ballots: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1


class ResultPackage(BaseModel):
    """Where the handing over stands. The digest is that of the ZIP file."""

    workshop: UUID
    version: int
    revision: int
    state: PackageState
    digest: str = Field(description="SHA-256 of the ZIP file, hexadecimal")
    size: int
    ideas: int
    recipient: str | None
    note: str | None
    drafted_at: datetime
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    removed_at: datetime | None = Field(
        description="when the file was removed because an idea in it was deleted"
    )


class DeliveryIn(StrictBody):
    recipient: Line = Field(description="a function, not a person")
    note: Line | None = None
