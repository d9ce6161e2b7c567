"""Counts over the measures that filters leave: by facet, by field; and when they last changed."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Text, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.rules import Reader
from klima_measures.catalogue.queries.listing import Filters, chosen_columns
from klima_measures.sheets.queries.visibility import status_on
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
        select(literal(name, Text), cast(chosen.c[name], Text), func.count())
        .where(chosen.c[name].is_not(None))
        .group_by(chosen.c[name])
        for name in (*_FACETS, *_MORE)
    ]
    region = func.unnest(chosen.c.regions).column_valued("region", joins_implicitly=True)
    parts.append(
        select(literal("region", Text), region, func.count()).select_from(chosen).group_by(region)
    )
    last = func.least(func.coalesce(chosen.c.last_year, 2100), 2050)
    span = func.generate_series(chosen.c.first_year, last)
    year = span.column_valued("year", joins_implicitly=True)
    parts.append(
        select(literal("year", Text), cast(year, Text), func.count())
        .select_from(chosen)
        .where(chosen.c.first_year.is_not(None))
        .group_by(year)
    )
    return [Count(*row) for row in await connection.execute(union_all(*parts))]


async def field_counts(
    connection: AsyncConnection, filters: Filters, reader: Reader
) -> dict[str, int]:
    """Field of action -> number of measures."""
    query = chosen_columns(filters, reader, v.c.field, func.count()).group_by(v.c.field)
    return {row[0]: row[1] for row in await connection.execute(query)}


async def latest_change(
    connection: AsyncConnection, filters: Filters, reader: Reader
) -> datetime | None:
    query = chosen_columns(filters, reader, func.max(v.c.changed_at))
    found: datetime | None = (await connection.execute(query)).scalar()
    return found
