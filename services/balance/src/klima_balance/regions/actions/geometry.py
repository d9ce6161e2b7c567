"""Bringing boundaries of regions in, and reading them as GeoJSON features."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import anyio.to_thread
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.regions import queries as regions
from klima_balance.regions.actions.load import OPERATOR
from klima_balance.regions.files.geometry import Boundary, GeometryError, read_boundaries
from klima_balance.regions.tables import metadata
from klima_balance.settings import Settings
from klima_shared.database.connections import Database, WriteConnection
from klima_shared.revisions.writing import writing
from klima_shared.wire.json import JsonObject


async def import_file(
    settings: Settings, path: Path, source: str, licence: str, as_of: date | None
) -> int:
    """Store the boundaries of a file, all or none; those of the same regions are replaced. Returns
    how many."""
    boundaries = await anyio.to_thread.run_sync(read_boundaries, path)
    database = Database(settings, metadata)
    try:
        async with writing(database, OPERATOR) as writer:
            write = writer.connection
            await store(write, boundaries, source, licence, as_of)
            about = {
                "file": path.name,
                "regions": len(boundaries),
                "source": source,
                "licence": licence,
            }
            await writer.record("import", "geometry", path.name, after=about)
    finally:
        await database.close()
    return len(boundaries)


async def store(
    write: WriteConnection,
    boundaries: Sequence[Boundary],
    source: str,
    licence: str,
    as_of: date | None,
) -> None:
    """`GeometryError` when a region is not in the registry."""
    unknown = sorted({b.region for b in boundaries} - await regions.keys(write))
    if unknown:
        raise GeometryError(f"not in the registry: {', '.join(unknown[:10])}")
    about = {"source": source, "licence": licence, "as_of": as_of}
    for boundary in boundaries:
        await regions.store_boundary(
            write, boundary.region, {"geometry": boundary.geometry, **about}
        )


async def features(
    read: AsyncConnection, parent: str
) -> tuple[list[JsonObject], list[str], str | None]:
    """(features, keys without a boundary, sources) of the regions directly below `parent`."""
    found, missing, sources = [], [], set()
    for row in await regions.boundaries(read, parent):
        if row.geometry is None:
            missing.append(row.ags)
            continue
        sources.add(f"{row.source} ({row.licence})")
        as_of = row.as_of.isoformat() if row.as_of else None
        properties = {"ags": row.ags, "name": row.name, "kind": row.kind, "as_of": as_of}
        found.append(
            {"type": "Feature", "id": row.ags, "properties": properties, "geometry": row.geometry}
        )
    return found, missing, "; ".join(sorted(sources)) or None
