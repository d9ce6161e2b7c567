"""A district heat network of a municipality and year."""

from dataclasses import dataclass

from klima_shared.revisions.model import Stamps
from klima_shared.wire.json import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Network(Stamps):
    """`plant`: chp_fuels and boiler_fuels (carrier, mwh[, factor_g_per_kwh]), power_mwh,
    chp_heat_mwh, supply_k. `declared`: technology, share, and factor_g_per_kwh or carrier with
    efficiency.
    """

    region: str
    year: int
    network: str
    name: str
    delivered_mwh: float
    plant: JsonObject | None
    declared: JsonObject | None
    source: str
    note: str | None
