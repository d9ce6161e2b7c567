"""Counts, costs and savings over all measures that filters leave."""

from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.rules import Reader
from klima_measures.catalogue.queries.listing import Filters, chosen_columns, conditions, source
from klima_measures.sheets.queries.visibility import status_on
from klima_measures.sheets.rules.sums import Saving
from klima_measures.sheets.tables import measure_cost as cost
from klima_measures.sheets.tables import measure_saving as saving
from klima_measures.sheets.tables import measure_view as v

_FACETS: Final = ("field", "level", "type", "phase", "status", "priority", "horizon")
_MORE: Final = ("intermunicipal", "editorial")


class Count(NamedTuple):
    """How many measures there are of a value of a facet."""

    facet: str
    value: str
    n: int


async def facets(connection: AsyncConnection, filters: Filters, reader: Reader) -> list[Count]:
    """Counts over everything the filters leave, in one query."""
    plain = [name for name in (*_FACETS, *_MORE) if name != "status"]
    spans = (v.c.regions, v.c.first_year, v.c.last_year)
    today = status_on(filters.today).label("status")
    query = chosen_columns(filters, reader, *(v.c[name] for name in plain), *spans, today)
    chosen = query.cte("chosen").prefix_with("materialized")
    parts = [
        sa.select(sa.literal(name, sa.Text), sa.cast(chosen.c[name], sa.Text), sa.func.count())
        .where(chosen.c[name].is_not(None))
        .group_by(chosen.c[name])
        for name in (*_FACETS, *_MORE)
    ]
    region = sa.func.unnest(chosen.c.regions).column_valued("region", joins_implicitly=True)
    parts.append(
        sa.select(sa.literal("region", sa.Text), region, sa.func.count())
        .select_from(chosen)
        .group_by(region)
    )
    last = sa.func.least(sa.func.coalesce(chosen.c.last_year, 2100), 2050)
    span = sa.func.generate_series(chosen.c.first_year, last)
    year = span.column_valued("year", joins_implicitly=True)
    parts.append(
        sa.select(sa.literal("year", sa.Text), sa.cast(year, sa.Text), sa.func.count())
        .select_from(chosen)
        .where(chosen.c.first_year.is_not(None))
        .group_by(year)
    )
    return [Count(*row) for row in await connection.execute(sa.union_all(*parts))]


async def field_counts(
    connection: AsyncConnection, filters: Filters, reader: Reader
) -> dict[str, int]:
    """Field of action -> number of measures."""
    query = chosen_columns(filters, reader, v.c.field, sa.func.count()).group_by(v.c.field)
    return {row[0]: row[1] for row in await connection.execute(query)}


async def latest_change(
    connection: AsyncConnection, filters: Filters, reader: Reader
) -> datetime | None:
    query = chosen_columns(filters, reader, sa.func.max(v.c.changed_at))
    found: datetime | None = (await connection.execute(query)).scalar()
    return found


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


def _mine(table: sa.Table) -> sa.ColumnElement[bool]:
    return (table.c.measure_id == v.c.measure_id) & (table.c.audience == v.c.audience)


async def costs(connection: AsyncConnection, filters: Filters, reader: Reader) -> list[CostTotal]:
    """By year and field."""
    query = (
        sa.select(
            cost.c.year,
            v.c.field,
            cost.c.kind,
            cost.c.recurring,
            sa.func.sum(cost.c.amount_eur),
            sa.func.count().filter(cost.c.amount_eur.is_(None)),
            sa.func.count(cost.c.measure_id.distinct()),
            sa.func.bool_or(v.c.example),
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
        sa.select(
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
    connection: AsyncConnection, filters: Filters, reader: Reader, table: sa.Table
) -> tuple[int, int]:
    """(measures, those of them without any row of costs or savings)."""
    lacking = sa.not_(sa.exists().where(_mine(table)))
    query = sa.select(sa.func.count(), sa.func.count().filter(lacking)).select_from(source(filters))
    total, n = (await connection.execute(query.where(*conditions(filters, reader)))).one()
    return int(total), int(n)
