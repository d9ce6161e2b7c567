"""Local figures: what a municipality, a utility or an operator delivered supersedes the default of
the method cell by cell.

`Figure` is the one type of a local figure, from the row of an upload or the body of a PUT through
storage to the engine. An `Activity` is a figure with its factor: the row that is added up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING as NO_DEFAULT
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from klima_balance.engine.rows import Line, Run
from klima_balance.engine.waste import AS_DELIVERED, WASTE, WASTE_KINDS
from klima_balance.method.expected import NOT_NEGATIVE, columns, one_of
from klima_balance.method.factors import Factor
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quality import ActivityStatus, Grade
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text
from klima_shared.wire.json import Json, JsonObject

RENEWABLES: Final = "renewables"
STATISTICS: Final = "statistics"  # what supersedes an official figure: population, areas, herds
UNITS_OF_STATISTICS: Final[Mapping[str, tuple[str, float]]] = {
    "inhabitants": ("inhabitants", 1.0),
    "einwohner": ("inhabitants", 1.0),
    "ha": ("ha", 1.0),
    "km2": ("ha", 100.0),
    "km²": ("ha", 100.0),
    "heads": ("heads", 1.0),
    "tiere": ("heads", 1.0),
    "stück": ("heads", 1.0),
    "k d": ("K d", 1.0),
    "kd": ("K d", 1.0),
}
"""How a figure that supersedes an official one may be delivered: its unit, and how many of it."""
FOREST: Final = "forest_ha"
FOREST_KINDS: Final = ("forest_deciduous_ha", "forest_coniferous_ha", "forest_mixed_ha")
FLEET: Final = "municipal_fleet"  # a "davon" of transport: shown, never added
FLEET_LABEL: Final = Label("kommunaler Fuhrpark", "municipal fleet")
_CODES: Final[Mapping[str, Mapping[str, object]]] = {
    "sector": dict.fromkeys(map(str, Sector)),
    "carrier": dict.fromkeys(map(str, Carrier)),
    "status": dict.fromkeys(str(s) for s in ActivityStatus if s != ActivityStatus.MISSING),
    "grade": dict.fromkeys(map(str, Grade)),
}
_STATED: Final = ("status", "grade")
_ROAD: Final = (
    "car",
    "motorcycle",
    "light_duty",
    "heavy_duty",
    "line_bus",
    "coach",
    "tram",
    "road",
)
_RAIL: Final = ("local_rail", "long_distance_rail", "rail_freight", "rail")


@dataclass(frozen=True, slots=True)
class Figure:
    """One local figure of a region, year and cell: as it was delivered, and in MWh where it is
    energy.

    The cell is sector and carrier, or `renewables` and a technology, or `statistics` and the name
    of an official figure, or `waste` and a kind (whose quantity is t CO2e and no energy);
    `category` is a part of it.
    Raises `InputError` with the field for anything that can't be a figure.
    """

    region: str
    year: int
    sector: str
    carrier: str
    category: str
    quantity: float
    unit: str
    quantity_mwh: float | None
    status: str
    grade: str
    source: str
    note: str | None = None
    contained_in_ghd: bool = True

    def __post_init__(self) -> None:
        for field in _STATED if self.sector in {RENEWABLES, STATISTICS, WASTE} else _CODES:
            self._require(field, _CODES[field])
        field = "quantity" if self.sector == STATISTICS else "quantity_mwh"
        amount = getattr(self, field)
        if amount is None or not (isfinite(amount) and amount >= 0):
            raise self._wrong(field, NOT_NEGATIVE)
        if self.status == ActivityStatus.CONFIRMED_ZERO and amount != 0:
            raise self._wrong(field, Text("0, as the status is confirmed_zero"))

    @property
    def key(self) -> str:
        """The cell in the addresses of the API."""
        return ".".join(part for part in (self.sector, self.carrier, self.category) if part)

    def check_category(self, categories: Iterable[str], technologies: Iterable[str]) -> None:
        """Raise `InputError` for a technology or a part of transport that the method has not."""
        if self.sector == RENEWABLES:
            self._require("carrier", dict.fromkeys(sorted(technologies)))
        elif self.sector == WASTE:
            self._require("carrier", WASTE_KINDS)
        elif self.sector == Sector.TRANSPORT and self.category:
            self._require("category", dict.fromkeys(sorted(categories)))

    @property
    def statistic(self) -> float:
        """The value of an official figure in its own unit."""
        return self.quantity * UNITS_OF_STATISTICS[self.unit.casefold()][1]

    def _require(self, field: str, allowed: Mapping[str, object]) -> None:
        if getattr(self, field) not in allowed:
            raise self._wrong(field, one_of(allowed))

    def _wrong(self, field: str, expected: Text) -> InputError:
        return InputError.at(field, getattr(self, field), expected, region=self.region)


_NEEDED: Final = [f.name for f in fields(Figure) if f.default is NO_DEFAULT]


def figures_of(rows: Iterable[Json]) -> list[Figure]:
    """Figures of plain rows. `InputError` names row and column.

    What is optional: category, source, note, contained_in_ghd, and quantity and unit where the
    figure is in MWh anyway.
    """
    result = []
    for number, row in enumerate(rows, start=1):
        values: JsonObject = {
            "category": "",
            "source": "",
            "unit": "MWh",
            "quantity": row.get("quantity_mwh"),
        }
        values |= row
        if missing := [name for name in _NEEDED if values.get(name) is None]:
            raise InputError.at("local", sorted(map(str, row)), columns(missing), row=number)
        try:
            result.append(Figure(**values))
        except InputError as error:
            raise error.in_row(number) from error
    return result


@dataclass(frozen=True)
class Activity:
    """One local row beside the lines of all regions.

    `kind`: local, municipal (taken off commerce), heat_supply, or memo (the municipal fleet, in no
    sum).
    """

    region: int
    block: str
    sector: str
    carrier: str
    group: str
    category: str
    quantity: float
    status: str
    grade: str
    source: str
    kind: str
    factor: Factor | None
    derivation: str = ""

    @property
    def emissions(self) -> float:
        return self.quantity * self.factor.t_per_unit if self.factor else 0.0


def group_of(sector: str, category: str) -> str:
    """The lines a category of transport belongs to (road, rail, inland_shipping, aviation); empty:
    all of the cell."""
    if sector != Sector.TRANSPORT or not category:
        return ""
    if category.startswith(_ROAD):
        return "road"
    return "rail" if category.startswith(_RAIL) else category


def activities_of(
    figures: Iterable[Figure], run: Run, networks: Mapping[int, Factor]
) -> list[Activity]:
    """The figures of the run's year and regions with their factors, in an order that does not
    depend on theirs; then what municipal facilities take off commerce."""
    categories = {*run.method.required_cells["category"], "road", "rail", FLEET}
    technologies = set(run.method.full_load_hours["technology"])
    result, contained = [], []
    for number, figure in enumerate(figures, start=1):
        region = run.position.get(figure.region)
        if figure.year != run.year or region is None or figure.sector == STATISTICS:
            continue
        try:
            figure.check_category(categories, technologies)
        except InputError as error:
            raise error.in_row(number) from error
        activity = _activity(figure, region, run, networks)
        result.append(activity)
        if figure.sector == Sector.MUNICIPAL and figure.contained_in_ghd:
            contained.append(activity)
    return sorted(result, key=_order) + [
        _taken_off_commerce(activity) for activity in sorted(contained, key=_order)
    ]


def _order(a: Activity) -> tuple[Any, ...]:
    cell = (a.region, a.block, a.sector, a.carrier, a.category)
    return (*cell, a.source, a.quantity, a.status, a.grade)


def _activity(figure: Figure, region: int, run: Run, networks: Mapping[int, Factor]) -> Activity:
    waste, beside = figure.sector == WASTE, figure.sector in {RENEWABLES, WASTE}
    factor = AS_DELIVERED if waste else None
    if not beside:
        factor = run.factor(figure.sector, figure.carrier)
        if figure.carrier == Carrier.DISTRICT_HEAT:
            factor = networks.get(region, factor)
    return Activity(
        region=region,
        block=figure.sector if beside else "bisko",
        sector="" if beside else figure.sector,
        carrier="" if beside else figure.carrier,
        group=group_of(figure.sector, figure.category),
        category=figure.carrier if beside else figure.category,
        quantity=figure.quantity if waste else figure.quantity_mwh or 0.0,
        status=str(figure.status),
        grade=str(figure.grade),
        source=figure.source,
        kind="memo" if figure.category == FLEET else "local",
        factor=factor,
    )


def _taken_off_commerce(activity: Activity) -> Activity:
    """The same quantity taken off commerce: municipal facilities are a sector of their own."""
    return replace(
        activity,
        sector=Sector.COMMERCE.value,
        group="municipal_facilities",
        quantity=-activity.quantity,
        kind="municipal",
        derivation=(
            "municipal facilities are contained in the figure of commerce and stand in a sector of"
            " their own"
        ),
    )


@dataclass(frozen=True)
class FilledCells:
    """Which cells local rows fill: (sector, carrier) to group and region, technology to region."""

    cells: Mapping[tuple[str, str], Sequence[tuple[str, int]]]
    technologies: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, activities: Iterable[Activity]) -> "FilledCells":
        """What only moves energy (`municipal`) fills no cell."""
        cells: dict[tuple[str, str], list[tuple[str, int]]] = {}
        technologies: dict[str, list[int]] = {}
        for a in activities:
            if a.kind != "local" or a.block == WASTE:
                continue
            if a.block == RENEWABLES:
                technologies.setdefault(a.category, []).append(a.region)
            else:
                cells.setdefault((a.sector, a.carrier), []).append((a.group, a.region))
        return cls(cells, technologies)

    def supersedes(self, line: Line, size: int) -> npt.NDArray[np.bool_] | None:
        """Where a line gives way to a local row of its cell (and group, if the row names one);
        None: nowhere."""
        if line.block == RENEWABLES:
            regions = list(self.technologies.get(line.item, ()))
        elif line.kind == "allocated":
            rows = self.cells.get((line.sector, line.carrier), ())
            regions = [region for group, region in rows if group in ("", line.group)]
        else:
            return None
        if not regions:
            return None
        mask = np.zeros(size, dtype=bool)
        mask[regions] = True
        return mask
