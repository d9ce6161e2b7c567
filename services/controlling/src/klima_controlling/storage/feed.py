"""When the service's own public data last changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.storage.tables import metadata


async def modified(connection: AsyncConnection) -> datetime | None:
    audit = metadata.tables[f"{metadata.schema}.audit"]
    found: datetime | None = (await connection.execute(select(func.max(audit.c.at)))).scalar()
    return found
