"""The words that cross a service boundary: closed code lists with their German and English labels.

The value of a member is what stands on the wire and in the database; the labels are what people
read. The order of the members is the order in which they are shown. Every label is in
`docs/glossary.md`; a test compares them.
"""

from enum import StrEnum
from typing import Self

from klima_shared.language.numbers import Lang


class Labelled(StrEnum):
    """A code with a label in both languages: `NAME = "wire_value", "deutsch", "English"`."""

    _value_: str
    de: str
    en: str

    # The labels have defaults only because `Sector("households")` looks like a call of this to a
    # type checker.
    def __new__(cls, value: str, de: str = "", en: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.de = de
        member.en = en
        return member

    def label(self, lang: Lang = "de") -> str:
        """What a reader sees in `lang`."""
        return self.en if lang == "en" else self.de

    @property
    def rank(self) -> int:
        """Position in the list, from 0: for sorting in the order of the list instead of the
        alphabet."""
        return list(type(self)).index(self)


class Sector(Labelled):
    """Consumption sectors of the BISKO balance; agricultural energy belongs to commerce."""

    HOUSEHOLDS = "households", "Private Haushalte", "Private households"
    COMMERCE = (
        "commerce",
        "Gewerbe, Handel, Dienstleistungen und Sonstige",
        "Commerce, trade, services and others",
    )
    INDUSTRY = "industry", "Industrie", "Industry"
    MUNICIPAL = "municipal", "Kommunale Einrichtungen", "Municipal facilities"
    TRANSPORT = "transport", "Verkehr", "Transport"


class Carrier(Labelled):
    """Energy carriers, grid-bound ones first, then heat, then fuels for transport, then the
    remainders.

    The list holds the carriers of delivered data as well as those of the balance; which factor
    serves a carrier without one of its own (other petroleum as heating oil, say) is a rule of the
    method and not of this list.
    """

    ELECTRICITY = "electricity", "Strom", "Electricity"
    HEATING_ELECTRICITY = "heating_electricity", "Heizstrom", "Electricity for heating"
    NATURAL_GAS = "natural_gas", "Erdgas", "Natural gas"
    BIOGAS = "biogas", "Biogas", "Biogas"
    DISTRICT_HEAT = "district_heat", "Fernwärme", "District heat"
    LOCAL_HEAT = "local_heat", "Nahwärme", "Local heat network"
    HYDROGEN = "hydrogen", "Wasserstoff", "Hydrogen"
    HEATING_OIL = "heating_oil", "Heizöl", "Heating oil"
    LPG = "lpg", "Flüssiggas", "Liquefied petroleum gas (LPG)"
    COAL = "coal", "Kohle", "Coal"
    HARD_COAL = "hard_coal", "Steinkohle", "Hard coal"
    LIGNITE = "lignite", "Braunkohle", "Lignite"
    BIOMASS = "biomass", "Biomasse", "Biomass"
    LOGWOOD = "logwood", "Scheitholz", "Logwood"
    WOOD_CHIPS = "wood_chips", "Holzhackschnitzel", "Wood chips"
    WOOD_PELLETS = "wood_pellets", "Holzpellets", "Wood pellets"
    SOLAR_THERMAL = "solar_thermal", "Solarthermie", "Solar thermal"
    AMBIENT_HEAT = "ambient_heat", "Umweltwärme", "Ambient heat"
    PETROL = "petrol", "Benzin", "Petrol"
    DIESEL = "diesel", "Diesel", "Diesel"
    BIOFUELS = "biofuels", "Biokraftstoffe", "Biofuels"
    BIO_PETROL = "bio_petrol", "Biobenzin", "Bio petrol"
    BIODIESEL = "biodiesel", "Biodiesel", "Biodiesel"
    CNG = "cng", "Erdgas als Kraftstoff (CNG)", "Compressed natural gas (CNG)"
    BIO_CNG = "bio_cng", "Biomethan als Kraftstoff", "Compressed biomethane"
    KEROSENE = "kerosene", "Kerosin", "Kerosene"
    WASTE = "waste", "Abfall", "Waste"
    OTHER_RENEWABLE = "other_renewable", "Sonstige Erneuerbare", "Other renewables"
    OTHER_CONVENTIONAL = (
        "other_conventional",
        "Sonstige Konventionelle",
        "Other conventional carriers",
    )
    OTHER_PETROLEUM = "other_petroleum", "Sonstige Mineralölprodukte", "Other petroleum products"
    OTHER_FOSSIL = "other_fossil", "Sonstige fossile Energieträger", "Other fossil carriers"


class Block(Labelled):
    """The parts of a balance that are never mixed: only `bisko` is in the BISKO total."""

    BISKO = "bisko", "BISKO-Bilanz", "BISKO balance"
    AGRICULTURE = "agriculture", "Landwirtschaft (nicht energetisch)", "Agriculture (non-energy)"
    LAND_USE = "land_use", "Landnutzung", "Land use"
    PROCESS_ETS = "process_ets", "Prozesse und Emissionshandel", "Processes and emissions trading"
    RENEWABLES = "renewables", "Erneuerbare Erzeugung", "Renewable generation"


class Grade(Labelled):
    """Data quality of an activity (Datengüte), best first."""

    A = "A", "gemessen oder vom Versorger geliefert", "metered or delivered by the supplier"
    B = "B", "hochgerechnete regionale Primärdaten", "extrapolated regional primary data"
    C = "C", "regionale Kennwerte und Statistiken", "regional statistics"
    D = "D", "bundesweite Kennzahlen", "national figures"

    @property
    def weight(self) -> float:
        """Its weight in the data quality of a sum: the energy-weighted mean over all cells."""
        return _GRADE_WEIGHTS[self.value]


_GRADE_WEIGHTS = {"A": 1.0, "B": 0.5, "C": 0.25, "D": 0.0}


class ActivityStatus(Labelled):
    """How a figure came to be. `missing` is what a cell without an entry is; it is never the number
    0."""

    MEASURED = "measured", "gemessen", "measured"
    ESTIMATED = "estimated", "geschätzt", "estimated"
    CONFIRMED_ZERO = "confirmed_zero", "bestätigt null", "confirmed zero"
    MISSING = "missing", "keine Angabe", "no data"


class Certainty(Labelled):
    """How far a value of the method can be trusted.

    A value carried from another year keeps the certainty of its source: that it was carried, and
    from which year, is a second statement beside this one.
    """

    VERIFIED = "verified", "belegt", "verified"
    DERIVED = "derived", "abgeleitet", "derived"
    UNVERIFIED_HIGH = (
        "unverified_high",
        "ungeprüft, wahrscheinlich richtig",
        "unverified, probably right",
    )
    UNVERIFIED_MEDIUM = "unverified_medium", "ungeprüft, unsicher", "unverified, uncertain"
    UNVERIFIED_LOW = "unverified_low", "ungeprüft, sehr unsicher", "unverified, very uncertain"

    @property
    def showable(self) -> bool:
        """Whether the value may be shown as it is, without a mark."""
        return self in {Certainty.VERIFIED, Certainty.DERIVED}


class RegionKind(Labelled):
    """What a region is. An independent city is a county by its key and a municipality by its
    kind."""

    COUNTRY = "country", "Bund", "Country"
    STATE = "state", "Land", "State"
    COUNTY = "county", "Kreis", "County"
    MUNICIPALITY = "municipality", "Gemeinde", "Municipality"
    ORGANISATION = "organisation", "Organisation", "Organisation"


class ConformityState(Labelled):
    """The stored assessment of a balance against the BISKO rules; an assessment, not a
    certificate."""

    CONFORMANT = "conformant", "BISKO-konform", "conforms to BISKO"
    NON_CONFORMANT = "non_conformant", "nicht BISKO-konform", "does not conform to BISKO"
    INCOMPLETE = "incomplete", "unvollständig", "incomplete"


class FieldOfAction(Labelled):
    """The nine fields of action, in the order of the concept."""

    MOBILITY = "mobility", "Mobilität", "Mobility"
    CLIMATE_NEUTRAL_MUNICIPALITY = (
        "climate_neutral_municipality",
        "Klimaneutrale Kommune",
        "Climate-neutral municipality",
    )
    EDUCATION = "education", "Klima- und Umweltbildung", "Climate and environmental education"
    BUSINESS = "business", "Nachhaltigkeit im Unternehmen", "Sustainability in business"
    LAND_AND_FORESTRY = "land_and_forestry", "Land- und Forstwirtschaft", "Agriculture and forestry"
    LAND_USE_PLANNING = "land_use_planning", "Bauleitplanung", "Urban land-use planning"
    ENERGY_INDUSTRY = "energy_industry", "Energiewirtschaft", "Energy industry"
    INTERMUNICIPAL_COOPERATION = (
        "intermunicipal_cooperation",
        "Interkommunale Zusammenarbeit",
        "Intermunicipal cooperation",
    )
    GREEN_SPACES = (
        "green_spaces",
        "Grünflächenbewirtschaftung, -pflege, -planung einschließlich Straßenbegleitgrün",
        "Management, care and planning of green spaces, roadside greenery included",
    )


class Phase(Labelled):
    """Where a measure stands on its way; the last four are exits."""

    IDEA = "idea", "Idee", "idea"
    EXAMINED = "examined", "geprüft", "examined"
    DECIDED = "decided", "beschlossen", "decided"
    IN_PREPARATION = "in_preparation", "in Vorbereitung", "in preparation"
    IN_IMPLEMENTATION = "in_implementation", "in Umsetzung", "in implementation"
    COMPLETED = "completed", "abgeschlossen", "completed"
    MADE_PERMANENT = "made_permanent", "verstetigt", "made permanent"
    POSTPONED = "postponed", "zurückgestellt", "postponed"
    REJECTED = "rejected", "abgelehnt", "rejected"
    REPLACED = "replaced", "ersetzt", "replaced"
    MERGED = "merged", "zusammengeführt", "merged"


class MeasureStatus(Labelled):
    """How a measure does against its own plan."""

    NOT_STARTED = "not_started", "nicht begonnen", "not started"
    ON_TRACK = "on_track", "im Plan", "on track"
    AT_RISK = "at_risk", "gefährdet", "at risk"
    LATE = "late", "verspätet", "late"
    ACHIEVED = "achieved", "erreicht", "achieved"
    UNKNOWN = "unknown", "unbekannt", "unknown"


class Light(Labelled):
    """The traffic light of a target. `unknown` when data is missing or stale: never shown as
    reached."""

    GREEN = "green", "im Plan", "on track"
    YELLOW = "yellow", "gefährdet", "at risk"
    RED = "red", "verfehlt", "missed"
    UNKNOWN = "unknown", "unbekannt", "unknown"


class Role(Labelled):
    """What a token allows, inside the regions it names. A manager may all that an editor may."""

    VIEWER = "viewer", "Einsicht", "Viewer"
    EDITOR = "editor", "Bearbeitung", "Editor"
    MANAGER = "manager", "Leitung", "Manager"
    METHOD = "method", "Methodenpflege", "Method keeper"
    SERVICE = "service", "Dienst", "Service"
