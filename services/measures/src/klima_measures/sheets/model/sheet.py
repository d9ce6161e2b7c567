"""The measure sheet (Maßnahmen-Steckbrief): what editors write. What follows from it is in
`derived` and `status`."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_measures.base.model.sheet_texts import (
    Code,
    Internal,
    Name,
    Number,
    Paragraphs,
    ShortText,
    Title,
)
from klima_measures.sheets.model import rows
from klima_measures.sheets.model.codes import (
    Criterion,
    Horizon,
    Influence,
    Level,
    MeasureType,
    Precision,
    Priority,
)
from klima_shared.codes.fields import Ags, covers
from klima_shared.codes.lists import Sector
from klima_shared.http.validation import TextError
from klima_shared.language.text import Text

MANY: Final = 100


def _rows(limit: int = MANY) -> Any:
    return Field(default_factory=list, max_length=limit)


class Sheet(BaseModel):
    """One measure as it is written. Its place among phases and its publication are kept beside
    it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # identity
    number: Number = Field(description="unique in its concept", examples=["MOB-01"])
    title: Title = Field(examples=["Kreisweites Alltagsradnetz"])
    short_text: ShortText = ""
    concept: Code = Field(default="2.0", examples=["2.0"])
    example: bool = Field(
        default=False, description="invented for demonstration; marked so wherever it is shown"
    )

    # place
    level: Level
    regions: list[Ags] = Field(
        max_length=400, description="municipalities taking part; a county's key is all of it"
    )
    owner: Ags | None = Field(
        default=None, description="whose editors write; default: the one municipality, or county"
    )
    quarter: UUID | None = Field(default=None, description="a quarter inside the one municipality")

    # kind
    field: Code = Field(description="code of a field of action", examples=["mobility"])
    type: MeasureType
    influence: list[Influence] = _rows(4)
    sectors: list[Sector] = _rows(10)
    strategy: UUID | None = None

    # content
    goal: Paragraphs = ""
    initial_situation: Paragraphs = ""
    description: Paragraphs = ""
    initiator: Name | None = None
    actors: list[rows.Actor] = _rows()
    target_groups: list[Name] = _rows()
    contact: rows.Contact | None = None
    value_added: Paragraphs = Field(default="", description="Wertschöpfung")
    financing: Paragraphs = Field(default="", description="Finanzierungsansatz in words")
    notes: Paragraphs = Field(default="", description="for the public")
    internal_notes: Internal = Field(default="", description="never public")

    # time
    planned_start: date | None = None
    planned_end: date | None = None
    actual_start: date | None = None
    actual_end: date | None = None
    continuous: bool = False
    precision: Precision = Precision.DAY
    duration: ShortText = Field(default="", description="Dauer in words, where dates don't say it")
    horizon_stated: Horizon | None = Field(default=None, description="as the concept states it")

    steps: list[rows.Step] = _rows()
    milestones: list[rows.Milestone] = _rows()
    indicators: list[rows.Indicator] = _rows()

    costs: list[rows.CostRow] = _rows(500)
    staff: list[rows.StaffRow] = _rows()
    funding: list[rows.FundingRow] = _rows()
    savings: list[rows.SavingRow] = _rows(500)
    not_quantifiable: rows.NotQuantifiable | None = None

    scores: list[rows.Score] = _rows(len(Criterion))
    priority_stated: Priority | None = Field(
        default=None, description="as the concept states it, without scores"
    )

    links: list[rows.Link] = _rows()
    decisions: list[rows.Decision] = _rows()
    origin: rows.Origin | None = None
    evaluations: list[rows.Evaluation] = _rows()
    status_reports: list[rows.StatusReport] = _rows(400)
    status_override: rows.StatusOverride | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        rows.in_order(self.planned_start, self.planned_end)
        rows.in_order(self.actual_start, self.actual_end)
        _place(self)
        if self.continuous and self.planned_end is not None:
            raise TextError(Text("A continuous measure has no planned end (planned_end)."))
        if self.not_quantifiable is not None and self.savings:
            raise TextError(Text("Either savings or not_quantifiable, not both."))
        criteria = [score.criterion for score in self.scores]
        if len(set(criteria)) < len(criteria):
            raise TextError(Text("A criterion of scores appears twice."))
        if len({(link.kind, link.measure) for link in self.links}) < len(self.links):
            raise TextError(Text("A link appears twice."))
        return self


def _place(sheet: Sheet) -> None:
    """The region keys fit the level, and the quarter lies inside one municipality."""
    municipalities = [region for region in sheet.regions if not region.endswith("000")]
    if len(set(sheet.regions)) < len(sheet.regions):
        raise TextError(Text("A region appears twice."))
    if sheet.level is Level.MUNICIPALITY and (
        not municipalities or len(municipalities) < len(sheet.regions)
    ):
        raise TextError(
            Text(
                "A measure of level municipality names at least one municipality and only "
                "municipalities (regions)."
            )
        )
    if sheet.quarter is not None and len(sheet.regions) != 1:
        raise TextError(Text("A quarter lies in exactly one municipality (regions)."))
    if sheet.owner is not None and not all(covers(sheet.owner, region) for region in sheet.regions):
        raise TextError(Text("The owner does not cover all regions."))


def owner_of(sheet: Sheet, county: str) -> str:
    """Whose editors write the sheet: the stated owner, else the one municipality, else the
    county."""
    if sheet.owner is not None:
        return sheet.owner
    if sheet.level is Level.MUNICIPALITY and len(sheet.regions) == 1:
        return sheet.regions[0]
    return county


def years_of(sheet: Sheet) -> tuple[int | None, int | None]:
    """First and last year of the measure, actual before planned; no last year for one without an
    end."""
    start = sheet.actual_start or sheet.planned_start
    starts = [start] if start else [step.starts_on for step in sheet.steps if step.starts_on]
    end = sheet.actual_end or (None if sheet.continuous else sheet.planned_end)
    ends = (
        [end]
        if end
        else []
        if sheet.continuous
        else [step.ends_on for step in sheet.steps if step.ends_on]
    )
    return (min(starts).year if starts else None), (max(ends).year if ends else None)
