"""Rows of a query as plain dicts."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

Row = dict[str, Any]


async def all_rows(connection: AsyncConnection, query: Executable) -> list[Row]:
    return [{**row._mapping} for row in await connection.execute(query)]


async def first_row(connection: AsyncConnection, query: Executable) -> Row | None:
    row = (await connection.execute(query)).first()
    return None if row is None else {**row._mapping}
