"""Heat pumps: ambient heat carries the federal mix / 3.2, and heat / 3.2 is taken off the
electricity of its sector.

The quantity of ambient heat is the heat that the pumps deliver. Their drive power is part of it
and, in the figures that are delivered or allocated, part of electricity too; it is booked off once.
With the split it leaves electricity, without it it leaves ambient heat (which then has no
emissions): energy and emissions are the same in total.
"""

from typing import Final

import numpy as np

from klima_balance.engine.results import Cells
from klima_balance.engine.rows import Line, Part, Run
from klima_shared.codes.energy import Carrier, Sector

HEAT_PUMPS: Final = "heat_pumps"


def heat_pumps(cells: Cells, run: Run) -> Part:
    """One line per sector and carrier with negative quantities.

    Where a sector has less electricity than its heat pumps need, the power stays with ambient heat:
    none goes negative.
    """
    performance = run.method.parameter("heat_pump_performance_factor")
    lines, quantity, key, absent = [], [], [], []
    for sector in Sector:
        if (sector.value, Carrier.AMBIENT_HEAT.value) not in cells.position:
            continue
        heat = cells.energy_of(sector, Carrier.AMBIENT_HEAT)
        power = heat / performance
        enough = cells.energy_of(sector, Carrier.ELECTRICITY) >= power
        from_electricity = enough if run.options.heat_pump_split else np.zeros_like(enough)
        for carrier, here in (
            (Carrier.ELECTRICITY, from_electricity),
            (Carrier.AMBIENT_HEAT, ~from_electricity),
        ):
            if not here.any():
                continue
            lines.append(
                Line(
                    block="bisko",
                    sector=sector.value,
                    carrier=carrier.value,
                    group=HEAT_PUMPS,
                    item="heat_pump_power",
                    label_de="Antriebsstrom der Wärmepumpen",
                    label_en="Drive power of heat pumps",
                    unit="MWh",
                    kind="heat_pump",
                    key="ambient_heat",
                    source=f"rule: heat / {performance:g}",
                    factor=run.factor(Sector.HOUSEHOLDS, Carrier.ELECTRICITY),
                    hours=performance,
                )
            )
            quantity.append(-power)
            key.append(heat)
            absent.append(~here | (heat == 0))
    return Part.of(lines, quantity, key, absent, size=run.size)
