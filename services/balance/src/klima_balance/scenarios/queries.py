"""Queries on scenarios: stored ones, and the built-in ones that every published balance brings with
it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Text,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
    union_all,
    update,
    values,
)
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.tables import balance
from klima_balance.scenarios.tables import scenario

HEAD = [c for c in scenario.c if c.name not in {"document", "results", "definition"}]


def _built_in(edition: str, kinds: Sequence[str], region: str | None) -> Select[Any]:
    """A row per kind for the newest published balance of every region: newest year, its newest
    version."""
    newest = select(
        balance.c.region, balance.c.year, balance.c.version, balance.c.id, balance.c.published_at
    )
    newest = newest.where(balance.c.state == "published").ext(distinct_on(balance.c.region))
    newest = newest.order_by(balance.c.region, balance.c.year.desc(), balance.c.version.desc())
    if region is not None:
        newest = newest.where(balance.c.region == region)
    base = newest.subquery("newest")
    kind = values(sql_column("kind", String), name="kinds").data([(k,) for k in kinds])
    identity = func.concat(
        kind.c.kind,
        ".",
        base.c.region,
        ".",
        base.c.year,
        ".v",
        base.c.version,
        ".e",
        edition.replace(".", "-"),
    )
    return select(
        cast(identity, Text).label("id"),
        base.c.region,
        cast(kind.c.kind, Text).label("kind"),
        null().label("title"),
        literal("published").label("state"),
        base.c.version,
        null().label("based_on"),
        base.c.year.label("base_year"),
        literal(2045).label("horizon"),
        base.c.id.label("balance_id"),
        base.c.published_at.label("changed_at"),
        base.c.published_at,
    ).select_from(base.join(kind, text("true")))


def _stored(readable: ColumnElement[bool], region: str | None) -> Select[Any]:
    query = select(
        cast(scenario.c.id, Text).label("id"),
        scenario.c.region,
        literal("own").label("kind"),
        scenario.c.title,
        scenario.c.state,
        scenario.c.version,
        scenario.c.based_on,
        scenario.c.base_year,
        scenario.c.horizon,
        scenario.c.balance_id,
        scenario.c.changed_at,
        scenario.c.published_at,
    ).where(readable)
    return query if region is None else query.where(scenario.c.region == region)


async def listing(
    connection: AsyncConnection,
    *,
    edition: str,
    kinds: Sequence[str],
    region: str | None,
    drafts_of: Sequence[str] | None,
    state: str | None,
    limit: int,
    after: Sequence[Any] | None,
    modified_since: datetime | None,
) -> Sequence[Any]:
    """Heads by region and id. `drafts_of`: prefixes of keys whose drafts the reader may see (None:
    all)."""
    readable: ColumnElement[bool] = scenario.c.state == "published"
    if drafts_of is None:
        readable = scenario.c.id.is_not(None)
    elif drafts_of:
        readable = or_(
            readable, *(scenario.c.region.startswith(p, autoescape=True) for p in drafts_of)
        )
    parts: list[Select[Any]] = []
    if built_in := [k for k in kinds if k != "own"]:
        parts.append(_built_in(edition, built_in, region))
    if "own" in kinds:
        parts.append(_stored(readable, region))
    found = union_all(*parts).subquery("scenarios")
    query = select(found).order_by(found.c.region, found.c.id).limit(limit)
    if after:
        query = query.where(tuple_(found.c.region, found.c.id) > tuple_(*map(literal, after)))
    if state:
        query = query.where(found.c.state == state)
    if modified_since:
        query = query.where(found.c.changed_at >= modified_since)
    return (await connection.execute(query)).mappings().all()


async def find(
    connection: AsyncConnection, identity: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    query = select(scenario).where(scenario.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def add(connection: AsyncConnection, row: dict[str, Any]) -> dict[str, Any]:
    return dict(
        (await connection.execute(insert(scenario).values(**row).returning(*scenario.c)))
        .mappings()
        .one()
    )


async def change(
    connection: AsyncConnection, identity: UUID, row: dict[str, Any]
) -> dict[str, Any]:
    """The changed row, with the next revision."""
    statement = update(scenario).where(scenario.c.id == identity)
    new = {**row, "revision": scenario.c.revision + 1, "changed_at": func.now()}
    return dict(
        (await connection.execute(statement.values(**new).returning(*scenario.c))).mappings().one()
    )


async def remove(connection: AsyncConnection, identity: UUID) -> None:
    await connection.execute(delete(scenario).where(scenario.c.id == identity))


async def next_version(connection: AsyncConnection, series: UUID) -> int:
    """The next version of a series; a lock keeps two publishers from taking the same."""
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"scenario {series}"},
    )
    query = select(func.max(scenario.c.version)).where(scenario.c.series == series)
    return ((await connection.execute(query)).scalar() or 0) + 1


async def version_of_base(connection: AsyncConnection, balance_id: UUID) -> int:
    """The version of the published balance a stored scenario was made on."""
    query = select(balance.c.version).where(balance.c.id == balance_id)
    return int((await connection.execute(query)).scalar_one())
