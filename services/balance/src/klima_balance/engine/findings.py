"""What must be said about a balance, as counts per region: the raw material of conformity."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from klima_balance.engine.figures import Activity
from klima_balance.engine.results import CELL_MISSING, Cells
from klima_balance.engine.rows import COUNTED, RowTable, Run
from klima_balance.engine.statistics import ENTERED, HERD, INTERPOLATED, Statistics
from klima_balance.method.equation import Floats
from klima_balance.method.model import Method

Counts = npt.NDArray[np.int64]

# Statistics whose flags and years are worth a finding: those that a line of the method reads.
READ: Final = (
    "population",
    "living_area_1000m2",
    "flats_total",
    "flats_district_heat",
    "traffic_area_ha",
    "industry_commerce_area_ha",
    "agricultural_area_ha",
    "settlement_area_ha",
    "forest_ha",
    "woods_ha",
    "heath_ha",
    "moor_ha",
    "marsh_ha",
    "ets_industry_t",
    "pv_kw",
    "wind_kw",
    "biomass_kw",
    "hydro_kw",
    *HERD,
)


def per_inhabitant(values: Floats, population: Floats) -> Floats:
    """Values per inhabitant; missing where nobody lives or the population is missing."""
    return np.divide(values, population, out=np.full_like(population, np.nan), where=population > 0)


def indicators(statistics: Statistics) -> dict[str, Floats]:
    """What warns: m2 of commercial and of traffic area per inhabitant, share of flats on district
    heat."""
    population, flats = statistics.column("population"), statistics.column("flats_total")
    heated = statistics.column("flats_district_heat")
    return {
        "warn_commercial_area": per_inhabitant(
            statistics.column("industry_commerce_area_ha") * 1e4, population
        ),
        "warn_traffic_area": per_inhabitant(statistics.column("traffic_area_ha") * 1e4, population),
        "warn_district_heat": np.divide(
            heated, flats, out=np.full_like(flats, np.nan), where=flats > 0
        ),
    }


def findings(run: Run, table: RowTable) -> dict[str, Counts]:
    """0 or 1 per region for every finding."""
    statistics, state = run.statistics, table.state
    default, short_of_power, site_fuels, shared_herd = (
        np.zeros(run.size, dtype=bool) for _ in range(4)
    )
    for i, line in enumerate(table.lines):
        if line.block == "bisko" and line.kind == "allocated":
            default |= state[i] == COUNTED
        elif (
            line.kind == "heat_pump"
            and line.carrier == "ambient_heat"
            and run.options.heat_pump_split
        ):
            short_of_power |= (state[i] == COUNTED) & (table.quantity[i] < 0)
        elif line.item == "site_fuel":
            site_fuels |= (state[i] == COUNTED) & (table.quantity[i] > 0)
        elif line.kind == "herd":
            shared_herd |= (state[i] == COUNTED) & ~statistics.flagged(line.key, ENTERED)
    found = {
        name: values > run.method.parameter(name) for name, values in indicators(statistics).items()
    }
    for name in found:
        found[name] &= default
    found |= {
        "start_balance": default,
        "heat_pump_power": short_of_power,
        "site_fuels": site_fuels,
        "shared_herd": shared_herd,
    }
    for name, mask in (
        ("statistic_carried", [statistics.carried(n) for n in READ]),
        ("statistic_interpolated", [statistics.flagged(n, INTERPOLATED) for n in READ]),
        ("statistic_corrected", [statistics.flagged(n, "correction") for n in READ]),
        ("statistic_implausible", [statistics.flagged(n, "implausible") for n in READ]),
    ):
        found[name] = np.logical_or.reduce(mask)
    return {name: mask.astype(np.int64) for name, mask in found.items()}


def filled_cells(
    method: Method, cells: Cells, activities: Sequence[Activity]
) -> npt.NDArray[np.bool_]:
    """Which of the required cells hold an entry: [cells of required_cells.csv, regions]."""
    required = method.required_cells
    filled = np.zeros((len(required), cells.energy.shape[1]), dtype=bool)
    delivered: dict[str, list[int]] = {}
    for a in activities:
        if a.kind == "local" and a.category:
            delivered.setdefault(a.category, []).append(a.region)
            delivered.setdefault(f"{a.category}.{a.carrier}", []).append(a.region)
    for i, (sector, carrier, category) in enumerate(
        zip(required["sector"], required["carrier"], required["category"], strict=True)
    ):
        if category:
            filled[i, delivered.get(f"{category}.{carrier}" if carrier else category, [])] = True
        elif (at := cells.position.get((sector, carrier))) is not None:
            filled[i] = (cells.status[at] > 0) & (cells.status[at] < CELL_MISSING)
    return filled
