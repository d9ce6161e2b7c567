"""What a balance is divided by: sectors, energy carriers and blocks.

All that is known of them stands in `sectors.csv`, `carriers.csv` and `blocks.csv`, one row each, in
the order in which they are shown: a further carrier is a further row. The classes name those
members that a rule of the method names.
"""

from typing import TYPE_CHECKING

from klima_shared.codes.labelled import Labelled, members
from klima_shared.language.text import Label


class Sector(Labelled):
    """Consumption sectors of the BISKO balance; agricultural energy belongs to commerce."""

    short_de: str
    short_en: str
    colour: str
    colour_dark: str
    stationary: bool

    @property
    def short(self) -> Label:
        """The label where there is little room."""
        return Label(self.short_de, self.short_en)

    if TYPE_CHECKING:
        HOUSEHOLDS = "households"
        COMMERCE = "commerce"
        INDUSTRY = "industry"
        MUNICIPAL = "municipal"
        TRANSPORT = "transport"
    else:
        _ignore_ = ("name", "row")
        for name, row in members("sectors.csv").items():
            vars()[name] = row


class Carrier(Labelled):
    """Energy carriers, grid-bound ones first, then heat, then fuels for transport, then the
    remainders.

    The list holds the carriers of delivered data as well as those of the balance; which factor
    serves a carrier without one of its own (other petroleum as heating oil, say) is a rule of the
    method and not of this list.
    """

    electric: bool
    heat: bool
    """Where it is used outside transport, it is heat. Plain electricity is not: which part of it
    heats is not known in a start balance."""
    heat_network: bool
    renewable: bool
    fossil: bool
    road_fuel: bool
    grid_bound: bool
    """BISKO asks for delivered figures of these."""
    data_source: str
    """Who has better figures: `network` (operators) or `funding` (statistics of subsidies)."""

    if TYPE_CHECKING:
        ELECTRICITY = "electricity"
        HEATING_ELECTRICITY = "heating_electricity"
        NATURAL_GAS = "natural_gas"
        DISTRICT_HEAT = "district_heat"
        LOCAL_HEAT = "local_heat"
        HEATING_OIL = "heating_oil"
        BIOMASS = "biomass"
        SOLAR_THERMAL = "solar_thermal"
        AMBIENT_HEAT = "ambient_heat"
        PETROL = "petrol"
        DIESEL = "diesel"
        KEROSENE = "kerosene"
    else:
        _ignore_ = ("name", "row")
        for name, row in members("carriers.csv").items():
            vars()[name] = row


class Block(Labelled):
    """The parts of a balance that are never mixed: only `bisko` is in the BISKO total."""

    colour: str
    colour_dark: str

    if TYPE_CHECKING:
        BISKO = "bisko"
        AGRICULTURE = "agriculture"
        LAND_USE = "land_use"
        PROCESS_ETS = "process_ets"
        RENEWABLES = "renewables"
        WASTE = "waste"
    else:
        _ignore_ = ("name", "row")
        for name, row in members("blocks.csv").items():
            vars()[name] = row
