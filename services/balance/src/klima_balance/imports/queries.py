"""Queries on imports of local figures: stored and taken back in one statement each, however many
rows there are."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from uuid import UUID

from sqlalchemy import exists, func, insert, literal, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.engine.figures import Figure
from klima_balance.figures.tables import activity
from klima_balance.imports.model import (
    CellKey,
    ImportedFigure,
    ImportedRow,
    ImportHead,
    StandingFigure,
)
from klima_balance.imports.tables import data_import, data_import_row
from klima_shared.revisions.visibility import lies_in

CONTENT = tuple(f.name for f in fields(Figure) if f.name not in ("region", "year"))
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
        = ({", ".join(f"excluded.{c}" for c in CONTENT)}, excluded.revision, excluded.changed_by,
           now())
    returning t.*
), remembered as (
    insert into balance.activity_history (region, year, key, revision, deleted, content, changed_by)
    select region, year, key, revision, false,
           to_jsonb(made) - '{{region,year,key,revision,changed_at,changed_by}}'::text[], changed_by
    from made
)
insert into balance.data_import_row (import_id, region, year, key, line, revision, before_revision)
select cast(:import as uuid), m.region, m.year, m.key, i.line, m.revision, b.revision
from made m join incoming i using (region, year, key)
     left join balance.activity b using (region, year, key)
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
       to_jsonb(gone) - '{region,year,key,revision,changed_at,changed_by}'::text[],
       cast(:subject as text)
from gone
"""
_RESTORE = f"""
with back as (
    update balance.activity a
    set ({", ".join(CONTENT)}, revision, changed_by, changed_at)
        = (select {", ".join(f"p.{c}" for c in CONTENT)}, a.revision + 1, cast(:subject as text),
                  now()
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


async def standing(
    connection: AsyncConnection, regions: Sequence[str], years: Sequence[int], digest: str
) -> dict[CellKey, StandingFigure]:
    """All figures of some regions and years that stand there, by place, and whether an import of
    the file with this digest made them."""
    c, r, i = activity.c, data_import_row.c, data_import.c
    same_file = (
        exists()
        .where(r.region == c.region, r.year == c.year, r.key == c.key)
        .where(r.revision == c.revision, r.import_id == i.id)
        .where(i.digest == digest, i.undone_at.is_(None))
    )
    query = select(
        c.key, c.changed_at, same_file.label("same_file"), *(c[f.name] for f in fields(Figure))
    )
    rows = await connection.execute(query.where(c.region.in_(regions), c.year.in_(years)))
    return {
        (row.region, row.year, row.key): StandingFigure(
            Figure(*row[3:]), row.changed_at, row.same_file
        )
        for row in rows
    }


def stored_values(head: ImportHead) -> dict[str, object]:
    """What is written of a new import."""
    stamps = {"created_at", "undone_at", "undone_by"}
    return {name: value for name, value in vars(head).items() if name not in stamps}


async def store(
    connection: AsyncConnection, head: ImportHead, figures: Iterable[ImportedFigure]
) -> None:
    """Store an import with its figures that are new or differ."""
    await connection.execute(insert(data_import).values(stored_values(head)))
    await connection.execute(text("drop table if exists incoming"))
    await connection.execute(text(_INCOMING))
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None  # noqa: S101
    async with (
        driver.cursor() as cursor,
        cursor.copy(f"copy incoming (line, {', '.join(COLUMNS)}) from stdin") as copy,
    ):
        for one in figures:
            content = (getattr(one.figure, name) for name in CONTENT)
            await copy.write_row((one.line, *one.place, *content))
    await connection.execute(text("analyze incoming"))
    await connection.execute(text(_STORE), {"subject": head.created_by, "import": head.id})


async def newest_with_digest(connection: AsyncConnection, digest: str) -> UUID | None:
    query = select(data_import.c.id).where(
        data_import.c.digest == digest, data_import.c.undone_at.is_(None)
    )
    return (
        await connection.execute(query.order_by(data_import.c.created_at.desc()).limit(1))
    ).scalar()


async def find(
    connection: AsyncConnection, identity: UUID, *, lock: bool = False
) -> ImportHead | None:
    query = select(data_import).where(data_import.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return ImportHead(**row) if row else None


async def listing(
    connection: AsyncConnection,
    covered: Sequence[str],
    *,
    region: str | None,
    limit: int,
    after: Sequence[object] | None,
) -> list[ImportHead]:
    """Imports that lie wholly inside the regions `covered`, newest first."""
    c = data_import.c
    query = select(data_import).order_by(c.created_at.desc(), c.id.desc()).limit(limit)
    one = func.unnest(c.regions).column_valued("one")
    query = query.where(~select(one).where(~lies_in(one, covered)).exists())
    if region:
        query = query.where(c.regions.any(region))
    if after:
        query = query.where(tuple_(c.created_at, c.id) < tuple_(*map(literal, after)))
    return [ImportHead(**row) for row in (await connection.execute(query)).mappings()]


async def rows_of(
    connection: AsyncConnection, identity: UUID, *, limit: int, after: Sequence[object] | None
) -> list[ImportedRow]:
    """What an import changed, in the order of the file."""
    c = data_import_row.c
    query = select(*(c[name] for name in ImportedRow._fields)).where(c.import_id == identity)
    if after:
        query = query.where(tuple_(c.line, c.key) > tuple_(*map(literal, after)))
    rows = await connection.execute(query.order_by(c.line, c.key).limit(limit))
    return [ImportedRow(*row) for row in rows]


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
