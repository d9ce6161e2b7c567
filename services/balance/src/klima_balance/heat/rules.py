"""District heat networks of a municipality: which of the three ways serves each, and the factor of
all together.

Per network the first that is available: own plant data (exergy), a declared technology that
supplies at least 80 %, the default of the method. Several networks of one municipality are weighted
with the heat they deliver.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from klima_balance.engine.district_heat import (
    HeatFactor,
    HeatSource,
    NetworkFactor,
    declared_factor,
    network_factor,
    plant_factor,
)
from klima_balance.heat.model import Network
from klima_balance.method.factors import carrier_factor
from klima_balance.method.model import Method
from klima_shared.codes.energy import Carrier
from klima_shared.language.errors import InputError
from klima_shared.language.numbers import Lang, number
from klima_shared.language.text import Text
from klima_shared.wire.json import JsonObject

# Several times that of the worst network: above it, quantities or units were mistaken.
MOST_G_PER_KWH: Final = 2000.0
# What is recorded is of no language: the record is part of the digest of a balance, and is read in
# two.
_RECORDED: Final = "{}, {:.6g} g/kWh"
_KINDS: Final = re.compile(rf"(?<=: )({'|'.join(HeatSource)}), (\S+) g/kWh(?= \()")


def in_words(source: str, lang: Lang) -> str:
    """The recorded source of an own factor of district heat, with the way that served in words."""

    def name_way(match: re.Match[str]) -> str:
        return f"{HeatSource(match[1]).label(lang)}, {number(float(match[2]), lang, 2)} g/kWh"

    return _KINDS.sub(name_way, source)


def factor_of(network: Network, method: Method, factor_set: str) -> HeatFactor:
    """The factor of a network and which way served. `InputError` for impossible plant data."""
    chosen = _Factors(method, factor_set, network.year)
    plant = declared = None
    if network.plant is not None:
        plant = _plant(network, network.plant, chosen)
    elif network.declared is not None:
        d = network.declared
        least = method.parameter("declared_technology_share")
        declared = declared_factor(chosen.of(d) / _efficiency(d), float(d["share"]), least)
    return network_factor(plant, declared, chosen.of_carrier(Carrier.DISTRICT_HEAT))


class _Factors(NamedTuple):
    """The factors of fuels in a factor set and year."""

    method: Method
    factor_set: str
    year: int

    def of_carrier(self, carrier: str) -> float:
        return carrier_factor(self.method, self.factor_set, carrier, "stationary", self.year).value

    def of(self, row: JsonObject) -> float:
        """The factor given with a fuel, else that of its carrier in the factor set."""
        given = row.get("factor_g_per_kwh")
        return self.of_carrier(str(row["carrier"])) if given is None else float(given)

    def fuels(self, rows: Sequence[JsonObject]) -> list[tuple[float, float]]:
        return [(float(row["mwh"]), self.of(row)) for row in rows]


def _plant(network: Network, plant: JsonObject, factors: _Factors) -> HeatFactor:
    chp = factors.fuels(plant.get("chp_fuels", ()))
    boilers = factors.fuels(plant.get("boiler_fuels", ()))
    delivered = network.delivered_mwh
    if not chp and not boilers:
        expected = Text("the fuels of the plant or of its boilers")
        raise InputError.at("plant.chp_fuels", [], expected)
    if chp:
        factor = plant_factor(
            chp,
            float(plant["power_mwh"]),
            float(plant["chp_heat_mwh"]),
            float(plant["supply_k"]),
            boiler_fuels=boilers,
            delivered_mwh=delivered,
        )
    else:
        burnt = sum(mwh * value for mwh, value in boilers)
        amounts = f"{burnt:.6g} kg CO2e / {delivered:.6g} MWh"
        text = Text("boilers {amounts}", amounts=amounts)
        factor = HeatFactor(burnt / delivered, HeatSource.PLANT, text)
    if factor.g_per_kwh > MOST_G_PER_KWH:
        expected = Text(
            "heat that fits the fuels (at most {most_g_per_kwh:g} g CO2e per kWh)",
            most_g_per_kwh=MOST_G_PER_KWH,
        )
        raise InputError.at("delivered_mwh", delivered, expected)
    return factor


def _efficiency(declared: JsonObject) -> float:
    value = declared.get("efficiency")
    return 1.0 if value is None or declared.get("factor_g_per_kwh") is not None else float(value)


def heat_supply(
    networks: Sequence[Network], method: Method, factor_set: str, year: int
) -> list[NetworkFactor]:
    """The factor of each region's own networks; none where the default serves all of them."""
    result = []
    for region in sorted({n.region for n in networks}):
        own = [n for n in networks if n.region == region]
        factors = [(n, factor_of(n, method, factor_set)) for n in own]
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
