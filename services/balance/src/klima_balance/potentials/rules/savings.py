"""Potentials of saving and switching by sector, and of land: bounded by the use, the fuel or the
hectares that exist."""

from collections.abc import Mapping, Sequence

import numpy as np

from klima_balance.method.equation import Floats
from klima_balance.potentials.rules.generation import (
    FOSSIL_HEAT,
    ROAD_FUELS,
    Place,
    Potential,
    Value,
    emissions_of,
    energy_of,
    generation,
    roof_area_ha,
)
from klima_balance.scenarios.model import Base, default_factor
from klima_balance.scenarios.rules.lever_table import Parameter, renovation_saving
from klima_shared.codes.lists import Carrier, Sector


def all_potentials(
    base: Base, place: Place, parameters: Mapping[str, Parameter], target_year: int
) -> list[Potential]:
    """Every potential of the regions of a base, by the parameters of `climate_protection` up to the
    target year."""
    years = max(target_year - base.year, 1)
    return (
        generation(place, parameters)
        + savings(base, place, parameters, years)
        + land(base, parameters)
    )


def savings(
    base: Base, place: Place, parameters: Mapping[str, Parameter], years: int
) -> list[Potential]:
    """Renovation, efficiency, switch of heating, heat from roofs, less traffic, electric drives;
    MWh a year."""

    def value(name: str) -> float:
        return parameters[name].value

    per_year = {
        n: 1.0 - (1.0 - min(value(f"{n}.climate_protection"), 100.0) / 100.0) ** years
        for n in ("household_power_saving", "commerce_saving", "industry_saving")
    }
    homes, heat = (Sector.HOUSEHOLDS,), [c for c in _carriers(base) if c != Carrier.ELECTRICITY]
    known = np.nan_to_num(base.living_area_1000m2) > 0
    saved = np.where(known, renovation_saving(base, value("heat_after_renovation")), np.nan)
    done = min(value("renovation_rate.climate_protection") / 100.0 * years, 1.0)
    return [
        _saving(
            base,
            "renovation",
            homes,
            heat,
            "Gebäudesanierung",
            "Renovation of homes",
            saved,
            saved * done,
            "heat of homes x (1 - demand after / demand before); realisable: x rate x years",
            ("heat_after_renovation", "renovation_rate.climate_protection"),
        ),
        _saving(
            base,
            "household_power",
            homes,
            (Carrier.ELECTRICITY,),
            "Stromsparen in Haushalten",
            "Saving electricity at home",
            *_alike(base, per_year["household_power_saving"]),
            "1 - (1 - rate)^years",
            ("household_power_saving.climate_protection",),
        ),
        _saving(
            base,
            "commerce_efficiency",
            (Sector.COMMERCE,),
            None,
            "Effizienz in Gewerbe und Dienstleistungen",
            "Efficiency in commerce",
            *_alike(base, per_year["commerce_saving"]),
            "1 - (1 - rate)^years",
            ("commerce_saving.climate_protection",),
        ),
        _saving(
            base,
            "municipal_efficiency",
            (Sector.MUNICIPAL,),
            None,
            "Effizienz kommunaler Einrichtungen",
            "Efficiency of municipal facilities",
            *_alike(base, per_year["commerce_saving"]),
            "1 - (1 - rate)^years, as in commerce",
            ("commerce_saving.climate_protection",),
        ),
        _saving(
            base,
            "industry_efficiency",
            (Sector.INDUSTRY,),
            None,
            "Effizienz in der Industrie",
            "Efficiency in industry",
            *_alike(base, per_year["industry_saving"]),
            "1 - (1 - rate)^years",
            ("industry_saving.climate_protection",),
        ),
        _saving(
            base,
            "less_car_traffic",
            (Sector.TRANSPORT,),
            ROAD_FUELS,
            "Weniger Autoverkehr",
            "Less car traffic",
            *_alike(base, min(max(-value("car_mileage.climate_protection") / 100.0, 0.0), 1.0)),
            "road fuels x change of mileage",
            ("car_mileage.climate_protection",),
        ),
        _drives(base, value),
        *(
            _heating(base, sector, value)
            for sector in (Sector.HOUSEHOLDS, Sector.COMMERCE, Sector.MUNICIPAL)
        ),
        _solar_heat(base, place, value),
    ]


def _carriers(base: Base) -> list[str]:
    return list(dict.fromkeys(carrier for _, carrier in base.cells))


def _alike(base: Base, share: float) -> tuple[Floats, Floats]:
    values = np.full(base.size, share)
    return values, values


def _saving(
    base: Base,
    name: str,
    sectors: Sequence[str],
    carriers: Sequence[str] | None,
    de: str,
    en: str,
    technical: Floats,
    realisable: Floats,
    formula: str,
    parameters: tuple[str, ...],
) -> Potential:
    use, emitted = energy_of(base, sectors, carriers), emissions_of(base, sectors, carriers)
    return Potential(
        name=name,
        group="saving",
        sector=str(sectors[0]),
        label_de=de,
        label_en=en,
        unit="MWh/a",
        technical=np.minimum(use * technical, use),
        realisable=np.minimum(use * realisable, use),
        used=np.zeros(base.size),
        exceeded=np.zeros(base.size),
        power_kw={},
        emissions=-emitted * realisable,
        formula=formula,
        parameters=parameters,
    )


def _drives(base: Base, value: Value) -> Potential:
    """MWh of final energy saved when road fuels become electricity: fuel x (1 - electricity per
    fuel)."""
    share = value("electric_mileage_2045.climate_protection") / 100.0
    technical, emitted = np.zeros(base.size), np.zeros(base.size)
    factor = default_factor(base, Sector.TRANSPORT, Carrier.ELECTRICITY) or 0.0
    for carrier in ROAD_FUELS:
        ratio = value(
            "electric_drive_ratio_diesel"
            if carrier == Carrier.DIESEL
            else "electric_drive_ratio_petrol"
        )
        fuel = energy_of(base, (Sector.TRANSPORT,), (carrier,))
        technical = technical + fuel * max(1.0 - ratio, 0.0)
        emitted = (
            emitted + fuel * ratio * factor - emissions_of(base, (Sector.TRANSPORT,), (carrier,))
        )
    return Potential(
        name="electric_drives",
        group="switch",
        sector=Sector.TRANSPORT.value,
        label_de="Elektrische Antriebe",
        label_en="Electric drives",
        unit="MWh/a",
        technical=technical,
        realisable=technical * min(share, 1.0),
        used=np.zeros(base.size),
        exceeded=np.zeros(base.size),
        power_kw={},
        emissions=emitted * min(share, 1.0),
        formula="road fuels x (1 - electricity per fuel); emissions with today's electricity mix",
        parameters=(
            "electric_mileage_2045.climate_protection",
            "electric_drive_ratio_petrol",
            "electric_drive_ratio_diesel",
        ),
    )


def _heating(base: Base, sector: Sector, value: Value) -> Potential:
    """Ambient heat: what fossil boilers deliver today and heat pumps could, beside the ambient heat
    that is used."""
    fossil = energy_of(base, (sector,), FOSSIL_HEAT) * value("boiler_efficiency")
    used = energy_of(base, (sector,), (Carrier.AMBIENT_HEAT,))
    share = (
        value("fossil_heat_replaced.climate_protection")
        / 100.0
        * value("replaced_by_heat_pumps")
        / 100.0
    )
    new = fossil * min(share, 1.0)
    factor = default_factor(base, sector, Carrier.AMBIENT_HEAT) or 0.0
    saved = emissions_of(base, (sector,), FOSSIL_HEAT) * min(share, 1.0)
    return Potential(
        name=f"ambient_heat_{sector.value}",
        group="switch",
        sector=sector.value,
        label_de="Umweltwärme (Wärmepumpen)",
        label_en="Ambient heat (heat pumps)",
        unit="MWh/a",
        technical=used + fossil,
        realisable=used + new,
        used=used,
        exceeded=np.zeros(base.size),
        power_kw={},
        emissions=new * factor - saved,
        formula="heat of fossil boilers x share of heat pumps; emissions with today's electricity mix",
        parameters=(
            "boiler_efficiency",
            "fossil_heat_replaced.climate_protection",
            "replaced_by_heat_pumps",
        ),
    )


def _solar_heat(base: Base, place: Place, value: Value) -> Potential:
    """Solar heat: a small part of the usable roofs, never more than the heat that homes use."""
    roofs_m2 = roof_area_ha(place, value) * 1e4
    heat = energy_of(
        base, (Sector.HOUSEHOLDS,), [c for c in _carriers(base) if c != Carrier.ELECTRICITY]
    )
    used = energy_of(base, (Sector.HOUSEHOLDS,), (Carrier.SOLAR_THERMAL,))
    possible = (
        roofs_m2 * value("solar_thermal_share") / 100.0 * value("solar_thermal_yield") / 1000.0
    )
    most = np.maximum(np.minimum(possible, heat), used)
    return Potential(
        name="solar_thermal",
        group="generation",
        sector=Sector.HOUSEHOLDS.value,
        label_de="Solarwärme",
        label_en="Solar heat",
        unit="MWh/a",
        technical=most,
        realisable=most,
        used=used,
        exceeded=np.maximum(used - possible, 0.0),
        power_kw={},
        emissions=None,
        formula="usable roofs x share for solar heat x yield, at most the heat of homes",
        parameters=(
            "roof_area_1",
            "roof_area_2",
            "roof_area_3",
            "roof_other_buildings",
            "pv_roof_usable",
            "solar_thermal_share",
            "solar_thermal_yield",
        ),
    )


def land(base: Base, parameters: Mapping[str, Parameter]) -> list[Potential]:
    """Soils and trees, t CO2e a year once the effect is full: hectares x (new factor - old
    factor)."""
    rows = (
        ("afforestation", "Aufforstung", "Afforestation", "cropland_mineral", True),
        (
            "humus",
            "Humusaufbau auf Äckern",
            "Humus building on cropland",
            "cropland_mineral",
            False,
        ),
        ("rewetting", "Wiedervernässung von Mooren", "Rewetting of bogs", "wetland_organic", True),
    )
    found = []
    for name, de, en, category, delayed in rows:
        if category not in base.land_use.names:
            continue
        at = base.land_use.names.index(category)
        hectares, emitted = base.land_use.quantity[at], base.land_use.emissions[at]
        full = np.maximum(emitted - hectares * parameters[f"{name}_factor"].value, 0.0)
        share = min(parameters[f"{name}_share.climate_protection"].value / 100.0, 1.0)
        names = (
            f"{name}_factor",
            f"{name}_share.climate_protection",
            *((f"{name}_delay",) if delayed else ()),
        )
        late = f"; full after {parameters[f'{name}_delay'].value:g} years" if delayed else ""
        found.append(
            Potential(
                name=name,
                group="land",
                sector="",
                label_de=de,
                label_en=en,
                unit="t CO2e/a",
                technical=full,
                realisable=full * share,
                used=np.zeros(base.size),
                exceeded=np.zeros(base.size),
                power_kw={},
                emissions=-full * share,
                formula=f"hectares x (old factor - new factor){late}",
                parameters=names,
            )
        )
    return found
