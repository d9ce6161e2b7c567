"""Local activities: what a municipality, a utility or an operator delivered supersedes the default
cell by cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from klima_balance.engine.district_heat import HeatSource
from klima_balance.engine.options import Options
from klima_balance.engine.rows import Line
from klima_balance.engine.statistics import Statistics
from klima_balance.method.errors import NOT_NEGATIVE, InputError, columns, one_of
from klima_balance.method.factors import Factor, carrier_factor
from klima_balance.method.model import Method
from klima_shared.codes.lists import ActivityStatus, Carrier, Grade, Sector
from klima_shared.language.text import Text

REQUIRED: Final = ("region", "year", "sector", "carrier", "quantity_mwh", "status", "grade")
RENEWABLES: Final = "renewables"
FLEET: Final = "municipal_fleet"  # a "davon" of transport: shown, never added
FLEET_LABEL: Final = Text("kommunaler Fuhrpark", "municipal fleet")
_DELIVERED: Final = (
    ActivityStatus.MEASURED,
    ActivityStatus.ESTIMATED,
    ActivityStatus.CONFIRMED_ZERO,
)
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


def read(
    frame: pd.DataFrame | None, statistics: Statistics, method: Method, year: int, options: Options
) -> list[Activity]:
    """Rows of `year` for the regions of `statistics`, in an order that does not depend on theirs.

    Columns: region, year, sector, carrier, quantity_mwh, status, grade; optional category, source,
    contained_in_ghd, block (`renewables`: metered generation of the technology in category). Raises
    `InputError` with row and column.
    """
    if frame is None or frame.empty:
        return []
    if missing := [c for c in REQUIRED if c not in frame.columns]:
        raise InputError("local", sorted(map(str, frame.columns)), columns(missing))
    position = {str(key): i for i, key in enumerate(statistics.regions)}
    categories = set(method.required_cells["category"]) | {"road", "rail", FLEET}
    technologies = set(method.full_load_hours["technology"])
    factors: dict[tuple[str, str], Factor] = {}
    result = []
    for number, row in enumerate(frame.to_dict("records"), start=1):
        if int(row["year"]) != year or str(row["region"]) not in position:
            continue
        activity = _activity(
            {str(k): v for k, v in row.items()}, number, position, categories, technologies
        )
        if activity.block != RENEWABLES:
            use = "transport" if activity.sector == Sector.TRANSPORT else "stationary"
            at = (activity.carrier, use)
            if at not in factors:
                factors[at] = carrier_factor(
                    method, options.factor_set, activity.carrier, use, year
                )
            activity = _with_factor(activity, factors[at])
        result.append((activity, _contained(row)))
    result.sort(key=lambda pair: _order(pair[0]))
    return [a for a, _ in result] + [
        _less_municipal(a) for a, contained in result if contained and a.sector == "municipal"
    ]


def _contained(row: Mapping[Any, Any]) -> bool:
    value = row.get("contained_in_ghd", True)
    return True if value is None or value != value else bool(value)


def _order(a: Activity) -> tuple[Any, ...]:
    return (
        a.region,
        a.block,
        a.sector,
        a.carrier,
        a.category,
        a.source,
        a.quantity,
        a.status,
        a.grade,
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None or value != value else str(value)


def _activity(
    row: Mapping[str, Any],
    number: int,
    position: Mapping[str, int],
    categories: set[str],
    technologies: set[str],
) -> Activity:
    region = str(row["region"])

    def wrong(field: str, expected: Text) -> InputError:
        return InputError(field, row.get(field), expected, region=region, row=number)

    block, sector, carrier, category = (
        _text(row, name) for name in ("block", "sector", "carrier", "category")
    )
    if block not in ("", "bisko", RENEWABLES):
        raise wrong("block", one_of(("bisko", RENEWABLES)))
    if block == RENEWABLES:
        if category not in technologies:
            raise wrong("category", one_of(sorted(technologies)))
        sector = carrier = ""
    elif sector not in set(Sector):
        raise wrong("sector", one_of(Sector))
    elif carrier not in set(Carrier):
        raise wrong("carrier", one_of(Carrier))
    elif category and sector == Sector.TRANSPORT and category not in categories:
        raise wrong("category", one_of(sorted(categories)))
    status, grade = _text(row, "status"), _text(row, "grade")
    if status not in set(_DELIVERED):
        raise wrong("status", one_of(_DELIVERED))
    if grade not in set(Grade):
        raise wrong("grade", one_of(Grade))
    quantity = float(row["quantity_mwh"])
    if not (np.isfinite(quantity) and quantity >= 0):
        raise wrong("quantity_mwh", NOT_NEGATIVE)
    if status == ActivityStatus.CONFIRMED_ZERO and quantity != 0:
        raise wrong(
            "quantity_mwh",
            Text("0, weil der Status confirmed_zero ist", "0, as the status is confirmed_zero"),
        )
    return Activity(
        position[region],
        block or "bisko",
        sector,
        carrier,
        group_of(sector, category),
        category,
        quantity,
        status,
        grade,
        _text(row, "source"),
        "memo" if category == FLEET else "local",
        None,
    )


def _with_factor(activity: Activity, factor: Factor) -> Activity:
    return replace(activity, factor=factor)


def _less_municipal(activity: Activity) -> Activity:
    """The same quantity taken off commerce: municipal facilities are a sector of their own."""
    return replace(
        activity,
        sector=Sector.COMMERCE.value,
        group="municipal_facilities",
        quantity=-activity.quantity,
        kind="municipal",
        derivation="municipal facilities are contained in the figure of commerce and stand in a sector of their own",
    )


def heat_factors(
    frame: pd.DataFrame | None, statistics: Statistics, year: int
) -> dict[int, Factor]:
    """Own factors of district heat per region index: plant data before a declared technology.

    Columns: region, year, kind (plant, declared_technology), factor_g_per_kwh; optional source.
    """
    if frame is None or frame.empty:
        return {}
    position = {str(key): i for i, key in enumerate(statistics.regions)}
    own = (HeatSource.PLANT, HeatSource.DECLARED)
    chosen: dict[int, tuple[int, Factor]] = {}
    for number, row in enumerate(frame.to_dict("records"), start=1):
        region, word = str(row["region"]), str(row["kind"])
        if int(row["year"]) != year or region not in position:
            continue
        if word not in own:
            raise InputError("kind", word, one_of(own), region=region, row=number)
        kind = HeatSource(word)
        value = float(row["factor_g_per_kwh"])
        if not (np.isfinite(value) and value >= 0):
            raise InputError("factor_g_per_kwh", value, NOT_NEGATIVE, region=region, row=number)
        source = _text({str(k): v for k, v in row.items()}, "source")
        factor = Factor(
            "local",
            f"district_heat_{kind}",
            "CO2e",
            value,
            "g CO2e/kWh",
            year,
            False,
            source,
            "derived",
            value / 1000.0,
        )
        at = position[region]
        if at not in chosen or kind.rank < chosen[at][0]:
            chosen[at] = (kind.rank, factor)
    return {at: factor for at, (_, factor) in chosen.items()}


@dataclass(frozen=True)
class Index:
    """Which cells local rows fill: (sector, carrier) to region and group, technology to region."""

    cells: Mapping[tuple[str, str], Sequence[tuple[str, int]]]
    technologies: Mapping[str, Sequence[int]]

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


def index(activities: Sequence[Activity]) -> Index:
    """The cells and technologies that `activities` fill; what only moves energy (`municipal`) fills
    none."""
    cells: dict[tuple[str, str], list[tuple[str, int]]] = {}
    technologies: dict[str, list[int]] = {}
    for a in activities:
        if a.kind != "local":
            continue
        if a.block == RENEWABLES:
            technologies.setdefault(a.category, []).append(a.region)
        else:
            cells.setdefault((a.sector, a.carrier), []).append((a.group, a.region))
    return Index(cells, technologies)
