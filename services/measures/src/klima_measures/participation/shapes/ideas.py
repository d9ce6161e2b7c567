"""Bodies and answers of the idea routes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from klima_measures.base.model.context import FieldCode
from klima_measures.base.model.ids import IdeaReference, MeasureId, WorkshopId
from klima_measures.base.model.texts import IdeaText, Line, Prose, Reason
from klima_measures.participation.model import ideas as model
from klima_measures.participation.model.codes import (
    AuthorGroup,
    ErasureKind,
    IdeaChannel,
    Moderation,
    Triage,
)
from klima_measures.participation.model.ideas import IdeaRow
from klima_measures.participation.rules import is_final, public_state
from klima_shared.codes.action import Phase
from klima_shared.codes.regions import Ags
from klima_shared.http.validation import StrictBody
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text

CONSENT = Text(
    "I agree that my idea is stored, reviewed and published without my name. I have put no names "
    "or contact details in it. With the number of the idea I can ask at any time for it to be "
    "deleted."
)

STATE_LABELS: dict[str, Text] = {
    **{str(m.value): Label(m.de, m.en) for m in Moderation},
    **{str(t.value): Label(t.de, t.en) for t in Triage},
    "erased": Label("auf Wunsch gelöscht", "deleted on request"),
}


def _consented(value: bool) -> bool:
    if not value:
        raise InputError(Text("Without consent (consent: true) no idea is stored."))
    return value


def _left_empty(value: str) -> str:
    if value:
        raise InputError(
            Text("This field stays empty; it is a trap for programs that fill in forms.")
        )
    return value


IdeaField = Annotated[FieldCode, Field(strict=True, max_length=40, examples=["mobility"])]
Consent = Annotated[bool, Field(strict=True), AfterValidator(_consented)]


class IdeaIn(StrictBody):
    """An idea as anybody may hand it in. `channel`, `workshop` and `topic` are for those who note
    down for others."""

    region: Ags
    text: IdeaText
    consent: Consent
    field: IdeaField | None = Field(
        default=None, description="a field of action (GET /v1/fields-of-action)"
    )
    group: AuthorGroup | None = None
    channel: IdeaChannel | None = Field(
        default=None, description="editors only; `online` for everybody else"
    )
    workshop: WorkshopId | None = Field(default=None, description="editors only: where it was said")
    topic: Line | None = Field(
        default=None, description="editors only: the workshop's topic it belongs to"
    )
    website: Annotated[str, Field(max_length=500), AfterValidator(_left_empty)] = Field(
        default="",
        description="stays empty; programs that fill in every field give themselves away",
    )
    form_token: Annotated[str, Field(max_length=200)] | None = Field(
        default=None,
        description="from GET /v1/ideas/form; shows that a form was open for some seconds",
    )


class ModerationIn(StrictBody):
    state: Moderation = Field(description="accepted or rejected; merging has a route of its own")
    reason: Annotated[Prose, Field(max_length=2000)] = Field(
        default="", description="needed for a refusal"
    )


class MergeIn(StrictBody):
    into: IdeaReference
    reason: Reason


class TriageIn(StrictBody):
    triage: Triage
    reason: Reason


class AnswerIn(StrictBody):
    answer: Annotated[Reason, Field(max_length=2000)]


class LinkIn(StrictBody):
    measure: MeasureId
    note: Line | None = None


class ErasureIn(StrictBody):
    kind: ErasureKind
    request: Line = Field(description="file note of the request; no name")
    text: IdeaText | None = Field(default=None, description="pseudonymise: what stands instead")


class IdeaReceipt(BaseModel):
    """What the one who handed in keeps: with the reference he, and anybody, can look the state
    up."""

    reference: str = Field(examples=["KI-7F3K-9QX2"])
    state: str = Field(examples=["new"])


class IdeaForm(BaseModel):
    """What a page needs to offer a form."""

    consent_text: str
    consent_version: str
    max_characters: int
    form_token: str
    trap_field: str = Field(
        description="offer it hidden; whoever fills it in is a program", examples=["website"]
    )


class LinkedMeasure(BaseModel):
    id: UUID
    number: str
    title: str
    phase: Phase
    phase_label: str


class IdeaState(BaseModel):
    """What became of an idea, for anybody who knows its reference."""

    reference: str = Field(examples=["KI-7F3K-9QX2"])
    state: str = Field(
        description=(
            "new, accepted, merged, rejected, municipal, intermunicipal, out_of_scope, erased"
        ),
        examples=["intermunicipal"],
    )
    label: str = Field(examples=["interkommunal"])
    final: bool = Field(description="whether it is decided what becomes of it")
    moderation: Moderation
    triage: Triage | None
    reason: str | None = Field(description="why it is in this state")
    answer: str | None
    answered_at: datetime | None
    received_at: datetime
    continued_in: str | None = Field(description="reference of the idea it was merged into")
    measures: list[LinkedMeasure] = Field(description="published measures it became part of")


class Idea(BaseModel):
    """An idea. The public sees accepted ones; whoever may read drafts of its region sees all."""

    reference: str = Field(examples=["KI-7F3K-9QX2"])
    revision: int
    region: Ags
    channel: IdeaChannel
    text: str | None
    field: str | None
    group: AuthorGroup | None
    topic: str | None
    workshop: UUID | None
    state: str
    label: str
    final: bool
    moderation: Moderation
    moderation_reason: str | None
    merged_into: str | None
    triage: Triage | None
    triage_reason: str | None
    answer: str | None
    answered_at: datetime | None
    measures: list[LinkedMeasure]
    erased: ErasureKind | None
    created_at: datetime
    changed_at: datetime


class TellReceiver(BaseModel):
    """Who received the idea in a package and has to be told (Art. 19 GDPR)."""

    workshop: UUID
    version: int
    recipient: str | None


class Erasure(BaseModel):
    reference: str
    kind: ErasureKind
    erased_at: datetime
    receivers_to_tell: list[TellReceiver]


class Sums(model.TriageSums):
    """municipal + intermunicipal + out_of_scope + undecided = ideas. A merged idea counts where its
    target does, a rejected one as out of scope.
    """

    unanswered: int = Field(description="without an answer for longer than the promised time")
    answer_days: int = Field(examples=[90])


def linked(measures: Sequence[model.LinkedMeasure], lang: Lang) -> list[LinkedMeasure]:
    return [LinkedMeasure(**one._asdict(), phase_label=one.phase.label(lang)) for one in measures]


def _state(row: IdeaRow) -> str:
    return public_state(row.moderation, row.triage, erased=row.deleted)


_SAME: Final = tuple(name for name in Idea.model_fields if name in IdeaRow.__dataclass_fields__)


def idea_view(row: IdeaRow, measures: Sequence[model.LinkedMeasure], lang: Lang) -> Idea:
    same = {name: getattr(row, name) for name in _SAME if name != "merged_into"}
    state = _state(row)
    return Idea(
        **same,
        group=row.author_group,
        workshop=row.workshop_id,
        state=state,
        label=STATE_LABELS[state].get(lang),
        final=is_final(row.moderation, row.triage),
        merged_into=row.merged_into_reference,
        measures=linked(measures, lang),
    )


def state_view(
    row: IdeaRow, target: IdeaRow | None, measures: Sequence[model.LinkedMeasure], lang: Lang
) -> IdeaState:
    """`target`: the idea it was merged into; its answer counts for this one unless this one has its
    own."""
    state = _state(row)
    answered = row if row.answer or target is None else target
    return IdeaState(
        reference=row.reference,
        state=state,
        label=STATE_LABELS[state].get(lang),
        final=is_final(row.moderation, row.triage),
        moderation=row.moderation,
        triage=row.triage,
        reason=None if state == "erased" else row.triage_reason or row.moderation_reason,
        answer=answered.answer,
        answered_at=answered.answered_at,
        received_at=row.created_at,
        continued_in=target.reference if target else None,
        measures=linked(measures, lang),
    )
