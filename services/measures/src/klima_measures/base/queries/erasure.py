"""Removing what a person wrote, or what tells of one, from where it was copied to. The trail itself
stays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, delete, func, or_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.tables import metadata

_audit = metadata.tables["measures.audit"]
_keys = metadata.tables["measures.idempotency_key"]


async def scrub_audit(
    connection: AsyncConnection, entity: str, entity_id: object, names: Collection[str]
) -> int:
    """Take these fields out of all audit rows of a thing; who wrote when and what kind of step
    stays.

    Returns how many rows were changed. The audit of this service is kept otherwise: nothing else
    writes to old rows.
    """
    gone = cast(list(names), ARRAY(Text))
    query = (
        update(_audit)
        .where(_audit.c.entity == entity, _audit.c.entity_id == str(entity_id))
        .where(or_(_audit.c.before.has_any(gone), _audit.c.after.has_any(gone)))
        .values(before=_without(_audit.c.before, gone), after=_without(_audit.c.after, gone))
    )
    return (await connection.execute(query)).rowcount


def _without(column: Any, names: Any) -> Any:
    return column.op("-")(names)


async def forget_answers(connection: AsyncConnection, reference: str) -> None:
    """Remove stored answers to repeated requests that hold this reference, and with them the digest
    of the content."""
    holds = func.strpos(func.encode(_keys.c.body, "escape"), reference) > 0
    await connection.execute(delete(_keys).where(holds))


async def forget_keys(connection: AsyncConnection, before: datetime) -> int:
    """Remove the keys of repeated requests that are older."""
    return (await connection.execute(delete(_keys).where(_keys.c.created_at < before))).rowcount
