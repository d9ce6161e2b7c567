"""Queries for whole files (everything published, in pieces), and what of the public data changed:
balances, factor sets and own scenarios in the order in which they became public.

None of them changes or goes afterwards, so there are no tombstones; a new version is an entry of
its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.tables import balance
from klima_balance.factors.tables import factor, factor_set
from klima_balance.regions.tables import region, statistic
from klima_balance.scenarios.tables import scenario

FIGURES_YEAR: Final = 2021


class ExportedDocument(NamedTuple):
    """A published balance as it is served, with what of it is English."""

    region: str
    year: int
    document: bytes
    english: bytes | None


async def state(connection: AsyncConnection, year: int | None) -> tuple[int, datetime | None]:
    """Changes whenever something is published."""
    query = sa.select(sa.func.count(), sa.func.max(balance.c.published_at)).where(
        balance.c.state == "published"
    )
    if year is not None:
        query = query.where(balance.c.year == year)
    count, newest = (await connection.execute(query)).one()
    return count, newest


async def documents(
    connection: AsyncConnection, year: int | None, last: tuple[str, int] | None, limit: int
) -> list[ExportedDocument]:
    """The newest published of each region and year, after the
    pair `last`."""
    pair = sa.tuple_(balance.c.region, balance.c.year)
    query = sa.select(balance.c.region, balance.c.year, balance.c.document, balance.c.english)
    query = query.where(balance.c.state == "published")
    if year is not None:
        query = query.where(balance.c.year == year)
    if last is not None:
        query = query.where(pair > last)
    query = query.ext(distinct_on(balance.c.region, balance.c.year))
    query = query.order_by(balance.c.region, balance.c.year, balance.c.version.desc()).limit(limit)
    return [ExportedDocument(*row) for row in await connection.execute(query)]


async def regions(connection: AsyncConnection) -> Sequence[sa.RowMapping]:
    """The registry with population and land area."""

    def figure(name: str) -> sa.Label[float]:
        values = sa.select(statistic.c.value).where(
            statistic.c.region == region.c.ags,
            statistic.c.year == FIGURES_YEAR,
            statistic.c.statistic == name,
        )
        # A figure marked as implausible has its correction beside it.
        order = sa.func.array_position(["correction", "", "implausible"], statistic.c.flag)
        return values.order_by(order).limit(1).scalar_subquery().label(name)

    columns = [region.c[n] for n in ("ags", "ars", "name", "kind", "parent")]
    query = sa.select(*columns, figure("population"), figure("land_area_ha")).order_by(region.c.ags)
    return (await connection.execute(query)).mappings().all()


async def factors(connection: AsyncConnection) -> Sequence[sa.RowMapping]:
    """Rows of the released sets."""
    names = ("factor_set", "category", "year", "gas", "value", "unit", "source", "certainty")
    query = sa.select(*(factor.c[n] for n in names)).join(factor_set)
    query = query.where(factor_set.c.state == "released")
    rows = await connection.execute(query.order_by(factor.c.factor_set, factor.c.id))
    return rows.mappings().all()


BALANCES: Final = "balances"
FACTORS: Final = "factors"
SCENARIOS: Final = "scenarios"
Key = tuple[datetime, str, str]
"""(when, dataset, key of the row as text): the order of the feed."""


class PublicEntry(NamedTuple):
    """Something that became public."""

    at: datetime
    kind: str
    key: str
    region: str | None
    year: int | None
    version: int | None

    @property
    def place(self) -> Key:
        return self.at, self.kind, self.key


def _public() -> sa.Subquery:
    parts: tuple[sa.Select[tuple[object, ...]], ...] = (
        sa.select(
            balance.c.published_at.label("at"),
            sa.literal(BALANCES).label("kind"),
            sa.cast(balance.c.id, sa.Text).label("key"),
            balance.c.region,
            balance.c.year,
            balance.c.version,
        ).where(balance.c.state == "published"),
        sa.select(
            factor_set.c.released_at,
            sa.literal(FACTORS),
            factor_set.c.id,
            sa.null(),
            sa.null(),
            sa.null(),
        ).where(factor_set.c.state == "released"),
        sa.select(
            scenario.c.published_at,
            sa.literal(SCENARIOS),
            sa.cast(scenario.c.id, sa.Text),
            scenario.c.region,
            scenario.c.base_year,
            scenario.c.version,
        ).where(scenario.c.state == "published"),
    )
    return sa.union_all(*parts).subquery("public")


async def changes(
    connection: AsyncConnection, key: Key | None, limit: int, *, balances_only: bool = False
) -> list[PublicEntry]:
    """What became public after `key`; with `balances_only` the key says nothing
    of the others."""
    public = _public()
    order = (public.c.at, public.c.kind, public.c.key)
    query = sa.select(public)
    if key is not None:
        later = sa.tuple_(*order) > sa.tuple_(*map(sa.literal, key))
        query = query.where(sa.or_(later, public.c.kind != BALANCES) if balances_only else later)
    rows = await connection.execute(query.order_by(*order).limit(limit))
    return [PublicEntry(*row) for row in rows]


async def modified(connection: AsyncConnection) -> datetime | None:
    """When something last became public; None before anything did."""
    newest: datetime | None = (
        await connection.execute(sa.select(sa.func.max(_public().c.at)))
    ).scalar()
    return newest
