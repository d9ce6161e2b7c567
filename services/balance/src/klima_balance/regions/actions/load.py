"""Bringing what is shipped or imported into the database: regions, official figures, factor sets.
Repeat-safe."""

import math
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.method.model import Method
from klima_balance.regions import queries
from klima_balance.regions.tables import region, statistic
from klima_shared.http.auth import Principal

PROXY: Final = "proxy"
OPERATOR = Principal(subject="operator")
ORDER = {"country": 0, "state": 1, "county": 2, "municipality": 3}
REGION_COLUMNS = ["ags", "ars", "name", "kind", "parent", "leaf"]


def _text(value: Any) -> str | None:
    return (
        None
        if value is None or (isinstance(value, float) and math.isnan(value)) or value == ""
        else str(value)
    )


async def load_regions(connection: AsyncConnection, rows: Iterable[tuple[Any, ...]]) -> int:
    """Rows in the order of `REGION_COLUMNS`, parents before children. Returns how many changed."""
    return await queries.upsert(connection, region, REGION_COLUMNS, rows)


async def load_statistics(connection: AsyncConnection, frame: pd.DataFrame) -> int:
    """Long rows (`region, year, statistic, value, unit, source, certainty, flag, note`). Returns
    how many changed."""
    known = await queries.source_ids(connection, frame["source"])
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
    return await queries.upsert(connection, statistic, columns, rows)


async def without_implausible(connection: AsyncConnection, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows but for those that are already stored and flagged as implausible: the register
    repeats its mistake."""
    flagged = await queries.implausible(connection)
    if not flagged:
        return frame
    keys = zip(frame["region"], frame["year"].astype(int), frame["statistic"], strict=True)
    return frame[[key not in flagged for key in keys]]


async def load_shipped(connection: AsyncConnection, method: Method) -> dict[str, int]:
    """The regions and official figures that are shipped. Returns how many rows changed.

    Herds that an older version shared out beforehand go: the engine does it from the state's herd.
    """
    frame = method.regions
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
        key=lambda row: (ORDER[str(row[3])], row[0]),
    )
    withdrawn = await queries.withdraw_flagged(connection, PROXY)
    return {
        "regions": await load_regions(connection, rows),
        "statistics": withdrawn + await load_statistics(connection, method.statistics),
    }
