"""Scenario results and potentials as tables for CSV and Excel."""

from collections.abc import Iterator

from klima_balance.balances.rules.document import cell_in_words
from klima_shared.codes.energy import Block
from klima_shared.formats import Table
from klima_shared.formats.tables import Value, read_columns
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json

RESULT_COLUMNS = read_columns("klima_balance", "scenarios.result")
_BLOCKS = (
    (Block.AGRICULTURE, "agriculture_t_co2e"),
    (Block.LAND_USE, "land_use_t_co2e"),
    (Block.PROCESS_ETS, "process_ets_t_co2"),
)


def about(content: Json) -> list[tuple[Text, str]]:
    meta = content["meta"]
    return [
        (Label("Methode", "Method"), meta["method"]),
        (Label("Szenariotabellen", "Scenario tables"), meta["scenario_edition"]),
        (
            Label("Faktorsatz", "Factor set"),
            f"{meta['factor_set']['id']} {meta['factor_set']['version']}",
        ),
        (Label("Lizenz", "Licence"), meta["licence"]),
        (Label("Quellenangabe", "Attribution"), meta["attribution"]),
        *((Label("Quelle", "Source"), source) for source in meta["sources"]),
    ]


def results_table(content: Json, lang: Lang) -> Table:
    """Cells of every year, then the blocks beside BISKO and the renewables."""
    region, scenario = content["region"], content["scenario"]
    title = Text("{title}: {name}", title=scenario["title"], name=region["name"])
    name = f"szenario-{region['ags']}-{scenario['kind']}"
    return Table(name, title, RESULT_COLUMNS, _rows(content, lang), about(content))


def _rows(content: Json, lang: Lang) -> Iterator[list[Value]]:
    start = [content["region"]["ags"], content["region"]["name"], content["scenario"]["title"]]
    for year in content["years"]:
        for cell in year["cells"]:
            yield [*start, year["year"], *cell_in_words(cell, lang)]
        for block, key in _BLOCKS:
            yield [
                *start,
                year["year"],
                block.value,
                "",
                block.label(lang),
                "",
                "",
                None,
                year[key],
            ]
        made = year["renewable_generation_mwh"]
        block = Block.RENEWABLES
        yield [*start, year["year"], block.value, "", block.label(lang), "", "", made, None]


POTENTIAL_COLUMNS = read_columns("klima_balance", "scenarios.potential")


def potentials_table(content: Json) -> Table:
    region = content["region"]
    sources = {p["parameter"]: p["source"] for p in content["parameters"]}
    rows = (
        [
            region["ags"],
            region["name"],
            p["potential"],
            p["label"],
            p["sector"] or "",
            p["unit"],
            p["technical"],
            p["realisable"],
            p["used"],
            p["remaining"],
            p["used_share"],
            p["emissions_t_co2e"],
            "; ".join(dict.fromkeys(sources[name] for name in p["parameters"])),
        ]
        for p in content["potentials"]
    )
    title = Text("Potentials {name}", name=region["name"])
    return Table(f"potenziale-{region['ags']}", title, POTENTIAL_COLUMNS, rows, about(content))
