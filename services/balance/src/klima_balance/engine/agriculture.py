"""Non-energy emissions of agriculture: heads x factors, hectares x factors. One inventory
submission per series."""

from dataclasses import dataclass

import numpy as np

from klima_balance.engine.options import Options
from klima_balance.engine.rows import Line, Part, part
from klima_balance.engine.statistics import HERD, Statistics
from klima_balance.method.equation import Floats
from klima_balance.method.factors import gas_factor
from klima_balance.method.model import Method


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
    codes, position = np.unique([key[:2] for key in statistics.regions], return_inverse=True)
    density = np.full(len(codes), np.nan)
    for i, code in enumerate(codes):
        state = statistics.states.get(str(code), {})
        heads, hectares = state.get(animal, np.nan), state.get("agricultural_area_ha", np.nan)
        if heads == heads and hectares > 0:
            density[i] = heads / hectares
    lacking = np.isnan(own)
    return Herd(np.where(lacking, area * density[position], own), np.where(lacking, area, np.nan))


def agriculture(statistics: Statistics, method: Method, options: Options) -> Part:
    """Enteric fermentation, manure, soils, liming and urea of one submission.

    A factor of the region's own state serves before the national one.
    """
    table = method.agriculture
    rows = table[(table["submission"] == options.inventory_submission) & (table["activity"] != "")]
    herds = {animal: herd(statistics, animal) for animal in HERD}
    area = statistics.column("agricultural_area_ha")
    state_of = np.asarray([key[:2] for key in statistics.regions])
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
                sector="",
                carrier="",
                group=str(row["group"]),
                item=str(row["item"]),
                label_de=str(row["label_de"]),
                label_en=str(row["label_en"]),
                unit="heads" if animal else "ha",
                kind="herd" if animal else "statistic",
                status="estimated",
                grade="D",
                key=activity,
                source="",
                factor=gas_factor(
                    method,
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
    return part(lines, quantity, key, absent, statistics.size)
