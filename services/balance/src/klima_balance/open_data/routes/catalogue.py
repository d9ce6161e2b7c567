"""The open-data catalogue of the balance service (every table it gives out), and the change
feed."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request

from klima_balance.balances.files import BISKO_COLUMNS
from klima_balance.balances.queries import balances
from klima_balance.open_data import queries as feed
from klima_balance.open_data.routes.exports import FACTOR_COLUMNS, REGION_COLUMNS
from klima_balance.scenarios.actions.computation import BuiltIn
from klima_balance.scenarios.files.parameters import load_scenario_tables
from klima_balance.scenarios.files.tables import POTENTIAL_COLUMNS, RESULT_COLUMNS
from klima_shared.codes.regions import canonical_ags
from klima_shared.county import served_county
from klima_shared.database.change_feed import (
    BEGINNING,
    Change,
    Changes,
    Cursor,
    Limit,
    after,
    answer,
    check_not_ahead,
)
from klima_shared.database.connections import Read, ReadConnection
from klima_shared.formats import Column
from klima_shared.formats.tables import read_columns
from klima_shared.http.paging import decode_cursor
from klima_shared.http.problems import problem_responses
from klima_shared.language.text import Label, Text
from klima_shared.open_data.catalog import EPOCH, Catalogue, Dataset, Distribution, tables
from klima_shared.open_data.routes import base_of, publisher_of

changes_router = APIRouter(prefix="/v1", tags=["open data"])
_FORMER: Final = 2  # parts of a cursor from when the feed told balances alone
SERIES_COLUMNS: Final = read_columns("klima_balance", "open_data.series")
_COLUMNS: Final[Mapping[str, Sequence[Column]]] = {
    "cells": BISKO_COLUMNS,
    "regions": REGION_COLUMNS,
    "factors": FACTOR_COLUMNS,
    "series": SERIES_COLUMNS,
    "potentials": POTENTIAL_COLUMNS,
    "results": RESULT_COLUMNS,
    "": (),
}


def datasets(county: str, years: Sequence[int], scenario: str | None) -> tuple[Dataset, ...]:
    """What this service has (`datasets.csv`), with addresses for the installation's county where a
    table is of one region; what has no address yet is left out."""
    newest = max(years, default=0)
    places = {"{ags}": county, "{year}": newest or None, "{scenario}": scenario}
    periods = {"all": (min(years), newest), "newest": (newest, newest)} if years else {}
    content = (files("klima_balance.open_data") / "datasets.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(content)))
    for row in rows:
        for place, value in places.items():
            if value is None and place in row["tables"]:
                row["tables"] = ""
            row["tables"] = row["tables"].replace(place, str(value))
        row["keywords"] = row["keywords"].replace("{county}", served_county().name)
    found = (_dataset(row, periods.get(row["years"])) for row in rows)
    return tuple(dataset for dataset in found if dataset.distributions)


def _dataset(row: Mapping[str, str], years: tuple[int, int] | None) -> Dataset:
    return Dataset(
        row["id"],
        Label(row["title_de"], row["title_en"]),
        Label(row["description_de"], row["description_en"]),
        tuple(row["keywords"].split(";")),
        (
            *(tables(row["tables"]) if row["tables"] else ()),
            *(_file(text) for text in row["files"].split(";") if text),
        ),
        row["operation"],
        tuple(_COLUMNS[row["columns"]]),
        themes=tuple(row["themes"].split(";")),
        years=years,
        periodicity=row["periodicity"],
    )


def _file(text: str) -> Distribution:
    """A file of a dataset: its form, address, and title in both languages."""
    form, path, titles = text.split(" ", 2)
    return Distribution(form, path, Label(*titles.split(" / ")))


async def build_catalogue(request: Request, read: ReadConnection) -> Catalogue:
    county = canonical_ags(request.app.state.settings.county)
    modified = await feed.modified(read)
    heads = await balances.newest_documents(read, [county])
    years = [row.year for row in heads]
    edition = load_scenario_tables().edition
    trend = (
        BuiltIn("trend", county, heads[-1].year, heads[-1].version_number, edition).id
        if heads
        else None
    )
    return Catalogue(
        "balance",
        Label("Klimakreis: Bilanzen", "Klimakreis: balances"),
        Text("Energy and greenhouse-gas balances of municipalities with factors and sources."),
        base_of(request),
        county,
        datasets(county, years, trend),
        modified or EPOCH,
        publisher_of(request),
    )


@changes_router.get(
    "/changes", summary="What changed in the published data", responses=problem_responses(410, 422)
)
async def list_changes(read: Read, cursor: Cursor = None, limit: Limit = 100) -> Changes:
    """Published balances and own scenarios and released factor sets, in the order in which they
    became public.

    A new version of a balance replaces the one before, which stays readable. None is ever changed
    or removed: what was published by mistake is corrected by a new version. The built-in scenarios
    of a region follow from its newest balance and have no entries of their own.
    """
    former = cursor is not None and cursor != BEGINNING and len(decode_cursor(cursor)) == _FORMER
    found = after(cursor, *((datetime, str) if former else (datetime, str, str)))
    key: feed.Key | None = (
        (found[0], found[1] if not former else feed.BALANCES, found[-1]) if found else None
    )
    if key is not None:
        newest = await feed.modified(read)
        check_not_ahead(newest is not None and key[0] <= newest)
    rows = await feed.changes(read, key, limit, balances_only=former)
    full = len(rows) == limit
    last: feed.Key | None = rows[-1].place if rows else None
    if former and key is not None and not full:
        # What a former cursor had not told yet is older than the balances it had: these need not be
        # told again.
        last = max(last, key) if last else key
    place = None if last is None else [last[0].isoformat(), *last[1:]]
    return answer([_change(row) for row in rows], place, cursor, full=full)


def _change(row: feed.PublicEntry) -> Change:
    if row.kind == feed.BALANCES:
        identity = f"{row.region}/{row.year}"
        url = f"/v1/regions/{row.region}/balances/{row.year}?version={row.version}"
    else:
        identity = row.key
        kind = "factor-sets" if row.kind == feed.FACTORS else "scenarios"
        url = f"/v1/{kind}/{row.key}"
    return Change(
        at=row.at,
        kind=row.kind,
        id=identity,
        operation="upsert",
        region=row.region,
        version=row.version,
        url=url,
    )
