"""Last good answers in Postgres. Each call is a short transaction of its own, on connections of its
own: reading a page must be able to keep one.
"""

from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from klima_controlling.upstream.tables import upstream_copy as t
from klima_shared.database.connections import Database
from klima_shared.upstream.model import LastGood


class StoredAnswers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def close(self) -> None:
        await self._database.close()

    async def load(self, service: str, path: str) -> LastGood | None:
        query = select(t).where(t.c.service == service, t.c.path == path)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return LastGood(row.service, row.path, bytes(row.body), row.verified_at) if row else None

    async def save(self, answer: LastGood) -> None:
        new = insert(t).values(asdict(answer))
        newer = new.on_conflict_do_update(
            index_elements=["service", "path"],
            set_={"body": new.excluded.body, "verified_at": new.excluded.verified_at},
            where=t.c.verified_at < new.excluded.verified_at,
        )
        async with self._database.write() as connection:
            await connection.execute(newer)

    async def drop(self, service: str, path: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(t).where(t.c.service == service, t.c.path == path))
