"""The entries of the registers beside the sheets: concepts, templates, programmes, rounds,
strategies, quarters; and the rows that sheets have in common with them."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_measures.base.model.declared import Shown
from klima_measures.base.model.texts import (
    Code,
    Internal,
    Name,
    Paragraphs,
    ShortText,
    Title,
    WebAddress,
)
from klima_shared.codes.labelled import Labelled
from klima_shared.codes.quantities import Mwh, NonNegativeMoney, Percent, Quantity, Tonnes, Whole
from klima_shared.codes.regions import Ags, LocationAgs, RegionKind, level
from klima_shared.http.dates import IsoDate
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text

Months = Annotated[Whole, Field(ge=0, le=600)]


class RegisterKind(StrEnum):
    """Which register; as its table is called."""

    CONCEPT = "concept"
    TEMPLATE = "template"
    FUNDING_PROGRAMME = "funding_programme"
    ROUND = "round"
    STRATEGY = "strategy"
    QUARTER = "quarter"


class ActorRole(Labelled):
    LEAD = "lead", "Federführung", "Lead"
    PARTNER = "partner", "Partner", "Partner"
    EXTERNAL = "external", "extern", "External"


class IndicatorKind(Labelled):
    INPUT = "input", "Aufwand", "Input"
    OUTPUT = "output", "Leistung", "Output"
    OUTCOME = "outcome", "Ergebnis", "Outcome"
    IMPACT = "impact", "Wirkung", "Impact"


class Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Decision(Row):
    body: Annotated[Name, Shown("Gremium", "Body")] = Field(examples=["Kreistag"])
    decided_on: Annotated[IsoDate, Shown("Datum", "Date")]
    paper: Annotated[ShortText | None, Shown("Vorlage", "Paper")] = None
    url: Annotated[WebAddress | None, Shown("Adresse", "URL")] = None


def in_order(start: date | None, end: date | None) -> None:
    """InputError when the end lies before the start."""
    if start is not None and end is not None and end < start:
        raise InputError(
            Text("The end ({end}) lies before the start ({start}).", end=end, start=start)
        )


class Entry(BaseModel):
    """What every entry has. `region` is whose editors write it; `public` lets everybody read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code = Field(examples=["beispiel"])
    title: Title
    region: Ags | None = Field(default=None, description="default: the county of the installation")
    public: bool = True
    example: bool = Field(default=False, description="invented for demonstration")


class Concept(Entry):
    """A climate concept; the horizon of its measures is counted from `decided_on`."""

    decided_on: IsoDate | None = None
    decision: Decision | None = None
    source: ShortText = ""


class TemplateStep(Row):
    title: Name
    starts_after_months: Months = 0
    months: Annotated[Whole, Field(ge=1, le=600)] = 1
    responsible: Name | None = None


class Gate(Row):
    title: Name
    after_months: Months


class TemplateRole(Row):
    name: Name
    role: ActorRole = ActorRole.PARTNER


class TemplateIndicator(Row):
    name: Name
    unit: Annotated[str, Field(max_length=40)]
    kind: IndicatorKind
    interval: ShortText | None = None


class Template(Entry):
    """Methodisches Grundgerüst: steps, roles, gates and indicators of a kind of measure."""

    description: Paragraphs = ""
    steps: list[TemplateStep] = Field(default_factory=list, max_length=100)
    gates: list[Gate] = Field(default_factory=list, max_length=100)
    roles: list[TemplateRole] = Field(default_factory=list, max_length=100)
    indicators: list[TemplateIndicator] = Field(default_factory=list, max_length=100)


class FundingProgramme(Entry):
    """A programme as of a day, from a source. An expired one is not offered."""

    giver: Name | None = None
    rate_percent: Percent | None = Field(default=None, description="highest rate")
    deadline: IsoDate | None = Field(
        default=None, description="last day to apply, where there is one"
    )
    applicants: ShortText = Field(default="", description="who may apply")
    valid_from: IsoDate | None = None
    valid_to: IsoDate | None = None
    as_of: IsoDate | None = Field(default=None, description="when this was last looked up")
    source: ShortText = ""
    url: WebAddress | None = None
    note: Paragraphs = ""

    @model_validator(mode="after")
    def _order(self) -> Self:
        in_order(self.valid_from, self.valid_to)
        return self


class FirmMeasure(Row):
    """A single measure of a firm. Null is not known."""

    title: Name
    investment_eur: NonNegativeMoney | None = None
    saving_eur: NonNegativeMoney | None = Field(default=None, description="a year")
    final_energy_mwh: Mwh | None = Field(default=None, description="a year")
    emissions_t_co2e: Tonnes | None = Field(default=None, description="a year")
    waste_t: Tonnes | None = Field(default=None, description="a year")
    water_m3: Quantity | None = Field(default=None, description="a year")


class Firm(Row):
    """A firm taking part. Without consent it is counted and never named."""

    name: Name
    consent: bool = Field(description="may be named in public")
    municipality: LocationAgs | None = None
    measures: list[FirmMeasure] = Field(default_factory=list, max_length=200)
    internal_note: Internal = ""


class Round(Entry):
    """A round of ÖKOPROFIT or the like."""

    programme: Name = Field(examples=["ÖKOPROFIT"])
    number: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    starts_on: IsoDate | None = None
    ends_on: IsoDate | None = None
    partners: list[Name] = Field(default_factory=list, max_length=100)
    firms: list[Firm] = Field(default_factory=list, max_length=200)
    note: Paragraphs = ""

    @model_validator(mode="after")
    def _order(self) -> Self:
        in_order(self.starts_on, self.ends_on)
        return self


class Strategy(Entry):
    """A parent of measures, such as a hydrogen strategy."""

    description: Paragraphs = ""
    goal: Paragraphs = ""
    decision: Decision | None = None


class Quarter(Entry):
    """A quarter inside one municipality."""

    region: Ags = Field(description="the municipality")
    description: Paragraphs = ""

    @model_validator(mode="after")
    def _municipality(self) -> Self:
        if level(self.region) is not RegionKind.MUNICIPALITY:
            raise InputError(Text("A quarter lies in a municipality."))
        return self


MODELS: Final[dict[RegisterKind, type[Entry]]] = {
    RegisterKind.CONCEPT: Concept,
    RegisterKind.TEMPLATE: Template,
    RegisterKind.FUNDING_PROGRAMME: FundingProgramme,
    RegisterKind.ROUND: Round,
    RegisterKind.STRATEGY: Strategy,
    RegisterKind.QUARTER: Quarter,
}


class RoundSums(BaseModel):
    """Sums over all firms of a round, named or not; None where not one value is known."""

    firms: int
    firms_named: int
    measures: int
    investment_eur: str | None
    saving_eur: str | None
    final_energy_mwh: float | None
    emissions_t_co2e: float | None
    waste_t: float | None
    water_m3: float | None


def round_sums(entry: Round) -> RoundSums:
    """What all measures of all firms add up to."""
    every = [measure for firm in entry.firms for measure in firm.measures]
    return RoundSums(
        firms=len(entry.firms),
        firms_named=sum(firm.consent for firm in entry.firms),
        measures=len(every),
        investment_eur=_euro(measure.investment_eur for measure in every),
        saving_eur=_euro(measure.saving_eur for measure in every),
        final_energy_mwh=_total(measure.final_energy_mwh for measure in every),
        emissions_t_co2e=_total(measure.emissions_t_co2e for measure in every),
        waste_t=_total(measure.waste_t for measure in every),
        water_m3=_total(measure.water_m3 for measure in every),
    )


N = TypeVar("N", float, Decimal)


def _total(values: Iterable[N | None]) -> N | None:
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None


def _euro(values: Iterable[Decimal | None]) -> str | None:
    amount = _total(values)
    return None if amount is None else f"{amount:.2f}"


def public_round(entry: Round) -> Round:
    """Firms without consent leave the list; with few firms even their municipality would name
    them."""
    named = [firm.model_copy(update={"internal_note": ""}) for firm in entry.firms if firm.consent]
    return entry.model_copy(update={"firms": named})
