"""Land use: hectares x factor, signed. The forest factor is a chosen, printed assumption: a forest
may be a source."""

from typing import Any

import numpy as np
import pandas as pd

from klima_balance.engine.options import Options
from klima_balance.engine.rows import Line, Part, part
from klima_balance.engine.statistics import Statistics
from klima_balance.method.equation import Floats, tonnes_per_unit
from klima_balance.method.factors import Factor
from klima_balance.method.model import Method

_INVENTORY = {"2020": "inventory_2018", "2023": "inventory_2021"}


def areas(statistics: Statistics) -> dict[str, Floats]:
    """Hectares per activity of `land_use.csv`. Without a split of farmland all of it counts as
    cropland."""
    cropland, grassland = statistics.column("cropland_ha"), statistics.column("grassland_ha")
    split = ~np.isnan(cropland) & ~np.isnan(grassland)
    return {
        "forest_ha": statistics.column("forest_ha"),
        "cropland_ha": np.where(split, cropland, statistics.column("agricultural_area_ha")),
        "grassland_ha": grassland,
        "woods_ha": statistics.column("woods_ha"),
        "heath_ha": statistics.column("heath_ha"),
        "moor_ha": statistics.column("moor_ha"),
        "marsh_ha": statistics.column("marsh_ha"),
        "settlement_and_traffic_ha": statistics.column("settlement_area_ha")
        + statistics.column("traffic_area_ha"),
    }


def land_use(statistics: Statistics, method: Method, options: Options) -> Part:
    """Forest by `options.forest_factor`, everything else by the inventory of
    `options.inventory_submission`."""
    table = method.land_use
    inventory = _INVENTORY[options.inventory_submission]
    forest = (table["land_use"] == "forest") & (table["assumption"] == options.forest_factor)
    other = (
        (table["land_use"] != "forest")
        & (table["assumption"] == inventory)
        & (table["activity"] != "")
    )
    hectares = areas(statistics)
    lines, quantity, key, absent = [], [], [], []
    for _, row in pd.concat([table[forest], table[other]]).iterrows():
        activity = str(row["activity"])
        area = hectares[activity]
        outside = (
            np.isnan(area) if activity == "grassland_ha" else np.zeros(statistics.size, dtype=bool)
        )
        lines.append(_line(row, activity))
        quantity.append(area)
        key.append(area)
        absent.append(outside)
    return part(lines, quantity, key, absent, statistics.size)


def _line(row: "pd.Series[Any]", activity: str) -> Line:
    value, unit = float(row["value"]), str(row["unit"])
    data = str(row["data"])
    soil = {
        "organic": (" (organischer Boden)", " (organic soil)"),
        "mineral": (" (Mineralboden)", " (mineral soil)"),
    }
    soil_de, soil_en = soil.get(str(row["soil"]), ("", ""))
    return Line(
        block="land_use",
        sector="",
        carrier="",
        group=str(row["land_use"]),
        item=f"{row['land_use']}_{row['soil']}",
        label_de=str(row["label_de"]) + soil_de,
        label_en=str(row["label_en"]) + soil_en,
        unit="ha",
        kind="statistic",
        status="estimated",
        grade="D",
        key=activity,
        source="",
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
