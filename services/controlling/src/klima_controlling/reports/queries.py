"""Yearly reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_controlling.codes import ReportState
from klima_controlling.records import report as r
from klima_controlling.rows import Row, all_rows, first_row

_HEAD = [c for c in r.c if c.name not in {"content", "used", "narrative", "decisions"}]


async def find(connection: AsyncConnection, identity: UUID, *, lock: bool = False) -> Row | None:
    query = select(r).where(r.c.id == identity)
    return await first_row(connection, query.with_for_update() if lock else query)


async def listing(
    connection: AsyncConnection,
    *,
    region: str | None,
    year: int | None,
    drafts_of: Sequence[str] | None,
    limit: int,
    after: Sequence[Any] | None,
    modified_since: Any,
) -> list[Row]:
    """Published ones, and with `drafts_of` (prefixes of region keys) the others of those regions.
    Newest first."""
    shown = r.c.state == ReportState.PUBLISHED.value
    if drafts_of:
        shown = or_(
            shown, *(r.c.region.startswith(prefix, autoescape=True) for prefix in drafts_of)
        )
    query = select(*_HEAD).where(shown).order_by(r.c.created_at.desc(), r.c.id.desc()).limit(limit)
    if region is not None:
        query = query.where(r.c.region == region)
    if year is not None:
        query = query.where(r.c.year == year)
    if modified_since is not None:
        query = query.where(r.c.changed_at >= modified_since)
    if after is not None:
        query = query.where(
            or_(r.c.created_at < after[0], (r.c.created_at == after[0]) & (r.c.id < after[1]))
        )
    return await all_rows(connection, query)


async def latest_version(connection: AsyncConnection, region: str, year: int) -> int:
    query = select(func.max(r.c.version)).where(r.c.region == region, r.c.year == year)
    return (await connection.execute(query)).scalar() or 0


async def add(connection: AsyncConnection, row: Mapping[str, Any]) -> Row | None:
    """None when another one has taken the version."""
    new = insert(r).values(row).on_conflict_do_nothing(index_elements=["region", "year", "version"])
    return await first_row(connection, new.returning(r))


async def change(connection: AsyncConnection, identity: UUID, values: Mapping[str, Any]) -> Row:
    changed = (
        update(r)
        .where(r.c.id == identity)
        .values({**values, "changed_at": func.now()})
        .returning(r)
    )
    row = await first_row(connection, changed)
    assert row is not None  # noqa: S101
    return row
