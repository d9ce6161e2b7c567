"""Bulk in: COPY into a temporary table, then one statement that inserts what is new and updates
what differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(
    connection: AsyncConnection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Bring `rows` (tuples in the order of `columns`) into `table` by its primary key. Returns how
    many rows changed."""
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None  # noqa: S101
    target = sql.Identifier(str(table.schema), table.name)
    keys = [c.name for c in table.primary_key]
    others = [c for c in columns if c not in keys]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    old = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(c)) for c in others)
    new = sql.SQL(", ").join(sql.SQL("excluded.{}").format(sql.Identifier(c)) for c in others)
    async with driver.cursor() as cursor:
        await cursor.execute(sql.SQL("drop table if exists incoming"))
        await cursor.execute(
            sql.SQL(
                "create temporary table incoming on commit drop as select {} from {} limit 0"
            ).format(names, target)
        )
        async with cursor.copy(sql.SQL("copy incoming ({}) from stdin").format(names)) as copy:
            for row in rows:
                await copy.write_row(row)
        await cursor.execute(
            sql.SQL(
                "insert into {target} as t ({names}) select {names} from incoming on conflict ({keys}) do update"
                " set ({others}) = row ({new}) where row ({old}) is distinct from row ({new})"
            ).format(
                target=target,
                names=names,
                keys=sql.SQL(", ").join(map(sql.Identifier, keys)),
                others=sql.SQL(", ").join(map(sql.Identifier, others)),
                new=new,
                old=old,
            )
        )
        return int(cursor.rowcount)
