"""District heat and heat pumps: whose emissions are whose.

Combined heat and power is allocated by exergy (Carnot):

    z = 1 - 283 / T_supply[K];  f_el = E_el / (E_el + Q);  a_el = f_el / (f_el + z (1 - f_el));
    a_heat = 1 - a_el
    factor = a_heat x sum(fuel_i x factor_i) / Q_delivered          peak-load boilers: all to heat
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final, NamedTuple

from klima_balance.engine.rows import Run
from klima_balance.method.expected import NOT_NEGATIVE, more_than, one_of
from klima_balance.method.factors import Factor
from klima_shared.codes.labelled import Labelled
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text

AMBIENT_K: Final = 283.0


class HeatSource(Labelled):
    """Which of the three ways served the factor of a network, the first first."""

    PLANT = "plant", "eigene Anlagendaten", "own plant data"
    DECLARED = "declared_technology", "angegebene Technik", "declared technology"
    DEFAULT = "default", "Standardwert", "default value"


@dataclass(frozen=True)
class HeatFactor:
    """A factor of district heat in g CO2e/kWh and which of the three ways served."""

    g_per_kwh: float
    kind: HeatSource
    explanation: Text


def heat_share(
    power_mwh: float, heat_mwh: float, supply_k: float, ambient_k: float = AMBIENT_K
) -> float:
    """The share of a CHP plant's emissions that belongs to its heat (0 to 1)."""
    if not (power_mwh >= 0 and heat_mwh > 0):
        raise InputError.at(
            "heat_mwh", heat_mwh, Text("more than 0 MWh heat and at least 0 MWh power")
        )
    if not supply_k > ambient_k:
        raise InputError.at(
            "supply_k",
            supply_k,
            Text("a supply temperature above {ambient_k:g} K", ambient_k=ambient_k),
        )
    z = 1.0 - ambient_k / supply_k
    electric = power_mwh / (power_mwh + heat_mwh)
    return 1.0 - electric / (electric + z * (1.0 - electric))


def plant_factor(
    chp_fuels: Sequence[tuple[float, float]],
    power_mwh: float,
    chp_heat_mwh: float,
    supply_k: float,
    *,
    boiler_fuels: Sequence[tuple[float, float]] = (),
    delivered_mwh: float | None = None,
) -> HeatFactor:
    """Factor of a network with its own plant data.

    Fuels are (MWh, g CO2e/kWh). `delivered_mwh` is the heat that reaches the customers (default:
    the heat of the CHP plant); losses of the network raise the factor.
    """
    for fuel, factor in (*chp_fuels, *boiler_fuels):
        if not (fuel >= 0 and factor >= 0):
            raise InputError.at(
                "fuels",
                (fuel, factor),
                Label("MWh und g/kWh von mindestens 0", "MWh and g/kWh of at least 0"),
            )
    delivered = chp_heat_mwh if delivered_mwh is None else delivered_mwh
    if not delivered > 0:
        raise InputError.at("delivered_mwh", delivered, more_than("0 MWh"))
    share = heat_share(power_mwh, chp_heat_mwh, supply_k)
    burnt = sum(fuel * factor for fuel, factor in chp_fuels)
    boilers = sum(fuel * factor for fuel, factor in boiler_fuels)
    value = (share * burnt + boilers) / delivered
    return HeatFactor(
        value,
        HeatSource.PLANT,
        Text(
            "({share:.6f} x CHP {burnt:.6g} + boilers {boilers:.6g}) kg CO2e / {delivered:.6g} MWh",
            share=share,
            burnt=burnt,
            boilers=boilers,
            delivered=delivered,
        ),
    )


def declared_factor(
    technology_g_per_kwh: float, share: float, minimum_share: float = 0.8
) -> HeatFactor | None:
    """The factor of a technology that supplies at least `minimum_share` of the heat, else None."""
    if not 0 <= share <= 1:
        raise InputError.at("share", share, Label("ein Anteil von 0 bis 1", "a share from 0 to 1"))
    if share < minimum_share:
        return None
    return HeatFactor(
        technology_g_per_kwh,
        HeatSource.DECLARED,
        Label(
            f"die angegebene Technik liefert {share * 100:.0f} %",
            f"the declared technology supplies {share:.0%}",
        ),
    )


def network_factor(
    plant: HeatFactor | None, declared: HeatFactor | None, default_g_per_kwh: float = 260.0
) -> HeatFactor:
    """The first that is available: own plant data, a declared technology, the default."""
    return (
        plant
        or declared
        or HeatFactor(
            default_g_per_kwh,
            HeatSource.DEFAULT,
            Text("no plant data and no technology of at least 80 %"),
        )
    )


def drive_power(heat_mwh: float, performance_factor: float = 3.2) -> float:
    """Electricity that heat pumps take for a quantity of heat."""
    return heat_mwh / performance_factor


class NetworkFactor(NamedTuple):
    """The factor of a region's own district heat networks and which way served it."""

    region: str
    year: int
    kind: HeatSource
    factor_g_per_kwh: float
    source: str = ""


def network_factors(networks: Iterable[NetworkFactor], run: Run) -> dict[int, Factor]:
    """Own factors of district heat per region index: plant data before a declared technology."""
    own = (HeatSource.PLANT, HeatSource.DECLARED)
    chosen: dict[int, tuple[int, Factor]] = {}
    for number, network in enumerate(networks, start=1):
        at = run.position.get(network.region)
        if network.year != run.year or at is None:
            continue
        if network.kind not in own:
            raise InputError.at(
                "kind", network.kind, one_of(own), region=network.region, row=number
            )
        kind, value = HeatSource(network.kind), float(network.factor_g_per_kwh)
        if not (isfinite(value) and value >= 0):
            raise InputError.at(
                "factor_g_per_kwh", value, NOT_NEGATIVE, region=network.region, row=number
            )
        factor = Factor(
            set="local",
            category=f"district_heat_{kind}",
            gas="CO2e",
            value=value,
            unit="g CO2e/kWh",
            year=run.year,
            carried=False,
            source=network.source,
            certainty="derived",
            t_per_unit=value / 1000.0,
        )
        if at not in chosen or kind.rank < chosen[at][0]:
            chosen[at] = (kind.rank, factor)
    return {at: factor for at, (_, factor) in chosen.items()}
