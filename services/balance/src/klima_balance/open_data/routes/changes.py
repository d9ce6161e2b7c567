"""The change feed of the balance service."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from fastapi import APIRouter

from klima_balance.open_data.queries import feed
from klima_shared.database.change_feed import (
    BEGINNING,
    Change,
    Changes,
    Cursor,
    Limit,
    after,
    answer,
)
from klima_shared.database.connections import Read
from klima_shared.http.paging import decode_cursor
from klima_shared.http.problems import problem_responses

router = APIRouter(prefix="/v1", tags=["open data"])
_FORMER: Final = 2  # parts of a cursor from when the feed told balances alone


@router.get(
    "/changes", summary="What changed in the published data", responses=problem_responses(422)
)
async def list_changes(read: Read, cursor: Cursor = None, limit: Limit = 100) -> Changes:
    """Published balances and own scenarios and released factor sets, in the order in which they
    became public.

    A new version of a balance replaces the one before, which stays readable. None is ever changed
    or removed: what was published by mistake is corrected by a new version. The built-in scenarios
    of a region follow from its newest balance and have no entries of their own.
    """
    former = cursor is not None and cursor != BEGINNING and len(decode_cursor(cursor)) == _FORMER
    found = after(cursor, *((datetime, str) if former else (datetime, str, str)))
    key: feed.Key | None = (
        (found[0], found[1] if not former else feed.BALANCES, found[-1]) if found else None
    )
    rows = await feed.changes(read, key, limit, balances_only=former)
    full = len(rows) == limit
    last: feed.Key | None = rows[-1].place if rows else None
    if former and key is not None and not full:
        # What a former cursor had not told yet is older than the balances it had: these need not be
        # told again.
        last = max(last, key) if last else key
    place = None if last is None else [last[0].isoformat(), *last[1:]]
    return answer([_change(row) for row in rows], place, cursor, full=full)


def _change(row: feed.PublicEntry) -> Change:
    if row.kind == feed.BALANCES:
        identity = f"{row.region}/{row.year}"
        url = f"/v1/regions/{row.region}/balances/{row.year}?version={row.version}"
    else:
        identity = row.key
        kind = "factor-sets" if row.kind == feed.FACTORS else "scenarios"
        url = f"/v1/{kind}/{row.key}"
    return Change(
        at=row.at,
        kind=row.kind,
        id=identity,
        operation="upsert",
        region=row.region,
        version=row.version,
        url=url,
    )
