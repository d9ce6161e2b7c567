"""Balances for people: widgets for other sites (a municipality's balance, its renewable power), and
what the command line shows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

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

from klima_balance.balances.charts.balance import bars, generation, narrow_bars
from klima_balance.balances.rules.standing import year_of
from klima_balance.engine.quality import wording
from klima_shared.codes.energy import Block
from klima_shared.codes.quality import ConformityState, Grade
from klima_shared.language.numbers import Lang, long_date, number, percent
from klima_shared.language.text import Label
from klima_shared.look.beside import emissions_trading
from klima_shared.look.digits import display, grade_of, worst_grade
from klima_shared.look.embeds import Source, Widget, day_of
from klima_shared.wire.json import Json, JsonObject

Report = Callable[[str, int, int], None]
_STAGES = {"reading": "Zahlen lesen", "computing": "rechnen", "publishing": "veröffentlichen"}
_AS_OF: Final = Label(
    "Bilanz {year}, Fassung {version}, veröffentlicht am {day}",
    "balance {year}, version {version}, published on {day}",
)
_PACKAGE = "klima_balance.balances"
_BESIDE_TOTAL = (
    (Block.AGRICULTURE, "agriculture_t_co2e"),
    (Block.LAND_USE, "land_use_t_co2e"),
    (Block.PROCESS_ETS, "process_ets_t_co2"),
    (Block.WASTE, "waste_t_co2e"),
)


def balance_widget(document: Json, lang: Lang) -> Widget:
    """Figures, bars by sector, and the same numbers as tables."""
    totals = document["totals"]
    title = Label("Energie und Treibhausgase", "Energy and greenhouse gases").get(lang)
    values = {
        "quality_word": quality_word(document["data_quality"], lang),
        "whole": emissions_trading(
            totals["process_ets_t_co2"], document["blocks"].get("process_ets", ()), lang
        ),
        "beside": [
            (block.label(lang), display(totals[key], lang, _grade(document, block), 0))
            for block, key in _BESIDE_TOTAL
            if block is not Block.WASTE or totals.get(key) is not None
        ],
        "wide": bars(document, "sector", lang, standalone=False),
        "narrow": narrow_bars(document, lang),
    }
    picture = bars(document, "sector", lang)
    return _widget(document, lang, title, "balance.html", values, picture=picture)


def _grade(document: Json, block: Block) -> Grade | None:
    return worst_grade(document["blocks"].get(block.value, ()))


def renewables_widget(document: Json, lang: Lang) -> Widget:
    """Local generation by technology beside the local electricity use."""
    title = Label("Erneuerbarer Strom", "Renewable power").get(lang)
    values = {"chart": generation(document, lang), "generated": _grade(document, Block.RENEWABLES)}
    picture = generation(document, lang, standalone=True)
    return _widget(document, lang, title, "renewables.html", values, picture=picture)


def _widget(
    document: Json, lang: Lang, title: str, template: str, values: Json, *, picture: str
) -> Widget:
    name, meta = f"{document['region']['name']} {year_of(document, lang)}", document["meta"]
    address = f"/v1/regions/{document['region']['ags']}/balances/{document['year']}"
    day = long_date(day_of(document["published_at"]), lang)
    explained = Label("Rechenweg", "How it was computed").get(lang)
    source = Source(
        attribution=meta["attribution"],
        as_of=_AS_OF.get(lang).format(
            year=year_of(document, lang), version=document["version"], day=day
        ),
        licence=meta["licence"],
        licence_url=meta["licence_url"],
        links=[
            ("CSV", f"{address}?format=csv-de"),
            ("Excel", f"{address}?format=xlsx"),
            ("JSON", address),
            (explained, f"{address}/explain?sector=households"),
        ],
    )
    values = {"document": document, "totals": document["totals"], "name": name, **values}
    return Widget(lang, f"{title}: {name}", source, _PACKAGE, template, values, picture)


def quality_word(value: float | None, lang: Lang) -> str:
    """The wording that goes with a data quality."""
    return wording(value, lang) or Label("unbekannt", "unknown").get(lang)


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
    totals, region, year = document["totals"], document["region"], year_of(document, "de")
    console.print(
        f"\n[bold]{region['name']}[/bold] ({region['ags']}), {year}, Fassung"
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
            display(row["final_energy_mwh"], "de", grade_of(row["data_quality"]), 0),
            display(row["emissions_t_co2e"], "de", grade_of(row["data_quality"]), 0),
            percent(share),
            number(row["data_quality"], decimals=2),
        )
    table.add_section()
    table.add_row(
        "Summe BISKO",
        display(totals["final_energy_mwh"], "de", grade_of(document["data_quality"]), 0),
        display(totals["bisko_t_co2e"], "de", grade_of(document["data_quality"]), 0),
        "",
        number(document["data_quality"], decimals=2),
        style="bold",
    )
    console.print(table)
    console.print(_beside_table(document))
    members = document["members"]
    if members["expected"] > 1:
        console.print(f"Summe aus {members['present']} von {members['expected']} Kommunen.")
    conformity = document["conformity"]
    console.print(
        f"Konformität: {ConformityState(conformity['state']).de} ({len(conformity['findings'])}"
        f" Hinweise). Quelle: {document['meta']['attribution']}. Lizenz"
        f" {document['meta']['licence']}."
    )


def _beside_table(document: JsonObject) -> Table:
    """Per inhabitant, and the blocks that no total of BISKO has."""
    beside = Table("Neben der BISKO-Summe", title_justify="left")
    beside.add_column("", justify="right")
    for label, name, unit, grade in (
        (
            "je Einwohner (BISKO)",
            "bisko_t_co2e_per_inhabitant",
            "t CO₂e",
            grade_of(document["data_quality"]),
        ),
        ("Landwirtschaft", "agriculture_t_co2e", "t CO₂e", _grade(document, Block.AGRICULTURE)),
        ("Landnutzung und Wald", "land_use_t_co2e", "t CO₂e", _grade(document, Block.LAND_USE)),
        (
            "Prozesse und Emissionshandel",
            "process_ets_t_co2",
            "t CO₂",
            _grade(document, Block.PROCESS_ETS),
        ),
        (
            "Erneuerbarer Strom",
            "renewable_generation_mwh",
            "MWh",
            _grade(document, Block.RENEWABLES),
        ),
    ):
        value = document["totals"][name]
        written = display(value, "de", grade, 2 if name.endswith("inhabitant") else 0)
        beside.add_row(label, written if value is None else f"{written} {unit}")
    return beside
