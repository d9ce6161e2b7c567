"""Queries on which regions exist when, and on their successors."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import delete, extract, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.engine.territory import Succession
from klima_balance.regions.model import Validity
from klima_balance.regions.tables import region, statistic
from klima_balance.territory.rules import Successor
from klima_balance.territory.tables import succession

REGISTER: Final = "register"
TABLES: Final = "tables"


async def successions(connection: AsyncConnection) -> list[Succession]:
    """Where the territory of every region went that ended."""
    heir = region.alias("heir")
    last_year = extract("year", region.c.valid_to + 1) - 1
    query = (
        select(
            succession.c.region,
            last_year,
            succession.c.successor,
            succession.c.share,
            extract("year", heir.c.valid_from),
        )
        .join(region, region.c.ags == succession.c.region)
        .join(heir, heir.c.ags == succession.c.successor)
        .where(region.c.valid_to.is_not(None))
        .order_by(succession.c.region, succession.c.successor)
    )
    rows = await connection.execute(query)
    return [
        Succession(ags, int(until), to, share, None if since is None else int(since))
        for ags, until, to, share, since in rows
    ]


async def successors(connection: AsyncConnection, ags: Iterable[str]) -> dict[str, list[str]]:
    """Of some regions, by key: the keys of those on their territory, where they ended."""
    t = succession.c
    query = select(t.region, t.successor).where(t.region.in_(list(ags)))
    result: dict[str, list[str]] = {}
    for one, successor in await connection.execute(query.order_by(t.region, t.successor)):
        result.setdefault(one, []).append(successor)
    return result


async def related(connection: AsyncConnection, ags: str) -> list[tuple[str, str]]:
    """Names and keys of the successors of a region; where it has none, of those before it."""
    for mine, other in (("region", "successor"), ("successor", "region")):
        query = select(region.c.name, region.c.ags).join(
            succession, succession.c[other] == region.c.ags
        )
        query = query.where(succession.c[mine] == ags).order_by(region.c.ags)
        if rows := [(name, key) for name, key in await connection.execute(query)]:
            return rows
    return []


async def limited(connection: AsyncConnection) -> dict[str, Validity]:
    """The days of every region that does not exist all the time."""
    t = region.c
    query = select(t.ags, t.valid_from, t.valid_to)
    query = query.where(t.valid_from.is_not(None) | t.valid_to.is_not(None))
    return {ags: Validity(*days) for ags, *days in await connection.execute(query)}


async def registered(connection: AsyncConnection) -> set[str]:
    """The regions whose days a register says."""
    query = select(region.c.ags).where(region.c.validity == REGISTER)
    return set((await connection.execute(query)).scalars())


async def municipal(connection: AsyncConnection, name: str) -> list[tuple[str, int, float]]:
    """(region, year, value) of a statistic of all municipalities."""
    t = statistic.c
    query = select(t.region, t.year, t.value).join(region, region.c.ags == t.region)
    query = query.where(t.statistic == name, t.flag != "implausible", region.c.leaf)
    return [(ags, year, value) for ags, year, value in await connection.execute(query)]


async def all_successors(connection: AsyncConnection) -> list[Successor]:
    return [Successor(*row) for row in await connection.execute(select(succession))]


async def store(
    connection: AsyncConnection,
    days: Mapping[str, Validity],
    heirs: Sequence[Successor],
    validity: str,
) -> None:
    """Days and successors of regions, in place of what is stored of them."""
    t, change = region.c, update(region)
    await connection.execute(delete(succession).where(succession.c.region.in_(list(days))))
    for ags, (first, last) in days.items():
        values = {"valid_from": first, "valid_to": last, "validity": validity}
        differs = or_(*(t[name].is_distinct_from(value) for name, value in values.items()))
        statement = change.where(t.ags == ags, differs)
        await connection.execute(statement.values(**values, changed_at=func.now()))
    if heirs:
        await connection.execute(insert(succession), [one._asdict() for one in heirs])


async def store_derived(
    connection: AsyncConnection, days: Mapping[str, Validity], heirs: Sequence[Successor]
) -> None:
    """What the tables tell, of all regions of which no register says it."""
    t = region.c
    gone = (t.validity == TABLES) & t.ags.not_in(list(days))
    chosen = select(t.ags).where(gone)
    await connection.execute(delete(succession).where(succession.c.region.in_(chosen)))
    nothing = {"valid_from": None, "valid_to": None, "validity": None}
    await connection.execute(update(region).where(gone).values(**nothing, changed_at=func.now()))
    await store(connection, days, heirs, TABLES)
