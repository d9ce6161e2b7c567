"""Bodies and answers of the idea routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from klima_measures.base.model.texts import IdeaText, Line
from klima_measures.participation.model import (
    AuthorGroup,
    ErasureKind,
    IdeaChannel,
    Moderation,
    Triage,
)
from klima_measures.participation.rules.steps import is_final, public_state
from klima_shared.codes.fields import Ags
from klima_shared.codes.lists import Phase
from klima_shared.http.validation import TextError
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
        raise TextError(Text("Without consent (consent: true) no idea is stored."))
    return value


def _left_empty(value: str) -> str:
    if value:
        raise TextError(
            Text("This field stays empty; it is a trap for programs that fill in forms.")
        )
    return value


FieldCode = Annotated[str, Field(strict=True, max_length=40, examples=["mobility"])]
Consent = Annotated[bool, Field(strict=True), AfterValidator(_consented)]


class IdeaIn(BaseModel):
    """An idea as anybody may hand it in. `channel`, `workshop` and `topic` are for those who note
    down for others."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "region": "05974052",
                    "text": "Ein Lastenrad zum Ausleihen am Bahnhof, mit Anhänger für Getränkekisten.",
                    "consent": True,
                    "field": "mobility",
                    "group": "citizens",
                }
            ]
        },
    )

    region: Ags
    text: IdeaText
    consent: Consent
    field: FieldCode | None = Field(
        default=None, description="a field of action (GET /v1/fields-of-action)"
    )
    group: AuthorGroup | None = None
    channel: IdeaChannel | None = Field(
        default=None, description="editors only; `online` for everybody else"
    )
    workshop: UUID | None = Field(default=None, description="editors only: where it was said")
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
        description="new, accepted, merged, rejected, municipal, intermunicipal, out_of_scope, erased",
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


class Sums(BaseModel):
    """municipal + intermunicipal + out_of_scope + undecided = ideas. A merged idea counts where its
    target does, a rejected one as out of scope.
    """

    ideas: int
    municipal: int
    intermunicipal: int
    out_of_scope: int
    undecided: int
    new: int
    accepted: int
    merged: int
    rejected: int
    unanswered: int = Field(description="without an answer for longer than the promised time")
    answer_days: int = Field(examples=[90])


def linked(rows: Sequence[Mapping[str, Any]], lang: Lang) -> list[LinkedMeasure]:
    return [LinkedMeasure(**row, phase_label=Phase(row["phase"]).label(lang)) for row in rows]


def _state(row: Mapping[str, Any]) -> tuple[str, Moderation, Triage | None]:
    moderation, triage = (
        Moderation(row["moderation"]),
        Triage(row["triage"]) if row["triage"] else None,
    )
    return public_state(moderation, triage, erased=row["erased"] == "delete"), moderation, triage


def idea_view(row: Mapping[str, Any], measures: Sequence[Mapping[str, Any]], lang: Lang) -> Idea:
    state, moderation, triage = _state(row)
    same = (
        "reference",
        "revision",
        "region",
        "channel",
        "text",
        "field",
        "topic",
        "moderation_reason",
    )
    more = ("triage_reason", "answer", "answered_at", "erased", "created_at", "changed_at")
    return Idea(
        **{name: row[name] for name in (*same, *more)},
        group=row["author_group"],
        workshop=row["workshop_id"],
        state=state,
        label=STATE_LABELS[state].get(lang),
        final=is_final(moderation, triage),
        moderation=moderation,
        merged_into=row["merged_into_reference"],
        triage=triage,
        measures=linked(measures, lang),
    )


def state_view(
    row: Mapping[str, Any],
    target: Mapping[str, Any] | None,
    measures: Sequence[Mapping[str, Any]],
    lang: Lang,
) -> IdeaState:
    """`target`: the idea it was merged into; its answer counts for this one unless this one has its
    own."""
    state, moderation, triage = _state(row)
    erased = state == "erased"
    reason = None if erased else row["triage_reason"] or row["moderation_reason"]
    answered = row if row["answer"] or target is None else target
    return IdeaState(
        reference=row["reference"],
        state=state,
        label=STATE_LABELS[state].get(lang),
        final=is_final(moderation, triage),
        moderation=moderation,
        triage=triage,
        reason=reason,
        answer=answered["answer"],
        answered_at=answered["answered_at"],
        received_at=row["created_at"],
        continued_in=target["reference"] if target else None,
        measures=linked(measures, lang),
    )
