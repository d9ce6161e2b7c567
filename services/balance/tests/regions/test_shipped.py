"""What is shipped is what an import of the official tables brings: nothing of the 14 changes."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from klima_balance.balances.actions.drafts import compute
from klima_balance.balances.actions.inputs import Inputs
from klima_balance.engine.options import Options
from klima_balance.engine.records import digest
from klima_balance.engine.statistics import HERD
from klima_balance.method import load_method
from klima_balance.regions.files.statistics import TABLES, read_directory

PUBLISHED = Path(__file__).parents[5] / "shared" / "public_statistics"
YEARS = range(2018, 2025)
NO_PLANT = "not in the table of plants: no plant"  # what the reader adds itself
FACTS = ["region", "year", "statistic", "value", "unit", "source", "certainty"]
METHOD = load_method()
MUNICIPAL = METHOD.regions.loc[METHOD.regions["kind"] == "municipality", "region"]
ALL = sorted(MUNICIPAL)


def test_there_is_nothing_shipped_for_the_14_that_one_edition_of_tables_does_not_have():
    """Both known years of every table that has two: no year with the areas of the other."""
    rows = METHOD.statistics
    own = rows[rows["region"].isin(ALL)]
    years = own.groupby(["region", "statistic"])["year"].unique().map(sorted)
    for name in ("population", "agricultural_area_ha", "settlement_area_ha", "land_area_ha"):
        assert all(found == [2018, 2021] for found in years[:, name]), name
    state = rows[rows["region"] == "05000000"]
    assert {(s, y) for s, y in zip(state["statistic"], state["year"], strict=True)} == {
        (name, year) for name in (*HERD, "agricultural_area_ha") for year in (2018, 2021)
    }
    assert not set(own["statistic"]) & set(HERD), "a herd of its own is what a municipality enters"


def tables_of(directory: Path) -> None:
    """The shipped figures as the tables of docs/statistics-layout.md, without what is a remark of
    ours."""
    known: dict[tuple[str, int], dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    columns = {c.statistic: (name, c.names[0]) for name, t in TABLES.items() for c in t.columns}
    for row in METHOD.statistics.to_dict("records"):
        derived = row["flag"] == "correction" or row["note"] == NO_PLANT
        if row["statistic"] in columns and not derived:
            table, column = columns[str(row["statistic"])]
            known[table, int(row["year"])][str(row["region"])][column] = repr(row["value"])
    for (name, year), regions in known.items():
        heads = ["ags", *(c.names[0] for c in TABLES[name].columns)]
        with (directory / f"{name}_{year}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, heads, restval="")
            writer.writeheader()
            writer.writerows({"ags": ags, **regions[ags]} for ags in sorted(regions))


def test_an_import_of_the_same_tables_publishes_nothing_anew(fresh_database: Any, tmp_path: Path):
    database = fresh_database("balance", ["load-method"])
    tables_of(tmp_path)

    def run(*words: str) -> str:
        line = [sys.executable, "-m", "klima_balance.cli", *words]
        done = subprocess.run(line, env=database.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def digests() -> dict[tuple[str, int], str]:
        with psycopg.connect(database.owner_url) as connection:
            rows = connection.execute("select region, year, version, digest from balance.balance")
            return {(region, year): f"{version} {found}" for region, year, version, found in rows}

    run("compute", "--region", "05974", "--publish")
    before = digests()
    assert len(before) == 15 * len(YEARS)
    run("import-statistics", str(tmp_path))
    assert run("compute", "--region", "05974", "--publish").count(" 0 published") == len(YEARS)
    assert digests() == before


@pytest.mark.national
@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="../shared/public_statistics is not here")
def test_the_published_tables_say_what_is_shipped():
    """Row by row, and as digests of all 14 for all years."""
    rows = read_directory(PUBLISHED).rows
    mine = rows[rows["region"].isin(ALL)].astype({"region": str, "statistic": str})
    shipped = METHOD.statistics
    flagged = shipped.loc[shipped["flag"] == "implausible", ["region", "year", "statistic"]]
    own = shipped[shipped["region"].isin(ALL) & (shipped["flag"] != "correction")]
    own = own[own["statistic"] != "wind_turbines"]
    left, right = (
        frame[FACTS].astype({"year": int}).astype(object).sort_values(FACTS[:3])
        for frame in (mine, own)
    )
    assert left.to_numpy().tolist() == right.to_numpy().tolist()
    keys = set(flagged.astype({"year": int}).itertuples(index=False, name=None))
    ours = rows[rows["region"].isin([*ALL, "05000000"])].astype(object)
    named = zip(ours["region"], ours["year"], ours["statistic"], strict=True)
    brought = ours[[key not in keys for key in named]]
    together = pd.concat([shipped, brought]).drop_duplicates(
        ["region", "year", "statistic", "flag"], keep="last"
    )
    for year in YEARS:
        first, second = (
            compute(Inputs(frame, ()), METHOD, year, Options(), ALL)
            for frame in (shipped.assign(year=shipped["year"].astype(int)), together)
        )
        for ags in ALL:
            one, other = digest(first, ags), digest(second, ags)
            assert one == other, (ags, year)
