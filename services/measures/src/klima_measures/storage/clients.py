"""Counting callers without knowing them: keyed digests of addresses, with a salt that is thrown away.

Counters are in the database, so that all processes of the service count together.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.storage.tables.participation import client_counter, client_salt


async def salt_of(connection: AsyncConnection, day: date) -> bytes | None:
    """The salt of a day; None when there was none or it was thrown away."""
    return (await connection.execute(select(client_salt.c.salt).where(client_salt.c.day == day))).scalar()


async def make_salt(connection: AsyncConnection, day: date) -> bytes:
    """The salt of a day, drawn now if no process did so before."""
    new = insert(client_salt).values(day=day, salt=secrets.token_bytes(32)).on_conflict_do_nothing()
    await connection.execute(new)
    found = await connection.execute(select(client_salt.c.salt).where(client_salt.c.day == day))
    return bytes(found.scalar_one())


async def count(connection: AsyncConnection, client: bytes, window_start: datetime) -> int:
    """Count one more hand-in of a caller; how many it were in this window, this one included.

    Part of the hand-in's transaction: a refused one is not counted, and of two at once the second waits for the first.
    """
    new = insert(client_counter).values(client=client, window_start=window_start, count=1)
    counted = new.on_conflict_do_update(
        index_elements=["client", "window_start"], set_={"count": client_counter.c.count + 1}
    )
    return int((await connection.execute(counted.returning(client_counter.c.count))).scalar_one())


async def forget(connection: AsyncConnection, before: datetime) -> int:
    """Remove counters and salts older than `before`; how many counters it were."""
    await connection.execute(delete(client_salt).where(client_salt.c.day < before.date()))
    gone = await connection.execute(delete(client_counter).where(client_counter.c.window_start < before))
    return gone.rowcount
