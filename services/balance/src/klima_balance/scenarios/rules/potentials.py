"""Potentials: what each municipality could generate, save, switch and store, and how much of it is
used.

    technical    what physics and area allow
    realisable   the part that is assumed to be reached by the target year
    used         what is there already (0 for savings: the base year is where they start)
    remaining    realisable - used, never below 0; `exceeded` says when more is there than was
    thought possible

A saving is never more than the use it saves from, a power never less than what is installed.
Missing figures stay missing (NaN), never zero. All columns are vectors over regions: one
municipality and all of Germany alike. What a potential is called, its unit, formula and parameters
stand in `potentials.csv`.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from klima_balance.method.equation import Floats
from klima_balance.scenarios.model.base import Base, Place, Potential
from klima_balance.scenarios.rules.shipped_levers import Parameters, renovation_saving
from klima_shared.codes.energy import Carrier, Sector

FOSSIL_HEAT: Final = tuple(c.value for c in Carrier if c.heat and c.fossil)
# Their sum is made in this order, and every figure stays the same to the last bit; what is new in
# the table of carriers comes last.
_FIRST_FUELS: Final = ("petrol", "diesel", "lpg", "cng", "biofuels")
ROAD_FUELS: Final = (
    *_FIRST_FUELS,
    *(c.value for c in Carrier if c.road_fuel and c.value not in _FIRST_FUELS),
)
LAND: Final = {
    "afforestation": "cropland_mineral",
    "humus": "cropland_mineral",
    "rewetting": "wetland_organic",
}
LAND_SUITED: Final = {"afforestation": "afforestation_suited"}
"""The parameter (% of the hectares) of what does not suit all land of its category."""
HEAT: Final = tuple(c for c in Carrier if c != Carrier.ELECTRICITY)
Value = Callable[[str], float]


def all_potentials(
    base: Base, place: Place, parameters: Parameters, target_year: int
) -> list[Potential]:
    """Every potential of the regions of a base, by the parameters of `climate_protection` up to the
    target year."""
    years = max(target_year - base.year, 1)
    return [
        *generation(place, parameters),
        *savings(base, place, parameters, years),
        *land(base, parameters),
    ]


def values_of(parameters: Parameters) -> Value:
    return lambda name: parameters[name].value


def roof_area_ha(place: Place, value: Value) -> Floats:
    """Usable roofs in ha: living area x roof per living area x 4/3 for other buildings x usable
    share.

    Roof per living area falls with the flats per building (1, 2, 3 and more); between them on a
    line.
    """
    flats, buildings = place.of("flats_total"), place.of("residential_buildings")
    mean = np.divide(flats, buildings, out=np.full_like(flats, np.nan), where=buildings > 0)
    per_100 = np.interp(
        mean, (1.0, 2.0, 3.0), (value("roof_area_1"), value("roof_area_2"), value("roof_area_3"))
    )
    living_m2 = place.of("living_area_1000m2") * 1000.0
    share = np.where(np.isnan(mean), np.nan, per_100)
    roofs = living_m2 * share / 100.0 * value("roof_other_buildings")
    return np.asarray(roofs * value("pv_roof_usable") / 100.0 / 1e4)


def realisable_kw(place: Place, parameters: Parameters) -> dict[str, Floats]:
    """KW that can be reached by technology: what a `capacity` lever may fill. Never below what is
    installed."""
    kw = {p.name: np.nan_to_num(p.power_kw["realisable"]) for p in generation(place, parameters)}
    installed = {
        t: np.nan_to_num(place.kw(t)) for t in ("photovoltaics", "wind", "biomass", "hydro")
    }
    pv = sum((kw[name] for name in ("pv_roof", "pv_field", "agri_pv")), np.zeros(place.size))
    return installed | {
        "photovoltaics": np.maximum(pv, installed["photovoltaics"]),
        "wind": np.maximum(kw["wind"], installed["wind"]),
    }


def generation(place: Place, parameters: Parameters) -> list[Potential]:
    """Power from roofs, fields, wind and biomass in MWh a year; installed kW is booked where it
    belongs.

    The register does not say which PV stands on a roof: roofs are filled first, the rest counts as
    open field.
    """
    value = values_of(parameters)
    land_ha, farmland_ha = place.of("land_area_ha"), place.of("agricultural_area_ha")
    pv_kw, biomass = place.kw("photovoltaics"), place.kw("biomass")
    roof = roof_area_ha(place, value) * value("pv_power_per_ha") * 1000.0
    field_kw = land_ha * value("pv_field_share") / 100.0 * value("pv_power_per_ha") * 1000.0
    agri = farmland_ha * value("agri_pv_share") / 100.0 * value("agri_pv_power_per_ha") * 1000.0
    wind = land_ha * value("wind_land_share") / 100.0 / value("wind_area_per_mw") * 1000.0
    on_roofs = np.where(np.isnan(roof), pv_kw, np.minimum(pv_kw, roof))
    on_fields = np.maximum(pv_kw - on_roofs, 0.0)
    none = np.zeros(place.size)
    pv_hours, wind_hours = place.hours("photovoltaics"), place.hours("wind")
    sun, share = (
        value("pv_hours"),
        {
            name: value(f"{name}_realisable") / 100.0
            for name in ("pv_roof", "pv_field", "agri_pv", "wind", "biomass")
        },
    )
    return [
        _power("pv_roof", (roof, share["pv_roof"], on_roofs), (pv_hours, sun)),
        _power("pv_field", (field_kw, share["pv_field"], on_fields), (pv_hours, sun)),
        _power("agri_pv", (agri, share["agri_pv"], none), (pv_hours, sun)),
        _power("wind", (wind, share["wind"], place.kw("wind")), (wind_hours, value("wind_hours"))),
        # What is added yields what the plants that stand yield.
        _power(
            "biomass",
            (biomass * (1.0 + share["biomass"]), 1.0, biomass),
            (place.hours("biomass"), None),
        ),
    ]


def _power(
    name: str, power: tuple[Floats, float, Floats], hours: tuple[Floats, float | None]
) -> Potential:
    """`power`: kW that are possible, the share that is realisable, kW that are installed.

    Installed power is never above the potential: where more stands than was thought possible, that
    is possible. `hours`: full-load hours of what stands, as the balance says, and of what is added
    (None: the same).
    """
    (kw, share, used_kw), (full_load, added) = power, hours
    installed = np.nan_to_num(used_kw)
    later = full_load if added is None else np.full_like(installed, added)
    used = used_kw * full_load / 1000.0
    most, real = np.maximum(kw, installed), np.maximum(kw * share, installed)
    start = np.nan_to_num(used)
    return Potential(
        name,
        technical=start + (most - installed) * later / 1000.0,
        realisable=start + (real - installed) * later / 1000.0,
        used=used,
        exceeded=np.maximum(installed - kw, 0.0) * full_load / 1000.0,
        power_kw={"technical": most, "realisable": real, "used": used_kw},
    )


def savings(base: Base, place: Place, parameters: Parameters, years: int) -> list[Potential]:
    """Renovation, efficiency, switch of heating, heat from roofs, less traffic, electric drives;
    MWh a year."""
    value = values_of(parameters)

    def per_year(name: str) -> Floats:
        rate = min(value(f"{name}.climate_protection"), 100.0) / 100.0
        return np.full(base.size, 1.0 - (1.0 - rate) ** years)

    known = np.nan_to_num(base.site.living_area_1000m2) > 0
    renovated = np.where(known, renovation_saving(base, value("heat_after_renovation")), np.nan)
    done = min(value("renovation_rate.climate_protection") / 100.0 * years, 1.0)
    power = (Carrier.ELECTRICITY.value,)
    mileage = min(max(-value("car_mileage.climate_protection") / 100.0, 0.0), 1.0)
    traffic = np.full(base.size, mileage)
    saved: list[tuple[str, Sector, Sequence[str] | None, Floats]] = [
        ("household_power", Sector.HOUSEHOLDS, power, per_year("household_power_saving")),
        ("commerce_efficiency", Sector.COMMERCE, None, per_year("commerce_saving")),
        ("municipal_efficiency", Sector.MUNICIPAL, None, per_year("commerce_saving")),
        ("industry_efficiency", Sector.INDUSTRY, None, per_year("industry_saving")),
        ("less_car_traffic", Sector.TRANSPORT, ROAD_FUELS, traffic),
    ]
    heated = (Sector.HOUSEHOLDS, Sector.COMMERCE, Sector.MUNICIPAL)
    return [
        _saving("renovation", base, (Sector.HOUSEHOLDS, HEAT), renovated, renovated * done),
        *(_saving(n, base, (s, c), share, share) for n, s, c, share in saved),
        _drives(base, value),
        *(_heat_pumps(base, sector, value) for sector in heated),
        _solar_heat(base, place, value),
    ]


def _saving(
    name: str,
    base: Base,
    cells: tuple[Sector, Sequence[str] | None],
    technical: Floats,
    realisable: Floats,
) -> Potential:
    """Shares of the use of a sector's carriers (None: all of them)."""
    sector, carriers = cells
    use = _use(base, sector, carriers)
    emitted = base.sum(base.emissions, (sector,), carriers)
    none = np.zeros(base.size)
    return Potential(
        name,
        technical=np.minimum(use * technical, use),
        realisable=np.minimum(use * realisable, use),
        used=none,
        exceeded=none,
        emissions=np.where(np.isnan(use), np.nan, -emitted * realisable),
    )


def _use(base: Base, sector: Sector, carriers: Sequence[str] | None) -> Floats:
    """MWh of a sector's carriers (None: all of them), NaN where the balance has none of them."""
    known = base.has((sector,), carriers)
    return np.where(known, base.sum(base.energy, (sector,), carriers), np.nan)


def _drives(base: Base, value: Value) -> Potential:
    """MWh of final energy saved when road fuels become electricity: fuel x (1 - electricity per
    fuel)."""
    share = min(value("electric_mileage_2045.climate_protection") / 100.0, 1.0)
    technical = emitted = none = np.zeros(base.size)
    factor = base.default_factor(Sector.TRANSPORT, Carrier.ELECTRICITY) or 0.0
    for carrier in ROAD_FUELS:
        kind = "diesel" if carrier == Carrier.DIESEL else "petrol"
        ratio = value(f"electric_drive_ratio_{kind}")
        fuel = base.sum(base.energy, (Sector.TRANSPORT,), (carrier,))
        before = base.sum(base.emissions, (Sector.TRANSPORT,), (carrier,))
        technical = technical + fuel * max(1.0 - ratio, 0.0)
        emitted = emitted + fuel * ratio * factor - before
    known = np.where(base.has((Sector.TRANSPORT,), ROAD_FUELS), 1.0, np.nan)
    technical, emitted = technical * known, emitted * known
    return Potential(
        "electric_drives", technical, technical * share, none, none, emissions=emitted * share
    )


def _heat_pumps(base: Base, sector: Sector, value: Value) -> Potential:
    """Ambient heat: what fossil boilers deliver today and heat pumps could, beside the ambient heat
    that is used."""
    fossil = _use(base, sector, FOSSIL_HEAT) * value("boiler_efficiency")
    used = base.sum(base.energy, (sector,), (Carrier.AMBIENT_HEAT,))
    replaced, by_pumps = "fossil_heat_replaced.climate_protection", "replaced_by_heat_pumps"
    share = min(value(replaced) / 100.0 * value(by_pumps) / 100.0, 1.0)
    new = fossil * share
    factor = base.default_factor(sector, Carrier.AMBIENT_HEAT) or 0.0
    saved = base.sum(base.emissions, (sector,), FOSSIL_HEAT) * share
    return Potential(
        f"ambient_heat_{sector.value}",
        technical=used + fossil,
        realisable=used + new,
        used=used,
        exceeded=np.zeros(base.size),
        emissions=new * factor - saved,
    )


def _solar_heat(base: Base, place: Place, value: Value) -> Potential:
    """Solar heat: a small part of the usable roofs, never more than the heat that homes use."""
    roofs_m2 = roof_area_ha(place, value) * 1e4
    heat = _use(base, Sector.HOUSEHOLDS, HEAT)
    used = base.sum(base.energy, (Sector.HOUSEHOLDS,), (Carrier.SOLAR_THERMAL,))
    per_m2 = value("solar_thermal_share"), value("solar_thermal_yield")
    possible = roofs_m2 * per_m2[0] / 100.0 * per_m2[1] / 1000.0
    most = np.maximum(np.minimum(possible, heat), used)
    return Potential("solar_thermal", most, most, used, np.maximum(used - possible, 0.0))


def land(base: Base, parameters: Parameters) -> list[Potential]:
    """Soils and trees, t CO2e a year once the effect is full: hectares x (new factor - old
    factor)."""
    potentials, value, none = [], values_of(parameters), np.zeros(base.size)
    for name, category in LAND.items():
        if category not in base.land_use.names:
            continue
        at = base.land_use.names.index(category)
        hectares, emitted = base.land_use.quantity[at], base.land_use.emissions[at]
        suited = min(value(LAND_SUITED[name]) / 100.0, 1.0) if name in LAND_SUITED else 1.0
        full = np.maximum(emitted - hectares * value(f"{name}_factor"), 0.0)
        share = min(value(f"{name}_share.climate_protection") / 100.0, suited)
        stored = full * share
        potentials.append(Potential(name, full * suited, stored, none, none, emissions=-stored))
    return potentials
