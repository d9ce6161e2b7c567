"""What formulas may name: the figures of a published balance and of measures, by name. None:
unknown, never zero."""

from collections.abc import Iterable, Sequence
from typing import Final

from klima_shared.codes.energy import Carrier, Sector
from klima_shared.language.text import Label, Text
from klima_shared.wire.balance import BalanceDocument, Cell, RegionDocument
from klima_shared.wire.measures import ListedMeasure

_HEAT: Final = frozenset(c for c in Carrier if c.heat)
_RENEWABLE_HEAT: Final = frozenset(c for c in _HEAT if c.renewable)
_GRID_HEAT: Final = frozenset(c for c in Carrier if c.heat_network)
_STATIONARY: Final = frozenset(s for s in Sector if s.stationary)

LABELS: Final[dict[str, Text]] = {
    "population": Label("Einwohner am 31. Dezember", "inhabitants on 31 December"),
    "area_ha": Label("Fläche (ha)", "area (ha)"),
    "emissions_t_co2e": Label("Treibhausgase BISKO (t CO2e)", "greenhouse gases, BISKO (t CO2e)"),
    "final_energy_mwh": Label("Endenergie (MWh)", "final energy (MWh)"),
    "electricity_mwh": Label("Stromverbrauch (MWh)", "electricity use (MWh)"),
    "renewable_generation_mwh": Text("local renewable power (MWh)"),
    "heat_mwh": Label("Wärmeverbrauch ohne Strom (MWh)", "heat use without electricity (MWh)"),
    "renewable_heat_mwh": Label("erneuerbare Wärme (MWh)", "renewable heat (MWh)"),
    "grid_heat_mwh": Label("Fern- und Nahwärme (MWh)", "district and local heat (MWh)"),
    "agriculture_t_co2e": Label("Landwirtschaft (t CO2e)", "agriculture (t CO2e)"),
    "land_use_t_co2e": Label("Landnutzung (t CO2e)", "land use (t CO2e)"),
    "forest_t_co2e": Label("Wald (t CO2e)", "forest (t CO2e)"),
    "agricultural_area_ha": Label("landwirtschaftliche Fläche (ha)", "agricultural area (ha)"),
    "photovoltaics_kw": Label("Photovoltaik (kW)", "photovoltaics (kW)"),
    "wind_kw": Label("Windenergie (kW)", "wind power (kW)"),
    "data_quality": Label("Datengüte (0 bis 1)", "data quality (0 to 1)"),
    "private_motoring_mwh": Label("Pkw und Krafträder (MWh)", "cars and motorcycles (MWh)"),
    "employees_services": Label("Beschäftigte im Dienstleistungsbereich", "employees in services"),
    "employees_industry": Label("Beschäftigte im verarbeitenden Gewerbe", "employees in industry"),
    "measures": Label("Maßnahmen", "measures"),
    "measures_late": Label("verspätete Maßnahmen", "late measures"),
    "measures_saving_t_co2e": Text("saving of the measures (t CO2e a year)"),
    **{
        f"{sector.value}_{suffix}": Text("{sector} ({unit})", sector=sector, unit=unit)
        for sector in Sector
        for suffix, unit in (("mwh", "MWh"), ("t_co2e", "t CO2e"))
    },
}

Inputs = dict[str, float | None]


def from_balance(document: BalanceDocument, region: RegionDocument | None = None) -> Inputs:
    """Inputs of one published balance; `region` is the registry's answer, for the area."""
    totals, year = document["totals"], document["year"]
    found: Inputs = dict.fromkeys(LABELS)
    found |= {
        "population": document["region"].get("population"),
        "emissions_t_co2e": totals.get("bisko_t_co2e"),
        "final_energy_mwh": totals.get("final_energy_mwh"),
        "electricity_mwh": totals.get("electricity_use_mwh"),
        "renewable_generation_mwh": totals.get("renewable_generation_mwh"),
        "agriculture_t_co2e": totals.get("agriculture_t_co2e"),
        "land_use_t_co2e": totals.get("land_use_t_co2e"),
        "data_quality": document.get("data_quality"),
    }
    for row in document["sectors"]:
        found[f"{row['sector']}_mwh"] = row["final_energy_mwh"]
        found[f"{row['sector']}_t_co2e"] = row["emissions_t_co2e"]
    cells = [cell for cell in document["cells"] if cell["sector"] in _STATIONARY]
    found["heat_mwh"] = _energy(cells, _HEAT)
    found["renewable_heat_mwh"] = _energy(cells, _RENEWABLE_HEAT)
    found["grid_heat_mwh"] = _energy(cells, _GRID_HEAT)
    blocks = document["blocks"]
    for plant in blocks["renewables"]:
        category, installed = plant.get("category"), plant.get("installed_kw")
        if category in {"photovoltaics", "wind"} and installed is not None:
            name = f"{category}_kw"
            found[name] = (found.get(name) or 0.0) + installed
    land = blocks["land_use"]
    forest = [area.get("emissions_t_co2e") for area in land if area.get("group") == "forest"]
    found["forest_t_co2e"] = _complete_sum(forest)
    # Mineral and organic rows of one group are parts of its area; a group that is missing makes the
    # area unknown.
    fields = [r.get("quantity") for r in land if r.get("group") in {"cropland", "grassland"}]
    found["agricultural_area_ha"] = _complete_sum(fields)
    by_year = region.get("area_km2") if region else None
    areas = {int(y): area for y, area in (by_year or {}).items()}
    nearest = [y for y in sorted(areas) if y <= year] or sorted(areas)
    found["area_ha"] = areas[nearest[-1]] * 100 if nearest else None
    return found


def _complete_sum(values: Sequence[float | None]) -> float | None:
    """None where there is no value, or where one of them is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _energy(cells: Iterable[Cell], carriers: frozenset[str]) -> float | None:
    chosen = [cell["final_energy_mwh"] for cell in cells if cell["carrier"] in carriers]
    return sum(chosen) if chosen else None


def from_measures(items: Iterable[ListedMeasure]) -> Inputs:
    """Counts and the saving of a region's published measures."""
    rows = list(items)
    savings = [saving for row in rows if (saving := row.get("saving_t_co2e")) is not None]
    return {
        "measures": float(len(rows)),
        "measures_late": float(sum(row["status"] == "late" for row in rows)),
        "measures_saving_t_co2e": sum(savings) if savings else None,
    }
