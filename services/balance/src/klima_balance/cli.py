"""Commands of the balance service."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from klima_balance.settings import Settings, migrations
from klima_shared.service.server import commands

app = commands("klima_balance", Settings, migrations)

# pandas takes a second to import; commands that need it import it themselves, so that `serve` and
# `migrate` start at once.


@app.command("load-method")
def load_method() -> None:
    """Store the shipped regions, official figures and factor sets; what is there already stays."""
    from klima_balance.factors.actions import load_shipped

    changed = asyncio.run(load_shipped(Settings.load()))
    print(", ".join(f"{name}: {count} changed" for name, count in changed.items()))


@app.command("import-statistics")
def import_statistics(directory: Path) -> None:
    """Read national tables of official statistics (layout in docs/statistics-layout.md): all of
    them or none."""
    from klima_balance.regions.files.table_files import StatisticsError
    from klima_balance.territory.actions import import_statistics as store

    try:
        done = asyncio.run(store(Settings.load(), directory))
    except StatisticsError as error:
        print(f"Nothing was stored. {len(error.problems)} problem(s):")
        for problem in error.problems:
            print(f"  {problem}")
        raise typer.Exit(1) from error
    print(
        f"{done.rows:,} figures read, {done.changed:,} new or changed; {done.regions:,} new regions"
    )
    if done.ended:
        print(
            f"{done.ended:,} regions have ended; of {done.without_successor:,} the successor is not"
            " on file (regions.csv may name it)"
        )
    for year, keys in done.outside.items():
        print(
            f"Figures of {year} of {len(keys):,} regions that did not exist then are marked:"
            f" {', '.join(list(keys)[:6])}{' ...' if len(keys) > 6 else ''}"
        )
    if done.ignored:
        print(f"Not of the layout, ignored: {', '.join(done.ignored)}")


@app.command("import-geometry")
def import_geometry(
    file: Path,
    source: Annotated[
        str, typer.Option(help="attribution, as the licence of the boundaries wants it")
    ],
    licence: Annotated[str, typer.Option(help="for example dl-de/by-2-0")] = "dl-de/by-2-0",
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="of when the boundaries are")
    ] = None,
) -> None:
    """Read boundaries of regions from a GeoJSON file (WGS 84, property `ags`): all of them or
    none."""
    from klima_balance.regions.actions import geometry
    from klima_balance.regions.files.geometry import GeometryError

    day = as_of.date() if as_of else None
    try:
        count = asyncio.run(geometry.import_file(Settings.load(), file, source, licence, day))
    except GeometryError as error:
        print(f"Nothing was stored. {error}")
        raise typer.Exit(1) from error
    print(f"{count} boundaries")


@app.command()
def compute(
    year: Annotated[
        list[int] | None,
        typer.Option(min=1990, max=2100, help="may be repeated; all years of the table without"),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="a county with its municipalities, a state, DG")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="every region there is")] = False,
    publish: Annotated[
        bool, typer.Option("--publish", help="publish what differs from what is published")
    ] = False,
) -> None:
    """Compute all balances of a region for some years, and publish those that are new or
    changed."""
    from klima_balance.balances.actions.all_regions import compute_and_publish
    from klima_balance.balances.pages import progress_bar
    from klima_balance.balances.rules.standing import energy_years
    from klima_balance.method import load_method as shipped_method
    from klima_shared.codes.regions import canonical_ags
    from klima_shared.language.errors import InputError

    known = energy_years(shipped_method())
    years = year or known
    if unknown := sorted(set(years) - set(known)):
        names = ", ".join(map(str, unknown))
        print(f"There is no national energy of {names}; it is known for {known[0]} to {known[-1]}.")
        raise typer.Exit(2)
    if (region is None) == (not everything):
        print("Name a region (--region 05974) or all of them (--all).")
        raise typer.Exit(2)
    try:
        ags = None if region is None else canonical_ags(region)
    except InputError as error:
        print(f"--region: {error.text.en}")
        raise typer.Exit(2) from error
    with progress_bar() as progress:
        done = asyncio.run(
            compute_and_publish(Settings.load(), years, ags, publish=publish, progress=progress)
        )
    for s in done:
        print(
            f"{s.year}: {s.computed:,} computed, {s.published:,} published, {s.unchanged:,}"
            " unchanged"
        )
    if not all(s.computed for s in done):
        print("No official figures for this region: import statistics first.")
        raise typer.Exit(1)


def _region_key(ags: str) -> str:
    """The key as it is stored; ends the command for what is none."""
    from klima_shared.codes.regions import canonical_ags
    from klima_shared.language.errors import InputError

    try:
        return canonical_ags(ags)
    except InputError as error:
        print(error.text.de)
        raise typer.Exit(2) from error


@app.command()
def show(ags: str, year: int) -> None:
    """A published balance as a table in the terminal."""
    from klima_balance.balances.actions.all_regions import published_document
    from klima_balance.balances.pages import balance_table

    key = _region_key(ags)
    document = asyncio.run(published_document(Settings.load(), key, year))
    if document is None:
        print(f"Für {key} ist für das Jahr {year} keine Bilanz veröffentlicht.")
        raise typer.Exit(1)
    balance_table(document)


@app.command()
def scenario(
    ags: str,
    kind: Annotated[str, typer.Option(help="trend or climate_protection")] = "climate_protection",
    year: Annotated[
        int | None, typer.Option(min=1990, max=2100, help="base year; the newest by default")
    ] = None,
) -> None:
    """A built-in scenario in the terminal: its years, what is left, and which levers brought it
    there."""
    from klima_balance.scenarios.actions.views import scenario_results
    from klima_balance.scenarios.model.assumptions import SHIPPED
    from klima_balance.scenarios.pages import scenario_table
    from klima_shared.http.problems import Problem

    if kind not in SHIPPED:
        print(f"--kind: {', '.join(SHIPPED)}")
        raise typer.Exit(2)
    key = _region_key(ags)
    try:
        content = asyncio.run(scenario_results(Settings.load(), key, kind, year))
    except Problem as problem:
        print(problem.detail.de if problem.detail else problem.title.de)
        raise typer.Exit(1) from problem
    scenario_table(content)


if __name__ == "__main__":
    app()
