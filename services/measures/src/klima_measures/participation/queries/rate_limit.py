"""Counting callers without knowing them: keyed digests of addresses, with a salt that is thrown
away.

Counters are in the database, so that all processes of the service count together.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.participation.tables import client_counter, client_salt


async def salt_of(connection: AsyncConnection, day: date) -> bytes | None:
    """The salt of a day; None when there was none or it was thrown away."""
    return (
        await connection.execute(select(client_salt.c.salt).where(client_salt.c.day == day))
    ).scalar()


async def make_salt(connection: AsyncConnection, day: date) -> bytes:
    """The salt of a day, drawn now if no process did so before."""
    new = insert(client_salt).values(day=day, salt=secrets.token_bytes(32)).on_conflict_do_nothing()
    await connection.execute(new)
    found = await connection.execute(select(client_salt.c.salt).where(client_salt.c.day == day))
    return bytes(found.scalar_one())


async def forget(connection: AsyncConnection, before: datetime) -> int:
    """Remove counters and salts older than `before`; how many counters it were."""
    await connection.execute(delete(client_salt).where(client_salt.c.day < before.date()))
    gone = await connection.execute(
        delete(client_counter).where(client_counter.c.window_start < before)
    )
    return gone.rowcount
