"""The administrations of an installation: the county's own and those of its municipalities."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.actions.context import Frame
from klima_measures.registers.tables import region
from klima_measures.sheets.queries.measures import put_regions
from klima_measures.upstream.balance import BalancePending
from klima_shared.codes.regions import canonical_ags

_NAMES = ("ags", "name", "kind", "parent")


async def administrations(connection: AsyncConnection, frame: Frame) -> dict[str, str] | None:
    """Key -> name, the county first, then its municipalities by key.

    Read from our copy of the registry; while that is empty the balance service is asked and its
    answer kept. None when neither knows.
    """
    county = canonical_ags(frame.county)
    members = await _members(connection, county)
    if not members:
        try:
            found = await frame.balance.members(county)
        except BalancePending:
            found = []
        if found:
            await put_regions(
                connection, [{name: one.get(name) for name in _NAMES} for one in found]
            )
            members = await _members(connection, county)
    if not members:
        return None
    own = (await connection.execute(select(region.c.name).where(region.c.ags == county))).scalar()
    return {county: own or "Kreis", **members}


async def _members(connection: AsyncConnection, county: str) -> dict[str, str]:
    query = (
        select(region.c.ags, region.c.name).where(region.c.parent == county).order_by(region.c.ags)
    )
    return {str(row.ags): str(row.name) for row in await connection.execute(query)}
