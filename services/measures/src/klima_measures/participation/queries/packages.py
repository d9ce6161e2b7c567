"""Queries on result packages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.participation.model import PackageState
from klima_measures.participation.tables import package

_HEAD = [column for column in package.c if column.name != "content"]


async def newest(
    connection: AsyncConnection, workshop: UUID, *, lock: bool = False, version: int | None = None
) -> dict[str, Any] | None:
    """The newest package of a workshop, or one of its versions, without its file."""
    query = (
        select(*_HEAD)
        .where(package.c.workshop_id == workshop)
        .order_by(package.c.version.desc())
        .limit(1)
    )
    if version is not None:
        query = query.where(package.c.version == version)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().first()
    return dict(row) if row else None


async def content(connection: AsyncConnection, identity: UUID) -> bytes | None:
    """The file; None once it was removed."""
    found = (
        await connection.execute(select(package.c.content).where(package.c.id == identity))
    ).scalar()
    return None if found is None else bytes(found)


async def add(connection: AsyncConnection, row: dict[str, Any]) -> dict[str, Any]:
    return dict(
        (await connection.execute(insert(package).values(**row).returning(*_HEAD))).mappings().one()
    )


async def change(
    connection: AsyncConnection, identity: UUID, by: str, values: dict[str, Any]
) -> dict[str, Any]:
    query = (
        update(package)
        .where(package.c.id == identity)
        .values(
            **values,
            revision=package.c.revision + 1,
            changed_at=func.clock_timestamp(),
            changed_by=by,
        )
        .returning(*_HEAD)
    )
    return dict((await connection.execute(query)).mappings().one())


async def remove(connection: AsyncConnection, identity: UUID) -> None:
    await connection.execute(delete(package).where(package.c.id == identity))


async def with_idea(connection: AsyncConnection, reference: str) -> list[dict[str, Any]]:
    """All packages an idea is in, locked."""
    query = (
        select(*_HEAD)
        .where(package.c.ideas.contains([reference]))
        .order_by(package.c.id)
        .with_for_update()
    )
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def empty(connection: AsyncConnection, identity: UUID, by: str) -> None:
    """Remove the file of a package that was handed over; when and to whom stays."""
    await change(connection, identity, by, {"content": None, "removed_at": func.clock_timestamp()})


def is_draft(row: dict[str, Any]) -> bool:
    return bool(row["state"] == PackageState.DRAFTED.value)
