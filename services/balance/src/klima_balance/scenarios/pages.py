"""What the command line shows of a scenario: its path, what is left, and which levers brought it
there."""

from rich.console import Console
from rich.table import Table

from klima_shared.language.numbers import number, percent
from klima_shared.wire.json import JsonObject

_SHOWN = (2025, 2030, 2035, 2040)


def scenario_table(content: JsonObject) -> None:
    """Years, residual beside the land-use sink, and the contribution of every lever."""
    console = Console()
    scenario, region, years = content["scenario"], content["region"], content["years"]
    console.print(
        f"\n[bold]{scenario['title']}[/bold]: {region['name']} ({region['ags']}), {scenario['id']}"
    )
    table = Table("Jahr", title_justify="left")
    for name in (
        "MWh",
        "t CO₂e (BISKO)",
        "je Einw.",
        "Landwirtschaft",
        "Landnutzung",
        "Deckung EE",
    ):
        table.add_column(name, justify="right")
    for row in years:
        if row["year"] in (_SHOWN) or row in (years[0], years[-1]):
            table.add_row(
                str(row["year"]),
                *(_whole(row[name]) for name in ("final_energy_mwh", "emissions_t_co2e")),
                number(row["emissions_t_co2e_per_inhabitant"], decimals=2),
                _whole(row["agriculture_t_co2e"]),
                _whole(row["land_use_t_co2e"]),
                percent(row["renewable_coverage"]),
            )
    console.print(table)
    left = content["residual"]
    console.print(
        f"Es bleiben {left['year']}: {_whole(left['bisko_t_co2e'])} t CO₂e (BISKO), dazu"
        f" Landwirtschaft {_whole(left['agriculture_t_co2e'])} t; daneben Landnutzung"
        f" {_whole(left['land_use_t_co2e'])} t."
    )
    moved = content["contributions"]
    levers = Table(
        f"Beitrag der Hebel bis {moved['year']} ({moved['method']})", title_justify="left"
    )
    for name in ("t CO₂e", "Landnutzung t", "MWh"):
        levers.add_column(name, justify="right")
    levers.add_column("Gewissheit")
    for row in moved["levers"]:
        levers.add_row(
            row["label"],
            *(_whole(row[n]) for n in ("emissions_t_co2e", "land_use_t_co2e", "final_energy_mwh")),
            row["certainty"],
        )
    levers.add_section()
    total = moved["difference"]
    levers.add_row(
        "Summe",
        *(_whole(total[n]) for n in ("emissions_t_co2e", "land_use_t_co2e", "final_energy_mwh")),
        "",
        style="bold",
    )
    console.print(levers)


def _whole(value: float | None) -> str:
    return number(value, decimals=0)
