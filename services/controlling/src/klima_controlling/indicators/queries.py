"""Indicators and their entered values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.codes import Direction, IndicatorKind, Origin, ValueState
from klima_controlling.indicators.model import Indicator, Value
from klima_controlling.rows import Row, all_rows, first_row
from klima_controlling.tables import indicator as i
from klima_controlling.tables import indicator_value as v
from klima_shared.codes.lists import Grade
from klima_shared.language.text import Text


def of_row(row: Mapping[str, Any]) -> Indicator:
    return Indicator(
        code=row["code"],
        position=row["position"],
        name=Text(row["name_de"], row["name_en"]),
        unit=row["unit"],
        definition=row["definition"],
        kind=IndicatorKind(row["kind"]),
        level=row["level"],
        direction=Direction(row["direction"]),
        formula=row["formula"],
        normaliser=row["normaliser"],
        interval_months=row["interval_months"],
        owner=row["owner"],
        share=row["share"],
        certainty=row["certainty"],
        source=row["source"],
        revision=row["revision"],
    )


def row_of(indicator: Indicator) -> dict[str, Any]:
    row = {**indicator.__dict__, "name_de": indicator.name.de, "name_en": indicator.name.en}
    del row["name"]
    return row | {"kind": indicator.kind.value, "direction": indicator.direction.value}


def value_of(row: Mapping[str, Any]) -> Value:
    return Value(
        row["indicator"],
        row["key"],
        row["period"],
        row["value"],
        Origin.ENTERED,
        ValueState(row["state"]),
        Grade(row["quality"]) if row["quality"] else None,
        row["revision"],
        source=row["source"],
    )


async def all_of(connection: AsyncConnection) -> list[Indicator]:
    """Every indicator in the order of the list."""
    return [
        of_row(row)
        for row in await all_rows(connection, select(i).order_by(i.c.position, i.c.code))
    ]


async def listing(
    connection: AsyncConnection, *, limit: int, after: Sequence[Any] | None, modified_since: Any
) -> list[Row]:
    query = select(i).order_by(i.c.position, i.c.code).limit(limit)
    if after is not None:
        query = query.where(tuple_(i.c.position, i.c.code) > tuple_(*after))
    if modified_since is not None:
        query = query.where(i.c.changed_at >= modified_since)
    return await all_rows(connection, query)


async def find(connection: AsyncConnection, code: str, *, lock: bool = False) -> Row | None:
    query = select(i).where(i.c.code == code)
    return await first_row(connection, query.with_for_update() if lock else query)


async def add(connection: AsyncConnection, indicator: Indicator) -> bool:
    """False when the code is taken."""
    new = upsert(i).values(row_of(indicator)).on_conflict_do_nothing().returning(i.c.code)
    return (await connection.execute(new)).first() is not None


async def change(connection: AsyncConnection, indicator: Indicator) -> None:
    values = {**row_of(indicator), "changed_at": func.now()}
    await connection.execute(update(i).where(i.c.code == indicator.code).values(values))


_NEWEST = select(
    v.c.indicator, v.c.key, v.c.period, func.max(v.c.revision).label("revision")
).group_by(v.c.indicator, v.c.key, v.c.period)


async def entered(connection: AsyncConnection, key: str, period: str | None = None) -> list[Value]:
    """The newest revision of each entered value of a place."""
    newest = _NEWEST.where(v.c.key == key).subquery()
    same = and_(*(v.c[n] == newest.c[n] for n in ("indicator", "key", "period", "revision")))
    query = select(v).join(newest, same).order_by(v.c.indicator, v.c.period)
    if period is not None:
        query = query.where(v.c.period == period)
    return [value_of(row) for row in await all_rows(connection, query)]


async def values(
    connection: AsyncConnection,
    code: str,
    *,
    key: str | None,
    period: str | None,
    limit: int,
    after: Sequence[Any] | None,
    modified_since: Any,
) -> list[Row]:
    """Every revision, oldest first."""
    query = select(v).where(v.c.indicator == code).order_by(v.c.id).limit(limit)
    if key is not None:
        query = query.where(v.c.key == key)
    if period is not None:
        query = query.where(v.c.period == period)
    if after is not None:
        query = query.where(v.c.id > after[0])
    if modified_since is not None:
        query = query.where(v.c.created_at >= modified_since)
    return await all_rows(connection, query)


async def latest_revision(connection: AsyncConnection, code: str, key: str, period: str) -> int:
    """0 when there is no value yet."""
    where = (v.c.indicator == code) & (v.c.key == key) & (v.c.period == period)
    return (await connection.execute(select(func.max(v.c.revision)).where(where))).scalar() or 0


async def add_value(connection: AsyncConnection, row: Mapping[str, Any]) -> Row:
    added = await first_row(connection, insert(v).values(row).returning(v))
    assert added is not None  # noqa: S101
    return added
