"""Rows to cells and totals, in a fixed order."""

from collections.abc import Sequence

import numpy as np

from klima_balance.engine.figures import Activity
from klima_balance.engine.quality import WEIGHT
from klima_balance.engine.results import (
    BLOCKS,
    CELL_MISSING,
    CELL_STATUS,
    GRADES,
    Cells,
    Totals,
    cell_order,
)
from klima_balance.engine.rows import COUNTED, MISSING, RowTable, Run
from klima_balance.method.equation import Floats
from klima_shared.codes.energy import Carrier


def cell_sums(table: RowTable, activities: Sequence[Activity]) -> Cells:
    """Cells of the BISKO block from its lines and the local activities."""
    lines, state = table.lines, table.state
    local = [a for a in activities if a.block == "bisko" and a.kind != "memo"]
    names = {(x.sector, x.carrier) for x in lines if x.block == "bisko"} | {
        (a.sector, a.carrier) for a in local
    }
    # Heat pumps move power between these two, also where a sector has only one of them.
    names |= {
        (sector, Carrier.ELECTRICITY.value)
        for sector, carrier in names
        if carrier == Carrier.AMBIENT_HEAT
    }
    order = cell_order(names)
    position = {name: i for i, name in enumerate(order)}
    shape = (len(order), state.shape[1])
    energy, emissions, weighted = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    status, grade = np.zeros(shape, dtype=np.uint8), np.zeros(shape, dtype=np.uint8)
    counted = np.zeros(shape, dtype=np.int32)
    for i, line in enumerate(lines):
        if line.block != "bisko":
            continue
        at, here = position[line.sector, line.carrier], state[i] == COUNTED
        amount = np.where(here, table.quantity[i], 0.0)
        energy[at] += amount
        emissions[at] += amount * (line.factor.t_per_unit if line.factor else 0.0)
        weighted[at] += amount * WEIGHT[line.grade]
        counted[at] += here
        rank = np.where(
            here, CELL_STATUS.index(line.status), np.where(state[i] == MISSING, CELL_MISSING, 0)
        )
        np.maximum(status[at], rank.astype(np.uint8), out=status[at])
        np.maximum(
            grade[at], np.where(here, GRADES.index(line.grade), 0).astype(np.uint8), out=grade[at]
        )
    for a in local:
        at = position[a.sector, a.carrier]
        energy[at, a.region] += a.quantity
        emissions[at, a.region] += a.emissions
        if a.kind == "municipal":
            # The rest of commerce keeps its quality: weight leaves in the proportion in which
            # energy does.
            before = energy[at, a.region] - a.quantity
            weighted[at, a.region] += (
                weighted[at, a.region] / before * a.quantity if before > 0 else 0.0
            )
            continue
        weighted[at, a.region] += a.quantity * WEIGHT[a.grade]
        counted[at, a.region] += 1
        status[at, a.region] = max(int(status[at, a.region]), CELL_STATUS.index(a.status))
        grade[at, a.region] = max(int(grade[at, a.region]), GRADES.index(a.grade))
    return Cells(order, energy, emissions, weighted, status, grade, counted)


def block_totals(run: Run, table: RowTable, cells: Cells, activities: Sequence[Activity]) -> Totals:
    """Totals of every block. BISKO is the sum of its cells; memo lines are in no total."""
    size = run.size
    sums: dict[str, Floats] = {name: np.zeros(size) for name in (*BLOCKS[1:], "site_fuels")}
    rows = {name: np.zeros(size) for name in BLOCKS}
    missing = {name: np.zeros(size) for name in rows}
    power_moved = np.zeros(size)
    for i, line in enumerate(table.lines):
        if line.memo:
            if line.item == "site_fuel":
                sums["site_fuels"] += table.emissions[i]
            continue
        rows[line.block] += table.state[i] == COUNTED
        missing[line.block] += table.gaps[i]
        if line.block in sums:
            sums[line.block] += (
                table.counted[i] if line.block == "renewables" else table.emissions[i]
            )
        if line.kind == "heat_pump" and line.carrier == Carrier.ELECTRICITY:
            power_moved += table.counted[i]
    for a in activities:
        if a.kind == "memo":
            continue
        rows[a.block][a.region] += 1
        if a.block == "renewables":
            sums["renewables"][a.region] += a.quantity
        elif a.block == "waste":
            sums["waste"][a.region] += a.emissions
    energy, emission, weighted, electricity = (np.zeros(size) for _ in range(4))
    for i, (_, carrier) in enumerate(cells.names):
        energy += cells.energy[i]
        emission += cells.emissions[i]
        weighted += cells.weighted[i]
        if Carrier(carrier).electric:
            electricity += cells.energy[i]
    return Totals(
        population=run.statistics.column("population"),
        final_energy_mwh=energy,
        bisko_t_co2e=emission,
        weighted_energy_mwh=weighted,
        agriculture_t_co2e=sums["agriculture"],
        land_use_t_co2e=sums["land_use"],
        process_ets_t_co2=sums["process_ets"],
        waste_t_co2e=sums["waste"],
        site_fuels_t_co2e=sums["site_fuels"],
        renewable_generation_mwh=sums["renewables"],
        electricity_use_mwh=electricity - power_moved,
        **{f"{name}_rows": values for name, values in rows.items()},
        **{f"{name}_gaps": values for name, values in missing.items()},
    )
