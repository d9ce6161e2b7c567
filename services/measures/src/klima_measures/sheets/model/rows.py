"""The rows of a sheet: actors, steps, milestones, money, savings, scores, links. Null is "not
known", never 0."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from klima_measures.base.model.declared import In, Shown
from klima_measures.base.model.ids import MeasureId, ProgrammeId
from klima_measures.base.model.texts import Code, Internal, Mail, Name, Paragraphs, Phone, ShortText
from klima_measures.registers.model import ActorRole, IndicatorKind, Row, in_order
from klima_measures.sheets.model.codes import (
    CostKind,
    Criterion,
    Evidence,
    FundingState,
    Likelihood,
    LinkKind,
    MilestoneState,
    OriginKind,
    Payer,
    ReportedStatus,
    StepState,
)
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quantities import (
    NonNegativeMoney,
    Percent,
    SignedMwh,
    SignedTonnes,
    Whole,
    Year,
)
from klima_shared.http.dates import IsoDate
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text


class MeasureActor(Row):
    """An organisation taking part; persons are not named."""

    name: Annotated[Name, Shown("Name", "Name", In.SEARCH)] = Field(
        examples=["Landesbetrieb Straßenbau"]
    )
    role: Annotated[ActorRole, Shown("Rolle", "Role")] = ActorRole.PARTNER


class Person(Row):
    """Who it is by name. Never leaves for the public."""

    name: Annotated[str, Field(max_length=200)] | None = None
    email: Mail | None = None
    phone: Phone | None = None


class MeasureContact(Row):
    """A function rather than a person. Without `public` nothing of it is shown; `person` never
    is."""

    function: Annotated[Name, Shown("Funktion", "Function")] = Field(
        examples=["Klimaschutzmanagement"]
    )
    department: Annotated[Name | None, Shown("Stelle", "Department")] = None
    phone: Annotated[Phone | None, Shown("Telefon", "Phone")] = None
    email: Annotated[Mail | None, Shown("E-Mail der Funktion", "E-mail of the function")] = Field(
        default=None, description="mailbox of the function, not of a person"
    )
    public: Annotated[bool, Shown("Öffentlich", "Public")] = False
    person: Person | None = None


class Step(Row):
    title: Annotated[Name, Shown("Schritt", "Step", In.SEARCH)] = Field(
        examples=["Lückenliste einsammeln"]
    )
    starts_on: Annotated[IsoDate | None, Shown("Von", "From")] = None
    ends_on: Annotated[IsoDate | None, Shown("Bis", "To")] = None
    responsible: Annotated[Name | None, Shown("Zuständig", "Responsible")] = None
    state: Annotated[StepState, Shown("Stand", "State")] = StepState.OPEN

    @model_validator(mode="after")
    def _order(self) -> Self:
        in_order(self.starts_on, self.ends_on)
        return self


class Milestone(Row):
    """Done if and only if `done_at` is set."""

    title: Annotated[Name, Shown("Meilenstein", "Milestone", In.SEARCH)] = Field(
        examples=["Rangfolge beschlossen"]
    )
    due: Annotated[IsoDate, Shown("Termin", "Due")]
    done_at: Annotated[IsoDate | None, Shown("Erreicht am", "Done at")] = None
    state: Annotated[MilestoneState, Shown("Stand", "State")] = MilestoneState.OPEN

    @model_validator(mode="after")
    def _done(self) -> Self:
        if (self.state is MilestoneState.DONE) != (self.done_at is not None):
            raise InputError(Text("A milestone is done if and only if the date done_at is set."))
        return self


class Indicator(Row):
    name: Annotated[Name, Shown("Indikator", "Indicator")]
    unit: Annotated[Annotated[str, Field(max_length=40)], Shown("Einheit", "Unit")]
    kind: Annotated[IndicatorKind, Shown("Art", "Kind")]
    code: Annotated[Code | None, Shown("Code", "Code")] = Field(
        default=None, description="code of the controlling service's indicator"
    )
    baseline: Annotated[ShortText | None, Shown("Ausgang", "Baseline")] = None
    target: Annotated[ShortText | None, Shown("Ziel", "Target")] = None
    interval: Annotated[ShortText | None, Shown("Turnus", "Interval")] = None
    source: Annotated[ShortText | None, Shown("Quelle", "Source")] = None


class CostRow(Row):
    """`year` null: not assigned to a year yet. `amount_eur` null: it costs, but nobody knows how
    much."""

    year: Annotated[Year | None, Shown("Jahr", "Year")] = Field(default=None, examples=[2027])
    kind: Annotated[CostKind, Shown("Art", "Kind")]
    payer: Annotated[Payer | None, Shown("Träger", "Payer")] = None
    recurring: Annotated[bool, Shown("Jährlich", "Yearly")] = Field(
        default=False, description="falls due every year from `year` on"
    )
    amount_eur: Annotated[NonNegativeMoney | None, Shown("Betrag", "Amount", unit="EUR")] = None
    certainty: Annotated[Evidence | None, Shown("Güte", "Certainty")] = None


class StaffRow(Row):
    year: Annotated[Year | None, Shown("Jahr", "Year")] = None
    days: Annotated[
        Annotated[Decimal, Field(ge=0, le=100000, max_digits=8, decimal_places=2)] | None,
        Shown("Tage", "Days"),
    ] = None
    fte: Annotated[
        Annotated[Decimal, Field(ge=0, le=1000, max_digits=6, decimal_places=2)] | None,
        Shown("Stellen", "Full-time equivalents"),
    ] = Field(default=None, description="full-time equivalents")


class FundingRow(Row):
    programme: Annotated[ProgrammeId, Shown("Programm (Kennung)", "Programme (id)")] = Field(
        description="id in the register of funding programmes"
    )
    state: Annotated[FundingState, Shown("Stand", "State")] = FundingState.IDEA
    amount_eur: Annotated[NonNegativeMoney | None, Shown("Betrag", "Amount", unit="EUR")] = None
    rate_percent: Annotated[Percent | None, Shown("Quote", "Rate", unit="%")] = None
    likelihood: Annotated[Likelihood | None, Shown("Wahrscheinlichkeit", "Likelihood")] = None
    note: Annotated[ShortText | None, Shown("Bemerkung", "Note")] = None


class SavingRow(Row):
    """What is saved in a year. A carrier that is used instead has a row of its own with figures
    below zero."""

    year: Annotated[Year | None, Shown("Jahr", "Year")] = Field(
        default=None, description="null: a year at full effect"
    )
    sector: Annotated[Sector | None, Shown("Sektor", "Sector")] = None
    carrier: Annotated[Carrier | None, Shown("Energieträger", "Carrier")] = None
    final_energy_mwh: Annotated[
        SignedMwh | None, Shown("Endenergie", "Final energy", unit="MWh")
    ] = None
    emissions_t_co2e: Annotated[SignedTonnes | None, Shown("THG", "GHG", unit="t CO2e")] = None
    method: Annotated[ShortText, Shown("Rechenweg", "Method")] = ""
    evidence: Annotated[Evidence | None, Shown("Güte", "Evidence")] = None
    overlap_group: Annotated[Code | None, Shown("Überschneidung", "Overlap group")] = Field(
        default=None, description="rows of one group save the same thing; counted once"
    )
    affects_bisko: Annotated[bool, Shown("Wirkt in BISKO", "Affects BISKO")] = Field(
        description="whether the territorial BISKO balance falls by it"
    )


class NotQuantifiable(Row):
    reason: Annotated[ShortText, Field(min_length=1)]


class Score(Row):
    criterion: Annotated[Criterion, Shown("Kriterium", "Criterion")]
    points: Annotated[
        Annotated[Whole, Field(ge=1, le=5)], Shown("Punkte (1 bis 5)", "Points (1 to 5)")
    ] = Field(description="5 is best")
    reason: Annotated[Annotated[ShortText, Field(min_length=1)], Shown("Begründung", "Reason")]


class Link(Row):
    kind: Annotated[LinkKind, Shown("Art", "Kind")]
    measure: Annotated[MeasureId, Shown("Maßnahme (Nummer)", "Measure (number)")]


class Origin(Row):
    kind: OriginKind
    reference: ShortText | None = None


class Evaluation(Row):
    """That a measure was evaluated; the evaluation itself is in the controlling service."""

    evaluated_on: IsoDate
    by: Name = Field(description="function or organisation", examples=["Controlling des Kreises"])
    reference: ShortText | None = None
    summary: Paragraphs = ""


class StatusReport(Row):
    reported_on: IsoDate
    assessment: ReportedStatus
    text: Internal = Field(default="", description="internal")


class StatusOverride(Row):
    """Set by hand; needs a reason and an end."""

    status: ReportedStatus
    reason: Annotated[Internal, Field(min_length=1)]
    expires_on: IsoDate
