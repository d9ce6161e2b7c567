"""Revisions of what has a key of its own (a heat network of a year, a series of a region): none is
used twice.

A thing with a key can be removed and made again. Its revisions go on counting, so that an ETag read
before the removal never fits what came after.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.figures.tables import record_history
from klima_shared.wire.json import Json

_STAMPS = ("revision", "changed_at", "changed_by")


async def next_revision(
    connection: AsyncConnection, entity: str, key: str, current: int = 0
) -> int:
    """The one after every revision there ever was; `current`: of what stands there now."""
    t = record_history.c
    query = select(func.max(t.revision)).where(t.entity == entity, t.key == key)
    return max((await connection.execute(query)).scalar() or 0, current) + 1


async def remember(
    connection: AsyncConnection, entity: str, key: str, row: Json, *, deleted: bool = False
) -> None:
    """Keep a revision of a row; `row` holds revision and changed_by."""
    content = {name: value for name, value in row.items() if name not in _STAMPS}
    values = {
        "revision": row["revision"],
        "changed_by": row["changed_by"],
        "deleted": deleted,
        "content": content,
    }
    await connection.execute(insert(record_history).values(entity=entity, key=key, **values))


async def history(connection: AsyncConnection, entity: str, key: str) -> Sequence[Any]:
    """Every revision, oldest first."""
    t = record_history
    query = select(t).where(t.c.entity == entity, t.c.key == key).order_by(t.c.revision)
    return (await connection.execute(query)).mappings().all()
