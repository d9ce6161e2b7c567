"""Which cells a form asks for, in the order in which people fill them in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from klima_balance.engine.figures import FLEET, FLEET_LABEL, RENEWABLES, STATISTICS
from klima_balance.figures.rules import FACILITIES, STATISTICS_LABEL, Cell, Vocabulary
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.language.errors import InputError

# In the order of the drop-down; which of them fit is asked of the heating values.
_UNITS: Final = (
    "MWh",
    "kWh",
    "GWh",
    "kWh (Hs)",
    "MWh (Hs)",
    "GJ",
    "l",
    "kg",
    "t",
    "m³",
    "Rm",
    "SRM",
    "Fzkm",
    "Mio. Fzkm",
    "Einwohner",
    "ha",
    "Tiere",
    "K d",
)
STATISTICS_ASKED: Final = (
    "population",
    "forest_deciduous_ha",
    "forest_coniferous_ha",
    "forest_mixed_ha",
    "afforested_ha",
    "moor_ha",
    "rewetted_ha",
    "agricultural_area_ha",
    "cropland_ha",
    "grassland_ha",
    "cows",
    "cattle_other",
    "pigs",
    "poultry",
    "other_animals",
    "degree_days",
    "mean_degree_days",
)
_MUNICIPAL: Final = (
    Carrier.ELECTRICITY,
    Carrier.NATURAL_GAS,
    Carrier.DISTRICT_HEAT,
    Carrier.HEATING_OIL,
    Carrier.BIOMASS,
)
_FUELS: Final = {
    "car": (Carrier.PETROL, Carrier.DIESEL, Carrier.ELECTRICITY),
    "motorcycle": (Carrier.PETROL,),
    "tram": (Carrier.ELECTRICITY,),
    "aviation": (Carrier.KEROSENE,),
    FLEET: (Carrier.DIESEL, Carrier.PETROL, Carrier.ELECTRICITY),
}


@dataclass(frozen=True)
class FormRow:
    """One cell of the form: German labels, the units to choose from (the first is the usual
    one)."""

    cell: Cell
    sector: str
    carrier: str
    category: str
    units: tuple[str, ...]


def form_rows(words: Vocabulary) -> Iterator[FormRow]:
    """Every required cell, the municipal facilities, the fleet and the generation of a
    municipality."""
    required = words.method.required_cells
    for row in required[required["kind"] == "stationary"].to_dict("records"):
        yield _row(words, Cell(str(row["sector"]), str(row["carrier"])))
    for carrier in _MUNICIPAL:
        yield _row(words, Cell(Sector.MUNICIPAL.value, carrier.value, "buildings"))
    for facility in ("street_lighting", "water"):
        yield _row(words, Cell(Sector.MUNICIPAL.value, Carrier.ELECTRICITY.value, facility))
    for row in required[required["kind"] != "stationary"].to_dict("records"):
        label = str(row["label_de"])
        carriers = [str(row["carrier"])] if row["carrier"] else _fuels(str(row["category"]))
        for carrier_ in carriers:
            yield _row(words, Cell(Sector.TRANSPORT.value, carrier_, str(row["category"])), label)
    for carrier in _FUELS[FLEET]:
        yield _row(words, Cell(Sector.TRANSPORT.value, carrier.value, FLEET), FLEET_LABEL.de)
    for row in words.method.full_load_hours.to_dict("records"):
        yield _row(
            words, Cell(RENEWABLES, str(row["technology"])), carrier_label=str(row["label_de"])
        )

    for name in STATISTICS_ASKED:
        yield _row(words, Cell(STATISTICS, name), carrier_label=words.statistic_label(name))


def _fuels(category: str) -> list[str]:
    known = next(
        (fuels for start, fuels in _FUELS.items() if category.startswith(start)), (Carrier.DIESEL,)
    )
    return [carrier.value for carrier in known]


def _row(
    words: Vocabulary, cell: Cell, category: str | None = None, carrier_label: str = ""
) -> FormRow:
    generation = cell.sector == RENEWABLES
    sector = "Erneuerbare Erzeugung" if generation else STATISTICS_LABEL
    if cell.sector not in (RENEWABLES, STATISTICS):
        sector = Sector(cell.sector).de
    carrier = carrier_label or Carrier(cell.carrier).de
    shown = category if category is not None else FACILITIES.get(cell.category, ("",))[0]
    return FormRow(cell, sector, carrier, shown, tuple(units_of(words, cell)))


def units_of(words: Vocabulary, cell: Cell) -> Iterator[str]:
    """The units in which a cell may be delivered; for gas the billed (gross) one first."""
    gas = cell.carrier == Carrier.NATURAL_GAS
    for unit in sorted(_UNITS, key=lambda u: "(Hs)" not in u) if gas else _UNITS:
        try:
            words.energy(1.0, unit, cell)
        except InputError:
            continue
        yield unit
