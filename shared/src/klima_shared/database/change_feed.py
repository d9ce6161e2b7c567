"""The change feed of a service: what of its public data came, changed and went, in the order it
happened.

A client keeps `next` and asks again with it. What went has an entry too (a tombstone: `deleted`),
so that a copy can drop it. Entries stand in the order in which they were committed; nothing is ever
inserted before a cursor.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, Column, MetaData, Table, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_shared.http.paging import MAX_LIMIT, SortKey, decode_cursor, encode_cursor
from klima_shared.http.problems import gone, invalid_at
from klima_shared.language.text import Text

BEGINNING: Final = encode_cursor(())
Operation = Literal["upsert", "delete"]


class Change(BaseModel):
    """One change of public data."""

    at: datetime
    kind: str = Field(description="dataset it belongs to", examples=["balances"])
    id: str = Field(examples=["05974040/2021"])
    operation: Operation = Field(
        description="upsert: read it at `url`; delete: it is not public any more"
    )
    region: str | None = Field(default=None, examples=["05974040"])
    version: int | None = Field(default=None, examples=[1])
    url: str | None = Field(
        default=None,
        description="null for what was deleted",
        examples=["/v1/regions/05974040/balances/2021"],
    )


class Changes(BaseModel):
    """Oldest first. `next` is always there: keep it, and ask with it again later."""

    items: list[Change]
    next: str
    more: bool = Field(description="ask again at once: this page was full")


Cursor = Annotated[
    str | None,
    Query(max_length=1000, description="`next` of the answer before; none: from the beginning"),
]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]


def add_positions(metadata: MetaData) -> Column[int]:
    """The column of the audit by which a feed is ordered; a trigger of the service's migrations
    fills it for what the feed tells.

    It is drawn while a transaction commits, one at a time: who commits later stands later. The
    order in which rows are written is none to read by: a transaction that wrote earlier may commit
    later, behind a reader's cursor.
    """
    position = Column(
        "position", BigInteger, index=True, comment="order of commits; null for what no feed tells"
    )
    metadata.tables[f"{metadata.schema}.audit"].append_column(position)
    return position


def after(cursor: str | None, *kinds: type) -> SortKey | None:
    """The sort key in a cursor of this feed; 422 for another one."""
    if cursor is None or cursor == BEGINNING:
        return None
    key = decode_cursor(cursor)
    try:
        if len(key) != len(kinds):
            raise ValueError
        return [_moment(str(v)) if k is datetime else k(v) for v, k in zip(key, kinds, strict=True)]
    except (TypeError, ValueError):
        raise invalid_at("/query/cursor", Text("Not a cursor of this list.")) from None


def check_not_ahead(reached: bool) -> None:
    """410 for a cursor beyond the end of the feed: what the reader has is gone from here.

    reached: whether the feed came as far as the cursor. That it did not is the mark of a restored
    backup; what came after it has other places now, and none of it would ever be told.
    """
    if not reached:
        raise gone(
            Text(
                "This cursor is ahead of the feed: data was restored from a backup. Please start "
                "again, without a cursor."
            )
        )


async def position_reached(connection: AsyncConnection, audit: Table, position: int) -> bool:
    """Whether the feed over this audit came as far as this position (0: its beginning)."""
    reached = select(exists().where(audit.c.position >= position))
    return position <= 0 or bool((await connection.execute(reached)).scalar())


def _moment(value: str) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError
    return found


def answer(
    items: Sequence[Change], last: SortKey | None, cursor: str | None, *, full: bool
) -> Changes:
    """`last` is the sort key of the last row that was looked at, None when there was none."""
    return Changes(
        items=list(items), next=encode_cursor(last) if last else cursor or BEGINNING, more=full
    )
