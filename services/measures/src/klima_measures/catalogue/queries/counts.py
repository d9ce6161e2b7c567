"""Counts over the measures that filters leave: by facet, by field; and when they last changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.catalogue.queries.listing import Filters, Reader, chosen_columns, status_on
from klima_measures.sheets.tables import measure_view as v


async def facets(connection: AsyncConnection, filters: Filters, reader: Reader) -> Sequence[Any]:
    """Rows (facet, value, count) over everything the filters leave, in one query."""
    chosen = (
        chosen_columns(
            filters,
            reader,
            v.c.field,
            v.c.level,
            v.c.type,
            v.c.phase,
            v.c.priority,
            v.c.horizon,
            v.c.intermunicipal,
            v.c.editorial,
            v.c.regions,
            v.c.first_year,
            v.c.last_year,
            status_on(filters.today).label("status"),
        )
        .cte("chosen")
        .prefix_with("materialized")
    )
    plain = (
        "field",
        "level",
        "type",
        "phase",
        "status",
        "priority",
        "horizon",
        "intermunicipal",
        "editorial",
    )
    parts = [
        select(
            literal(name, Text).label("facet"),
            cast(chosen.c[name], Text).label("value"),
            func.count().label("n"),
        )
        .where(chosen.c[name].is_not(None))
        .group_by(chosen.c[name])
        for name in plain
    ]
    region = func.unnest(chosen.c.regions).column_valued("region", joins_implicitly=True)
    parts.append(
        select(literal("region", Text), region, func.count()).select_from(chosen).group_by(region)
    )
    span = func.generate_series(
        chosen.c.first_year, func.least(func.coalesce(chosen.c.last_year, 2100), 2050)
    )
    year = span.column_valued("year", joins_implicitly=True)
    parts.append(
        select(literal("year", Text), cast(year, Text), func.count())
        .select_from(chosen)
        .where(chosen.c.first_year.is_not(None))
        .group_by(year)
    )
    return (await connection.execute(union_all(*parts))).all()


async def field_counts(
    connection: AsyncConnection, filters: Filters, reader: Reader
) -> Sequence[Any]:
    """Rows (field, count)."""
    query = chosen_columns(filters, reader, v.c.field, func.count()).group_by(v.c.field)
    found: Sequence[Any] = (await connection.execute(query)).all()
    return found


async def latest_change(
    connection: AsyncConnection, filters: Filters, reader: Reader
) -> datetime | None:
    query = chosen_columns(filters, reader, func.max(v.c.changed_at))
    found: datetime | None = (await connection.execute(query)).scalar()
    return found
