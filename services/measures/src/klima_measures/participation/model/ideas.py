"""Ideas: their reference numbers, as they come in, as they are stored, and where they count.

A reference is short enough to be read out on the telephone; there are too many to be guessed."""

import dataclasses
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict

from klima_measures.participation.model.codes import (
    AuthorGroup,
    ErasureKind,
    IdeaChannel,
    Moderation,
    Triage,
)
from klima_shared.codes.action import Phase
from klima_shared.revisions.model import Stamps

# Crockford's alphabet: no I, L, O, U, so that nothing is misread.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_LENGTH: Final = 8  # seven drawn, one that checks them
_PREFIX: Final = "KI"


def new_reference() -> str:
    """A fresh reference like `KI-7F3K-9QXM`; 34 thousand million of them, drawn at random."""
    drawn = "".join(
        _ALPHABET[byte % 32] for byte in secrets.token_bytes(_LENGTH - 1)
    )  # 256 is eight times 32
    return _written(drawn + _check(drawn))


def canonical_reference(text: str) -> str | None:
    """The reference as it is stored, however it was typed (`ki 7f3k9qxm`); None when it cannot be
    one."""
    if len(text) > 40:
        return None
    letters = "".join(c for c in text.upper() if c.isalnum())
    body = letters.removeprefix(_PREFIX).translate(_MISREAD)
    if (
        len(body) != _LENGTH
        or any(c not in _ALPHABET for c in body)
        or _check(body[:-1]) != body[-1]
    ):
        return None
    return _written(body)


def _written(body: str) -> str:
    return f"{_PREFIX}-{body[:4]}-{body[4:]}"


def _check(drawn: str) -> str:
    # Odd weights have an inverse modulo 32: every single wrong character is found.
    return _ALPHABET[sum((2 * i + 1) * _ALPHABET.index(c) for i, c in enumerate(drawn, 1)) % 32]


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
    def public(self) -> bool:
        return self.accepted

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


class TriageSums(BaseModel):
    """municipal + intermunicipal + out_of_scope + undecided = ideas. A merged idea counts where its
    target does, a rejected one as out of scope.
    """

    model_config = ConfigDict(frozen=True)

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


class StoredSource(NamedTuple):
    """An idea that an import brought in; no text once it was erased."""

    reference: str
    region: str
    text: str | None


class ChangedText(NamedTuple):
    """An idea whose text is another one in its source than here, where it stays as it is."""

    line: int
    reference: str
    before: str
    after: str
