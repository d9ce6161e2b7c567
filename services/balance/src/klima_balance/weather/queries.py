"""Queries on series of degree days."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.weather.model import StoredSeries
from klima_balance.weather.tables import degree_days
from klima_shared.http.problems import Problem, not_found
from klima_shared.language.text import Text
from klima_shared.revisions.entities import Entity, Order, listing


def missing(*_: object) -> Problem:
    return not_found(MISSING)


MISSING: Final = Text("This region has no series of its own.")
SERIES: Final = Entity("degree_days", degree_days, StoredSeries, missing, ("region",))


async def of_regions(connection: AsyncConnection, regions: Sequence[str]) -> Sequence[StoredSeries]:
    where = [degree_days.c.region.in_(regions)]
    return await listing(connection, SERIES, where, order=Order(["region"]))
