"""Queries for whole files: everything published, in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.tables import balance
from klima_balance.factors.tables import factor, factor_set
from klima_balance.regions.tables import region, statistic

FIGURES_YEAR: Final = 2021


async def state(connection: AsyncConnection, year: int | None) -> list[Any]:
    """Changes whenever something is published."""
    query = select(func.count(), func.max(balance.c.published_at)).where(
        balance.c.state == "published"
    )
    if year is not None:
        query = query.where(balance.c.year == year)
    return list((await connection.execute(query)).one())


async def documents(
    connection: AsyncConnection, year: int | None, last: tuple[str, int] | None, limit: int
) -> Sequence[Any]:
    """(region, year, document, english) of the newest published of each region and year, after the
    pair `last`."""
    pair = tuple_(balance.c.region, balance.c.year)
    query = select(balance.c.region, balance.c.year, balance.c.document, balance.c.english)
    query = query.where(balance.c.state == "published")
    if year is not None:
        query = query.where(balance.c.year == year)
    if last is not None:
        query = query.where(pair > last)
    query = query.ext(distinct_on(balance.c.region, balance.c.year))
    query = query.order_by(balance.c.region, balance.c.year, balance.c.version.desc()).limit(limit)
    return (await connection.execute(query)).all()


async def regions(connection: AsyncConnection) -> Sequence[Any]:
    """The registry with population and land area."""

    def figure(name: str) -> Any:
        found = select(statistic.c.value).where(
            statistic.c.region == region.c.ags,
            statistic.c.year == FIGURES_YEAR,
            statistic.c.statistic == name,
        )
        # A figure marked as implausible has its correction beside it.
        order = func.array_position(["correction", "", "implausible"], statistic.c.flag)
        return found.order_by(order).limit(1).scalar_subquery().label(name)

    columns = [region.c[n] for n in ("ags", "ars", "name", "kind", "parent")]
    query = select(*columns, figure("population"), figure("land_area_ha")).order_by(region.c.ags)
    return (await connection.execute(query)).mappings().all()


async def factors(connection: AsyncConnection) -> Sequence[Any]:
    """Rows of the released sets."""
    names = ("factor_set", "category", "year", "gas", "value", "unit", "source", "certainty")
    query = (
        select(*(factor.c[n] for n in names))
        .join(factor_set)
        .where(factor_set.c.state == "released")
    )
    return (
        (await connection.execute(query.order_by(factor.c.factor_set, factor.c.id)))
        .mappings()
        .all()
    )
