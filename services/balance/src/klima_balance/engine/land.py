"""What the land emits beside energy: agriculture and land use.

Agriculture is heads x factors and hectares x factors, of one inventory submission per series. Land
use is hectares x factor, signed; the forest factor is a chosen, printed assumption: a forest may be
a source.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from klima_balance.engine.rows import Line, Part, Run
from klima_balance.engine.statistics import HERD, Statistics
from klima_balance.method.equation import Floats, tonnes_per_unit
from klima_balance.method.factors import Factor, gas_factor
from klima_shared.language.errors import InputError
from klima_shared.language.text import Text

_OPTIONAL = ("grassland_ha", "afforested_ha", "rewetted_ha")
_INVENTORY = {"2020": "inventory_2018", "2023": "inventory_2021"}


@dataclass(frozen=True, eq=False)
class Herd:
    """Heads per region; `shared`: the agricultural area that shared out the herd of the state, NaN
    for an own herd."""

    heads: Floats
    shared: Floats


def herd(statistics: Statistics, animal: str) -> Herd:
    """The municipality's own herd, else the state's herd x agricultural area / agricultural area of
    the state."""
    own = statistics.column(animal)
    area = statistics.column("agricultural_area_ha")
    codes, position = np.unique(statistics.state_codes, return_inverse=True)
    density = np.full(len(codes), np.nan)
    for i, code in enumerate(codes):
        state = statistics.states.get(str(code), {})
        heads, hectares = state.get(animal, np.nan), state.get("agricultural_area_ha", np.nan)
        if heads == heads and hectares > 0:
            density[i] = heads / hectares
    lacking = np.isnan(own)
    return Herd(np.where(lacking, area * density[position], own), np.where(lacking, area, np.nan))


def agriculture(run: Run) -> Part:
    """Enteric fermentation, manure, soils, liming and urea of one submission.

    A factor of the region's own state serves before the national one.
    """
    statistics, options = run.statistics, run.options
    table = run.method.agriculture
    rows = table[(table["submission"] == options.inventory_submission) & (table["activity"] != "")]
    herds = {animal: herd(statistics, animal) for animal in HERD}
    area = statistics.column("agricultural_area_ha")
    state_of = statistics.state_codes
    nowhere = np.zeros(statistics.size, dtype=bool)
    lines, quantity, key, absent = [], [], [], []
    named = {
        (str(r["group"]), str(r["item"]), str(r["gas"])): str(r["region"])
        for _, r in rows[rows["region"] != "DG"].iterrows()
    }
    for _, row in rows.iterrows():
        activity, region = str(row["activity"]), str(row["region"])
        own_state = named.get((str(row["group"]), str(row["item"]), str(row["gas"])), "")
        national = state_of == own_state if own_state else nowhere
        outside = national if region == "DG" else state_of != region
        if outside.all() and statistics.size:
            continue
        animal = activity in herds
        lines.append(
            Line(
                block="agriculture",
                group=str(row["group"]),
                item=str(row["item"]),
                label_de=str(row["label_de"]),
                label_en=str(row["label_en"]),
                unit="heads" if animal else "ha",
                kind="herd" if animal else "statistic",
                key=activity,
                factor=gas_factor(
                    run.method,
                    row,
                    options.gwp_set,
                    f"{row['group']}.{row['item']}.{row['gas']}.{region}",
                ),
                state="-" if region == "DG" and own_state else "" if region == "DG" else region,
            )
        )
        quantity.append(herds[activity].heads if animal else area)
        key.append(herds[activity].shared if animal else area)
        absent.append(outside)
    return Part.of(lines, quantity, key, absent, size=run.size)


def areas(statistics: Statistics) -> dict[str, Floats]:
    """Hectares per activity of `land_use.csv`. Without a split of farmland all of it counts as
    cropland."""
    cropland, grassland = statistics.column("cropland_ha"), statistics.column("grassland_ha")
    split = ~np.isnan(cropland) & ~np.isnan(grassland)
    planted, wet = statistics.column("afforested_ha"), statistics.column("rewetted_ha")
    return {
        "forest_ha": _without(statistics, "forest_ha", "afforested_ha"),
        "afforested_ha": planted,
        "rewetted_ha": wet,
        "cropland_ha": np.where(split, cropland, statistics.column("agricultural_area_ha")),
        "grassland_ha": grassland,
        "woods_ha": statistics.column("woods_ha"),
        "heath_ha": statistics.column("heath_ha"),
        "moor_ha": _without(statistics, "moor_ha", "rewetted_ha"),
        "marsh_ha": statistics.column("marsh_ha"),
        "settlement_and_traffic_ha": statistics.column("settlement_area_ha")
        + statistics.column("traffic_area_ha"),
    }


def _without(statistics: Statistics, name: str, part: str) -> Floats:
    """Hectares less a part of them that has a line of its own. `InputError` for a part that is more
    than the whole."""
    whole, inside = statistics.column(name), np.nan_to_num(statistics.column(part))
    wrong = np.flatnonzero(inside > np.nan_to_num(whole))
    if wrong.size:
        at = int(wrong[0])
        most = Text("at most the {whole:.15g} ha of {name}", whole=whole[at] + 0.0, name=name)
        region = str(statistics.regions[at])
        raise InputError.at(f"{part}", float(inside[at]), most, region=region)
    return np.asarray(whole - inside)


def land_use(run: Run) -> Part:
    """Forest by `options.forest_factor`, everything else by the inventory of
    `options.inventory_submission`."""
    statistics, options = run.statistics, run.options
    table = run.method.land_use
    inventory = _INVENTORY[options.inventory_submission]
    forest = (table["land_use"] == "forest") & (table["assumption"] == options.forest_factor)
    other = (
        (table["land_use"] != "forest")
        & table["assumption"].isin([inventory, "entered"])
        & (table["activity"] != "")
    )
    hectares = areas(statistics)
    lines, quantity, key, absent = [], [], [], []
    for _, row in pd.concat([table[forest], table[other]]).iterrows():
        activity = str(row["activity"])
        area = hectares[activity]
        outside = np.isnan(area) if activity in _OPTIONAL else np.zeros(statistics.size, dtype=bool)
        lines.append(_land_line(row, activity))
        quantity.append(area)
        key.append(area)
        absent.append(outside)
    return Part.of(lines, quantity, key, absent, size=run.size)


def _land_line(row: "pd.Series[Any]", activity: str) -> Line:
    value, unit = float(row["value"]), str(row["unit"])
    data = str(row["data"])
    soil = {
        "organic": (" (organischer Boden)", " (organic soil)"),
        "mineral": (" (Mineralboden)", " (mineral soil)"),
    }
    soil_de, soil_en = soil.get(str(row["soil"]), ("", ""))
    return Line(
        block="land_use",
        group=str(row["land_use"]),
        item=f"{row['land_use']}_{row['soil']}",
        label_de=str(row["label_de"]) + soil_de,
        label_en=str(row["label_en"]) + soil_en,
        unit="ha",
        kind="statistic",
        key=activity,
        factor=Factor(
            set=str(row["assumption"]),
            category=f"land_use.{row['land_use']}.{row['soil']}",
            gas="CO2e",
            value=value,
            unit=unit,
            year=int(data) if data.isdigit() else None,
            carried=False,
            source=str(row["source"]),
            certainty=str(row["certainty"]),
            t_per_unit=tonnes_per_unit(value, unit, 1.0),
            note=str(row["note"]),
        ),
        note="all farmland as cropland on mineral soil where no split is known"
        if activity == "cropland_ha"
        else "",
    )
