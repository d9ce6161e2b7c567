"""The rows of a sheet: actors, steps, milestones, money, savings, scores, links. Null is "not
known", never 0."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_measures.base.model.sheet_texts import (
    Code,
    Internal,
    Mail,
    Name,
    Paragraphs,
    Phone,
    ShortText,
)
from klima_measures.base.model.texts import WebAddress
from klima_measures.sheets.model.codes import (
    ActorRole,
    CostKind,
    Criterion,
    Evidence,
    FundingState,
    IndicatorKind,
    Likelihood,
    LinkKind,
    MilestoneState,
    OriginKind,
    Payer,
    ReportedStatus,
    StepState,
)
from klima_shared.codes.fields import Finite, NonNegativeMoney, Year
from klima_shared.codes.lists import Carrier, Sector
from klima_shared.http.validation import TextError
from klima_shared.language.text import Text


class Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Actor(Row):
    """An organisation taking part; persons are not named."""

    name: Name = Field(examples=["Landesbetrieb Straßenbau"])
    role: ActorRole = ActorRole.PARTNER


class Person(Row):
    """Who it is by name. Never leaves for the public."""

    name: Annotated[str, Field(max_length=200)] | None = None
    email: Mail | None = None
    phone: Phone | None = None


class Contact(Row):
    """A function rather than a person. Without `public` nothing of it is shown; `person` never
    is."""

    function: Name = Field(examples=["Klimaschutzmanagement"])
    department: Name | None = None
    phone: Phone | None = None
    email: Mail | None = Field(default=None, description="mailbox of the function, not of a person")
    public: bool = False
    person: Person | None = None


class Step(Row):
    title: Name = Field(examples=["Lückenliste einsammeln"])
    starts_on: date | None = None
    ends_on: date | None = None
    responsible: Name | None = None
    state: StepState = StepState.OPEN

    @model_validator(mode="after")
    def _order(self) -> Self:
        in_order(self.starts_on, self.ends_on)
        return self


class Milestone(Row):
    """Done if and only if `done_at` is set."""

    title: Name = Field(examples=["Rangfolge beschlossen"])
    due: date
    done_at: date | None = None
    state: MilestoneState = MilestoneState.OPEN

    @model_validator(mode="after")
    def _done(self) -> Self:
        if (self.state is MilestoneState.DONE) != (self.done_at is not None):
            raise TextError(Text("A milestone is done if and only if the date done_at is set."))
        return self


class Indicator(Row):
    name: Name
    unit: Annotated[str, Field(max_length=40)]
    kind: IndicatorKind
    code: Code | None = Field(
        default=None, description="code of the controlling service's indicator"
    )
    baseline: ShortText | None = None
    target: ShortText | None = None
    interval: ShortText | None = None
    source: ShortText | None = None


class CostRow(Row):
    """`year` null: not assigned to a year yet. `amount_eur` null: it costs, but nobody knows how
    much."""

    year: Year | None = Field(default=None, examples=[2027])
    kind: CostKind
    payer: Payer | None = None
    recurring: bool = Field(default=False, description="falls due every year from `year` on")
    amount_eur: NonNegativeMoney | None = None
    certainty: Evidence | None = None


class StaffRow(Row):
    year: Year | None = None
    days: Annotated[Decimal, Field(ge=0, le=100000, max_digits=8, decimal_places=2)] | None = None
    fte: Annotated[Decimal, Field(ge=0, le=1000, max_digits=6, decimal_places=2)] | None = Field(
        default=None, description="full-time equivalents"
    )


class FundingRow(Row):
    programme: UUID = Field(description="id in the register of funding programmes")
    state: FundingState = FundingState.IDEA
    amount_eur: NonNegativeMoney | None = None
    rate_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    likelihood: Likelihood | None = None
    note: ShortText | None = None


class SavingRow(Row):
    """What is saved in a year. A carrier that is used instead has a row of its own with figures
    below zero."""

    year: Year | None = Field(default=None, description="null: a year at full effect")
    sector: Sector | None = None
    carrier: Carrier | None = None
    final_energy_mwh: Finite | None = None
    emissions_t_co2e: Finite | None = None
    method: ShortText = ""
    evidence: Evidence | None = None
    overlap_group: Code | None = Field(
        default=None, description="rows of one group save the same thing; counted once"
    )
    affects_bisko: bool = Field(description="whether the territorial BISKO balance falls by it")


class NotQuantifiable(Row):
    reason: Annotated[ShortText, Field(min_length=1)]


class Score(Row):
    criterion: Criterion
    points: Annotated[int, Field(ge=1, le=5)] = Field(description="5 is best")
    reason: Annotated[ShortText, Field(min_length=1)]


class Link(Row):
    kind: LinkKind
    measure: UUID


class Decision(Row):
    body: Name = Field(examples=["Kreistag"])
    decided_on: date
    paper: ShortText | None = None
    url: WebAddress | None = None


class Origin(Row):
    kind: OriginKind
    reference: ShortText | None = None


class Evaluation(Row):
    """That a measure was evaluated; the evaluation itself is in the controlling service."""

    evaluated_on: date
    by: Name = Field(description="function or organisation", examples=["Controlling des Kreises"])
    reference: ShortText | None = None
    summary: Paragraphs = ""


class StatusReport(Row):
    reported_on: date
    assessment: ReportedStatus
    text: Internal = Field(default="", description="internal")


class StatusOverride(Row):
    """Set by hand; needs a reason and an end."""

    status: ReportedStatus
    reason: Annotated[Internal, Field(min_length=1)]
    expires_on: date


def in_order(start: date | None, end: date | None) -> None:
    """TextError when the end lies before the start."""
    if start is not None and end is not None and end < start:
        raise TextError(
            Text("The end ({end}) lies before the start ({start}).", end=end, start=start)
        )
