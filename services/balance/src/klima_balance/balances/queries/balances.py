"""Queries on balances: drafts, publishing, and the published ones as ready bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.tables import balance, run

_HEAD = [c for c in balance.c if c.name not in {"document", "english", "record"}]


def _newest(ags: str, year: int, version: int | None, as_of: datetime | None) -> Any:
    chosen = (balance.c.region == ags) & (balance.c.year == year) & (balance.c.state == "published")
    if version is not None:
        chosen &= balance.c.version == version
    if as_of is not None:
        chosen &= balance.c.published_at <= as_of
    return chosen


async def published(
    connection: AsyncConnection,
    ags: str,
    year: int,
    version: int | None = None,
    as_of: datetime | None = None,
) -> Any | None:
    """(id, etag, document, english, version) of the published balance, the newest by default."""
    query = select(
        balance.c.id, balance.c.etag, balance.c.document, balance.c.english, balance.c.version
    )
    query = (
        query.where(_newest(ags, year, version, as_of)).order_by(balance.c.version.desc()).limit(1)
    )
    return (await connection.execute(query)).first()


async def published_etag(connection: AsyncConnection, ags: str, year: int) -> str | None:
    query = (
        select(balance.c.etag)
        .where(_newest(ags, year, None, None))
        .order_by(balance.c.version.desc())
        .limit(1)
    )
    return (await connection.execute(query)).scalar()


async def newest_year(connection: AsyncConnection, ags: str) -> int | None:
    """The newest year a region has a published balance for."""
    query = select(func.max(balance.c.year)).where(
        balance.c.region == ags, balance.c.state == "published"
    )
    found = (await connection.execute(query)).scalar()
    return None if found is None else int(found)


async def newest_documents(
    connection: AsyncConnection, regions: Sequence[str], year: int | None = None
) -> Sequence[Any]:
    """(region, year, id, version, digest, published_at, document, english) of the newest published
    per region and year."""
    query = select(
        balance.c.region,
        balance.c.year,
        balance.c.id,
        balance.c.version,
        balance.c.digest,
        balance.c.published_at,
        balance.c.document,
        balance.c.english,
    )
    query = query.where(balance.c.region.in_(regions), balance.c.state == "published")
    if year is not None:
        query = query.where(balance.c.year == year)
    query = query.ext(distinct_on(balance.c.region, balance.c.year))
    query = query.order_by(balance.c.region, balance.c.year, balance.c.version.desc())
    return (await connection.execute(query)).all()


class Head(NamedTuple):
    """The newest published balance of a region and year."""

    id: UUID
    version: int
    digest: str
    options: dict[str, Any]


async def newest_heads(
    connection: AsyncConnection, year: int, regions: Sequence[str] | None = None
) -> dict[str, Head]:
    """Heads by region, of some regions or of all."""
    query = select(
        balance.c.region, balance.c.id, balance.c.version, balance.c.digest, run.c.options
    ).join(run)
    query = query.where(balance.c.year == year, balance.c.state == "published")
    if regions is not None:
        query = query.where(balance.c.region.in_(regions))
    query = query.ext(distinct_on(balance.c.region)).order_by(
        balance.c.region, balance.c.version.desc()
    )
    return {row[0]: Head(*row[1:]) for row in await connection.execute(query)}


async def record(connection: AsyncConnection, identity: UUID) -> tuple[bytes, bytes]:
    """(run record, record) of a balance: what `explain` works on."""
    query = select(run.c.record, balance.c.record).join(run).where(balance.c.id == identity)
    row = (await connection.execute(query)).one()
    return row[0], row[1]


async def find(
    connection: AsyncConnection, identity: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    query = select(balance).where(balance.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def find_row(connection: AsyncConnection, identity: UUID) -> Any | None:
    """(region, state, document, english) of a balance."""
    query = select(balance.c.region, balance.c.state, balance.c.document, balance.c.english)
    return (await connection.execute(query.where(balance.c.id == identity))).first()


async def listing(
    connection: AsyncConnection,
    ags: str,
    *,
    drafts: bool,
    limit: int,
    after: Sequence[Any] | None,
    modified_since: datetime | None,
) -> Sequence[Any]:
    """Heads of a region's balances, newest first."""
    query = select(*_HEAD, run.c.factor_set, run.c.options).join(run).where(balance.c.region == ags)
    if not drafts:
        query = query.where(balance.c.state == "published")
    if modified_since:
        query = query.where(
            func.coalesce(balance.c.published_at, balance.c.created_at) >= modified_since
        )
    if after:
        query = query.where(
            (balance.c.created_at < after[0])
            | ((balance.c.created_at == after[0]) & (balance.c.id < after[1]))
        )
    query = query.order_by(balance.c.created_at.desc(), balance.c.id.desc()).limit(limit)
    return (await connection.execute(query)).mappings().all()


async def add_run(connection: AsyncConnection, row: dict[str, Any]) -> UUID:
    """The run with this digest, stored now if it is new."""
    await connection.execute(
        upsert(run).values(**row).on_conflict_do_nothing(index_elements=["digest"])
    )
    found = await connection.execute(select(run.c.id).where(run.c.digest == row["digest"]))
    return UUID(str(found.scalar_one()))


async def add(connection: AsyncConnection, row: dict[str, Any]) -> None:
    await connection.execute(insert(balance).values(**row))


async def next_version(connection: AsyncConnection, ags: str, year: int) -> int:
    """The next version number; a lock on the pair keeps two publishers from taking the same."""
    key = f"balance {ags} {year}"
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key}
    )
    query = select(func.max(balance.c.version)).where(
        balance.c.region == ags, balance.c.year == year
    )
    return ((await connection.execute(query)).scalar() or 0) + 1


async def publish(connection: AsyncConnection, identity: UUID, values: dict[str, Any]) -> None:
    await connection.execute(
        update(balance).where(balance.c.id == identity).values(state="published", **values)
    )


async def copy_published(connection: AsyncConnection, rows: Iterable[tuple[Any, ...]]) -> int:
    """Bulk: rows in the order of `COPY_COLUMNS`, by COPY within the caller's transaction. Returns
    how many."""
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None  # noqa: S101
    count = 0
    names = ", ".join(COPY_COLUMNS)
    async with (
        driver.cursor() as cursor,
        cursor.copy(f"copy balance.balance ({names}) from stdin (format binary)") as copy,
    ):
        copy.set_types(COPY_TYPES)
        for row in rows:
            await copy.write_row(row)
            count += 1
    return count


_COPY = {
    "id": "uuid",
    "region": "text",
    "year": "int2",
    "state": "text",
    "version": "int4",
    "run_id": "uuid",
    "members": "uuid[]",
    "digest": "text",
    "etag": "text",
    "document": "bytea",
    "english": "bytea",
    "record": "bytea",
    "created_by": "text",
    "created_at": "timestamptz",
    "published_at": "timestamptz",
    "published_by": "text",
}
COPY_COLUMNS = list(_COPY)
COPY_TYPES = list(_COPY.values())
