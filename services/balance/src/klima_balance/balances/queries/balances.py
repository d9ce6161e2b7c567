"""Queries on balances: drafts, publishing, the published ones as ready bytes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Column, ColumnElement, Select, func, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.balances.tables import balance, run
from klima_shared.http.sorting import Order
from klima_shared.wire.json import Json, JsonObject

_PUBLISHED: Final = balance.c.state == "published"


class Document(NamedTuple):
    """A balance as it is served: the German document and what of it is different in English."""

    id: UUID
    region: str
    year: int
    state: str
    version: int | None
    digest: str
    etag: str
    published_at: datetime | None
    provisional: bool
    document: bytes
    english: bytes

    @property
    def version_number(self) -> int:
        """The version of a published balance."""
        return self.version or 0


class BalanceHead(NamedTuple):
    """A balance without its content."""

    id: UUID
    region: str
    year: int
    state: str
    version: int | None
    provisional: bool
    digest: str
    created_at: datetime
    published_at: datetime | None
    reason: str | None
    factor_set: str
    options: JsonObject


class Head(NamedTuple):
    """The newest published balance of a region and year."""

    id: UUID
    version: int
    digest: str
    method_digest: str
    options: JsonObject


def columns(row: type[NamedTuple]) -> list[Column[Any]]:
    """The columns of a balance or its run that a row is read from."""
    return [balance.c[name] if name in balance.c else run.c[name] for name in row._fields]


async def _first_document(connection: AsyncConnection, query: Select[Any]) -> Document | None:
    row = (await connection.execute(query)).first()
    return Document(*row) if row else None


async def published(
    connection: AsyncConnection,
    ags: str,
    year: int,
    version: int | None = None,
    as_of: datetime | None = None,
) -> Document | None:
    """The published balance, the newest by default."""
    query = select(*columns(Document)).where(_of(ags, year))
    if version is not None:
        query = query.where(balance.c.version == version)
    if as_of is not None:
        query = query.where(balance.c.published_at <= as_of)
    return await _first_document(connection, query.order_by(balance.c.version.desc()).limit(1))


async def published_until(
    connection: AsyncConnection, ags: Sequence[str], year: int, until: datetime | None
) -> list[bytes]:
    """The documents of some regions that were the newest at a time, in the order of their keys."""
    query = (
        select(balance.c.document)
        .where(balance.c.region.in_(ags), balance.c.year == year, _PUBLISHED)
        .where(balance.c.published_at <= until)
        .ext(distinct_on(balance.c.region))
        .order_by(balance.c.region, balance.c.version.desc())
    )
    return list((await connection.execute(query)).scalars())


def _of(ags: str, year: int) -> ColumnElement[bool]:
    return (balance.c.region == ags) & (balance.c.year == year) & _PUBLISHED


async def find(
    connection: AsyncConnection, identity: UUID, *, lock: bool = False
) -> Document | None:
    query = select(*columns(Document)).where(balance.c.id == identity)
    return await _first_document(connection, query.with_for_update() if lock else query)


async def newest_year(connection: AsyncConnection, ags: str) -> int | None:
    """The newest complete year a region has published; the newest provisional one where all are."""
    query = select(balance.c.year).where(balance.c.region == ags, _PUBLISHED)
    query = query.order_by(balance.c.provisional, balance.c.year.desc()).limit(1)
    return (await connection.execute(query)).scalar()


async def newest_documents(
    connection: AsyncConnection, regions: Sequence[str], year: int | None = None
) -> list[Document]:
    """The newest published balance per region and year."""
    query = select(*columns(Document)).where(balance.c.region.in_(regions), _PUBLISHED)
    if year is not None:
        query = query.where(balance.c.year == year)
    query = query.ext(distinct_on(balance.c.region, balance.c.year))
    query = query.order_by(balance.c.region, balance.c.year, balance.c.version.desc())
    return [Document(*row) for row in await connection.execute(query)]


async def newest_heads(
    connection: AsyncConnection, year: int, regions: Sequence[str] | None = None
) -> dict[str, Head]:
    """Heads by region, of some regions or of all."""
    query = select(balance.c.region, *columns(Head)).join(run)
    query = query.where(balance.c.year == year, _PUBLISHED)
    if regions is not None:
        query = query.where(balance.c.region.in_(regions))
    query = query.ext(distinct_on(balance.c.region))
    query = query.order_by(balance.c.region, balance.c.version.desc())
    return {row[0]: Head(*row[1:]) for row in await connection.execute(query)}


async def records(connection: AsyncConnection, identity: UUID) -> tuple[JsonObject, JsonObject]:
    """The records of a balance's run and of the balance: what an explanation works on."""
    query = select(run.c.record, balance.c.record).join(run).where(balance.c.id == identity)
    row = (await connection.execute(query)).one()
    return orjson.loads(row[0]), orjson.loads(row[1])


async def published_records(
    connection: AsyncConnection, identities: Sequence[UUID]
) -> list[tuple[list[str], bytes]]:
    """Of published balances, by region: the ids of the lines of its run, and its record as it is
    stored."""
    query = select(balance.c.run_id, balance.c.record).where(balance.c.id.in_(identities))
    rows = list(await connection.execute(query.order_by(balance.c.region)))
    runs = select(run.c.id, run.c.record).where(run.c.id.in_({row[0] for row in rows}))
    lines = {
        identity: [str(line["id"]) for line in orjson.loads(record)["lines"]]
        for identity, record in await connection.execute(runs)
    }
    return [(lines[of_run], record) for of_run, record in rows]


async def lock_year(connection: AsyncConnection, years: Iterable[int]) -> None:
    """Nobody else publishes a balance of these years until the commit, so that sums and their
    members change together. Taken before every other lock, earlier years first."""
    for year in sorted(years):
        await connection.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"),
            {"key": f"balances of {year}"},
        )


async def listing(
    connection: AsyncConnection,
    ags: str,
    *,
    drafts: bool,
    order: Order,
    limit: int,
    after: Sequence[Any] | None,
    modified_since: datetime | None,
) -> list[BalanceHead]:
    """A region's balances, by when they were made (`created_at`) or by `year`."""
    query = select(*columns(BalanceHead)).join(run).where(balance.c.region == ags)
    if not drafts:
        query = query.where(_PUBLISHED)
    if modified_since:
        changed_at = func.coalesce(balance.c.published_at, balance.c.created_at)
        query = query.where(changed_at >= modified_since)
    query = order.apply(query, [balance.c[order.name], balance.c.id], after, limit)
    return [BalanceHead(*row) for row in await connection.execute(query)]


async def add_run(connection: AsyncConnection, row: Json) -> UUID:
    """The run with this digest, stored now if it is new."""
    await connection.execute(
        upsert(run).values(**row).on_conflict_do_nothing(index_elements=["digest"])
    )
    identity = await connection.execute(select(run.c.id).where(run.c.digest == row["digest"]))
    return UUID(str(identity.scalar_one()))


async def add(connection: AsyncConnection, row: Json) -> None:
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


async def publish(
    connection: AsyncConnection, identity: UUID, values: Mapping[str, object]
) -> None:
    change = update(balance).where(balance.c.id == identity)
    await connection.execute(change.values(state="published", **values))


DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]
COPIED: Final = [c for c in balance.c if c.name not in {"members", "reason", "recalculation_id"}]


async def copy_published(connection: AsyncConnection, rows: Iterable[Mapping[str, object]]) -> int:
    """Bulk: rows with the columns `COPIED`, by COPY within the caller's transaction. Returns how
    many."""
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None  # noqa: S101
    names = ", ".join(column.name for column in COPIED)
    statement = f"copy balance.balance ({names}) from stdin (format binary)"
    count = 0
    async with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([str(column.type.compile(DIALECT)).lower() for column in COPIED])
        for row in rows:
            await copy.write_row([row[column.name] for column in COPIED])
            count += 1
    return count


async def lock(connection: AsyncConnection) -> None:
    """Nobody else publishes until the commit: version numbers and comparison stay true. Reading
    goes on."""
    await connection.execute(text("lock table balance.balance in share row exclusive mode"))


async def published_years(connection: AsyncConnection, ags: Sequence[str]) -> list[int]:
    query = select(balance.c.year).where(balance.c.region.in_(ags), _PUBLISHED)
    return list((await connection.execute(query.distinct().order_by(balance.c.year))).scalars())


async def outdated(connection: AsyncConnection, identity: UUID) -> bool:
    """Whether something newer than a draft is published of its region and year."""
    other = balance.alias()
    query = select(balance.c.id).join(
        other, (other.c.region == balance.c.region) & (other.c.year == balance.c.year)
    )
    query = query.where(balance.c.id == identity, other.c.published_at > balance.c.created_at)
    return (await connection.execute(query.limit(1))).first() is not None
