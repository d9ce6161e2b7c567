"""Views beside the balance: labelled "nicht BISKO-konform" and never stored as the balance.

Weather: `E x (1 - s) + E x s x mean_degree_days / degree_days(year)`; a mild year goes up.
"""

from typing import Any, Final

import numpy as np

from klima_balance.engine.results import Balances
from klima_balance.method.errors import NOT_NEGATIVE, InputError, more_than
from klima_shared.codes.lists import Carrier, Sector
from klima_shared.language.numbers import Lang

LABEL: Final = {"de": "nicht BISKO-konform", "en": "not conformant with BISKO"}


def weather_factor(
    space_heating_share: float, mean_degree_days: float, degree_days: float
) -> float:
    """By how much energy changes when the year's heating is taken to the long-term mean."""
    if not (mean_degree_days > 0 and degree_days > 0):
        raise InputError("degree_days", degree_days, more_than("0"))
    return (1.0 - space_heating_share) + space_heating_share * mean_degree_days / degree_days


def weather_view(
    balances: Balances,
    region: str,
    mean_degree_days: float,
    degree_days: float,
    language: Lang = "de",
) -> dict[str, Any]:
    """Energy and emissions by sector with the heating of a mean year. Shares of space heating:
    `weather.csv`."""
    shares = dict(
        zip(
            balances.method.weather["sector"],
            balances.method.weather["space_heating_share"],
            strict=True,
        )
    )
    factors = {
        s.value: weather_factor(float(shares[s.value]), mean_degree_days, degree_days)
        for s in Sector
    }
    energy = {s.value: 0.0 for s in Sector}
    emissions = dict(energy)
    at = balances.position[region]
    for i, (sector, _) in enumerate(balances.cells.names):
        energy[sector] += float(balances.cells.energy[i, at]) * factors[sector]
        emissions[sector] += float(balances.cells.emissions[i, at]) * factors[sector]
    sectors = [
        {
            "sector": s.value,
            "label": s.label(language),
            "final_energy_mwh": energy[s],
            "emissions_t_co2e": emissions[s],
        }
        for s in Sector
        if energy[s]
    ]
    return _view("weather", sectors, language) | {
        "mean_degree_days": mean_degree_days,
        "degree_days": degree_days,
    }


def local_mix_view(
    balances: Balances, region: str, local_mix_g_per_kwh: float, language: Lang = "de"
) -> dict[str, Any]:
    """Emissions by sector with a local electricity mix instead of the federal one, heat pumps
    included."""
    if not (np.isfinite(local_mix_g_per_kwh) and local_mix_g_per_kwh >= 0):
        raise InputError("local_mix_g_per_kwh", local_mix_g_per_kwh, NOT_NEGATIVE)
    at = balances.position[region]
    performance = balances.method.parameter("heat_pump_performance_factor")
    electric = {
        Carrier.ELECTRICITY: 1.0,
        Carrier.HEATING_ELECTRICITY: 1.0,
        Carrier.AMBIENT_HEAT: 1.0 / performance,
    }
    energy = {s.value: 0.0 for s in Sector}
    emissions = dict(energy)
    for i, (sector, carrier) in enumerate(balances.cells.names):
        amount, share = float(balances.cells.energy[i, at]), electric.get(Carrier(carrier))
        energy[sector] += amount
        if share is None or (
            carrier == Carrier.AMBIENT_HEAT and not balances.options.heat_pump_split
        ):
            emissions[sector] += float(balances.cells.emissions[i, at])
        else:
            emissions[sector] += amount * share * local_mix_g_per_kwh / 1000.0
    sectors = [
        {
            "sector": s.value,
            "label": s.label(language),
            "final_energy_mwh": energy[s],
            "emissions_t_co2e": emissions[s],
        }
        for s in Sector
        if energy[s]
    ]
    return _view("local_mix", sectors, language) | {"local_mix_g_per_kwh": local_mix_g_per_kwh}


def _view(name: str, sectors: list[dict[str, Any]], language: Lang) -> dict[str, Any]:
    return {
        "view": name,
        "label": LABEL[language],
        "sectors": sectors,
        "totals": {
            "final_energy_mwh": sum(s["final_energy_mwh"] for s in sectors),
            "emissions_t_co2e": sum(s["emissions_t_co2e"] for s in sectors),
        },
    }
