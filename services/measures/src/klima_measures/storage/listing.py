"""Lists of measures: filters, full text, order, pages, counts by facet. One or two queries, whatever is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Text,
    and_,
    cast,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.domain import search
from klima_measures.storage.tables.measures import measure_view as v
from klima_measures.storage.views import GERMAN, ancestors


@dataclass(frozen=True)
class Filters:
    """What is asked for; an empty tuple or None asks for everything."""

    today: date
    fields: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    horizons: tuple[str, ...] = ()
    editorial: tuple[str, ...] = ()
    intermunicipal: bool | None = None
    example: bool | None = None
    concept: str | None = None
    strategy: UUID | None = None
    quarter: UUID | None = None
    year: int | None = None
    cost_min: Decimal | None = None
    cost_max: Decimal | None = None
    saving_min: float | None = None
    saving_max: float | None = None
    q: str | None = None
    modified_since: datetime | None = None


@dataclass(frozen=True)
class Reader:
    """Whose working revisions may be read: of these regions, or of all (`everything`)."""

    regions: tuple[str, ...] = ()
    everything: bool = False


PUBLIC: Final = Reader()

_LAST: Final = 10**15  # stands for "not known" in an order, so that it comes last


def touches(region: str) -> ColumnElement[bool]:
    """Measures of the region or of a part of it, and those it takes part in."""
    mine = cast([region], ARRAY(Text))
    return or_(v.c.scope.contains(mine), v.c.regions.overlap(cast(ancestors(region), ARRAY(Text))))


def visible(reader: Reader) -> ColumnElement[bool]:
    """Working revisions where the reader may see them, published ones elsewhere."""
    if reader.everything:
        return v.c.audience == "internal"
    if not reader.regions:
        return v.c.audience == "public"
    own = or_(*(touches(region) for region in reader.regions))
    return or_(and_(v.c.audience == "internal", own), and_(v.c.audience == "public", not_(own)))


def status_on(today: date) -> ColumnElement[str]:
    place = func.width_bucket(cast(literal(today), Date), v.c.status_dates)
    return v.c.status_codes[place]


def _question(q: str) -> ColumnElement[Any]:
    asked = search.query(q)
    return func.to_tsquery(GERMAN, asked) if asked else literal_column("''::tsquery")


def conditions(filters: Filters, reader: Reader) -> list[ColumnElement[bool]]:
    f = filters
    found = [visible(reader)]
    for column, values in (
        (v.c.field, f.fields),
        (v.c.level, f.levels),
        (v.c.type, f.types),
        (v.c.phase, f.phases),
        (v.c.priority, f.priorities),
        (v.c.horizon, f.horizons),
        (status_on(f.today), f.statuses),
    ):
        if values:
            found.append(column.in_(values))
    for column, value in (
        (v.c.intermunicipal, f.intermunicipal),
        (v.c.example, f.example),
        (v.c.concept, f.concept),
        (v.c.strategy, f.strategy),
        (v.c.quarter, f.quarter),
    ):
        if value is not None:
            found.append(column == value)
    found.append(v.c.editorial.in_(f.editorial) if f.editorial else v.c.editorial != "archived")
    if f.regions:
        found.append(or_(*(touches(region) for region in f.regions)))
    if f.year is not None:
        found += [v.c.first_year <= f.year, or_(v.c.last_year.is_(None), v.c.last_year >= f.year)]
    if f.cost_min is not None:
        found.append(v.c.cost_eur >= f.cost_min)
    if f.cost_max is not None:
        found.append(v.c.cost_eur <= f.cost_max)
    if f.saving_min is not None:
        found.append(v.c.saving_t_co2e >= f.saving_min)
    if f.saving_max is not None:
        found.append(v.c.saving_t_co2e <= f.saving_max)
    if f.modified_since is not None:
        found.append(v.c.changed_at >= f.modified_since)
    if f.q:
        found.append(v.c.words.op("@@")(_question(f.q)))
    return found


# Name of an order -> its columns and their types; the identity always comes last, so that no two rows are equal.
ORDERS: Final[dict[str, tuple[type, ...]]] = {
    "field": (int, str),
    "number": (str,),
    "title": (str,),
    "changed": (datetime,),
    "start": (str,),
    "cost": (float,),
    "saving": (float,),
    "priority": (int, str),
    "relevance": (float, str),
}


def _order(name: str, q: str | None, *, descending: bool) -> list[ColumnElement[Any]]:
    unknown = -1 if descending else _LAST
    match name:
        case "number":
            return [v.c.number_key]
        case "title":
            return [v.c.title_key]
        case "changed":
            return [v.c.changed_at]
        case "start":
            return [func.coalesce(cast(v.c.starts_on, Text), "" if descending else "9")]
        case "cost":
            return [cast(func.coalesce(v.c.cost_eur, unknown), v.c.saving_mwh.type)]
        case "saving":
            return [func.coalesce(v.c.saving_t_co2e, -_LAST if descending else _LAST)]
        case "priority":
            return [v.c.priority_rank, v.c.number_key]
        case "relevance":
            rank = func.ts_rank(v.c.title_words, _question(q or ""))
            return [-cast(rank, v.c.saving_mwh.type), v.c.number_key]
        case _:
            return [v.c.field_rank, v.c.number_key]


async def page(
    connection: AsyncConnection,
    filters: Filters,
    reader: Reader,
    *,
    order: str,
    descending: bool,
    limit: int,
    after: Sequence[Any] | None = None,
) -> Sequence[Any]:
    """Up to `limit` rows after the key `after`; each has its sort key in `k0`, `k1`, ... and today's `status`."""
    keys = [*_order(order, filters.q, descending=descending), v.c.measure_id]
    labelled = [key.label(f"k{i}") for i, key in enumerate(keys)]
    hidden = {"words", "title_words", "status_dates", "status_codes", "scope"}
    columns = [c for c in v.c if c.name not in hidden]
    query = select(*columns, status_on(filters.today).label("status"), *labelled).where(*conditions(filters, reader))
    if after is not None:
        key = tuple_(*keys)
        values = tuple_(*(literal(value, column.type) for value, column in zip(after, keys, strict=True)))
        query = query.where(key < values if descending else key > values)
    query = query.order_by(*(k.desc() if descending else k for k in keys)).limit(limit)
    return (await connection.execute(query)).mappings().all()


def key_names(order: str) -> list[str]:
    """Where `page` puts the sort key of a row."""
    return [f"k{i}" for i in range(len(ORDERS[order]) + 1)]


async def count(connection: AsyncConnection, filters: Filters, reader: Reader) -> int:
    query = select(func.count()).select_from(v).where(*conditions(filters, reader))
    return (await connection.execute(query)).scalar_one()


async def facets(connection: AsyncConnection, filters: Filters, reader: Reader) -> Sequence[Any]:
    """Rows (facet, value, count) over everything the filters leave, in one query."""
    chosen = (
        select(
            v.c.field, v.c.level, v.c.type, v.c.phase, v.c.priority, v.c.horizon, v.c.intermunicipal, v.c.editorial,
            v.c.regions, v.c.first_year, v.c.last_year, status_on(filters.today).label("status"),
        ).where(*conditions(filters, reader))
    ).cte("chosen").prefix_with("materialized")  # fmt: skip
    plain = ("field", "level", "type", "phase", "status", "priority", "horizon", "intermunicipal", "editorial")
    parts = [
        select(literal(name, Text).label("facet"), cast(chosen.c[name], Text).label("value"), func.count().label("n"))
        .where(chosen.c[name].is_not(None))
        .group_by(chosen.c[name])
        for name in plain
    ]
    region = func.unnest(chosen.c.regions).column_valued("region", joins_implicitly=True)
    parts.append(select(literal("region", Text), region, func.count()).select_from(chosen).group_by(region))
    span = func.generate_series(chosen.c.first_year, func.least(func.coalesce(chosen.c.last_year, 2100), 2050))
    year = span.column_valued("year", joins_implicitly=True)
    parts.append(
        select(literal("year", Text), cast(year, Text), func.count())
        .select_from(chosen)
        .where(chosen.c.first_year.is_not(None))
        .group_by(year)
    )
    return (await connection.execute(union_all(*parts))).all()


async def field_counts(connection: AsyncConnection, filters: Filters, reader: Reader) -> Sequence[Any]:
    """Rows (field, count)."""
    query = select(v.c.field, func.count()).where(*conditions(filters, reader)).group_by(v.c.field)
    return (await connection.execute(query)).all()


async def latest_change(connection: AsyncConnection, filters: Filters, reader: Reader) -> datetime | None:
    query = select(func.max(v.c.changed_at)).where(*conditions(filters, reader))
    found: datetime | None = (await connection.execute(query)).scalar()
    return found
