"""Jobs of the command line: what the program ships, national tables, all balances of a year. The
operator runs them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from klima_balance.balances import queries as balances
from klima_balance.balances.actions.all_regions import Job, Progress, Summary, compute_year
from klima_balance.engine.options import Options
from klima_balance.factors.actions import load_factor_sets
from klima_balance.method import load_method
from klima_balance.regions.actions import load
from klima_balance.regions.actions.load import OPERATOR
from klima_balance.regions.files.statistics import StatisticsFiles, read_directory
from klima_balance.regions.tables import metadata, region
from klima_balance.scenarios.actions.scenarios import Context, built_in_results
from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.settings import Settings
from klima_shared.database import audit
from klima_shared.database.connections import Database, WriteConnection
from klima_shared.revisions.writing import Writer
from klima_shared.wire.json import JsonObject

_ORDER = {"country": 0, "state": 1, "county": 2, "municipality": 3}


async def load_shipped(settings: Settings) -> dict[str, int]:
    """Store what the program ships. Returns how many rows changed, by kind."""
    database = Database(settings, metadata)
    try:
        async with database.write() as write:
            method = load_method()
            changed = await load.load_shipped(write, method)
            changed["factor_sets"] = await load_factor_sets(write, method)
            if any(changed.values()):
                await audit.record(
                    write,
                    metadata,
                    OPERATOR,
                    action="load",
                    entity="method",
                    entity_id="shipped",
                    after=changed,
                )
            return changed
    finally:
        await database.close()


@dataclass(frozen=True)
class Imported:
    """What an import of statistics brought."""

    regions: int
    rows: int
    changed: int
    ignored: Sequence[str]


async def import_files(settings: Settings, directory: Path) -> Imported:
    """Read the tables and store them, all or nothing. `StatisticsError` names every problem."""
    files = await asyncio.to_thread(read_directory, directory)
    database = Database(settings, metadata)
    try:
        async with database.write() as write:
            new = await _new_regions(write, files)
            changed = await load.load_statistics(
                write, await load.without_implausible(write, files.rows)
            )
            await load.mark_parents(write)
            await audit.record(
                write,
                metadata,
                OPERATOR,
                action="import",
                entity="statistics",
                entity_id=directory.name,
                after={"regions": new, "rows": len(files.rows), "changed": changed},
            )
            return Imported(new, len(files.rows), changed, files.ignored)
    finally:
        await database.close()


async def _new_regions(write: WriteConnection, files: StatisticsFiles) -> int:
    """Regions that are not there yet. One that is there keeps its name and kind: the register only
    adds."""
    known = set((await write.execute(select(region.c.ags))).scalars())
    frame = files.regions
    leaf = {str(r["ags"]) for r in frame.to_dict("records") if r["kind"] == "municipality"}
    rows: list[tuple[Any, ...]] = [
        (r["ags"], None, r["name"], r["kind"], r["parent"] or None, r["ags"] in leaf)
        for r in frame.to_dict("records")
        if r["ags"] not in known
    ]
    rows.sort(key=lambda row: (_ORDER[str(row[3])], row[0]))
    return await load.load_regions(write, rows)


async def compute_and_publish(
    settings: Settings, years: Sequence[int], ags: str | None, *, publish: bool, progress: Progress
) -> list[Summary]:
    """All balances inside `ags` (None: everything), one transaction a year."""
    method, database, summaries = load_method(), Database(settings, metadata), []
    try:
        for year in years:
            async with database.write() as write:
                writer = Writer(write, OPERATOR, metadata)
                job = Job(method, year, ags, Options(), publish)
                summaries.append(await compute_year(writer, job, progress))
    finally:
        await database.close()
    return summaries


async def published_document(settings: Settings, ags: str, year: int) -> JsonObject | None:
    database = Database(settings, metadata)
    try:
        async with database.read() as read:
            row = await balances.published(read, ags, year)
    finally:
        await database.close()
    return None if row is None else orjson.loads(row.document)


async def scenario_results(settings: Settings, ags: str, kind: str, year: int | None) -> JsonObject:
    """The results of a built-in scenario. `Problem` 404 for no region or no published balance."""
    database = Database(settings, metadata)
    try:
        async with database.read() as read:
            context = Context(read, OPERATOR, load_method(), load_scenario_tables())
            return await built_in_results(context, ags, kind, year)
    finally:
        await database.close()
