"""Indicators and their entered values."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.base.model import Direction, IndicatorKind, Origin, ValueState
from klima_controlling.base.queries import Key, Row, filtered
from klima_controlling.indicators.model import Indicator, StoredIndicator, StoredValue, Value
from klima_controlling.indicators.tables import indicator as i
from klima_controlling.indicators.tables import indicator_value as v
from klima_shared.codes.quality import Grade
from klima_shared.http.problems import Problem, not_found
from klima_shared.http.sorting import Order
from klima_shared.language.text import Label, Text
from klima_shared.revisions.entities import Entity, all_rows


def no_indicator(code: str) -> Problem:
    return not_found(Text('There is no indicator "{code}".', code=code))


INDICATOR: Final = Entity("indicator", i, StoredIndicator, no_indicator, ("code",))
VALUE: Final = Entity("indicator_value", v, StoredValue)
_PLAIN: Final = [
    field.name for field in fields(Indicator) if field.name not in {"name", "kind", "direction"}
]


def indicator_of(row: Row | StoredIndicator) -> Indicator:
    """An indicator from a row, or from as many of its columns as are given."""
    row = asdict(row) if isinstance(row, StoredIndicator) else row
    return Indicator(
        **{name: row[name] for name in _PLAIN if name in row},
        name=Label(row["name_de"], row["name_en"]),
        kind=IndicatorKind(row["kind"]),
        direction=Direction(row["direction"]),
    )


def row_of(indicator: Indicator) -> Row:
    plain = {name: getattr(indicator, name) for name in _PLAIN}
    return plain | {
        "name_de": indicator.name.de,
        "name_en": indicator.name.en,
        "kind": indicator.kind.value,
        "direction": indicator.direction.value,
    }


def value_of(row: StoredValue) -> Value:
    return Value(
        row.indicator,
        row.key,
        row.period,
        row.value,
        Origin.ENTERED,
        ValueState(row.state),
        Grade(row.quality) if row.quality else None,
        row.revision,
        source=row.source,
    )


async def all_of(connection: AsyncConnection) -> list[Indicator]:
    """Every indicator in the order of the list."""
    query = select(*INDICATOR.columns).order_by(i.c.position, i.c.code)
    return [indicator_of(row) for row in await all_rows(connection, query, StoredIndicator)]


ORDERS: Final[dict[str, tuple[type, ...]]] = {
    "position": (int, str),
    "code": (str,),
    "changed_at": (datetime, str),
}
"""What the list of indicators can be sorted by, with the types of its key; the code comes last."""


def order_key(order: Order) -> list[str]:
    """The columns that an order goes by."""
    return list(dict.fromkeys([order.name, "code"]))


async def listing(
    connection: AsyncConnection,
    order: Order,
    *,
    limit: int,
    after: Key,
    modified_since: datetime | None,
) -> list[StoredIndicator]:
    columns = [i.c[name] for name in order_key(order)]
    query = order.apply(select(*INDICATOR.columns), columns, after, limit)
    if modified_since is not None:
        query = query.where(i.c.changed_at >= modified_since)
    return await all_rows(connection, query, StoredIndicator)


_NEWEST = select(
    v.c.indicator, v.c.key, v.c.period, func.max(v.c.revision).label("revision")
).group_by(v.c.indicator, v.c.key, v.c.period)


async def entered(connection: AsyncConnection, key: str, period: str | None = None) -> list[Value]:
    """The newest revision of each entered value of a place."""
    newest = _NEWEST.where(v.c.key == key).subquery()
    same = and_(*(v.c[n] == newest.c[n] for n in ("indicator", "key", "period", "revision")))
    query = select(*VALUE.columns).join(newest, same).order_by(v.c.indicator, v.c.period)
    if period is not None:
        query = query.where(v.c.period == period)
    return [value_of(row) for row in await all_rows(connection, query, StoredValue)]


@dataclass(frozen=True)
class ValueFilter:
    """Which entered values of an indicator are asked for; None: all."""

    key: str | None = None
    period: str | None = None
    modified_since: datetime | None = None


async def values(
    connection: AsyncConnection, code: str, wanted: ValueFilter, *, limit: int, after: Key
) -> list[StoredValue]:
    """Every revision, oldest first."""
    query = select(*VALUE.columns).where(v.c.indicator == code).order_by(v.c.id).limit(limit)
    columns = {v.c.key: wanted.key, v.c.period: wanted.period}
    query = filtered(query, columns, (v.c.created_at, wanted.modified_since))
    query = query if after is None else query.where(v.c.id > after[0])
    return await all_rows(connection, query, StoredValue)


async def latest_revision(connection: AsyncConnection, code: str, key: str, period: str) -> int:
    """0 when there is no value yet."""
    where = (v.c.indicator == code) & (v.c.key == key) & (v.c.period == period)
    return (await connection.execute(select(func.max(v.c.revision)).where(where))).scalar() or 0
