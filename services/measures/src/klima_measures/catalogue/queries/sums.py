"""Costs and savings over all measures that filters leave."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, exists, func, not_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.rules import Reader
from klima_measures.catalogue.queries.listing import Filters, conditions, source
from klima_measures.sheets.rules.savings import Saving
from klima_measures.sheets.tables import measure_cost as cost
from klima_measures.sheets.tables import measure_saving as saving
from klima_measures.sheets.tables import measure_view as v


class CostTotal(NamedTuple):
    """What measures of a field cost in a year, of one kind; known amounts and how many are not."""

    year: int | None
    field: str
    kind: str
    recurring: bool
    amount_eur: Decimal | None
    unknown: int
    measures: int
    example: bool


def _mine(table: Table) -> ColumnElement[bool]:
    return (table.c.measure_id == v.c.measure_id) & (table.c.audience == v.c.audience)


async def costs(connection: AsyncConnection, filters: Filters, reader: Reader) -> list[CostTotal]:
    """By year and field."""
    query = (
        select(
            cost.c.year,
            v.c.field,
            cost.c.kind,
            cost.c.recurring,
            func.sum(cost.c.amount_eur),
            func.count().filter(cost.c.amount_eur.is_(None)),
            func.count(cost.c.measure_id.distinct()),
            func.bool_or(v.c.example),
        )
        .select_from(source(filters).join(cost, _mine(cost)))
        .where(*conditions(filters, reader))
        .group_by(cost.c.year, v.c.field, v.c.field_rank, cost.c.kind, cost.c.recurring)
        .order_by(
            cost.c.year.asc().nulls_last(), v.c.field_rank, v.c.field, cost.c.kind, cost.c.recurring
        )
    )
    return [CostTotal(*row) for row in await connection.execute(query)]


async def savings(connection: AsyncConnection, filters: Filters, reader: Reader) -> list[Saving]:
    """The savings of all measures."""
    query = (
        select(
            v.c.concept + " " + v.c.number,
            v.c.field,
            saving.c.year,
            saving.c.sector,
            saving.c.carrier,
            saving.c.final_energy_mwh,
            saving.c.emissions_t_co2e,
            saving.c.overlap_group,
            saving.c.affects_bisko,
            v.c.example,
        )
        .select_from(source(filters).join(saving, _mine(saving)))
        .where(*conditions(filters, reader))
        .order_by(
            saving.c.year.asc().nulls_last(), v.c.field_rank, v.c.number_key, saving.c.position
        )
    )
    return [Saving(*tuple(row)) for row in await connection.execute(query)]


async def count_without(
    connection: AsyncConnection, filters: Filters, reader: Reader, table: Table
) -> tuple[int, int]:
    """(measures, those of them without any row of costs or savings)."""
    lacking = not_(exists().where(_mine(table)))
    query = select(func.count(), func.count().filter(lacking)).select_from(source(filters))
    total, n = (await connection.execute(query.where(*conditions(filters, reader)))).one()
    return int(total), int(n)
