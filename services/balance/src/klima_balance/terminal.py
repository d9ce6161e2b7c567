"""What the command line shows: a balance as tables, and progress."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from klima_balance.balances.actions.all_regions import Progress as Report
from klima_shared.codes.quality import ConformityState
from klima_shared.language.numbers import number, percent
from klima_shared.wire.json import JsonObject

_STAGES = {"reading": "Zahlen lesen", "computing": "rechnen", "publishing": "veröffentlichen"}


@contextmanager
def progress_bar() -> Iterator[Report]:
    """A bar per stage; a line at the end of each where there is no terminal."""
    columns = (
        TextColumn("{task.description:<16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=False) as bar:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            for other, task in tasks.items():
                if other != stage:
                    bar.update(task, completed=bar.tasks[task].total)
            if stage not in tasks:
                tasks[stage] = bar.add_task(_STAGES[stage], total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield report


def balance_table(document: JsonObject) -> None:
    """Sectors, blocks and the main statements of one published balance."""
    console = Console()
    totals, region = document["totals"], document["region"]
    console.print(
        f"\n[bold]{region['name']}[/bold] ({region['ags']}), {document['year']}, Fassung"
        f" {document['version']}, {number(region['population'])} Einwohner, Faktorsatz"
        f" {document['factor_set']['version']}"
    )
    table = Table("Sektor", title_justify="left")
    for name in ("MWh", "t CO₂e", "Anteil", "Datengüte"):
        table.add_column(name, justify="right")
    for row in document["sectors"]:
        share = row["emissions_t_co2e"] / totals["bisko_t_co2e"] if totals["bisko_t_co2e"] else None
        table.add_row(
            row["label"],
            number(row["final_energy_mwh"], decimals=0),
            number(row["emissions_t_co2e"], decimals=0),
            percent(share, decimals=1),
            number(row["data_quality"], decimals=2),
        )
    table.add_section()
    table.add_row(
        "Summe BISKO",
        number(totals["final_energy_mwh"], decimals=0),
        number(totals["bisko_t_co2e"], decimals=0),
        "",
        number(document["data_quality"], decimals=2),
        style="bold",
    )
    console.print(table)
    beside = Table("Neben der BISKO-Summe", title_justify="left")
    beside.add_column("", justify="right")
    for label, name, unit in (
        ("je Einwohner (BISKO)", "bisko_t_co2e_per_inhabitant", "t CO₂e"),
        ("Landwirtschaft", "agriculture_t_co2e", "t CO₂e"),
        ("Landnutzung und Wald", "land_use_t_co2e", "t CO₂e"),
        ("Prozesse und Emissionshandel", "process_ets_t_co2", "t CO₂"),
        ("Erneuerbarer Strom", "renewable_generation_mwh", "MWh"),
    ):
        value = totals[name]
        decimals = 2 if name.endswith("inhabitant") else 0
        beside.add_row(
            label, "keine Angabe" if value is None else f"{number(value, decimals=decimals)} {unit}"
        )
    console.print(beside)
    members = document["members"]
    if members["expected"] > 1:
        console.print(f"Summe aus {members['present']} von {members['expected']} Kommunen.")
    conformity = document["conformity"]
    console.print(
        f"Konformität: {ConformityState(conformity['state']).de} ({len(conformity['findings'])}"
        f" Hinweise). Quelle: {document['meta']['attribution']}. Lizenz"
        f" {document['meta']['licence']}."
    )
