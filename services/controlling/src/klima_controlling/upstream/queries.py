"""Last good copies in Postgres. Each call is a short transaction of its own, on connections of its
own: reading a page must be able to keep one.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from klima_controlling.tables import upstream_copy as t
from klima_controlling.upstream.model import Copy
from klima_shared.database.connections import Database


class StoredCopies:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def close(self) -> None:
        await self._database.close()

    async def load(self, service: str, path: str) -> Copy | None:
        async with self._database.read() as connection:
            found = await connection.execute(
                select(t).where(t.c.service == service, t.c.path == path)
            )
            row = found.mappings().first()
        return (
            Copy(row["service"], row["path"], bytes(row["body"]), row["verified_at"])
            if row
            else None
        )

    async def save(self, copy: Copy) -> None:
        new = insert(t).values(
            service=copy.service, path=copy.path, body=copy.body, verified_at=copy.verified_at
        )
        changes = {"body": new.excluded.body, "verified_at": new.excluded.verified_at}
        async with self._database.write() as connection:
            await connection.execute(
                new.on_conflict_do_update(
                    index_elements=["service", "path"],
                    set_=changes,
                    where=t.c.verified_at < new.excluded.verified_at,
                )
            )

    async def drop(self, service: str, path: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(t).where(t.c.service == service, t.c.path == path))
