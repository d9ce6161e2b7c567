"""Lists of measures: filters, full text, order, pages, counts by facet. One or two queries,
whatever is asked."""

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
    Double,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.sheets.queries import full_text
from klima_measures.sheets.rules.places import asked
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


@dataclass(frozen=True)
class Reader:
    """Whose working revisions may be read: of these regions, or of all (`everything`)."""

    regions: tuple[str, ...] = ()
    everything: bool = False


PUBLIC: Final = Reader()

_LAST: Final = 10**15  # stands for "not known" in an order, so that it comes last


def touches(region: str) -> ColumnElement[bool]:
    """Measures of the region or of a part of it, and those it takes part in."""
    found: ColumnElement[bool] = v.c.places.overlap(cast(asked(region), ARRAY(Integer)))
    return found


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


def source(filters: Filters) -> FromClause:
    """What `conditions` are about: the views, with their words where somebody looks for words."""
    if not filters.q:
        return v
    return v.join(
        words, (words.c.measure_id == v.c.measure_id) & (words.c.audience == v.c.audience)
    )


def conditions(filters: Filters, reader: Reader) -> list[ColumnElement[bool]]:
    """For queries on `source(filters)`."""
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
        found.append(full_text.matches(words.c.words, full_text.inside(f.q)))
    return found


def chosen_columns(filters: Filters, reader: Reader, *columns: Any) -> Select[Any]:
    return select(*columns).select_from(source(filters)).where(*conditions(filters, reader))


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
            return [cast(func.coalesce(v.c.cost_eur, unknown), Double)]
        case "saving":
            return [func.coalesce(v.c.saving_t_co2e, -_LAST if descending else _LAST)]
        case "priority":
            return [v.c.priority_rank, v.c.number_key]
        case "relevance":
            # Without a question all ranks are equal, and the numbers decide.
            return [-cast(_relevance(q) if q else literal(0.0), Double), v.c.number_key]
        case _:
            return [v.c.field_rank, v.c.number_key]


def _relevance(q: str) -> ColumnElement[Any]:
    """Words as they are written come before compounds with them, and hits in number and title
    before those in the text.

    The words of the text are looked up in their index once: to read them of each hit would take
    longer than the list.
    """
    written, inside = full_text.written(q), full_text.inside(q)
    texts = select(words.c.measure_id, words.c.audience).where(
        full_text.matches(words.c.words, written)
    )
    title = words.c.title_words
    return (
        4 * cast(full_text.matches(title, written), Integer)
        + 2 * cast(tuple_(words.c.measure_id, words.c.audience).in_(texts), Integer)
        + cast(full_text.matches(title, inside), Integer)
        + func.ts_rank(title, inside)
    )


async def page(
    connection: AsyncConnection,
    filters: Filters,
    reader: Reader,
    *,
    order: str,
    descending: bool,
    limit: int,
    after: Sequence[Any] | None = None,
) -> tuple[Sequence[Any], int]:
    """(up to `limit` rows after the key `after`, how many there are on all pages), in one pass over
    the measures.

    Each row has its sort key in `k0`, `k1`, ... and today's `status`.
    """
    keys = _order(order, filters.q, descending=descending)
    names = key_names(order)[:-1]
    ids = [v.c.measure_id, v.c.audience]
    labelled = [key.label(name) for name, key in zip(names, keys, strict=True)]
    chosen = (
        chosen_columns(filters, reader, *ids, *labelled).cte("chosen").prefix_with("materialized")
    )
    found = [chosen.c[name] for name in names] + [chosen.c.measure_id]
    window = select(chosen)
    if after is not None:
        key = tuple_(*found)
        values = tuple_(
            *(literal(value, column.type) for value, column in zip(after, found, strict=True))
        )
        window = window.where(key < values if descending else key > values)
    shown = (
        window.order_by(*(k.desc() if descending else k for k in found))
        .limit(limit)
        .subquery("shown")
    )
    columns = [c for c in v.c if c.name not in _UNSHOWN]
    ordered = [shown.c[name] for name in names] + [shown.c.measure_id]
    query = (
        select(
            *columns,
            status_on(filters.today).label("status"),
            *(k.label(name) for name, k in zip(key_names(order), ordered, strict=True)),
            select(func.count()).select_from(chosen).scalar_subquery().label("total"),
        )
        .join(shown, (v.c.measure_id == shown.c.measure_id) & (v.c.audience == shown.c.audience))
        .order_by(*(k.desc() if descending else k for k in ordered))
    )
    rows = (await connection.execute(query)).mappings().all()
    if rows:
        return rows, rows[0]["total"]
    return rows, await count(connection, filters, reader) if after is not None else 0


_UNSHOWN: Final = {
    "status_dates",
    "status_codes",
    "places",
    "number_key",
    "title_key",
    "field_rank",
    "priority_rank",
}


async def working(
    connection: AsyncConnection, identities: Sequence[UUID], today: date
) -> Sequence[Any]:
    """The working revisions of some measures, as `page` has them (without a key)."""
    columns = [c for c in v.c if c.name not in _UNSHOWN]
    query = select(*columns, status_on(today).label("status"))
    query = query.where(v.c.measure_id.in_(identities), v.c.audience == "internal")
    return (await connection.execute(query)).mappings().all() if identities else []


def key_names(order: str) -> list[str]:
    """Where `page` puts the sort key of a row."""
    return [f"k{i}" for i in range(len(ORDERS[order]) + 1)]


async def count(connection: AsyncConnection, filters: Filters, reader: Reader) -> int:
    query = chosen_columns(filters, reader, func.count())
    return int((await connection.execute(query)).scalar_one())
