"""What rows and bodies of things with revisions have in common."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel, Field

from klima_shared.codes.regions import Ags
from klima_shared.http.validation import StrictBody

Document = dict[str, Any]
"""The content of a record as JSON."""


class Revised(Protocol):
    """What the kit needs to know of a row."""

    @property
    def revision(self) -> int: ...


class Regional(Revised, Protocol):
    """A row that belongs to a region, whose editors write it."""

    @property
    def region(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """What rows of tables with `tables.stamps` have: a base for their dataclasses."""

    revision: int
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Stamps):
    """A row of a table of records; kinds with columns of their own have a subclass."""

    id: UUID
    region: str
    published: bool
    sort_key: str
    document: Document
    created_at: datetime

    @property
    def content(self) -> Document:
        """The document with its region and state of publication, as it goes in and out."""
        return {**self.document, "region": self.region, "published": self.published}

    @property
    def public(self) -> bool:
        """Published, and out by now where it has a time to come out at."""
        out_at = getattr(self, "published_at", None)
        return self.published and (out_at is None or out_at <= datetime.now(UTC))


class Body(StrictBody):
    """What comes in for a record."""

    region: Ags = Field(
        description="whose editors write; for the county its own key", examples=["05974052"]
    )


class PublishedBody(Body):
    published: bool = Field(
        default=False, strict=True, description="seen by everybody; a manager decides"
    )


class Stored(BaseModel):
    """What every record has beside its content."""

    id: UUID
    revision: int
    created_at: datetime
    changed_at: datetime
