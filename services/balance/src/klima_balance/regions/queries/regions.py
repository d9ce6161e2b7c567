"""Queries on regions and their official figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.regions.tables import region, source, statistic
from klima_shared.codes.fields import GERMANY


def within(ags: str) -> ColumnElement[bool]:
    """The regions a region covers, itself included, by the digits of the key."""
    if ags == GERMANY:
        return region.c.ags.is_not(None)
    prefix = ags[:2] if ags.endswith("000000") else ags[:5] if ags.endswith("000") else ags
    return region.c.ags.startswith(prefix, autoescape=True)


async def find(connection: AsyncConnection, ags: str) -> dict[str, Any] | None:
    row = (await connection.execute(select(region).where(region.c.ags == ags))).mappings().first()
    return dict(row) if row else None


async def listing(
    connection: AsyncConnection,
    *,
    limit: int,
    after: str | None = None,
    parent: str | None = None,
    kind: str | None = None,
    q: str | None = None,
    modified_since: datetime | None = None,
) -> Sequence[Any]:
    """Up to `limit` regions by key, after the key `after`."""
    query = select(region).order_by(region.c.ags).limit(limit)
    if after:
        query = query.where(region.c.ags > after)
    if parent:
        query = query.where(region.c.parent == parent)
    if kind:
        query = query.where(region.c.kind == kind)
    if q:
        query = query.where(
            region.c.name.icontains(q, autoescape=True)
            | region.c.ags.startswith(q, autoescape=True)
        )
    if modified_since:
        query = query.where(region.c.changed_at >= modified_since)
    return (await connection.execute(query)).mappings().all()


async def leaves(connection: AsyncConnection, ags: str) -> list[str]:
    """The regions below (or at) `ags` that are balanced by themselves, in the order of their
    keys."""
    query = select(region.c.ags).where(within(ags), region.c.leaf).order_by(region.c.ags)
    return list((await connection.execute(query)).scalars())


async def names(connection: AsyncConnection) -> dict[str, tuple[str, str]]:
    """AGS -> (name, kind) of every region."""
    rows = await connection.execute(select(region.c.ags, region.c.name, region.c.kind))
    return {ags: (name, kind) for ags, name, kind in rows}


async def figures(
    connection: AsyncConnection, ags: Sequence[str], statistics: Sequence[str]
) -> Sequence[Any]:
    """Rows (region, year, statistic, flag, value, unit, source, certainty, note) of some
    regions."""
    query = (
        select(statistic, source.c.text.label("source"))
        .join(source)
        .where(and_(statistic.c.region.in_(ags), statistic.c.statistic.in_(statistics)))
        .order_by(statistic.c.region, statistic.c.statistic, statistic.c.year, statistic.c.flag)
    )
    return (await connection.execute(query)).mappings().all()


async def statistic_rows(
    connection: AsyncConnection, ags: Sequence[str] | None
) -> list[tuple[Any, ...]]:
    """All figures of the regions `ags` (None: of all), as tuples for a frame: see
    `STATISTIC_COLUMNS`."""
    query = select(
        statistic.c.region,
        statistic.c.year,
        statistic.c.statistic,
        statistic.c.value,
        statistic.c.unit,
        source.c.text,
        statistic.c.certainty,
        statistic.c.flag,
        func.coalesce(statistic.c.note, text("''")),
    ).join(source)
    if ags is not None:
        query = query.where(statistic.c.region.in_(ags))
    return [tuple(row) for row in await connection.execute(query)]


STATISTIC_COLUMNS = [
    "region",
    "year",
    "statistic",
    "value",
    "unit",
    "source",
    "certainty",
    "flag",
    "note",
]
