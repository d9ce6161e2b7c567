"""Queries on imports of local figures: stored and taken back in one statement each, however many
rows there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.figures.tables import activity
from klima_balance.imports.tables import data_import, data_import_row
from klima_shared.codes.fields import GERMANY

CONTENT = (
    "sector",
    "carrier",
    "category",
    "quantity",
    "unit",
    "quantity_mwh",
    "status",
    "grade",
    "source",
    "note",
    "contained_in_ghd",
)
COLUMNS = ("region", "year", "key", *CONTENT)

_INCOMING = f"""
create temporary table incoming on commit drop as
select 0 as line, {", ".join(COLUMNS)} from balance.activity limit 0
"""  # noqa: S608  (our own column names)
# A common table expression sees the table as it was before the statement: that is what
# `before_revision` is.
_STORE = f"""
with made as (
    insert into balance.activity as t ({", ".join(COLUMNS)}, revision, changed_by)
    select {", ".join(f"i.{c}" for c in COLUMNS)},
           coalesce((select max(h.revision) from balance.activity_history h
                     where (h.region, h.year, h.key) = (i.region, i.year, i.key)), 0) + 1,
           cast(:subject as text)
    from incoming i
    on conflict (region, year, key) do update
    set ({", ".join(CONTENT)}, revision, changed_by, changed_at)
        = ({", ".join(f"excluded.{c}" for c in CONTENT)}, excluded.revision, excluded.changed_by, now())
    returning t.*
), remembered as (
    insert into balance.activity_history (region, year, key, revision, deleted, content, changed_by)
    select region, year, key, revision, false,
           to_jsonb(made) - '{{region,year,key,revision,changed_at,changed_by}}'::text[], changed_by
    from made
)
insert into balance.data_import_row (import_id, region, year, key, line, revision, before_revision)
select cast(:import as uuid), m.region, m.year, m.key, i.line, m.revision, b.revision
from made m join incoming i using (region, year, key) left join balance.activity b using (region, year, key)
"""  # noqa: S608  (our own column names)
_REMOVE = """
with gone as (
    delete from balance.activity a using balance.data_import_row r
    where r.import_id = :import and r.before_revision is null
      and (a.region, a.year, a.key) = (r.region, r.year, r.key)
    returning a.*
)
insert into balance.activity_history (region, year, key, revision, deleted, content, changed_by)
select region, year, key, revision + 1, true,
       to_jsonb(gone) - '{region,year,key,revision,changed_at,changed_by}'::text[], cast(:subject as text)
from gone
"""
_RESTORE = f"""
with back as (
    update balance.activity a
    set ({", ".join(CONTENT)}, revision, changed_by, changed_at)
        = (select {", ".join(f"p.{c}" for c in CONTENT)}, a.revision + 1, cast(:subject as text), now()
           from jsonb_populate_record(null::balance.activity, h.content) p)
    from balance.data_import_row r join balance.activity_history h
      on (h.region, h.year, h.key, h.revision) = (r.region, r.year, r.key, r.before_revision)
    where r.import_id = :import and (a.region, a.year, a.key) = (r.region, r.year, r.key)
    returning a.*
)
insert into balance.activity_history (region, year, key, revision, deleted, content, changed_by)
select region, year, key, revision, false,
       to_jsonb(back) - '{{region,year,key,revision,changed_at,changed_by}}'::text[], changed_by
from back
"""  # noqa: S608  (our own column names)


async def lock(connection: AsyncConnection) -> None:
    """Nobody else changes activities until the commit; reading goes on."""
    await connection.execute(text("lock table balance.activity in share row exclusive mode"))


async def current(
    connection: AsyncConnection, regions: Sequence[str], years: Sequence[int]
) -> dict[tuple[str, int, str], tuple[Any, ...]]:
    """(region, year, key) to the content (order of `CONTENT`) of all activities of some regions and
    years."""
    query = select(*(activity.c[name] for name in COLUMNS))
    rows = await connection.execute(
        query.where(activity.c.region.in_(regions), activity.c.year.in_(years))
    )
    return {(row[0], row[1], row[2]): tuple(row[3:]) for row in rows}


async def store(
    connection: AsyncConnection,
    head: Mapping[str, Any],
    rows: Iterable[Sequence[Any]],
    subject: str,
) -> None:
    """Store an import: `rows` are tuples (line, *COLUMNS) of what is new or differs."""
    await connection.execute(insert(data_import).values(**head))
    await connection.execute(text("drop table if exists incoming"))
    await connection.execute(text(_INCOMING))
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None  # noqa: S101
    async with (
        driver.cursor() as cursor,
        cursor.copy(f"copy incoming (line, {', '.join(COLUMNS)}) from stdin") as copy,
    ):
        for row in rows:
            await copy.write_row(row)
    await connection.execute(text("analyze incoming"))
    await connection.execute(text(_STORE), {"subject": subject, "import": head["id"]})


async def newest_with_digest(connection: AsyncConnection, digest: str) -> UUID | None:
    query = select(data_import.c.id).where(
        data_import.c.digest == digest, data_import.c.undone_at.is_(None)
    )
    return (
        await connection.execute(query.order_by(data_import.c.created_at.desc()).limit(1))
    ).scalar()


async def find(
    connection: AsyncConnection, identity: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    query = select(data_import).where(data_import.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def listing(
    connection: AsyncConnection,
    covered: Sequence[str],
    *,
    region: str | None,
    limit: int,
    after: Sequence[Any] | None,
) -> Sequence[Any]:
    """Imports that lie wholly inside the regions `covered`, newest first."""
    query = (
        select(data_import)
        .order_by(data_import.c.created_at.desc(), data_import.c.id.desc())
        .limit(limit)
    )
    inside = text(
        "not exists (select 1 from unnest(data_import.regions) r where not (r like any (:patterns)))"
    ).bindparams(patterns=[_pattern(ags) for ags in covered])
    query = query.where(inside)
    if region:
        query = query.where(data_import.c.regions.any(region))
    if after:
        query = query.where(
            (data_import.c.created_at < after[0])
            | ((data_import.c.created_at == after[0]) & (data_import.c.id < after[1]))
        )
    return (await connection.execute(query)).mappings().all()


def _pattern(ags: str) -> str:
    if ags == GERMANY:
        return "%"
    return (
        ags[:2] + "%" if ags.endswith("000000") else ags[:5] + "%" if ags.endswith("000") else ags
    )


async def rows_of(
    connection: AsyncConnection, identity: UUID, *, limit: int, after: Sequence[Any] | None
) -> Sequence[Any]:
    """What an import changed, in the order of the file."""
    r = data_import_row
    query = select(r).where(r.c.import_id == identity).order_by(r.c.line, r.c.key).limit(limit)
    if after:
        query = query.where((r.c.line > after[0]) | ((r.c.line == after[0]) & (r.c.key > after[1])))
    return (await connection.execute(query)).mappings().all()


async def changed_since(connection: AsyncConnection, identity: UUID) -> list[str]:
    """Cells of an import that somebody changed or removed afterwards: `region/year/key`."""
    r, a = data_import_row, activity
    query = select(r.c.region, r.c.year, r.c.key).outerjoin(
        a, (a.c.region == r.c.region) & (a.c.year == r.c.year) & (a.c.key == r.c.key)
    )
    query = query.where(
        r.c.import_id == identity, a.c.revision.is_distinct_from(r.c.revision)
    ).order_by(r.c.line)
    return [f"{region}/{year}/{key}" for region, year, key in await connection.execute(query)]


async def undo(connection: AsyncConnection, identity: UUID, subject: str) -> None:
    """Every cell as it stood before the import, as a new revision."""
    values = {"import": identity, "subject": subject}
    await connection.execute(text(_RESTORE), values)
    await connection.execute(text(_REMOVE), values)
    change = update(data_import).where(data_import.c.id == identity)
    await connection.execute(change.values(undone_at=func.now(), undone_by=subject))
