"""What the routes of lists and sums answer."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, Field

from klima_measures.base.model.context import Context
from klima_measures.catalogue.queries.listing import ListedRow
from klima_measures.sheets.model.codes import Level
from klima_shared.codes.action import MeasureStatus, Phase
from klima_shared.codes.quantities import Money
from klima_shared.formats.tables import read_columns
from klima_shared.http.paging import Page
from klima_shared.language.numbers import Lang
from klima_shared.wire.meta import Meta, NoNext


class ListedMeasure(BaseModel):
    """A measure in a list."""

    id: UUID
    number: str = Field(examples=["MOB-01"])
    title: str
    short_text: str
    concept: str
    field: str = Field(examples=["mobility"])
    field_label: str
    level: str
    level_label: str
    regions: list[str]
    owner: str
    intermunicipal: bool
    type: str
    phase: str
    phase_label: str
    status: str
    status_label: str
    editorial: str
    horizon: str | None
    priority: str | None
    first_year: int | None
    last_year: int | None
    cost_eur: Money | None = Field(
        description="known amounts that fall due once; null: none is known"
    )
    cost_yearly_eur: Money | None = Field(
        description="known amounts that fall due every year; never added to `cost_eur`"
    )
    saving_t_co2e: float | None = Field(description="a year at full effect; null: not quantified")
    saving_mwh: float | None
    strategy: UUID | None
    quarter: UUID | None
    example: bool = Field(description="invented for demonstration")
    changed_at: datetime


class MeasurePage(Page[ListedMeasure]):
    total: int = Field(description="how many the filters leave, on all pages")
    meta: Meta


def listed(rows: Iterable[ListedRow], context: Context, lang: Lang) -> list[dict[str, object]]:
    """Items (as `ListedMeasure`, JSON-ready) from rows of a list.

    Plain dicts: of all there is to do for a list, models would take the most time.
    """
    fields = context.fields.labels(lang)
    levels, phases, statuses = (
        {member.value: member.label(lang) for member in codes}
        for codes in (Level, Phase, MeasureStatus)
    )
    items = []
    for row in rows:
        item = {name: value for name, value in row._asdict().items() if name in _SHOWN}
        item["id"] = row.measure_id
        for name in ("cost_eur", "cost_yearly_eur"):
            item[name] = None if item[name] is None else f"{item[name]:.2f}"
        item["field_label"] = fields.get(row.field, row.field)
        item["level_label"] = levels[row.level]
        item["phase_label"] = phases[row.phase]
        item["status_label"] = statuses[row.status]
        items.append(item)
    return items


_SHOWN: Final = frozenset(ListedMeasure.model_fields)


class FieldOfActionAnswer(BaseModel):
    code: str = Field(examples=["mobility"])
    label: str = Field(examples=["Mobilität"])
    rank: int = Field(description="place in the order of the concept, from 0")
    measures: int = Field(description="how many the caller sees")


class FieldsOfAction(BaseModel):
    items: list[FieldOfActionAnswer]
    next: NoNext = None


class FacetValue(BaseModel):
    value: str = Field(examples=["mobility"])
    label: str = Field(examples=["Mobilität"])
    count: int = Field(examples=[4])


class Facets(BaseModel):
    """Counts by facet and value over all measures that the filters leave."""

    total: int = Field(examples=[27])
    facets: dict[str, list[FacetValue]]


_EXAMPLE = Field(description="contains invented figures of example sheets")


class CostSum(BaseModel):
    """A sum of costs; `amount_eur` null when not one amount is known, `unknown` counts those that
    are not."""

    year: int | None = Field(description="null: not assigned to a year")
    field: str
    field_label: str
    kind: str
    kind_label: str
    recurring: bool = Field(description="falls due every year from `year` on; counted once here")
    amount_eur: Money | None
    unknown: int
    measures: int
    example: bool = _EXAMPLE


class CostSums(BaseModel):
    items: list[CostSum]
    next: NoNext = None
    measures: int
    measures_without_costs: int = Field(description="measures that say nothing about costs")
    meta: Meta


class SavingSum(BaseModel):
    """A sum of savings a year; null when not one figure is known. Overlapping savings are counted
    once."""

    year: int | None = Field(description="null: a year at full effect")
    field: str | None = None
    field_label: str | None = None
    sector: str | None = None
    carrier: str | None = None
    affects_bisko: bool
    final_energy_mwh: float | None
    emissions_t_co2e: float | None
    rows: int
    not_counted: int = Field(description="rows contained in a larger one of their overlap group")
    measures: int
    example: bool = _EXAMPLE


class SavingSums(BaseModel):
    """`totals` add up all fields, apart for what the BISKO balance falls by and what it doesn't;
    never add the two."""

    items: list[SavingSum]
    next: NoNext = None
    totals: list[SavingSum]
    measures: int
    measures_not_quantified: int
    meta: Meta


COST_COLUMNS = read_columns("klima_measures", "catalogue.cost")
SAVING_COLUMNS = read_columns("klima_measures", "catalogue.saving")


class RolledUp(BaseModel):
    """The measures of a strategy and how many of them are where."""

    id: UUID
    code: str
    title: str
    total: int
    phases: dict[str, int]
    statuses: dict[str, int]
    measures: list[ListedMeasure]
