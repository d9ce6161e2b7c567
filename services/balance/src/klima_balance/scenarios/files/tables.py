"""Scenario results and potentials as tables for CSV and Excel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from klima_shared.codes.lists import Block, Carrier, Sector
from klima_shared.formats import Column, Kind, Table
from klima_shared.language.numbers import Lang
from klima_shared.language.text import Text

RESULT_COLUMNS = [
    Column("region", Text("AGS", "AGS")),
    Column("name", Text("Gebiet", "Region")),
    Column("scenario", Text("Szenario", "Scenario")),
    Column("year", Text("Jahr", "Year"), Kind.INTEGER),
    Column("block", Text("Teilbilanz", "Block")),
    Column("sector", Text("Sektor", "Sector")),
    Column("sector_label", Text("Bezeichnung", "Label")),
    Column("carrier", Text("Energieträger", "Carrier")),
    Column("carrier_label", Text("Bezeichnung", "Label")),
    Column("final_energy_mwh", Text("Endenergie", "Final energy"), Kind.NUMBER, "MWh"),
    Column("emissions_t_co2e", Text("Treibhausgase", "Greenhouse gases"), Kind.NUMBER, "t CO2e"),
]
_BLOCKS = (
    (Block.AGRICULTURE, "agriculture_t_co2e"),
    (Block.LAND_USE, "land_use_t_co2e"),
    (Block.PROCESS_ETS, "process_ets_t_co2"),
)


def about(content: Mapping[str, Any]) -> list[tuple[Text, str]]:
    meta = content["meta"]
    return [
        (Text("Methode", "Method"), meta["method"]),
        (Text("Szenariotabellen", "Scenario tables"), meta["scenario_edition"]),
        (
            Text("Faktorsatz", "Factor set"),
            f"{meta['factor_set']['id']} {meta['factor_set']['version']}",
        ),
        (Text("Lizenz", "Licence"), meta["licence"]),
        (Text("Quellenangabe", "Attribution"), meta["attribution"]),
        *((Text("Quelle", "Source"), source) for source in meta["sources"]),
    ]


def results_table(content: Mapping[str, Any], lang: Lang) -> Table:
    """Cells of every year, then the blocks beside BISKO and the renewables."""
    region, scenario = content["region"], content["scenario"]
    title = Text(f"{scenario['title']}: {region['name']}", f"{scenario['title']}: {region['name']}")
    name = f"szenario-{region['ags']}-{scenario['kind']}"
    return Table(name, title, RESULT_COLUMNS, _rows(content, lang), about(content))


def _rows(content: Mapping[str, Any], lang: Lang) -> Iterator[list[Any]]:
    start = [content["region"]["ags"], content["region"]["name"], content["scenario"]["title"]]
    for year in content["years"]:
        for cell in year["cells"]:
            sector, carrier = Sector(cell["sector"]), Carrier(cell["carrier"])
            yield [
                *start,
                year["year"],
                Block.BISKO.value,
                sector.value,
                sector.label(lang),
                carrier.value,
                carrier.label(lang),
                cell["final_energy_mwh"],
                cell["emissions_t_co2e"],
            ]
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


POTENTIAL_COLUMNS = [
    Column("region", Text("AGS", "AGS")),
    Column("name", Text("Gebiet", "Region")),
    Column("potential", Text("Potenzial", "Potential")),
    Column("label", Text("Bezeichnung", "Label")),
    Column("sector", Text("Sektor", "Sector")),
    Column("unit", Text("Einheit", "Unit")),
    Column("technical", Text("Technisch möglich", "Technical"), Kind.NUMBER),
    Column("realisable", Text("Umsetzbar", "Realisable"), Kind.NUMBER),
    Column("used", Text("Genutzt", "Used"), Kind.NUMBER),
    Column("remaining", Text("Verbleibend", "Remaining"), Kind.NUMBER),
    Column("used_share", Text("Anteil genutzt", "Used share"), Kind.NUMBER),
    Column(
        "emissions_t_co2e",
        Text("Wirkung auf Treibhausgase", "Effect on greenhouse gases"),
        Kind.NUMBER,
        "t CO2e",
    ),
    Column("source", Text("Quellen der Annahmen", "Sources of the assumptions")),
]


def potentials_table(content: Mapping[str, Any]) -> Table:
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
    title = Text(f"Potenziale {region['name']}", f"Potentials {region['name']}")
    return Table(f"potenziale-{region['ags']}", title, POTENTIAL_COLUMNS, rows, about(content))
