"""Our copy of the registry of regions: their names, and which lie in which."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.tables import region
from klima_shared.database.connections import WriteConnection


async def region_names(connection: AsyncConnection) -> dict[str, str]:
    """AGS -> name of the regions whose names are known here."""
    rows = await connection.execute(select(region.c.ags, region.c.name))
    return {row.ags: row.name for row in rows}


async def members(connection: AsyncConnection, county: str) -> dict[str, str]:
    """AGS -> name of the municipalities of a county, by AGS."""
    query = select(region.c.ags, region.c.name).where(region.c.parent == county)
    return {row.ags: row.name for row in await connection.execute(query.order_by(region.c.ags))}


async def put_regions(connection: WriteConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """Store names, kinds and parents; those that are there are replaced."""
    if not rows:
        return
    names = ("ags", "name", "kind", "parent")
    new = upsert(region)
    changes = {name: new.excluded[name] for name in names[1:]}
    await connection.execute(
        new.on_conflict_do_update(index_elements=["ags"], set_={**changes, "read_at": func.now()}),
        [{name: row.get(name) for name in names} for row in rows],
    )
