"""Queries on the registers beside the sheets. All have the same form, so they share their
queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Table,
    Text,
    Uuid,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.registers import tables

TABLES: Final[dict[str, Table]] = {
    "concept": tables.concept,
    "template": tables.template,
    "funding_programme": tables.funding_programme,
    "round": tables.consulting_round,
    "strategy": tables.strategy,
    "quarter": tables.quarter,
}


async def find(
    connection: AsyncConnection, kind: str, identity: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    table = TABLES[kind]
    query = select(table).where(table.c.id == identity)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def find_many(
    connection: AsyncConnection, kind: str, identities: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    if not identities:
        return {}
    table = TABLES[kind]
    rows = await connection.execute(select(table).where(table.c.id.in_(identities)))
    return {row["id"]: dict(row) for row in rows.mappings()}


async def by_codes(
    connection: AsyncConnection, kind: str, codes: Collection[str]
) -> dict[str, dict[str, Any]]:
    table = TABLES[kind]
    rows = await connection.execute(
        select(table).where(table.c.code.in_(codes)).order_by(table.c.region.desc())
    )
    return {row["code"]: dict(row) for row in rows.mappings()}


async def titles(
    connection: AsyncConnection, wanted: Mapping[str, Collection[UUID]]
) -> dict[UUID, dict[str, Any]]:
    """Id -> {kind, code, title, public, valid_to, document} of entries of several registers, in one
    query."""
    parts = []
    for kind, identities in wanted.items():
        if identities:
            t = TABLES[kind]
            parts.append(
                select(
                    literal(kind, Text).label("kind"),
                    t.c.id,
                    t.c.code,
                    t.c.title,
                    t.c.public,
                    t.c.valid_to,
                    t.c.document,
                ).where(t.c.id == func.any(cast(list(identities), ARRAY(Uuid))))
            )
    if not parts:
        return {}
    rows = await connection.execute(union_all(*parts))
    return {row["id"]: dict(row) for row in rows.mappings()}


async def listing(
    connection: AsyncConnection,
    kind: str,
    *,
    public_only: bool,
    limit: int,
    own: Sequence[str] = (),
    offered_on: date | None = None,
    region: str | None = None,
    after: Sequence[Any] | None = None,
    modified_since: datetime | None = None,
) -> Sequence[Any]:
    """In the order of the codes. `own`: first digits of regions whose entries are read even when
    not public."""
    table = TABLES[kind]
    query = select(table).order_by(table.c.code, table.c.id).limit(limit)
    if public_only:
        query = query.where(
            or_(table.c.public, *(func.starts_with(table.c.region, prefix) for prefix in own))
        )
    if offered_on is not None:
        query = query.where(
            or_(table.c.valid_from.is_(None), table.c.valid_from <= offered_on),
            or_(table.c.valid_to.is_(None), table.c.valid_to >= offered_on),
        )
    if region is not None:
        query = query.where(table.c.region == region)
    if modified_since is not None:
        query = query.where(table.c.changed_at >= modified_since)
    if after:
        query = query.where(
            (table.c.code > after[0]) | ((table.c.code == after[0]) & (table.c.id > UUID(after[1])))
        )
    return (await connection.execute(query)).mappings().all()


async def add(
    connection: AsyncConnection, kind: str, row: Mapping[str, Any]
) -> dict[str, Any] | None:
    """None when the code is taken in its region."""
    table = TABLES[kind]
    new = (
        upsert(table)
        .values(**row)
        .on_conflict_do_nothing(index_elements=["region", "code"])
        .returning(table)
    )
    found = (await connection.execute(new)).mappings().first()
    return dict(found) if found else None


async def change(
    connection: AsyncConnection, kind: str, identity: UUID, values: Mapping[str, Any]
) -> dict[str, Any]:
    table = TABLES[kind]
    statement = (
        update(table).where(table.c.id == identity).values(**{"changed_at": func.now(), **values})
    )
    return dict((await connection.execute(statement.returning(table))).mappings().one())


async def remove(connection: AsyncConnection, kind: str, identity: UUID) -> None:
    table = TABLES[kind]
    await connection.execute(delete(table).where(table.c.id == identity))


async def concept_date(connection: AsyncConnection, code: str) -> date | None:
    """The date the horizon is counted from, where the concept is registered with one."""
    found = (await by_codes(connection, "concept", [code])).get(code)
    text = found["document"].get("decided_on") if found else None
    return date.fromisoformat(text) if text else None


async def add_job(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    await connection.execute(insert(tables.catalogue_job).values(**row))


async def change_job(
    connection: AsyncConnection, identity: UUID, values: Mapping[str, Any]
) -> None:
    table = tables.catalogue_job
    await connection.execute(update(table).where(table.c.id == identity).values(**values))


async def find_job(
    connection: AsyncConnection, identity: UUID, *, content: bool = False
) -> dict[str, Any] | None:
    table = tables.catalogue_job
    columns = [c for c in table.c if content or c.name != "content"]
    row = (
        (await connection.execute(select(*columns).where(table.c.id == identity)))
        .mappings()
        .first()
    )
    return dict(row) if row else None


async def taken(connection: AsyncConnection, kind: str, region: str, code: str) -> bool:
    table = TABLES[kind]
    query = select(table.c.id).where(table.c.region == region, table.c.code == code)
    return (await connection.execute(query)).first() is not None


async def ids_by_name(
    connection: AsyncConnection, kind: str, names: Collection[str]
) -> dict[str, UUID]:
    """Code or title -> id; a code goes before a title that reads the same."""
    if not names:
        return {}
    table = TABLES[kind]
    query = select(table.c.id, table.c.code, table.c.title).where(
        or_(table.c.code.in_(names), table.c.title.in_(names))
    )
    rows = (await connection.execute(query)).all()
    return {title: identity for identity, _, title in rows} | {
        code: identity for identity, code, _ in rows
    }


async def concept_dates(connection: AsyncConnection, codes: Collection[str]) -> dict[str, date]:
    found = await by_codes(connection, "concept", codes)
    dates = {code: row["document"].get("decided_on") for code, row in found.items()}
    return {code: date.fromisoformat(text) for code, text in dates.items() if text}
