"""The statement behind a citizen's submission: one, because everybody at a workshop sends at the
same time.

Counting the caller, taking the key of the request, storing the idea and writing its audit row stand
or fall together. Each part reads from the one before it, so that nothing is written once a part
wrote nothing, and the statement needs no transaction around it: two ways to the database less,
which are a fifth of all the work.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert

from klima_measures.base.tables import metadata
from klima_measures.participation.model.ideas import NewIdea, Quota
from klima_measures.participation.tables import client_counter, idea
from klima_shared.database.connections import SingleConnection
from klima_shared.revisions.entities import Values

_GIVEN = [
    idea.c[name]
    for name in (
        "id",
        "reference",
        "region",
        "channel",
        "text",
        "field",
        "author_group",
        "consent_version",
        "created_at",
        "changed_by",
    )
]
_KEPT = [c for c in metadata.tables["measures.idempotency_key"].c if c.name != "created_at"]
_TRAIL = [c for c in metadata.tables["measures.audit"].c if c.name not in {"id", "at", "position"}]


def _bound(prefix: str, columns: Sequence[sa.Column[Any]]) -> list[sa.BindParameter[Any]]:
    return [sa.bindparam(f"{prefix}_{column.name}", type_=column.type) for column in columns]


def _statement() -> sa.Select[int, int]:
    keys = metadata.tables["measures.idempotency_key"]
    keyless = sa.bindparam("keyless", type_=sa.Boolean)
    limit = sa.bindparam("caller_limit", type_=sa.Integer)
    known = sa.exists().where(
        keys.c.scope == sa.bindparam("key_scope"), keys.c.key == sa.bindparam("key_key")
    )
    caller = [client_counter.c.client, client_counter.c.window_start, client_counter.c["count"]]
    number = client_counter.c["count"]
    counted = (
        upsert(client_counter)
        .from_select(
            caller,
            sa.select(*_bound("caller", caller[:2]), sa.literal(1)).where(sa.or_(keyless, ~known)),
        )
        .on_conflict_do_update(
            index_elements=["client", "window_start"],
            set_={"count": number + 1},
            where=number < limit,
        )
        .returning(sa.literal(1).label("one"))
        .cte("counted")
    )
    taken = (
        upsert(keys)
        .from_select(_KEPT, sa.select(*_bound("key", _KEPT)).select_from(counted).where(~keyless))
        .on_conflict_do_nothing()
        .returning(sa.literal(1).label("one"))
        .cte("taken")
    )
    given = (
        sa.select(*_bound("idea", _GIVEN))
        .select_from(counted)
        .where(sa.or_(keyless, sa.select(taken.c.one).exists()))
    )
    stored = sa.insert(idea).from_select(_GIVEN, given).returning(idea.c.id).cte("stored")
    trail = sa.select(*_bound("audit", _TRAIL)).select_from(stored)
    audited = sa.insert(metadata.tables["measures.audit"]).from_select(_TRAIL, trail).cte("audited")
    return sa.select(
        *(
            sa.select(sa.func.count()).select_from(part).scalar_subquery()
            for part in (counted, stored)
        )
    ).add_cte(audited)


_STATEMENT = _statement()
_UNCOUNT = (
    sa.update(client_counter)
    .where(
        client_counter.c.client == sa.bindparam("caller"),
        client_counter.c.window_start == sa.bindparam("window"),
    )
    .values(count=client_counter.c["count"] - 1)
)


async def submit(
    connection: SingleConnection, idea: NewIdea, trail: Values, key: Values, quota: Quota
) -> bool:
    """Store an idea (True), or nothing at all: when the key is taken, or the caller over his limit.
    `trail` is its audit row, `key` that of the request's key.

    Of two at once with one key, or from one caller, the second waits for the first.
    `IntegrityError` for a reference that is in use; then nothing is stored either.
    """
    values = {f"idea_{column.name}": getattr(idea, column.name) for column in _GIVEN}
    values |= {f"audit_{name}": value for name, value in trail.items()}
    values |= {f"key_{name}": value for name, value in key.items()}
    values |= {
        "caller_client": quota.client,
        "caller_window_start": quota.window,
        "caller_limit": quota.limit,
        "keyless": key["key"] is None,
    }
    counted, stored = (await connection.execute(_STATEMENT, values)).one()
    # another request with this key came in between: a repeat is not counted
    if counted and not stored:
        await connection.execute(_UNCOUNT, {"caller": quota.client, "window": quota.window})
    return bool(stored)
