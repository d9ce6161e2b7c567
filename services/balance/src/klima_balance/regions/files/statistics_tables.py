"""The tables of official statistics that are read: their files and columns, and which statistic
each column is."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Column:
    """A column of a table: its accepted names, the first one for messages, and the statistic it
    becomes."""

    names: tuple[str, ...]
    statistic: str
    unit: str


@dataclass(frozen=True)
class Table:
    """A table of the layout. `only_sites`: a municipality that is not in it has none, which is the
    number 0."""

    columns: tuple[Column, ...]
    source: str
    only_sites: bool = False
    only_states: bool = False


def _column(names: str, statistic: str, unit: str) -> Column:
    return Column(tuple(names.split("|")), statistic, unit)


TABLES: Final[dict[str, Table]] = {
    "population": Table(
        (_column("total", "population", "inhabitants"),),
        "Destatis, Gemeindeverzeichnis, 31 December (dl-de/by-2-0)",
    ),
    "area": Table(
        (
            _column("land_total", "land_area_ha", "ha"),
            _column("land_settlement", "settlement_area_ha", "ha"),
            _column("land_traffic", "traffic_area_ha", "ha"),
            _column("veg_agri", "agricultural_area_ha", "ha"),
            _column("veg_forrest|veg_forest", "forest_ha", "ha"),
            _column("veg_wood", "woods_ha", "ha"),
            _column("veg_heath", "heath_ha", "ha"),
            _column("veg_moor", "moor_ha", "ha"),
            _column("veg_marsh", "marsh_ha", "ha"),
            _column("veg_plant_uncover_com", "uncovered_ha", "ha"),
            _column("water_total", "water_ha", "ha"),
            _column("settlement_ghd", "industry_commerce_area_ha", "ha"),
        ),
        "Destatis 33111, Bodenflaeche nach Art der tatsaechlichen Nutzung (dl-de/by-2-0)",
    ),
    "buildings": Table(
        (
            _column("buildings_total", "buildings_total", "buildings"),
            _column("flats_total", "flats_total", "flats"),
            _column("flats_heatnet", "flats_district_heat", "flats"),
        ),
        "Zensus 2011, fortgeschrieben",
    ),
    "flats": Table(
        (
            _column("residential_buildings_total", "residential_buildings", "buildings"),
            _column("residential_buildings_area_total", "living_area_1000m2", "1000 m2"),
        ),
        "Destatis 31231, Fortschreibung des Wohngebaeude- und Wohnungsbestands",
    ),
    "emissions_trading_sites": Table(
        # One year of the published table names its sum by the key of Germany.
        (
            _column("sum|DG000000", "ets_industry_t", "t CO2"),
            _column("miner_cement", "ets_cement_t", "t CO2"),
        ),
        "DEHSt, emissions-trading plants of industry",
        only_sites=True,
    ),
    "renewable_energy": Table(
        (
            _column("pv", "pv_kw", "kW"),
            _column("wind_on", "wind_kw", "kW"),
            _column("biomass", "biomass_kw", "kW"),
            _column("water", "hydro_kw", "kW"),
        ),
        "Marktstammdatenregister (dl-de/by-2-0)",
    ),
    "nat_agri": Table(
        (
            _column("cows", "cows", "heads"),
            _column("cattle", "cattle_other", "heads"),
            _column("pigs", "pigs", "heads"),
            _column("poultry", "poultry", "heads"),
            _column("other_animals", "other_animals", "heads"),
        ),
        "Thuenen-Institut, herds of the states",
        only_states=True,
    ),
}
