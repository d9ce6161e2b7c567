"""The wire shapes of yearly reports."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from klima_controlling.base.model import ReportState
from klima_controlling.reports.model import Report
from klima_shared.codes.quantities import Year
from klima_shared.codes.regions import Ags
from klima_shared.http.validation import StrictBody
from klima_shared.wire.json import JsonObject


class Part(StrictBody):
    heading: str = Field(min_length=1, max_length=200, examples=["Was das Jahr gebracht hat"])
    text: str = Field(min_length=1, max_length=20_000)


class Words(StrictBody):
    title: str = Field(min_length=1, max_length=200, examples=["Klimabericht 2021 (Beispiel)"])
    narrative: list[Part] = Field(default_factory=list, max_length=40)
    decisions: list[Annotated[str, Field(min_length=1, max_length=2000)]] = Field(
        default_factory=list, max_length=100
    )


class NewReport(Words):
    region: Ags
    year: Year = Field(description="figures up to this year")


class Correction(StrictBody):
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
    content: JsonObject = Field(
        description="sections of columns and rows; figures are text with a point"
    )
    used: JsonObject = Field(description="ids and revisions of everything the figures come from")


class Verification(BaseModel):
    """Whether the report still is what it was made of."""

    identical: bool = Field(examples=[True])
    findings: list[str]
    digest: str


def report_answer(row: Report) -> ReportAnswer:
    return ReportAnswer(**{**asdict(row), "content": json.loads(row.content)})
