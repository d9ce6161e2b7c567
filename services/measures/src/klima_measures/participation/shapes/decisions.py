"""What is sent with decisions about ideas."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from klima_measures.base.model.texts import IdeaText, Line, Prose, Reason
from klima_measures.participation.model import ErasureKind, Moderation, Triage


class ModerationIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"state": "accepted"}, {"state": "rejected", "reason": "Werbung"}]
        },
    )
    state: Moderation = Field(description="accepted or rejected; merging has a route of its own")
    reason: Annotated[Prose, Field(max_length=2000)] = Field(
        default="", description="needed for a refusal"
    )


class MergeIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"into": "KI-7F3K-9QX2", "reason": "Derselbe Vorschlag"}]},
    )
    into: Annotated[str, Field(max_length=40)]
    reason: Reason


class TriageIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"triage": "intermunicipal", "reason": "Betrifft den Radweg nach Soest."}]
        },
    )
    triage: Triage
    reason: Reason


class AnswerIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"answer": "Die Stadt prüft den Standort am Bahnhof."}]},
    )
    answer: Annotated[Reason, Field(max_length=2000)]


class LinkIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"measure": "3f1c9a52-6f0e-4a43-9a3c-5a2a0d6e1b11"}]},
    )
    measure: UUID
    note: Line | None = None


class ErasureIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "delete", "request": "Vorgang 2026-117"}]},
    )
    kind: ErasureKind
    request: Line = Field(description="file note of the request; no name")
    text: IdeaText | None = Field(default=None, description="pseudonymise: what stands instead")
