"""What the measures service answers about published measures, as far as other services read it,
and what they report to it."""

from typing import NotRequired

from typing_extensions import TypedDict

from klima_shared.wire.values import (
    CostCode,
    Digits,
    Figure,
    Identity,
    Moment,
    PhaseCode,
    StatusCode,
    Version,
    Year,
)


class CostRow(TypedDict):
    """`amount_eur`: decimal digits, None where the cost is not known."""

    kind: CostCode
    year: Year | None
    amount_eur: Digits | None
    recurring: NotRequired[bool]


class StaffRow(TypedDict):
    year: NotRequired[Year | None]
    days: NotRequired[Figure | Digits | None]


class SavingRow(TypedDict):
    """A saving in a year, or (year None) in a year at full effect."""

    year: Year | None
    affects_bisko: bool
    sector: NotRequired[str | None]
    emissions_t_co2e: NotRequired[Figure | None]
    overlap_group: NotRequired[str | None]
    evidence: NotRequired[str | None]


class ListedMeasure(TypedDict):
    """A published measure as lists show it."""

    id: Identity
    number: str
    title: str
    field: str
    field_label: str
    phase: PhaseCode
    status: StatusCode
    owner: str
    changed_at: Moment
    intermunicipal: bool
    example: bool
    last_year: Year | None
    saving_t_co2e: Figure | None


class MeasureSheet(TypedDict):
    """A published measure with all its rows."""

    id: Identity
    number: str
    title: str
    field: str
    phase: PhaseCode
    owner: str
    revision: Version
    example: bool
    costs: list[CostRow]
    staff: list[StaffRow]
    savings: list[SavingRow]


class StatusReport(TypedDict):
    """What controlling reports to the measures service about the course of a measure.
    `reported_on`: ISO date, `assessment`: the measure's light."""

    reported_on: str
    assessment: str


class EvaluationReport(TypedDict):
    """That controlling evaluated a measure, reported to the measures service. `evaluated_on`: ISO
    date."""

    evaluated_on: str
    by: str
    reference: str
    summary: str
