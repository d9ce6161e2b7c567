"""Potentials: what each municipality could generate, save, switch and store, and how much of it is
used.

    technical    what physics and area allow
    realisable   the part that is assumed to be reached by the target year
    used         what is there already (0 for savings: the base year is where they start)
    remaining    realisable - used, never below 0; `exceeded` says when more is there than was
    thought possible

A saving is never more than the use it saves from, a power never less than what is installed.
Missing figures stay missing (NaN), never zero. All columns are vectors over regions: one
municipality and all of Germany alike.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from klima_balance.engine.statistics import Statistics
from klima_balance.method.equation import Floats
from klima_balance.scenarios.model import Base, Rows
from klima_balance.scenarios.rules.lever_table import Parameter

FOSSIL_HEAT: Final = (
    "natural_gas",
    "heating_oil",
    "lpg",
    "coal",
    "hard_coal",
    "lignite",
    "other_petroleum",
    "other_fossil",
)
ROAD_FUELS: Final = ("petrol", "diesel", "lpg", "cng", "biofuels")


@dataclass(frozen=True, eq=False)
class Potential:
    """One potential of all regions, in `unit`. `emissions`: t CO2e a year that the realisable part
    changes, or None.

    `exceeded`: what is installed beyond the technical potential (the potential is then what is
    installed).
    """

    name: str
    group: str
    sector: str
    label_de: str
    label_en: str
    unit: str
    technical: Floats
    realisable: Floats
    used: Floats
    exceeded: Floats
    power_kw: Mapping[str, Floats]
    emissions: Floats | None
    formula: str
    parameters: tuple[str, ...]
    grade: str = "D"

    @property
    def remaining(self) -> Floats:
        return np.maximum(self.realisable - self.used, 0.0)


@dataclass(frozen=True, eq=False)
class Place:
    """Official figures of the regions, in the order of the base: areas in ha, living area in 1000
    m2; NaN: missing."""

    values: Mapping[str, Floats]
    installed_kw: Mapping[str, Floats]
    generation_mwh: Mapping[str, Floats]
    size: int

    def of(self, name: str) -> Floats:
        found = self.values.get(name)
        return np.full(self.size, np.nan) if found is None else found

    def kw(self, technology: str) -> Floats:
        found = self.installed_kw.get(technology)
        return np.full(self.size, np.nan) if found is None else found

    def hours(self, technology: str) -> Floats:
        """Full-load hours of what is installed, as the balance counts it; 0 where nothing is."""
        kw, mwh = self.kw(technology), self.generation_mwh.get(technology, np.zeros(self.size))
        return np.divide(mwh * 1000.0, kw, out=np.zeros_like(kw), where=np.nan_to_num(kw) > 0)

    @classmethod
    def of_statistics(cls, statistics: Statistics, capacity: Rows) -> "Place":
        """Official figures of all regions of a run, with the power and generation of their
        balances."""
        kw = {t: capacity.quantity[i] for i, t in enumerate(capacity.names)}
        mwh = {t: capacity.emissions[i] for i, t in enumerate(capacity.names)}
        return cls(statistics.values, kw, mwh, statistics.size)


Value = Callable[[str], float]


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
    roofs = (
        living_m2
        * np.where(np.isnan(mean), np.nan, per_100)
        / 100.0
        * value("roof_other_buildings")
    )
    return np.asarray(roofs * value("pv_roof_usable") / 100.0 / 1e4)


def realisable_kw(place: Place, parameters: Mapping[str, Parameter]) -> dict[str, Floats]:
    """KW that can be reached by technology: what a `capacity` lever may fill. Never below what is
    installed."""
    found = {p.name: p for p in generation(place, parameters)}
    pv = sum(
        (_filled(found[n].power_kw["realisable"]) for n in ("pv_roof", "pv_field", "agri_pv")),
        np.zeros(place.size),
    )
    return {
        "photovoltaics": np.maximum(pv, np.nan_to_num(place.kw("photovoltaics"))),
        "wind": np.maximum(
            _filled(found["wind"].power_kw["realisable"]), np.nan_to_num(place.kw("wind"))
        ),
        "biomass": np.nan_to_num(place.kw("biomass")),
        "hydro": np.nan_to_num(place.kw("hydro")),
    }


def _filled(values: Floats) -> Floats:
    return np.nan_to_num(values)


def generation(place: Place, parameters: Mapping[str, Parameter]) -> list[Potential]:
    """Power from roofs, fields, wind and biomass in MWh a year; installed kW is booked where it
    belongs.

    The register does not say which PV stands on a roof: roofs are filled first, the rest counts as
    open field.
    """

    def value(name: str) -> float:
        return parameters[name].value

    pv_kw = place.kw("photovoltaics")
    roof = roof_area_ha(place, value) * value("pv_power_per_ha") * 1000.0
    field = (
        place.of("land_area_ha")
        * value("pv_field_share")
        / 100.0
        * value("pv_power_per_ha")
        * 1000.0
    )
    agri = (
        place.of("agricultural_area_ha")
        * value("agri_pv_share")
        / 100.0
        * value("agri_pv_power_per_ha")
        * 1000.0
    )
    on_roofs = np.where(np.isnan(roof), pv_kw, np.minimum(pv_kw, roof))
    on_fields = np.maximum(pv_kw - on_roofs, 0.0)
    wind = (
        place.of("land_area_ha")
        * value("wind_land_share")
        / 100.0
        / value("wind_area_per_mw")
        * 1000.0
    )
    biomass = place.kw("biomass")
    sun = ("pv_hours", "pv_power_per_ha")
    roofs = ("roof_area_1", "roof_area_2", "roof_area_3", "roof_other_buildings", "pv_roof_usable")
    there, turning = place.hours("photovoltaics"), place.hours("wind")
    return [
        _power(
            "pv_roof",
            "Photovoltaik auf Dächern",
            "Roof photovoltaics",
            roof,
            value("pv_roof_realisable") / 100.0,
            on_roofs,
            there,
            value("pv_hours"),
            "living area x roof per living area x other buildings x usable share x MW/ha x full-load hours",
            (*roofs, *sun, "pv_roof_realisable"),
        ),
        _power(
            "pv_field",
            "Photovoltaik auf Freiflächen",
            "Open-field photovoltaics",
            field,
            value("pv_field_realisable") / 100.0,
            on_fields,
            there,
            value("pv_hours"),
            "land x usable share x MW/ha x full-load hours",
            ("pv_field_share", *sun, "pv_field_realisable"),
        ),
        _power(
            "agri_pv",
            "Agri-Photovoltaik",
            "Agrivoltaics",
            agri,
            value("agri_pv_realisable") / 100.0,
            np.zeros(place.size),
            there,
            value("pv_hours"),
            "farmland x usable share x MW/ha x full-load hours",
            ("agri_pv_share", "agri_pv_power_per_ha", "pv_hours", "agri_pv_realisable"),
        ),
        _power(
            "wind",
            "Windenergie an Land",
            "Onshore wind",
            wind,
            value("wind_realisable") / 100.0,
            place.kw("wind"),
            turning,
            value("wind_hours"),
            "land x share for wind / ha per MW x full-load hours",
            ("wind_land_share", "wind_area_per_mw", "wind_hours", "wind_realisable"),
        ),
        _power(
            "biomass",
            "Strom aus Biomasse",
            "Electricity from biomass",
            biomass * (1.0 + value("biomass_realisable") / 100.0),
            1.0,
            biomass,
            place.hours("biomass"),
            0.0,
            "installed power x (1 + further expansion), as the balance counts it",
            ("biomass_realisable",),
        ),
    ]


def _power(
    name: str,
    de: str,
    en: str,
    kw: Floats,
    share: float,
    used_kw: Floats,
    hours: Floats,
    new_hours: float,
    formula: str,
    parameters: tuple[str, ...],
) -> Potential:
    """Installed power is never above the potential: where more stands than was thought possible,
    that is possible.

    What stands yields what the balance says, what is added yields `new_hours` (0: the same as what
    stands).
    """
    there = np.nan_to_num(used_kw)
    later = hours if new_hours == 0 else np.full_like(there, new_hours)
    used = used_kw * hours / 1000.0
    most, real = np.maximum(kw, there), np.maximum(kw * share, there)
    start = np.nan_to_num(used)
    return Potential(
        name=name,
        group="generation",
        sector="",
        label_de=de,
        label_en=en,
        unit="MWh/a",
        technical=start + (most - there) * later / 1000.0,
        realisable=start + (real - there) * later / 1000.0,
        used=used,
        exceeded=np.maximum(there - kw, 0.0) * hours / 1000.0,
        power_kw={"technical": most, "realisable": real, "used": used_kw},
        emissions=None,
        formula=formula,
        parameters=parameters,
    )


def energy_of(base: Base, sectors: Sequence[str], carriers: Sequence[str] | None = None) -> Floats:
    """MWh of the cells of some sectors and carriers, by region."""
    total = np.zeros(base.size)
    for i, (sector, carrier) in enumerate(base.cells):
        if sector in sectors and (carriers is None or carrier in carriers):
            total = total + base.energy[i]
    return total


def emissions_of(
    base: Base, sectors: Sequence[str], carriers: Sequence[str] | None = None
) -> Floats:
    """Tonnes of CO2e of the cells of some sectors and carriers, by region."""
    total = np.zeros(base.size)
    for i, (sector, carrier) in enumerate(base.cells):
        if sector in sectors and (carriers is None or carrier in carriers):
            total = total + base.emissions[i]
    return total
