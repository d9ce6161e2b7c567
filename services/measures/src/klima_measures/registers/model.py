"""The entries of the registers beside the sheets: concepts, templates, programmes, rounds,
strategies, quarters."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from klima_measures.base.model.sheet_texts import Code, Internal, Name, Paragraphs, ShortText, Title
from klima_measures.base.model.texts import WebAddress
from klima_measures.sheets.model.codes import ActorRole
from klima_measures.sheets.model.rows import Decision, Row, in_order
from klima_shared.codes.fields import Ags, NonNegativeMoney
from klima_shared.http.validation import TextError
from klima_shared.language.text import Text

Months = Annotated[int, Field(ge=0, le=600)]


def _rows(limit: int = 100) -> Any:
    return Field(default_factory=list, max_length=limit)


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

    decided_on: date | None = None
    decision: Decision | None = None
    source: ShortText = ""


class TemplateStep(Row):
    title: Name
    starts_after_months: Months = 0
    months: Annotated[int, Field(ge=1, le=600)] = 1
    responsible: Name | None = None


class Gate(Row):
    title: Name
    after_months: Months


class TemplateRole(Row):
    name: Name
    role: ActorRole = ActorRole.PARTNER


class Template(Entry):
    """Methodisches Grundgerüst: steps, roles and gates of a kind of measure."""

    description: Paragraphs = ""
    steps: list[TemplateStep] = _rows()
    gates: list[Gate] = _rows()
    roles: list[TemplateRole] = _rows()


class FundingProgramme(Entry):
    """A programme as of a day, from a source. An expired one is not offered."""

    giver: Name | None = None
    rate_percent: Annotated[float, Field(ge=0, le=100)] | None = Field(
        default=None, description="highest rate"
    )
    deadline: date | None = Field(default=None, description="last day to apply, where there is one")
    applicants: ShortText = Field(default="", description="who may apply")
    valid_from: date | None = None
    valid_to: date | None = None
    as_of: date | None = Field(default=None, description="when this was last looked up")
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
    final_energy_mwh: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        default=None, description="a year"
    )
    emissions_t_co2e: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        default=None, description="a year"
    )
    waste_t: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        default=None, description="a year"
    )
    water_m3: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        default=None, description="a year"
    )


class Firm(Row):
    """A firm taking part. Without consent it is counted and never named."""

    name: Name
    consent: bool = Field(description="may be named in public")
    municipality: Ags | None = None
    measures: list[FirmMeasure] = _rows(200)
    internal_note: Internal = ""


class Round(Entry):
    """A round of ÖKOPROFIT or the like."""

    programme: Name = Field(examples=["ÖKOPROFIT"])
    number: Annotated[int, Field(ge=1, le=1000)] | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    partners: list[Name] = _rows()
    firms: list[Firm] = _rows(200)
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
        if self.region.endswith("000"):
            raise TextError(Text("A quarter lies in a municipality."))
        return self


KINDS: dict[str, type[Entry]] = {
    "concept": Concept,
    "template": Template,
    "funding_programme": FundingProgramme,
    "round": Round,
    "strategy": Strategy,
    "quarter": Quarter,
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
    every = [measure for firm in entry.firms for measure in firm.measures]

    def total(name: str) -> Any:
        known = [getattr(m, name) for m in every if getattr(m, name) is not None]
        return sum(known[1:], known[0]) if known else None

    def euro(name: str) -> str | None:
        amount = total(name)
        return None if amount is None else f"{amount:.2f}"

    return RoundSums(
        firms=len(entry.firms),
        firms_named=sum(firm.consent for firm in entry.firms),
        measures=len(every),
        investment_eur=euro("investment_eur"),
        saving_eur=euro("saving_eur"),
        final_energy_mwh=total("final_energy_mwh"),
        emissions_t_co2e=total("emissions_t_co2e"),
        waste_t=total("waste_t"),
        water_m3=total("water_m3"),
    )


def public_round(entry: Round) -> Round:
    """Firms without consent leave the list; with few firms even their municipality would name
    them."""
    named = [firm.model_copy(update={"internal_note": ""}) for firm in entry.firms if firm.consent]
    return entry.model_copy(update={"firms": named})
