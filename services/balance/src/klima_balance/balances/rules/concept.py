"""The figures of a balance in the order and with the names of the county's concept: the five
sectors of BISKO, and beside them what the concept lists as sectors, too. A way of reading, no other
total."""

import csv
from functools import cache
from importlib.resources import files

from klima_shared.codes.energy import Block, Sector
from klima_shared.county import folder
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json, JsonObject

_BESIDE = {
    Block.AGRICULTURE: ("agriculture_t_co2e", Text("beside BISKO, in no total")),
    Block.RENEWABLES: ("renewable_generation_mwh", Text("generation; never subtracted")),
}


@cache
def concept_sectors() -> tuple[tuple[Label, Sector | Block], ...]:
    """The sectors of `sectors_of_the_concept.csv` of the county in their order; a county that has
    no such file reads the shipped one."""
    own = folder() / "sectors_of_the_concept.csv"
    table = own if own.is_file() else files("klima_shared.county") / own.name
    text = table.read_text(encoding="utf-8")
    return tuple(
        (
            Label(row["de"], row["en"]),
            Sector(row["code"]) if row["kind"] == "sector" else Block(row["code"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


def sectors_of(document: Json) -> list[JsonObject]:
    """One row each, with `label` and `note` in both languages; figures that a row has not are None.

    The municipal row has the fleet as `fleet`: it is contained in transport, and in no sum here.
    """
    by_sector = {row["sector"]: row for row in document["sectors"]}
    totals, found = document["totals"], []
    for label, shown in concept_sectors():
        row: JsonObject = {
            "label": label,
            "shown_from": f"{'sector' if isinstance(shown, Sector) else 'block'} {shown.value}",
            "in_bisko": isinstance(shown, Sector),
            "final_energy_mwh": None,
            "emissions_t_co2e": None,
            "generation_mwh": None,
            "fleet": None,
            "note": None,
        }
        if isinstance(shown, Sector):
            figures = by_sector.get(shown.value, {})
            row |= {n: figures.get(n) for n in ("final_energy_mwh", "emissions_t_co2e")}
            if shown is Sector.MUNICIPAL:
                row |= {"fleet": _fleet(document), "note": _FLEET}
        else:
            name, note = _BESIDE[shown]
            place = "generation_mwh" if shown is Block.RENEWABLES else "emissions_t_co2e"
            row |= {place: totals[name], "note": note}
        found.append(row)
    return found


_FLEET = Text("the fleet is contained in transport and stands here as a part of it")


def _fleet(document: Json) -> JsonObject | None:
    rows = [row for row in document.get("memo", ()) if row["item"] == "municipal_fleet"]
    if not rows:
        return None
    return {n: sum(row[n] for row in rows) for n in ("final_energy_mwh", "emissions_t_co2e")}
