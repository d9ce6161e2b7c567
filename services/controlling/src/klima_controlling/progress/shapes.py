"""The wire shapes of progress reports and evaluations."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from klima_controlling.base.model import Assessment, Conclusion, CostKind, Evidence
from klima_controlling.base.shapes import Figure
from klima_controlling.progress.queries import Evaluation, ProgressReport
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quantities import NonNegativeMoney, Year
from klima_shared.http.auth import Principal
from klima_shared.http.dates import IsoDate
from klima_shared.http.validation import StrictBody
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text

Words = Annotated[str, Field(max_length=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=300)]


class ActualCost(StrictBody):
    year: Year
    kind: CostKind
    amount_eur: NonNegativeMoney


class AchievedSaving(StrictBody):
    """A saving is only achieved with evidence for it; without, it is a plan."""

    year: Year
    sector: Sector | None = None
    carrier: Carrier | None = None
    final_energy_mwh: Figure | None = None
    emissions_t_co2e: Figure | None = None
    evidence: Evidence
    source: Name
    overlap_group: str | None = Field(default=None, max_length=60)
    affects_bisko: bool = True

    @model_validator(mode="after")
    def _says_something(self) -> "AchievedSaving":
        if self.final_energy_mwh is None and self.emissions_t_co2e is None:
            raise InputError(Text("A saving names MWh or t CO2e."))
        return self


class NewProgressReport(StrictBody):
    period: str = Field(
        pattern=r"^20\d{2}-(H[12]|Q[1-4])$", description="half a year by default: 2026-H1"
    )
    reported_on: IsoDate
    assessment: Assessment
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    obstacles: Words = Field(default="", description="internal")
    decision_needed: Words = Field(default="", description="internal")
    steps_done: list[Name] = Field(default_factory=list, max_length=100)
    costs: list[ActualCost] = Field(default_factory=list, max_length=100)
    staff_days: Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2)] | None = None
    savings: list[AchievedSaving] = Field(default_factory=list, max_length=100)


class ProgressReportAnswer(NewProgressReport):
    model_config = ConfigDict(extra="ignore")

    id: UUID
    measure_id: UUID
    region: str
    revision: int
    told: bool = Field(description="whether the measures service has taken note")
    created_at: datetime
    changed_at: datetime


class EvidenceBody(StrictBody):
    title: Name
    grade: Evidence
    url: str | None = Field(default=None, max_length=400, pattern="^https?://")


class Compared(StrictBody):
    planned: Figure | None
    actual: Figure | None
    unit: str = Field(max_length=40)
    note: str = Field(default="", max_length=1000)


class ComparisonBody(StrictBody):
    """Planned against actual; null: not known, which is not zero."""

    cost: Compared | None = None
    time: Compared | None = None
    effect: Compared | None = None


class NewEvaluation(StrictBody):
    evaluator: Name = Field(description="function or organisation, not a person")
    evaluated_on: IsoDate
    evidence: list[EvidenceBody] = Field(
        min_length=1, max_length=50, description="an evaluation rests on something"
    )
    comparison: ComparisonBody
    lesson: Annotated[str, Field(min_length=1, max_length=10_000)]
    conclusion: Conclusion
    conclusion_owner: Name
    conclusion_due: IsoDate


class EvaluationAnswer(NewEvaluation):
    model_config = ConfigDict(extra="ignore")

    id: UUID
    measure_id: UUID
    region: str
    told: bool = Field(
        description="whether the measures service has taken note; it needs that for `completed`"
    )
    created_at: datetime


def report_answer(row: ProgressReport, caller: Principal) -> ProgressReportAnswer:
    """What is internal is left out for those who may not read drafts."""
    hidden = {} if caller.may_read_drafts(row.region) else {"obstacles": "", "decision_needed": ""}
    return ProgressReportAnswer(**{**asdict(row), **hidden}, told=row.told_at is not None)


def evaluation_answer(row: Evaluation) -> EvaluationAnswer:
    return EvaluationAnswer(**asdict(row), told=row.told_at is not None)
