"""What the measures service answers about published measures, as far as other services read it."""

from typing import NotRequired

from typing_extensions import TypedDict


class CostRow(TypedDict):
    """`amount_eur`: decimal digits, None where the cost is not known."""

    kind: str
    year: int | None
    amount_eur: str | None


class StaffRow(TypedDict):
    year: NotRequired[int | None]
    days: NotRequired[float | str | None]


class SavingRow(TypedDict):
    """A saving in a year, or (year None) in a year at full effect."""

    year: int | None
    affects_bisko: bool
    sector: NotRequired[str | None]
    emissions_t_co2e: NotRequired[float | None]
    overlap_group: NotRequired[str | None]
    evidence: NotRequired[str | None]


class ListedMeasure(TypedDict):
    """A published measure as lists show it."""

    id: str
    number: str
    title: str
    field: str
    field_label: str
    phase: str
    status: str
    owner: str
    changed_at: str
    intermunicipal: bool
    example: bool
    last_year: int | None
    saving_t_co2e: float | None


class MeasureSheet(TypedDict):
    """A published measure with all its rows."""

    id: str
    number: str
    title: str
    field: str
    phase: str
    owner: str
    revision: int
    example: bool
    costs: list[CostRow]
    staff: list[StaffRow]
    savings: list[SavingRow]
