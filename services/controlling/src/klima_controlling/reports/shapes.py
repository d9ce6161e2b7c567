"""The wire shapes of yearly reports."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from klima_controlling.base.model import ReportState
from klima_controlling.reports.model import Report
from klima_shared.codes.access import Role
from klima_shared.codes.quantities import Year
from klima_shared.codes.regions import Ags
from klima_shared.http.texts import not_blank, ordinary
from klima_shared.http.validation import StrictBody
from klima_shared.wire.json import JsonObject

_rules = (AfterValidator(ordinary), AfterValidator(not_blank))
Title = Annotated[str, Field(min_length=1, max_length=200), *_rules]
Reason = Annotated[str, Field(min_length=1, max_length=2000), *_rules]


class Part(StrictBody):
    heading: Title = Field(examples=["Was das Jahr gebracht hat"])
    text: Annotated[str, Field(min_length=1, max_length=20_000), *_rules]


class Words(StrictBody):
    title: Title = Field(examples=["Klimabericht 2021 (Beispiel)"])
    narrative: list[Part] = Field(default_factory=list, max_length=40)
    decisions: list[Reason] = Field(default_factory=list, max_length=100)


class NewReport(Words):
    region: Ags
    year: Year = Field(description="figures up to this year")


class Correction(StrictBody):
    reason: Reason
    title: Title | None = None
    narrative: list[Part] | None = Field(default=None, max_length=40)
    decisions: list[Reason] | None = Field(default=None, max_length=100)


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
    approved_role: Role | None = Field(
        description="in which role it was approved; the person is not named"
    )
    four_eyes: bool | None = Field(
        description="whether none of its authors approved it; null: not approved, or not noted then"
    )
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
    """Words of older reports are shown as they are, even those that a new one could not have."""
    narrative = [Part.model_construct(**part) for part in row.narrative]
    content = json.loads(row.content)
    return ReportAnswer(**{**asdict(row), "narrative": narrative, "content": content})
