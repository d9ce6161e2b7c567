"""What of the public data changed: balances, factor sets and own scenarios in the order in which
they became public.

None of them changes or goes afterwards, so there are no tombstones; a new version is an entry of
its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import (
    Select,
    Subquery,
    Text,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.tables import balance
from klima_balance.factors.tables import factor_set
from klima_balance.scenarios.tables import scenario

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


def _public() -> Subquery:
    parts: tuple[Select[tuple[object, ...]], ...] = (
        select(
            balance.c.published_at.label("at"),
            literal(BALANCES).label("kind"),
            cast(balance.c.id, Text).label("key"),
            balance.c.region,
            balance.c.year,
            balance.c.version,
        ).where(balance.c.state == "published"),
        select(
            factor_set.c.released_at, literal(FACTORS), factor_set.c.id, null(), null(), null()
        ).where(factor_set.c.state == "released"),
        select(
            scenario.c.published_at,
            literal(SCENARIOS),
            cast(scenario.c.id, Text),
            scenario.c.region,
            scenario.c.base_year,
            scenario.c.version,
        ).where(scenario.c.state == "published"),
    )
    return union_all(*parts).subquery("public")


async def changes(
    connection: AsyncConnection, key: Key | None, limit: int, *, balances_only: bool = False
) -> list[PublicEntry]:
    """What became public after `key`; with `balances_only` the key says nothing
    of the others."""
    public = _public()
    order = (public.c.at, public.c.kind, public.c.key)
    query = select(public)
    if key is not None:
        later = tuple_(*order) > tuple_(*map(literal, key))
        query = query.where(or_(later, public.c.kind != BALANCES) if balances_only else later)
    rows = await connection.execute(query.order_by(*order).limit(limit))
    return [PublicEntry(*row) for row in rows]


async def modified(connection: AsyncConnection) -> datetime | None:
    """When something last became public; None before anything did."""
    newest: datetime | None = (await connection.execute(select(func.max(_public().c.at)))).scalar()
    return newest
