"""The one equation of every balance.

    energy      E [MWh]    = quantity x heating value                  (only where the quantity is
    not already MWh)
    emissions   M [t CO2e] = quantity x factor(category, year, gas) x GWP(gas, set)

Everything else in this package decides which quantity meets which factor.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from klima_balance.method.expected import one_of
from klima_shared.language.errors import InputError

Floats = npt.NDArray[np.float64]

# t of gas per unit of quantity, for each unit a factor may have.
UNIT_SCALE: Final[dict[str, float]] = {
    "g CO2e/kWh": 1e-3,  # per MWh
    "g CO2/kWh": 1e-3,  # per MWh
    "kg CH4/head": 1e-3,
    "kg N2O/head": 1e-3,
    "kg N2O/ha": 1e-3,
    "kg CO2/ha": 1e-3,
    "t CO2e/ha": 1.0,
    "t CO2/t CO2": 1.0,
}


def tonnes_per_unit(value: float, unit: str, gwp: float) -> float:
    """The factor in t CO2e per unit of quantity: `value` in `unit` times the GWP of its gas."""
    if unit not in UNIT_SCALE:
        raise InputError.at("unit", unit, one_of(UNIT_SCALE))
    return value * UNIT_SCALE[unit] * gwp


def emissions(quantity: Floats, factor: Floats | float) -> Floats:
    """Tonnes of CO2e: quantities [lines, regions] with one factor (t CO2e per unit) per line, or
    shapes that broadcast.

    A missing quantity (NaN) gives a missing emission (NaN), never zero.
    """
    return np.asarray(quantity * factor, dtype=np.float64)


def energy(quantity: Floats, heating_value_kwh_per_unit: float) -> Floats:
    """MWh of fuel quantities with a heating value in kWh per unit."""
    return np.asarray(quantity * heating_value_kwh_per_unit / 1000.0, dtype=np.float64)
