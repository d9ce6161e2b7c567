"""Official statistics as the engine takes them: one wide table per year, each value with its
provenance.

| column | unit | used for |
|---|---|---|
| population | inhabitants | key; per inhabitant |
| living_area_1000m2, flats_total, flats_district_heat | 1000 m2, flats | keys of heating |
| traffic_area_ha, industry_commerce_area_ha, agricultural_area_ha | ha | keys; agriculture; land
use |
| settlement_area_ha, forest_ha, woods_ha, heath_ha, moor_ha, marsh_ha, cropland_ha, grassland_ha |
ha | land use |
| ets_industry_t, ets_cement_t | t CO2 | process and emissions trading; key of site fuels |
| pv_kw, wind_kw, biomass_kw, hydro_kw | kW | renewables |
| cows, cattle_other, pigs, poultry, other_animals | heads | agriculture; on a state row: the
state's herd |

Missing is NaN and stays missing. Further columns are kept and not used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from klima_balance.engine.regions import leaves
from klima_balance.method.equation import Floats
from klima_balance.method.expected import columns
from klima_shared.language.errors import InputError
from klima_shared.language.text import Label, Text

HERD: Final = ("cows", "cattle_other", "pigs", "poultry", "other_animals")
LONG_COLUMNS: Final = (
    "region",
    "year",
    "statistic",
    "value",
    "unit",
    "source",
    "certainty",
    "flag",
    "note",
)


INTERPOLATED: Final = "interpolated"


@dataclass(frozen=True)
class Provenance:
    """Where a value comes from: year, source, certainty and flag (`implausible`, `correction`,
    `interpolated` or empty)."""

    year: int
    source: str = ""
    certainty: str = ""
    flag: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class Statistics:
    """Wide statistics of one year: `values[statistic]` has one float per region, in the order of
    `regions` (ascending).

    `origin[statistic]` has the index into `provenance` (-1: missing). `states` has the herds and
    areas of the states.
    """

    year: int
    regions: npt.NDArray[np.str_]
    values: dict[str, Floats]
    origin: dict[str, npt.NDArray[np.int32]]
    provenance: tuple[Provenance, ...]
    states: dict[str, dict[str, float]]

    @property
    def size(self) -> int:
        return len(self.regions)

    def column(self, name: str) -> Floats:
        """The values of a statistic; all missing when the table does not have it."""
        found = self.values.get(name)
        return np.full(self.size, np.nan) if found is None else found

    def flagged(self, name: str, flag: str) -> npt.NDArray[np.bool_]:
        """Where the value of a statistic carries a flag."""
        return self._where(name, [p.flag == flag for p in self.provenance])

    def carried(self, name: str) -> npt.NDArray[np.bool_]:
        """Where the value of a statistic comes from another year."""
        return self._where(name, [p.year != self.year for p in self.provenance])

    def _where(self, name: str, truth: list[bool]) -> npt.NDArray[np.bool_]:
        codes = self.origin.get(name)
        if codes is None or not truth:
            return np.zeros(self.size, dtype=bool)
        return np.asarray(np.where(codes >= 0, np.asarray(truth)[codes], False), dtype=bool)

    def provenance_of(self, name: str, index: int) -> Provenance | None:
        codes = self.origin.get(name)
        return None if codes is None or codes[index] < 0 else self.provenance[codes[index]]

    @classmethod
    def from_dataframe(
        cls, values: pd.DataFrame, year: int, states: pd.DataFrame | None = None
    ) -> Self:
        """A plain wide frame indexed by AGS (8 digits as text); every value counts as of `year`,
        without a source."""
        ordered = values.sort_index()
        regions = np.asarray([str(key) for key in ordered.index], dtype=np.str_)
        if len(set(regions)) != len(regions):
            raise InputError.at(
                "region",
                ordered.index[ordered.index.duplicated()][0],
                Label("jede Gebietseinheit einmal", "every region once"),
            )
        columns = {str(name): ordered[name].to_numpy(dtype=np.float64) for name in ordered.columns}
        for name, column in columns.items():
            _check(name, column, regions)
        herd = (
            {}
            if states is None
            else {str(k): {str(c): float(v) for c, v in r.items()} for k, r in states.iterrows()}
        )
        origin = {
            name: np.where(np.isnan(c), -1, 0).astype(np.int32) for name, c in columns.items()
        }
        return cls(year, regions, columns, origin, (Provenance(year),), herd)


def _check(name: str, column: Floats, regions: npt.NDArray[np.str_]) -> None:
    wrong = np.flatnonzero(np.isinf(column) | (column < 0))
    if wrong.size:
        where = int(wrong[0])
        raise InputError.at(
            name,
            float(column[where]),
            Text("a finite number of at least 0, or nothing"),
            region=str(regions[where]),
        )


def wide(rows: pd.DataFrame, year: int, regions: Sequence[str] | None = None) -> Statistics:
    """Long rows (`LONG_COLUMNS`) to the wide table of one year.

    Per region and statistic one row serves: an implausible one only when nothing else exists, then
    the nearest year (the earlier of two), then a correction before the original. Between two known
    years the value is interpolated linearly and flagged so; outside them it is carried. `regions`:
    the leaves (default: those with a population in the nearest year that has any). Raises
    `InputError` for a missing column or a value that is negative or infinite.
    """
    if missing := [c for c in LONG_COLUMNS[:4] if c not in rows.columns]:
        raise InputError.at("statistics", sorted(map(str, rows.columns)), columns(missing))
    rows = rows[rows["value"].notna()]
    region_codes, region_keys = pd.factorize(rows["region"], sort=True)
    name_codes, names = pd.factorize(rows["statistic"], sort=True)
    years = rows["year"].to_numpy(dtype=np.int64)
    flags = (
        rows["flag"].to_numpy(dtype=object)
        if "flag" in rows.columns
        else np.full(len(rows), "", dtype=object)
    )
    cell = region_codes.astype(np.int64) * max(len(names), 1) + name_codes
    ranks = (flags != "correction", years, np.abs(years - year), flags == "implausible", cell)
    chosen = _first(np.lexsort(ranks), cell)
    at = (name_codes[chosen], region_codes[chosen])
    keys = [str(key) for key in region_keys]
    picked = rows.iloc[chosen]
    leaf = (
        _living(picked["year"].to_numpy(), at, list(names), keys, year)
        if regions is None
        else sorted(dict.fromkeys(regions))
    )
    before = np.flatnonzero((years < year) & (flags != "implausible"))
    after = np.flatnonzero((years > year) & (flags != "implausible"))
    ends = [
        side[_first(np.lexsort([rank[side] for rank in ranks]), cell[side])]
        for side in (before, after)
    ]
    picked = interpolated(picked, cell[chosen], year, rows, [(cell[end], end) for end in ends])
    return _assemble(picked, year, at, names=list(names), keys=keys, leaf=leaf)


def _first(order: npt.NDArray[np.intp], cell: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """The first row of every cell, of rows in this order."""
    first = np.ones(len(order), dtype=bool)
    first[1:] = cell[order][1:] != cell[order][:-1]
    return order[first]


def interpolated(
    picked: pd.DataFrame,
    cells: npt.NDArray[np.int64],
    year: int,
    rows: pd.DataFrame,
    ends: Sequence[tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]],
) -> pd.DataFrame:
    """The serving rows (`cells`, ascending, names the cell of each) with those replaced that have a
    known year on both sides of `year` and none of the year itself.

    `ends`: cells and positions in `rows` of the nearest earlier and the nearest later known value.
    """
    (cells_before, before), (cells_after, after) = ends
    both, at_before, at_after = np.intersect1d(
        cells_before, cells_after, assume_unique=True, return_indices=True
    )
    at = np.searchsorted(cells, both)
    open_ = picked["year"].to_numpy()[at] != year
    if not open_.any():
        return picked
    at = at[open_]
    low, high = rows.iloc[before[at_before[open_]]], rows.iloc[after[at_after[open_]]]
    first, last = (end["year"].to_numpy(dtype=np.float64) for end in (low, high))
    values = [end["value"].to_numpy(dtype=np.float64) for end in (low, high)]
    share = (year - first) / (last - first)
    result = picked.reset_index(drop=True).astype({"value": np.float64})
    result.loc[at, "value"] = values[0] + (values[1] - values[0]) * share
    result.loc[at, "year"] = year
    pairs = zip(first.astype(int), last.astype(int), strict=True)
    note = np.asarray([f"linear between {a} and {b}" for a, b in pairs], dtype=object)
    for column, text in (("flag", INTERPOLATED), ("certainty", "derived"), ("note", note)):
        if column in result.columns:
            result[column] = result[column].astype(object)
        result.loc[at, column] = text
    return result


def _assemble(
    picked: pd.DataFrame,
    year: int,
    at: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    *,
    names: list[str],
    keys: list[str],
    leaf: Sequence[str],
) -> Statistics:
    """The serving rows as a table; `at`: index of the statistic and of the region of each."""
    described = [c for c in ("year", "source", "certainty", "flag", "note") if c in picked.columns]
    origin_codes, origins = _origins(picked, described)
    value = np.full((len(names), len(keys)), np.nan)
    origin = np.full((len(names), len(keys)), -1, dtype=np.int32)
    value[at] = picked["value"].to_numpy(dtype=np.float64)
    origin[at] = origin_codes
    position = {key: i for i, key in enumerate(keys)}
    index = np.asarray([position.get(key, -1) for key in leaf], dtype=np.intp)
    known = index >= 0
    regions = np.asarray(leaf, dtype=np.str_)
    values = {
        n: np.where(known, value[i][index], np.nan) if len(keys) else np.full(len(leaf), np.nan)
        for i, n in enumerate(names)
    }
    for name, column in values.items():
        _check(name, column, regions)
    states = {
        key[:2]: {name: float(value[i, position[key]]) for i, name in enumerate(names)}
        for key in position
        if key.endswith("000000") and not key.startswith("DG")
    }
    found = {n: np.where(known, origin[i][index], -1).astype(np.int32) for i, n in enumerate(names)}
    return Statistics(year, regions, values, found, origins, states)


def _living(
    years: npt.NDArray[np.int64],
    at: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    names: list[str],
    keys: list[str],
    year: int,
) -> list[str]:
    """The leaves that exist in the year: those with a population of the nearest year (mergers
    change the list). `years`: of the serving rows; `at`: their statistic and region."""
    if "population" not in names:
        return leaves(keys)
    counted = np.flatnonzero(at[0] == names.index("population"))
    distance = {keys[at[1][row]]: abs(int(years[row]) - year) for row in counted}
    nearest = min(distance.values(), default=0)
    return leaves(key for key, gap in distance.items() if gap == nearest)


def _origins(
    picked: pd.DataFrame, described: list[str]
) -> tuple[npt.NDArray[np.int32], tuple[Provenance, ...]]:
    codes = np.zeros(len(picked), dtype=np.int64)
    for column in described:
        part, unique = pd.factorize(picked[column])  # -1: nothing
        codes = codes * (len(unique) + 1) + part + 1
    compact, first = np.unique(codes, return_index=True)
    position = np.searchsorted(compact, codes).astype(np.int32)
    heads = picked.iloc[first][described].astype(object).to_dict("records")
    names = ("source", "certainty", "flag", "note")
    return position, tuple(
        Provenance(int(h["year"]), *(_text(h.get(name)) for name in names)) for h in heads
    )


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)
