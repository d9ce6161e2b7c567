"""What a delivered row means: words of people to codes, a quantity to MWh. Pure; the places of
faults are the caller's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from klima_balance.engine.figures import (
    FLEET,
    FLEET_LABEL,
    RENEWABLES,
    STATISTICS,
    UNITS_OF_STATISTICS,
)
from klima_balance.engine.waste import WASTE, WASTE_KINDS
from klima_balance.method.mileage import mileage_mwh
from klima_balance.method.model import Method
from klima_balance.method.units import to_mwh
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.labelled import Labelled
from klima_shared.codes.quality import ActivityStatus, Grade
from klima_shared.codes.quantities import MOST, MOST_MWH
from klima_shared.language.errors import InputError, Place
from klima_shared.language.text import Label, Text

NEGATIVE: Final = Text(
    "The quantity is negative. Consumption is expected; feed-in belongs to renewables."
)
STATISTICS_LABEL: Final = "Statistik der Gemeinde"
FACILITIES: Final = {
    "buildings": ("Gebäude", "Buildings"),
    "street_lighting": ("Straßenbeleuchtung", "Street lighting"),
    "water": ("Wasser und Abwasser", "Water and waste water"),
    "infrastructure": ("Sonstige Infrastruktur", "Other infrastructure"),
}
_SHORT: Final = {
    "ph": Sector.HOUSEHOLDS,
    "haushalte": Sector.HOUSEHOLDS,
    "ghd": Sector.COMMERCE,
    "gewerbe": Sector.COMMERCE,
    "gewerbe, handel, dienstleistungen": Sector.COMMERCE,
    "industrie": Sector.INDUSTRY,
    "ke": Sector.MUNICIPAL,
    "kommune": Sector.MUNICIPAL,
}
_KILOMETRES: Final = {
    "fzkm": 1.0,
    "fz-km": 1.0,
    "vehicle_km": 1.0,
    "tsd. fzkm": 1e3,
    "mio. fzkm": 1e6,
}
_TONNES: Final = {"t co2e", "t co₂e", "t"}
_DRIVES: Final = {"petrol": "petrol", "diesel": "diesel", "electricity": "electric"}
_PLACE: Final = re.compile(r"_(motorway|rural|urban)$")


@dataclass(frozen=True)
class Cell:
    """Where a figure belongs. `key` names it in the addresses of the API."""

    sector: str
    carrier: str
    category: str = ""

    @property
    def key(self) -> str:
        return ".".join(part for part in (self.sector, self.carrier, self.category) if part)


class Vocabulary:
    """The words that a delivery may use, for one method. Keep it: it is the same for every row."""

    def __init__(self, method: Method) -> None:
        self.method = method
        self._factors: dict[tuple[str, str, str], float] = {}

    @cached_property
    def sectors(self) -> dict[str, str]:
        block = {
            RENEWABLES: RENEWABLES,
            "erneuerbare erzeugung": RENEWABLES,
            "renewable generation": RENEWABLES,
            STATISTICS: STATISTICS,
            STATISTICS_LABEL.casefold(): STATISTICS,
            WASTE: WASTE,
            "abfall und abwasser": WASTE,
            "waste and waste water": WASTE,
        }
        return _words(Sector) | {word: sector.value for word, sector in _SHORT.items()} | block

    @cached_property
    def carriers(self) -> dict[str, str]:
        return _words(Carrier)

    @cached_property
    def technologies(self) -> dict[str, str]:
        return _labels(self.method.full_load_hours, "technology")

    @cached_property
    def statistics(self) -> dict[str, str]:
        """What a municipality may enter in the place of an official figure."""
        table = self.method.statistic_names
        units = [unit for unit, _ in UNITS_OF_STATISTICS.values()]
        return _labels(table[table["unit"].isin(units)], "statistic")

    def statistic_label(self, name: str) -> str:
        """The German name of a figure, as a form has it."""
        table = self.method.statistic_names
        return str(table.loc[table["statistic"] == name, "label_de"].iloc[0])

    @cached_property
    def _units(self) -> dict[str, str]:
        table = self.method.statistic_names
        return dict(zip(table["statistic"], table["unit"], strict=True))

    @cached_property
    def transport(self) -> dict[str, str]:
        table = self.method.required_cells
        known = _labels(table[table["category"] != ""], "category")
        return known | {
            "road": "road",
            "rail": "rail",
            FLEET: FLEET,
            FLEET_LABEL.de.casefold(): FLEET,
        }

    @cached_property
    def facilities(self) -> dict[str, str]:
        return {
            word.casefold(): code for code, labels in FACILITIES.items() for word in (code, *labels)
        }

    @cached_property
    def waste_kinds(self) -> dict[str, str]:
        return {
            word.casefold(): code
            for code, label in WASTE_KINDS.items()
            for word in (code, *label.both)
        }

    def cell(self, sector: str, carrier: str, category: str = "") -> Cell:
        """The cell of a row. `InputError` names the column."""
        block = _known("sector", sector, self.sectors, list(Sector))
        if block == RENEWABLES:
            return Cell(
                block,
                _known(
                    "carrier", carrier, self.technologies, sorted(set(self.technologies.values()))
                ),
            )
        if block == STATISTICS:
            known = self.statistics
            return Cell(block, _known("carrier", carrier, known, sorted(set(known.values()))))
        if block == WASTE:
            return Cell(block, _known("carrier", carrier, self.waste_kinds, list(WASTE_KINDS)))
        code = _known("carrier", carrier, self.carriers, list(Carrier))
        if not category:
            return Cell(block, code)
        if block == Sector.TRANSPORT:
            known = self.transport
        elif block == Sector.MUNICIPAL:
            known = self.facilities
        else:
            return Cell(block, code, _part(category))
        return Cell(block, code, _known("category", category, known, sorted(set(known.values()))))

    def energy(self, quantity: float, unit: str, cell: Cell) -> float | None:
        """MWh of a quantity like `mwh`, None for an official figure, which is no energy."""
        if cell.sector != STATISTICS:
            return self.mwh(quantity, unit, cell)
        expected = self._units[cell.carrier]
        found, _ = UNITS_OF_STATISTICS.get(unit.casefold(), ("", 1.0))
        if found != expected:
            raise InputError.at("unit", unit, Text("the unit {unit}", unit=expected))
        return None

    def mwh(self, quantity: float, unit: str, cell: Cell) -> float:
        """MWh of a quantity (gas billed gross becomes net), 0 of waste, whose quantity is t CO2e.
        `InputError` for a unit that the
        carrier has not, and at `quantity` for more energy than any figure has."""
        mwh = self._mwh(quantity, unit, cell)
        if not mwh <= MOST_MWH:
            most = Text("At most {most} MWh are expected; these are more.", most=f"{MOST_MWH:.0f}")
            raise InputError(most, Place("quantity"))
        return mwh

    def _mwh(self, quantity: float, unit: str, cell: Cell) -> float:
        if cell.sector == WASTE:
            if unit.casefold() not in _TONNES:
                raise InputError.at("unit", unit, Label("t CO2e", "t CO2e"))
            return 0.0
        if unit.casefold() in _KILOMETRES and cell.sector == Sector.TRANSPORT:
            return self._of_mileage(quantity * _KILOMETRES[unit.casefold()], cell)
        at = (unit, (cell.sector == RENEWABLES and "electricity") or cell.carrier, "")
        if at not in self._factors:
            self._factors[at] = to_mwh(1.0, unit, at[1], self.method)
        return quantity * self._factors[at]

    def _of_mileage(self, kilometres: float, cell: Cell) -> float:
        drive = _DRIVES.get(cell.carrier, cell.carrier)
        return mileage_mwh(kilometres, _PLACE.sub("", cell.category), drive, self.method)[1]


def _part(text: str) -> str:
    """A part of a cell, for example one supplier of several: parts add up."""
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.casefold().replace(umlaut, plain)
    part = re.sub(r"[^a-z0-9]+", "_", text).strip("_")
    if not 1 <= len(part) <= 40:
        raise InputError(
            Text("The category names a part of the cell with 1 to 40 letters or digits."),
            Place("category"),
        )
    return part


def status_of(word: str) -> str:
    """`measured`, `estimated`, `confirmed_zero` or `missing`."""
    return _known("status", word, _STATUS, _DELIVERED)


def grade_of(word: str) -> str:
    return _known("grade", word[:1] if word[1:2] == " " else word, _GRADES, list(_GRADES.values()))


def _words(codes: type[Labelled]) -> dict[str, str]:
    return {
        word.casefold(): code.value for code in codes for word in (code.value, code.de, code.en)
    }


_STATUS: Final = _words(ActivityStatus) | {"k. a.": "missing", "k.a.": "missing"}
_DELIVERED: Final = [s.value for s in ActivityStatus if s != ActivityStatus.MISSING]
_GRADES: Final = {grade.value.casefold(): grade.value for grade in Grade}


def _labels(table: Any, column: str) -> dict[str, str]:
    rows: list[Mapping[Any, Any]] = table.to_dict("records")
    return {
        str(row[name]).casefold(): str(row[column])
        for row in rows
        for name in (column, "label_de", "label_en")
    }


def _known(column: str, word: str, known: Mapping[str, str], expected: list[Any]) -> str:
    found = known.get(word.strip().casefold())
    if found is None:
        names = ", ".join(map(str, expected))
        shown = word if len(word) <= 40 else word[:40] + "…"
        text = Text(
            "“{shown}” is not known here. Expected one of: {names}.", shown=shown, names=names
        )
        raise InputError(text, Place(column))
    return found


def check_quantity(quantity: float, status: str) -> None:
    """A figure is finite, not negative, not absurd, and 0 where it is a confirmed zero. Else
    `InputError`."""
    if quantity < 0:
        raise InputError(NEGATIVE, Place("quantity"))
    if not quantity <= MOST:
        raise InputError(Text("At most {most} is expected.", most=f"{MOST:.0f}"), Place("quantity"))
    if status == ActivityStatus.CONFIRMED_ZERO and quantity != 0:
        raise InputError(
            Text("The status is “confirmed zero”, but the quantity is not 0. Which holds?"),
            Place("quantity"),
        )


def unit_error(error: InputError, unit: str) -> InputError:
    text = Text(
        "The unit “{unit}” does not fit here. Expected: {expected}.",
        unit=unit[:20],
        expected=error.expected,
    )
    return InputError(text, Place("unit"))
