"""Importing official statistics, and with them which regions exist when: from a register among the
files, else from the tables that list them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sqlalchemy.ext.asyncio import AsyncConnection

from klima_balance.engine.regions import leaves, parents
from klima_balance.regions import queries as regions
from klima_balance.regions.actions import load
from klima_balance.regions.files.changes import CHANGES, RegisterRow
from klima_balance.regions.files.statistics import StatisticsFiles, read_directory
from klima_balance.regions.files.table_files import Problem, StatisticsError
from klima_balance.regions.model import Validity
from klima_balance.regions.tables import metadata
from klima_balance.settings import Settings
from klima_balance.territory import queries
from klima_balance.territory.rules import Successor, outside_its_years, successors, validity
from klima_shared.codes.regions import GERMANY
from klima_shared.database.connections import Database, WriteConnection
from klima_shared.http.problems import FieldError, invalid
from klima_shared.revisions.writing import writing


@dataclass(frozen=True)
class Imported:
    """What an import of statistics brought. `outside`: by table year, the regions with figures of
    a year in which they did not exist."""

    regions: int
    rows: int
    changed: int
    ignored: Sequence[str]
    ended: int
    without_successor: int
    outside: Mapping[int, Sequence[str]]


async def import_statistics(settings: Settings, directory: Path) -> Imported:
    """Read the tables and store them, all or nothing. `StatisticsError` names every problem."""
    files = await asyncio.to_thread(read_directory, directory)
    database = Database(settings, metadata)
    try:
        async with writing(database, load.OPERATOR) as writer:
            write = writer.connection
            new = await _new_regions(write, files)
            await regions.mark_parents(write)
            days, heirs = await _validity(write, files)
            rows, outside = _marked(files.rows, days)
            changed = await load.load_statistics(write, await load.without_implausible(write, rows))
            after = {"regions": new, "rows": len(rows), "changed": changed}
            await writer.record("import", "statistics", directory.name, after=after)
            ended = {ags for ags, (_, last) in days.items() if last is not None}
            lost = len(ended - {one.region for one in heirs})
            return Imported(new, len(rows), changed, files.ignored, len(ended), lost, outside)
    finally:
        await database.close()


async def _new_regions(write: WriteConnection, files: StatisticsFiles) -> int:
    """Regions that are not there yet. One that is there keeps its name and kind: the register only
    adds."""
    existing = await regions.keys(write)
    every = {*existing, *files.regions["ags"]}
    rows: list[tuple[str, None, str, str, str | None, bool]] = []
    for key, name, kind in files.regions[["ags", "name", "kind"]].itertuples(index=False):
        if key not in existing:
            above = next((one for one in parents(key) if one in every and key != GERMANY), None)
            rows.append((key, None, name, kind, above, kind == "municipality"))
    rows.sort(key=lambda row: (load.ORDER[row[3]], row[0]))
    return await load.load_regions(write, rows)


async def _validity(
    write: WriteConnection, files: StatisticsFiles
) -> tuple[dict[str, Validity], list[Successor]]:
    """The days and successors of all regions that do not exist all the time, stored anew: what the
    register says, and for the others what the tables show."""
    if files.register:
        _check_register(files.register, await regions.keys(write), files.rows)
        days = {row.ags: Validity(row.valid_from, row.valid_to) for row in files.register}
        heirs = [
            Successor(row.ags, successor, share)
            for row in files.register
            for successor, share in row.successors.items()
        ]
        await queries.store(write, days, heirs, queries.REGISTER)
    own = await queries.registered(write)
    population = await _figures(write, files.rows, "population")
    lists: dict[int, set[str]] = {}
    for ags, year in population:
        lists.setdefault(year, set()).add(ags)
    derived = {ags: days for ags, days in validity(lists).items() if ags not in own}
    areas: dict[str, dict[int, float]] = {}
    for (ags, year), value in (await _figures(write, files.rows, "land_area_ha")).items():
        areas.setdefault(ags, {})[year] = value
    await queries.store_derived(write, derived, successors(derived, areas))
    return await queries.limited(write), await queries.all_successors(write)


async def _figures(
    write: WriteConnection, rows: pd.DataFrame, name: str
) -> dict[tuple[str, int], float]:
    """A statistic of all municipalities by region and year: what is stored, and what is read."""
    stored = {(ags, year): value for ags, year, value in await queries.municipal(write, name)}
    read = rows[rows["statistic"] == name]
    municipal = set(leaves({*(ags for ags, _ in stored), *read["region"]}))
    figures = zip(read["region"], read["year"].astype(int), read["value"], strict=True)
    return stored | {(ags, year): value for ags, year, value in figures if ags in municipal}


def _check_register(
    register: Sequence[RegisterRow], existing: set[str], rows: pd.DataFrame
) -> None:
    """Raise `StatisticsError` for keys that nobody has, successors that are not there when a region
    ends, and populations of years in which their region did not exist."""
    days = {row.ags: Validity(row.valid_from, row.valid_to) for row in register}
    problems = []
    for row in register:
        unknown = [key for key in (row.ags, *row.successors) if key not in existing]
        problems += [
            Problem(CHANGES, 0, "ags", key, "a region of the tables or one that is stored")
            for key in unknown
        ]
        for key in row.successors:
            heir = days.get(key, Validity(None, None))
            if row.valid_to and not heir.covers(row.valid_to.year + 1):
                expected = f"a region that exists after {row.ags} ended on {row.valid_to}"
                problems.append(Problem(CHANGES, 0, "successor", key, expected))
    counted = rows[rows["statistic"] == "population"]
    for ags, year in zip(counted["region"], counted["year"].astype(int), strict=True):
        if ags in days and not days[ags].covers(year):
            first, last = days[ags]
            expected = f"no population of {ags}, which exists from {first or '-'} to {last or '-'}"
            problems.append(Problem(f"population_{year}.csv", 0, "ags", ags, expected))
    if problems:
        raise StatisticsError(problems[:50])


def _marked(
    rows: pd.DataFrame, days: Mapping[str, Validity]
) -> tuple[pd.DataFrame, dict[int, list[str]]]:
    """The rows, those of a year in which their region did not exist with a note, and these regions
    by year."""
    some = rows[rows["region"].isin(set(days))]
    pairs = sorted(set(zip(some["region"], some["year"].astype(int), strict=True)))
    wrong = [(ags, year) for ags, year in pairs if not days[ags].covers(year)]
    outside: dict[int, list[str]] = {}
    for ags, year in wrong:
        outside.setdefault(year, []).append(ags)
    cells = pd.MultiIndex.from_arrays([some["region"].astype(object), some["year"].astype(int)])
    at = some.index[cells.isin(wrong)] if wrong else some.index[:0]
    noted = rows.astype({"note": object})
    noted.loc[at, "note"] = "the region did not exist in this year"
    return noted, outside


async def require_exists(
    connection: AsyncConnection, region: regions.Region, year: int, pointer: str
) -> None:
    """422 for a region that does not exist at the end of the year; names where its territory
    belongs, or belonged, to."""
    if region.days.covers(year):
        return
    others = await queries.related(connection, region.ags)
    text = outside_its_years(region.name, region.ags, region.days, others, year)
    heirs = await queries.successors(connection, [region.ags])
    raise invalid(text, FieldError(pointer, text), successors=heirs.get(region.ags, []))
