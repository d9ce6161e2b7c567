"""The audit trail: every write leaves a row (who, when, what, before and after) in its own
transaction."""

from collections.abc import Collection, Mapping, Sequence
from typing import NotRequired, TypedDict, Unpack

import orjson
from asgi_correlation_id import correlation_id
from sqlalchemy import MetaData, Text, cast, insert, or_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_shared.http.auth import Principal


class Entry(TypedDict):
    """What was written: `action` on one `entity`, with its content before and after."""

    action: str
    entity: str
    entity_id: object
    region: NotRequired[str | None]
    before: NotRequired[Mapping[str, object] | None]
    after: NotRequired[Mapping[str, object] | None]


def values(principal: Principal, **entry: Unpack[Entry]) -> dict[str, object]:
    """The columns of an audit row, for a statement that writes it together with something else."""
    return {
        "subject": principal.subject,
        "action": entry["action"],
        "entity": entry["entity"],
        "entity_id": str(entry["entity_id"]),
        "region": entry.get("region"),
        "before": _plain(entry.get("before")),
        "after": _plain(entry.get("after")),
        "request_id": correlation_id.get(),
    }


def _plain(value: Mapping[str, object] | None) -> object:
    """JSON-ready copy: dates, UUIDs and Decimals as text."""
    if value is None:
        return None
    return orjson.loads(orjson.dumps(dict(value), default=str, option=orjson.OPT_NON_STR_KEYS))


async def record(
    connection: AsyncConnection, metadata: MetaData, principal: Principal, **entry: Unpack[Entry]
) -> None:
    """Write one audit row with the writer's connection; it stands or falls with the write
    itself."""
    await record_all(connection, metadata, [values(principal, **entry)])


async def record_all(
    connection: AsyncConnection, metadata: MetaData, rows: Sequence[Mapping[str, object]]
) -> None:
    """Write many audit rows (`values`) at once."""
    audit = metadata.tables[f"{metadata.schema}.audit"]
    await connection.execute(insert(audit), list(rows))


async def scrub(
    connection: AsyncConnection,
    metadata: MetaData,
    entity: str,
    entity_id: object,
    names: Collection[str],
) -> int:
    """Take these fields out of all audit rows of a thing, because they may tell of a person; who
    wrote when and what kind of step stays.

    Returns how many rows were changed. Nothing else ever writes to old rows of the audit.
    """
    audit = metadata.tables[f"{metadata.schema}.audit"]
    gone = cast(list(names), ARRAY(Text))
    query = (
        update(audit)
        .where(audit.c.entity == entity, audit.c.entity_id == str(entity_id))
        .where(or_(audit.c.before.has_any(gone), audit.c.after.has_any(gone)))
        .values({name: audit.c[name].op("-")(gone) for name in ("before", "after")})
    )
    return (await connection.execute(query)).rowcount
