"""The statement behind a citizen's hand-in: one, because everybody at a workshop sends at the same time.

Taking the key of the request, counting the caller, storing the idea and writing its audit row stand or fall together.
Each part reads from the one before it, so that nothing is written once a part wrote nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Integer, bindparam, func, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.storage.tables.metadata import metadata
from klima_measures.storage.tables.participation import client_counter, idea

_GIVEN = [
    idea.c[name]
    for name in (
        "id", "reference", "region", "channel", "text", "field", "author_group", "consent_version", "created_at",
        "changed_by",
    )
]  # fmt: skip
_KEPT = [c for c in metadata.tables["measures.idempotency_key"].c if c.name != "created_at"]
_TRAIL = [c for c in metadata.tables["measures.audit"].c if c.name not in {"id", "at"}]


def _bound(prefix: str, columns: list[Any]) -> list[Any]:
    return [bindparam(f"{prefix}_{column.name}", type_=column.type) for column in columns]


def _statement() -> Any:
    keyless = bindparam("keyless", type_=Boolean)
    taken = (
        upsert(metadata.tables["measures.idempotency_key"])
        .from_select(_KEPT, select(*_bound("key", _KEPT)).where(~keyless))
        .on_conflict_do_nothing()
        .returning(literal(1).label("one"))
        .cte("taken")
    )
    caller = [client_counter.c.client, client_counter.c.window_start, client_counter.c["count"]]
    mine = select(*_bound("caller", caller[:2]), literal(1)).where(or_(keyless, select(taken.c.one).exists()))
    counted = (
        upsert(client_counter)
        .from_select(caller, mine)
        .on_conflict_do_update(index_elements=["client", "window_start"], set_={"count": client_counter.c["count"] + 1})
        .returning(client_counter.c["count"].label("n"))
        .cte("counted")
    )
    given = select(*_bound("idea", _GIVEN)).where(counted.c.n <= bindparam("caller_limit", type_=Integer))
    stored = (
        upsert(idea)
        .from_select(_GIVEN, given)
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(idea.c.id)
        .cte("stored")
    )
    trail = select(*_bound("audit", _TRAIL)).select_from(stored)
    audited = insert(metadata.tables["measures.audit"]).from_select(_TRAIL, trail).cte("audited")
    count = select(counted.c.n).scalar_subquery()
    return select(count, select(func.count()).select_from(stored).scalar_subquery()).add_cte(audited)


_STATEMENT = _statement()


class HandedIn(NamedTuple):
    """`counted` is None when the key of the request was taken; else how many the caller has handed in in the window."""

    counted: int | None
    stored: bool


async def hand_in(
    connection: AsyncConnection,
    row: dict[str, Any],
    audited: dict[str, Any],
    key: dict[str, Any],
    client: bytes,
    window: datetime,
    limit: int,
) -> HandedIn:
    """Store an idea, or nothing at all: when the key is taken, the caller over his limit, or the reference in use.

    With a key or a count that led to nothing the caller rolls back. Of two at once with one key, or from one caller,
    the second waits for the first.
    """
    values = {f"idea_{column.name}": row[column.name] for column in _GIVEN}
    values |= {f"audit_{name}": value for name, value in audited.items()}
    values |= {f"key_{name}": value for name, value in key.items()}
    values |= {"caller_client": client, "caller_window_start": window, "caller_limit": limit}
    values["keyless"] = key["key"] is None
    count, stored = (await connection.execute(_STATEMENT, values)).one()
    return HandedIn(count, stored == 1)
