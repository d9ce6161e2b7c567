"""The wire shapes of yearly reports."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from klima_controlling.codes import ReportState
from klima_controlling.queries import Row
from klima_shared.codes.fields import Ags, Year
from klima_shared.county import served_county

_EXAMPLE: dict[str, Any] = {
    "region": "05974",
    "year": 2021,
    "title": f"Klimabericht 2021 des {served_county().genitive} (Beispiel)",
    "narrative": [
        {
            "heading": "Worum es geht",
            "text": "Die Bilanz sinkt, aber langsamer als der Pfad (Beispiel).",
        }
    ],
    "decisions": ["Der Kreistag nimmt den Bericht zur Kenntnis (Beispiel)."],
}


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    heading: str = Field(min_length=1, max_length=200, examples=["Was das Jahr gebracht hat"])
    text: str = Field(min_length=1, max_length=20_000)


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200, examples=["Klimabericht 2021 (Beispiel)"])
    narrative: list[Part] = Field(default_factory=list, max_length=40)
    decisions: list[Annotated[str, Field(min_length=1, max_length=2000)]] = Field(
        default_factory=list, max_length=100
    )


class NewReport(Words):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    region: Ags
    year: Year = Field(description="figures up to this year")


class Correction(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "Nachgelieferte Gasdaten (Beispiel)"}]},
    )

    reason: str = Field(min_length=1, max_length=2000)
    title: str | None = Field(default=None, min_length=1, max_length=200)
    narrative: list[Part] | None = Field(default=None, max_length=40)
    decisions: list[Annotated[str, Field(min_length=1, max_length=2000)]] | None = Field(
        default=None, max_length=100
    )


class ReportHead(BaseModel):
    id: UUID
    region: str = Field(examples=["05974000"])
    year: int = Field(examples=[2021])
    version: int
    corrects: UUID | None
    reason: str | None
    title: str
    state: ReportState
    digest: str = Field(description="sha256 of the frozen content")
    revision: int
    created_at: datetime
    approved_at: datetime | None
    published_at: datetime | None


class ReportAnswer(ReportHead):
    narrative: list[Part]
    decisions: list[str]
    content: dict[str, Any] = Field(
        description="sections of columns and rows; figures are text with a point"
    )
    used: dict[str, Any] = Field(
        description="ids and revisions of everything the figures come from"
    )


class Verification(BaseModel):
    """Whether the report still is what it was made of."""

    identical: bool = Field(examples=[True])
    findings: list[str]
    digest: str


def report_answer(row: Row) -> ReportAnswer:
    return ReportAnswer(**{**row, "content": json.loads(row["content"])})
