"""Routes of costs by year and field, of savings, and of the roll-up of a strategy."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from klima_measures.base.actions.context import Frame, frame_of, reader_of
from klima_measures.catalogue.actions import exports, lists, sums
from klima_measures.catalogue.queries import listing
from klima_measures.catalogue.queries.listing import Filters
from klima_measures.catalogue.routes.filters import AskedFilters, VersionParam
from klima_measures.registers import actions as registers
from klima_measures.sheets.model.codes import CostKind
from klima_measures.sheets.shapes.measures import ListedMeasure, listed, meta_of
from klima_shared.codes.fields import Money
from klima_shared.codes.lists import Carrier, Sector
from klima_shared.database.connections import Read
from klima_shared.formats import (
    Column,
    Format,
    Kind,
    RequestedFormat,
    Table,
    table_response,
    table_responses,
)
from klima_shared.http.auth import Caller
from klima_shared.http.problems import problem_responses
from klima_shared.language.numbers import Lang
from klima_shared.language.reader import ReaderLang
from klima_shared.language.text import Label, Text
from klima_shared.wire.meta import Meta

router = APIRouter(prefix="/v1", tags=["sums"])


EXAMPLE = Field(description="contains invented figures of example sheets")


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
    example: bool = EXAMPLE


class CostSums(BaseModel):
    items: list[CostSum]
    next: None = None
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
    example: bool = EXAMPLE


class SavingSums(BaseModel):
    """`totals` add up all fields, apart for what the BISKO balance falls by and what it doesn't;
    never add the two."""

    items: list[SavingSum]
    next: None = None
    totals: list[SavingSum]
    measures: int
    measures_not_quantified: int
    meta: Meta


COST_COLUMNS = (
    Column("year", Label("Jahr", "Year"), Kind.INTEGER),
    Column("field_label", Label("Handlungsfeld", "Field of action")),
    Column("kind_label", Label("Art", "Kind")),
    Column("recurring", Label("Jährlich", "Every year"), Kind.BOOLEAN),
    Column("amount_eur", Label("Betrag", "Amount"), Kind.MONEY, "EUR"),
    Column("unknown", Label("Nicht beziffert", "Without a figure"), Kind.INTEGER),
    Column("measures", Label("Maßnahmen", "Measures"), Kind.INTEGER),
    Column("example", Label("Enthält Beispielzahlen", "Contains example figures"), Kind.BOOLEAN),
)
SAVING_COLUMNS = (
    Column("year", Label("Jahr (leer: volle Wirkung)", "Year (empty: full effect)"), Kind.INTEGER),
    Column("field_label", Label("Handlungsfeld", "Field of action")),
    Column("sector", Label("Sektor", "Sector")),
    Column("carrier", Label("Energieträger", "Carrier")),
    Column("affects_bisko", Label("In der BISKO-Bilanz", "In the BISKO balance"), Kind.BOOLEAN),
    Column("final_energy_mwh", Label("Energie je Jahr", "Energy a year"), Kind.NUMBER, "MWh"),
    Column(
        "emissions_t_co2e",
        Label("Treibhausgase je Jahr", "Greenhouse gases a year"),
        Kind.NUMBER,
        "t CO2e",
    ),
    Column("not_counted", Label("Überschneidungen", "Overlaps"), Kind.INTEGER),
    Column("measures", Label("Maßnahmen", "Measures"), Kind.INTEGER),
    Column("example", Label("Enthält Beispielzahlen", "Contains example figures"), Kind.BOOLEAN),
)


def _table(
    name: str, title: Text, columns: tuple[Column, ...], rows: list[Any], *, example: bool
) -> Table:
    cells = [[getattr(row, column.name) for column in columns] for row in rows]
    return Table(name, title, columns, cells, exports.about(example=example))


@router.get(
    "/costs",
    summary="Costs by year, field of action and kind",
    response_model=CostSums,
    responses={**problem_responses(401, 422), **table_responses()},
)
async def list_costs(
    request: Request,
    connection: Read,
    caller: Caller,
    lang: ReaderLang,
    filters: AskedFilters,
    form: RequestedFormat,
    version: VersionParam = None,
) -> Any:
    frame = frame_of(request)
    reader = listing.PUBLIC if version == "published" else reader_of(caller)
    await lists.check_regions(connection, frame, filters)
    found = await sums.costs(connection, filters, reader)
    items = [
        CostSum(
            **{
                n: row[n]
                for n in (
                    "year",
                    "field",
                    "kind",
                    "recurring",
                    "amount_eur",
                    "unknown",
                    "measures",
                    "example",
                )
            },
            field_label=frame.fields.label(row["field"], lang),
            kind_label=CostKind(row["kind"]).label(lang),
        )
        for row in found.rows
    ]
    if form is not Format.JSON:
        title = Label("Kosten nach Jahr und Handlungsfeld", "Costs by year and field of action")
        table = _table("kosten", title, COST_COLUMNS, items, example=found.example)
        return await table_response(table, form, lang)
    meta = meta_of(await lists.latest(connection, filters, reader), example=found.example)
    return CostSums(
        items=items, measures=found.measures, measures_without_costs=found.without, meta=meta
    )


def _saving(by: dict[str, Any], found: Any, frame: Frame, lang: Lang, *, words: bool) -> SavingSum:
    """`words`: sector and carrier as people call them, for tables."""
    if words:
        by["sector"] = Sector(by["sector"]).label(lang) if by.get("sector") else None
        by["carrier"] = Carrier(by["carrier"]).label(lang) if by.get("carrier") else None
    label = frame.fields.label(by["field"], lang) if by.get("field") else None
    return SavingSum(
        **by,
        field_label=label,
        final_energy_mwh=found.final_energy_mwh,
        emissions_t_co2e=found.emissions_t_co2e,
        rows=found.rows,
        not_counted=found.not_counted,
        measures=len(found.measures),
        example=found.example,
    )


@router.get(
    "/savings",
    summary="Savings by year, field, sector and carrier; overlapping ones counted once",
    response_model=SavingSums,
    responses={**problem_responses(401, 422), **table_responses()},
)
async def list_savings(
    request: Request,
    connection: Read,
    caller: Caller,
    lang: ReaderLang,
    filters: AskedFilters,
    form: RequestedFormat,
    version: VersionParam = None,
) -> Any:
    frame = frame_of(request)
    reader = listing.PUBLIC if version == "published" else reader_of(caller)
    await lists.check_regions(connection, frame, filters)
    found = await sums.savings(connection, filters, reader)
    names = ("year", "field", "sector", "carrier", "affects_bisko")
    words = form is not Format.JSON
    items = [
        _saving(dict(zip(names, key, strict=True)), s, frame, lang, words=words)
        for key, s in found.by.items()
    ]
    if words:
        table = _table(
            "einsparungen",
            Label("Einsparungen je Jahr", "Savings a year"),
            SAVING_COLUMNS,
            items,
            example=found.example,
        )
        return await table_response(table, form, lang)
    totals = [
        _saving(dict(zip(("year", "affects_bisko"), key, strict=True)), s, frame, lang, words=False)
        for key, s in found.totals.items()
    ]
    meta = meta_of(await lists.latest(connection, filters, reader), example=found.example)
    return SavingSums(
        items=items,
        totals=totals,
        measures=found.measures,
        measures_not_quantified=found.without,
        meta=meta,
    )


class RolledUp(BaseModel):
    """The measures of a strategy and how many of them are where."""

    id: UUID
    code: str
    title: str
    total: int
    phases: dict[str, int]
    statuses: dict[str, int]
    measures: list[ListedMeasure]


@router.get(
    "/strategies/{strategy_id}/rollup",
    summary="The states of a strategy's measures",
    responses=problem_responses(401, 404, 422),
)
async def get_strategy_rollup(
    request: Request,
    connection: Read,
    caller: Caller,
    lang: ReaderLang,
    strategy_id: UUID,
    version: VersionParam = None,
) -> RolledUp:
    frame = frame_of(request)
    reader = listing.PUBLIC if version == "published" else reader_of(caller)
    row, _ = await registers.find(connection, caller, "strategy", strategy_id)
    filters = Filters(today=frame.today(), strategy=strategy_id)
    rows, _ = await listing.page(
        connection, filters, reader, order="field", descending=False, limit=lists.MOST
    )
    phases: dict[str, int] = {}
    statuses: dict[str, int] = {}
    for one in rows:
        phases[one["phase"]] = phases.get(one["phase"], 0) + 1
        statuses[one["status"]] = statuses.get(one["status"], 0) + 1
    return RolledUp(
        id=row["id"],
        code=row["code"],
        title=row["title"],
        total=len(rows),
        phases=phases,
        statuses=statuses,
        measures=[ListedMeasure(**item) for item in listed(rows, frame, lang)],
    )
