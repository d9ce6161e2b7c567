"""Queries on district heat networks."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.heat.model import Network
from klima_balance.heat.tables import heat_supply
from klima_shared.http.etags import revision_etag
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.entities import Entity, Order, all_rows, listing


class _Networks(Entity[Network]):
    def etag(self, row: Network, variant: str = "") -> str:
        thing = f"heat {row.region} {row.year} {row.network}"
        return revision_etag(thing, row.revision, variant)


def _missing(*_: object) -> Problem:
    return not_found(Text("There is no such network."))


NETWORKS = _Networks("heat_supply", heat_supply, Network, _missing, ("region", "year", "network"))


async def of_year(
    connection: AsyncConnection, year: int, regions: Sequence[str] | None
) -> list[Network]:
    c = heat_supply.c
    query = select(*NETWORKS.columns).where(c.year == year)
    if regions is not None:
        query = query.where(c.region.in_(regions))
    return await all_rows(connection, query.order_by(c.region, c.network), Network)


async def of_region(
    connection: AsyncConnection,
    region: str,
    year: int | None,
    *,
    limit: int,
    after: Sequence[object] | None,
) -> list[Network]:
    where = [heat_supply.c.region == region]
    if year is not None:
        where.append(heat_supply.c.year == year)
    order = Order(("year", "network"))
    return await listing(connection, NETWORKS, where, order=order, limit=limit, after=after)
