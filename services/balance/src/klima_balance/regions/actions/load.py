"""Bringing what is shipped or imported into the database: regions, official figures, factor sets.
Repeat-safe."""

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.method.model import Method
from klima_balance.regions.queries import upsert
from klima_balance.regions.tables import region, source, statistic
from klima_shared.http.auth import Principal

OPERATOR = Principal(subject="operator")
REGION_COLUMNS = ["ags", "ars", "name", "kind", "parent", "leaf"]


def _text(value: Any) -> str | None:
    return (
        None
        if value is None or (isinstance(value, float) and math.isnan(value)) or value == ""
        else str(value)
    )


async def load_regions(connection: AsyncConnection, rows: Iterable[tuple[Any, ...]]) -> int:
    """Rows in the order of `REGION_COLUMNS`, parents before children. Returns how many changed."""
    return await upsert(connection, region, REGION_COLUMNS, rows)


async def load_statistics(connection: AsyncConnection, frame: pd.DataFrame) -> int:
    """Long rows (`region, year, statistic, value, unit, source, certainty, flag, note`). Returns
    how many changed."""
    texts = sorted(set(frame["source"]))
    known = dict((await connection.execute(select(source.c.text, source.c.id))).tuples().all())
    missing = [t for t in texts if t not in known]
    if missing:
        await connection.execute(source.insert(), [{"text": t} for t in missing])
        known = dict((await connection.execute(select(source.c.text, source.c.id))).tuples().all())
    columns = [
        "region",
        "year",
        "statistic",
        "flag",
        "value",
        "unit",
        "source_id",
        "certainty",
        "note",
    ]
    rows = zip(
        frame["region"],
        frame["year"].astype(int),
        frame["statistic"],
        frame["flag"].fillna("").astype(str),
        frame["value"].astype(float),
        frame["unit"],
        frame["source"].map(known).astype(int),
        frame["certainty"],
        map(_text, frame["note"]),
        strict=True,
    )
    return await upsert(connection, statistic, columns, rows)


async def without_implausible(connection: AsyncConnection, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows but for those that are already stored and flagged as implausible: the register
    repeats its mistake."""
    query = select(statistic.c.region, statistic.c.year, statistic.c.statistic).where(
        statistic.c.flag == "implausible"
    )
    flagged = {tuple(row) for row in await connection.execute(query)}
    if not flagged:
        return frame
    keys = zip(frame["region"], frame["year"].astype(int), frame["statistic"], strict=True)
    return frame[[key not in flagged for key in keys]]


async def load_shipped(connection: AsyncConnection, method: Method) -> dict[str, int]:
    """The regions and official figures that are shipped. Returns how many rows changed."""
    frame = method.regions
    order = {"country": 0, "state": 1, "county": 2, "municipality": 3}
    rows = sorted(
        (
            (
                r["region"],
                _text(r["ars"]),
                r["name"],
                r["kind"],
                _text(r["parent"]),
                r["kind"] == "municipality",
            )
            for r in frame.to_dict("records")
        ),
        key=lambda row: (order[str(row[3])], row[0]),
    )
    return {
        "regions": await load_regions(connection, rows),
        "statistics": await load_statistics(connection, method.statistics),
    }


async def mark_parents(connection: AsyncConnection) -> None:
    """A region that has children is the sum of them and not balanced by itself."""
    child = region.alias("child")
    has_children = select(child.c.ags).where(child.c.parent == region.c.ags).exists()
    await connection.execute(update(region).where(region.c.leaf, has_children).values(leaf=False))
