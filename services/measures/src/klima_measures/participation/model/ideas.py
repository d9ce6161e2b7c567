"""Ideas: as they come in, as they are stored, and where they count."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from klima_measures.participation.model.codes import (
    AuthorGroup,
    ErasureKind,
    IdeaChannel,
    Moderation,
    Triage,
)
from klima_measures.participation.model.references import new_reference
from klima_shared.codes.action import Phase
from klima_shared.revisions.model import Stamps


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIdea:
    """An idea that is to be stored, its texts already checked; the fields are columns."""

    region: str
    text: str
    channel: IdeaChannel
    consent_version: str
    changed_by: str
    field: str | None = None
    author_group: AuthorGroup | None = None
    topic: str | None = None
    workshop_id: UUID | None = None
    source_key: str | None = None
    moderation: Moderation = Moderation.NEW
    id: UUID = dataclasses.field(default_factory=uuid4)
    reference: str = dataclasses.field(default_factory=new_reference)
    created_at: datetime = dataclasses.field(default_factory=lambda: datetime.now(UTC))

    @property
    def columns(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaRow(Stamps):
    """A stored idea."""

    id: UUID
    reference: str
    region: str
    channel: IdeaChannel
    text: str | None
    field: str | None
    author_group: AuthorGroup | None
    topic: str | None
    workshop_id: UUID | None
    moderation: Moderation
    moderation_reason: str | None
    merged_into: UUID | None
    merged_into_reference: str | None
    triage: Triage | None
    triage_reason: str | None
    answer: str | None
    answered_at: datetime | None
    erased: ErasureKind | None
    erased_at: datetime | None
    created_at: datetime

    @property
    def deleted(self) -> bool:
        return self.erased is ErasureKind.DELETE

    @property
    def accepted(self) -> bool:
        """What the public sees."""
        return self.moderation is Moderation.ACCEPTED and not self.deleted


class LinkedMeasure(NamedTuple):
    """A measure that an idea became part of."""

    id: UUID
    number: str
    title: str
    phase: Phase


class MeasureToLink(NamedTuple):
    owner: str
    intermunicipal: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides where an idea counts. `target` is the triage of the idea it was merged into."""

    moderation: Moderation
    triage: Triage | None
    target: Triage | None = None


@dataclass(frozen=True, slots=True)
class TriageSums:
    """municipal + intermunicipal + out_of_scope + undecided == ideas"""

    ideas: int
    municipal: int
    intermunicipal: int
    out_of_scope: int
    undecided: int
    new: int
    accepted: int
    merged: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Quota:
    """How many ideas a caller may submit within a window that began at `window`; `client` is a
    digest of the address."""

    client: bytes
    window: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class Periods:
    """Days after which something that people wrote is removed; None keeps it until somebody
    asks."""

    # text of what was refused: nobody needs it after an objection could have come
    rejected_ideas: int | None = 180
    # the group of the author, once the concept has been evaluated
    author_groups: int | None = 730
    # text of ideas that came to an end: part of the concept's record by default
    finished_ideas: int | None = None
    idempotency_keys: int | None = 7
    client_counters: int | None = 2

    def before(self, now: datetime, days: int | None) -> datetime | None:
        """What is older than this moment goes; None when nothing does."""
        return None if days is None else now - timedelta(days=days)
