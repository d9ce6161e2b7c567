"""District heat networks of a municipality: which of the three ways serves each, and the factor of
all together.

Per network the first that is available: own plant data (exergy), a declared technology that
supplies at least 80 %, the default of the method. Several networks of one municipality are weighted
with the heat they deliver.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from klima_balance.engine.district_heat import (
    HeatFactor,
    HeatSource,
    declared_factor,
    network_factor,
    plant_factor,
)
from klima_balance.engine.figures import NetworkFactor
from klima_balance.method.errors import InputError
from klima_balance.method.factors import carrier_factor
from klima_balance.method.model import Method
from klima_shared.codes.energy import Carrier
from klima_shared.language.numbers import Lang, number
from klima_shared.language.text import Text


@dataclass(frozen=True)
class Network:
    """`plant`: chp_fuels and boiler_fuels (carrier, mwh[, factor_g_per_kwh]), power_mwh,
    chp_heat_mwh, supply_k. `declared`: technology, share, and factor_g_per_kwh or carrier with
    efficiency.
    """

    region: str
    name: str
    delivered_mwh: float
    plant: Mapping[str, Any] | None
    declared: Mapping[str, Any] | None
    source: str


# Several times that of the worst network: above it, quantities or units were mistaken.
MOST_G_PER_KWH: Final = 2000.0
# What is recorded is of no language: the record is part of the digest of a balance, and is read in
# two.
_RECORDED: Final = "{}, {:.6g} g/kWh"
_KINDS: Final = re.compile(rf"(?<=: )({'|'.join(HeatSource)}), (\S+) g/kWh(?= \()")


def in_words(source: str, lang: Lang) -> str:
    """The recorded source of an own factor of district heat, with the way that served in words."""

    def said(found: re.Match[str]) -> str:
        return f"{HeatSource(found[1]).label(lang)}, {number(float(found[2]), lang, 2)} g/kWh"

    return _KINDS.sub(said, source)


def factor_of(network: Network, method: Method, factor_set: str, year: int) -> HeatFactor:
    """The factor of a network and which way served. `InputError` for impossible plant data."""

    def fuels(name: str) -> list[tuple[float, float]]:
        return [
            (float(f["mwh"]), _fuel(f, method, factor_set, year))
            for f in (network.plant or {}).get(name, ())
        ]

    default = carrier_factor(method, factor_set, Carrier.DISTRICT_HEAT, "stationary", year).value
    plant = declared = None
    if network.plant is not None:
        p = network.plant
        chp, boilers = fuels("chp_fuels"), fuels("boiler_fuels")
        if not chp and not boilers:
            raise InputError(
                "plant.chp_fuels", [], Text("the fuels of the plant or of its boilers")
            )
        if chp:
            plant = plant_factor(
                chp,
                float(p["power_mwh"]),
                float(p["chp_heat_mwh"]),
                float(p["supply_k"]),
                boiler_fuels=boilers,
                delivered_mwh=network.delivered_mwh,
            )
        else:
            burnt = sum(mwh * factor for mwh, factor in boilers)
            amounts = f"{burnt:.6g} kg CO2e / {network.delivered_mwh:.6g} MWh"
            text = Text("boilers {amounts}", amounts=amounts)
            plant = HeatFactor(burnt / network.delivered_mwh, HeatSource.PLANT, text)
        if plant.g_per_kwh > MOST_G_PER_KWH:
            raise InputError(
                "delivered_mwh",
                network.delivered_mwh,
                Text(
                    "heat that fits the fuels (at most {most_g_per_kwh:g} g CO2e per kWh)",
                    most_g_per_kwh=MOST_G_PER_KWH,
                ),
            )
    elif network.declared is not None:
        d = network.declared
        least = method.parameter("declared_technology_share")
        declared = declared_factor(
            _fuel(d, method, factor_set, year) / _efficiency(d), float(d["share"]), least
        )
    return network_factor(plant, declared, default)


def _efficiency(declared: Mapping[str, Any]) -> float:
    value = declared.get("efficiency")
    return 1.0 if value is None or declared.get("factor_g_per_kwh") is not None else float(value)


def _fuel(row: Mapping[str, Any], method: Method, factor_set: str, year: int) -> float:
    """The factor given with a fuel, else that of its carrier in the factor set."""
    given = row.get("factor_g_per_kwh")
    if given is not None:
        return float(given)
    return carrier_factor(method, factor_set, str(row["carrier"]), "stationary", year).value


def heat_supply(
    networks: Sequence[Network], method: Method, factor_set: str, year: int
) -> list[NetworkFactor]:
    """The factor of each region's own networks; none where the default serves all of them."""
    result = []
    for region in sorted({n.region for n in networks}):
        own = [n for n in networks if n.region == region]
        factors = [(n, factor_of(n, method, factor_set, year)) for n in own]
        kinds = {factor.kind for _, factor in factors}
        if kinds == {HeatSource.DEFAULT}:
            continue
        delivered = sum(n.delivered_mwh for n in own)
        result.append(
            NetworkFactor(
                region,
                year,
                HeatSource.PLANT if HeatSource.PLANT in kinds else HeatSource.DECLARED,
                sum(n.delivered_mwh * f.g_per_kwh for n, f in factors) / delivered,
                "; ".join(
                    f"{n.name}: {_RECORDED.format(f.kind, f.g_per_kwh)} ({n.source})"
                    for n, f in factors
                ),
            )
        )
    return result
