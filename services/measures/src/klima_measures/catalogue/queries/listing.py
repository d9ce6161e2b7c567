"""Lists of measures: filters, full text, order, pages, counts by facet. One or two queries,
whatever is asked."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import eq, ge, le
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.rules import Reader
from klima_measures.sheets.queries import full_text
from klima_measures.sheets.queries.visibility import status_on, touches, visible
from klima_measures.sheets.tables import measure_view as v
from klima_measures.sheets.tables import measure_words as words


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


# What falls due once and what every year are no sum; a list goes by the larger of the two.
_LARGER: Final = sa.func.greatest(v.c.cost_eur, v.c.cost_yearly_eur)


class ListedRow(NamedTuple):
    """A measure in a list, as a reader sees it, with the status of the day."""

    measure_id: UUID
    audience: str
    revision: int
    concept: str
    number: str
    title: str
    short_text: str
    field: str
    level: str
    owner: str
    regions: list[str]
    intermunicipal: bool
    type: str
    phase: str
    editorial: str
    horizon: str | None
    priority: str | None
    first_year: int | None
    last_year: int | None
    starts_on: date | None
    cost_eur: Decimal | None
    cost_yearly_eur: Decimal | None
    saving_t_co2e: float | None
    saving_mwh: float | None
    strategy: UUID | None
    quarter: UUID | None
    example: bool
    changed_at: datetime
    status: str


_SHOWN: Final = [v.c[name] for name in ListedRow._fields if name != "status"]
_LAST: Final = 10**15  # stands for "not known" in an order, so that it comes last


def source(filters: Filters) -> sa.FromClause:
    """What `conditions` are about: the views, with their words where somebody looks for words."""
    if not filters.q:
        return v
    return v.join(
        words, (words.c.measure_id == v.c.measure_id) & (words.c.audience == v.c.audience)
    )


def conditions(filters: Filters, reader: Reader) -> list[sa.ColumnElement[bool]]:
    """For queries on `source(filters)`."""
    f, c = filters, v.c
    editorial = c.editorial.in_(f.editorial) if f.editorial else c.editorial != "archived"
    found = [visible(reader), editorial]
    for column, values in (
        (c.field, f.fields),
        (c.level, f.levels),
        (c.type, f.types),
        (c.phase, f.phases),
        (c.priority, f.priorities),
        (c.horizon, f.horizons),
        (status_on(f.today), f.statuses),
    ):
        if values:
            found.append(column.in_(values))
    for column, compared, value in (
        (c.intermunicipal, eq, f.intermunicipal),
        (c.example, eq, f.example),
        (c.concept, eq, f.concept),
        (c.strategy, eq, f.strategy),
        (c.quarter, eq, f.quarter),
        (c.first_year, le, f.year),
        (sa.func.coalesce(c.last_year, f.year), ge, f.year),
        (_LARGER, ge, f.cost_min),
        (_LARGER, le, f.cost_max),
        (c.saving_t_co2e, ge, f.saving_min),
        (c.saving_t_co2e, le, f.saving_max),
        (c.changed_at, ge, f.modified_since),
    ):
        if value is not None:
            found.append(compared(column, value))
    if f.regions:
        found.append(sa.or_(*(touches(region) for region in f.regions)))
    if f.q:
        found.append(full_text.matches(words.c.words, full_text.inside(f.q)))
    return found


def chosen_columns(
    filters: Filters, reader: Reader, *columns: sa.ColumnElement[Any]
) -> sa.Select[tuple[Any, ...]]:
    return sa.select(*columns).select_from(source(filters)).where(*conditions(filters, reader))


# Name of an order -> its columns and their types; the identity always comes last, so that no two
# rows are equal.
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


def _order(name: str, q: str | None, *, descending: bool) -> list[sa.ColumnElement[Any]]:
    unknown = -1 if descending else _LAST
    match name:
        case "number":
            return [v.c.number_key]
        case "title":
            return [v.c.title_key]
        case "changed":
            return [v.c.changed_at]
        case "start":
            return [sa.func.coalesce(sa.cast(v.c.starts_on, sa.Text), "" if descending else "9")]
        case "cost":
            return [sa.cast(sa.func.coalesce(_LARGER, unknown), sa.Double)]
        case "saving":
            return [sa.func.coalesce(v.c.saving_t_co2e, -_LAST if descending else _LAST)]
        case "priority":
            return [v.c.priority_rank, v.c.number_key]
        case "relevance":
            # Without a question all ranks are equal, and the numbers decide.
            return [-sa.cast(_relevance(q) if q else sa.literal(0.0), sa.Double), v.c.number_key]
        case _:
            return [v.c.field_rank, v.c.number_key]


def _relevance(q: str) -> sa.ColumnElement[Any]:
    """Words as they are written come before compounds with them, and hits in number and title
    before those in the text.

    The words of the text are looked up in their index once: to read them of each hit would take
    longer than the list.
    """
    written, inside = full_text.written(q), full_text.inside(q)
    texts = sa.select(words.c.measure_id, words.c.audience).where(
        full_text.matches(words.c.words, written)
    )
    title = words.c.title_words
    return (
        4 * sa.cast(full_text.matches(title, written), sa.Integer)
        + 2 * sa.cast(sa.tuple_(words.c.measure_id, words.c.audience).in_(texts), sa.Integer)
        + sa.cast(full_text.matches(title, inside), sa.Integer)
        + sa.func.ts_rank(title, inside)
    )


@dataclass(frozen=True)
class Order:
    """By what a list is sorted, and from which end."""

    name: str = "field"
    descending: bool = False


class Page(NamedTuple):
    """`keys` are the sort keys of the rows; `total` counts those on all pages."""

    rows: list[ListedRow]
    keys: list[tuple[object, ...]]
    total: int


async def page(
    connection: AsyncConnection,
    filters: Filters,
    reader: Reader,
    order: Order = Order(),
    *,
    limit: int,
    after: Sequence[object] | None = None,
) -> Page:
    """Up to `limit` rows after the key `after`, in one pass over the measures."""
    keys = _order(order.name, filters.q, descending=order.descending)
    names = [f"k{i}" for i in range(len(keys))]
    labelled = [key.label(name) for name, key in zip(names, keys, strict=True)]
    ids = (v.c.measure_id, v.c.audience)
    chosen = chosen_columns(filters, reader, *ids, *labelled).cte("chosen")
    chosen = chosen.prefix_with("materialized")
    found = [chosen.c[name] for name in names] + [chosen.c.measure_id]
    window = sa.select(chosen)
    if after is not None:
        key = sa.tuple_(*found)
        literals = zip(after, found, strict=True)
        values = sa.tuple_(*(sa.literal(value, column.type) for value, column in literals))
        window = window.where(key < values if order.descending else key > values)

    def sorted_by(columns: Sequence[sa.ColumnElement[Any]]) -> Iterator[sa.ColumnElement[Any]]:
        return (column.desc() if order.descending else column for column in columns)

    shown = window.order_by(*sorted_by(found)).limit(limit).subquery("shown")
    key_columns = [shown.c[name] for name in names] + [shown.c.measure_id]
    total = sa.select(sa.func.count()).select_from(chosen).scalar_subquery()
    query = (
        sa.select(*_SHOWN, status_on(filters.today), total, *key_columns)
        .join(shown, (v.c.measure_id == shown.c.measure_id) & (v.c.audience == shown.c.audience))
        .order_by(*sorted_by(key_columns))
    )
    rows = [tuple(row) for row in await connection.execute(query)]
    width = len(ListedRow._fields)
    if not rows:
        return Page([], [], await count(connection, filters, reader) if after is not None else 0)
    listed = [ListedRow(*row[:width]) for row in rows]
    return Page(listed, [row[width + 1 :] for row in rows], rows[0][width])


async def working(
    connection: AsyncConnection, identities: Collection[UUID], today: date
) -> list[ListedRow]:
    """The working revisions of some measures."""
    if not identities:
        return []
    query = sa.select(*_SHOWN, status_on(today)).where(v.c.measure_id.in_(identities))
    rows = await connection.execute(query.where(v.c.audience == "internal"))
    return [ListedRow(*tuple(row)) for row in rows]


async def count(connection: AsyncConnection, filters: Filters, reader: Reader) -> int:
    query = chosen_columns(filters, reader, sa.func.count())
    return int((await connection.execute(query)).scalar_one())
