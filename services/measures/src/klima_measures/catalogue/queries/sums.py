"""Costs and savings over all measures that filters leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, not_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.catalogue.queries.listing import Filters, Reader, conditions, source
from klima_measures.sheets.tables import measure_cost as cost
from klima_measures.sheets.tables import measure_saving as saving
from klima_measures.sheets.tables import measure_view as v


def _mine(table: Any) -> Any:
    return (table.c.measure_id == v.c.measure_id) & (table.c.audience == v.c.audience)


async def costs(connection: AsyncConnection, filters: Filters, reader: Reader) -> Sequence[Any]:
    """Rows (year, field, kind, recurring, amount_eur, unknown, measures, example), by year and
    field."""
    query = (
        select(
            cost.c.year,
            v.c.field,
            v.c.field_rank,
            cost.c.kind,
            cost.c.recurring,
            func.sum(cost.c.amount_eur).label("amount_eur"),
            func.count().filter(cost.c.amount_eur.is_(None)).label("unknown"),
            func.count(cost.c.measure_id.distinct()).label("measures"),
            func.bool_or(v.c.example).label("example"),
        )
        .select_from(source(filters).join(cost, _mine(cost)))
        .where(*conditions(filters, reader))
        .group_by(cost.c.year, v.c.field, v.c.field_rank, cost.c.kind, cost.c.recurring)
        .order_by(
            cost.c.year.asc().nulls_last(), v.c.field_rank, v.c.field, cost.c.kind, cost.c.recurring
        )
    )
    return (await connection.execute(query)).mappings().all()


async def savings(connection: AsyncConnection, filters: Filters, reader: Reader) -> Sequence[Any]:
    """The rows of all measures, with number and field of each."""
    columns = [
        c for c in saving.c if c.name not in {"audience", "position", "measure_id", "evidence"}
    ]
    query = (
        select(v.c.number.label("measure"), v.c.concept, v.c.field, v.c.example, *columns)
        .select_from(source(filters).join(saving, _mine(saving)))
        .where(*conditions(filters, reader))
        .order_by(
            saving.c.year.asc().nulls_last(), v.c.field_rank, v.c.number_key, saving.c.position
        )
    )
    return (await connection.execute(query)).mappings().all()


async def without(
    connection: AsyncConnection, filters: Filters, reader: Reader, what: str
) -> tuple[int, int]:
    """(measures, those of them without any row of `costs` or `savings`)."""
    table = cost if what == "costs" else saving
    lacking = not_(exists().where(_mine(table)))
    query = select(func.count(), func.count().filter(lacking)).select_from(source(filters))
    query = query.where(*conditions(filters, reader))
    total, n = (await connection.execute(query)).one()
    return int(total), int(n)
