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

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from klima_balance.method.equation import Floats
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
ENTERED: Final = "entered"


@dataclass(frozen=True)
class Provenance:
    """Where a value comes from: year, source, certainty and flag (`implausible`, `correction`,
    `interpolated`, `entered` or empty). What a municipality entered has a status and a grade."""

    year: int
    source: str = ""
    certainty: str = ""
    flag: str = ""
    note: str = ""
    status: str = ""
    grade: str = ""


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

    @cached_property
    def state_codes(self) -> npt.NDArray[np.str_]:
        """The state of every region: the first two digits of its key."""
        return self.regions.astype("U2")

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

    def with_values(self, entered: Mapping[tuple[str, str], tuple[float, Provenance]]) -> Self:
        """With values by statistic and region in the place of those that stand there."""
        values, origin = dict(self.values), dict(self.origin)
        position = {str(key): i for i, key in enumerate(self.regions)}
        provenance = list(self.provenance)
        for name in sorted({name for name, _ in entered}):
            values[name] = self.column(name).copy()
            codes = origin.get(name, np.full(self.size, -1, dtype=np.int32))
            origin[name] = codes.copy()
        for (name, region), (value, source) in sorted(entered.items()):
            at = position[region]
            values[name][at], origin[name][at] = value, len(provenance)
            provenance.append(source)
        return replace(self, values=values, origin=origin, provenance=tuple(provenance))

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
            check_values(name, column, regions)
        herd = (
            {}
            if states is None
            else {str(k): {str(c): float(v) for c, v in r.items()} for k, r in states.iterrows()}
        )
        origin = {
            name: np.where(np.isnan(c), -1, 0).astype(np.int32) for name, c in columns.items()
        }
        return cls(year, regions, columns, origin, (Provenance(year),), herd)


def check_values(name: str, column: Floats, regions: npt.NDArray[np.str_]) -> None:
    """`InputError` for a value that is infinite or negative, naming the region."""
    wrong = np.flatnonzero(np.isinf(column) | (column < 0))
    if wrong.size:
        where = int(wrong[0])
        raise InputError.at(
            name,
            float(column[where]),
            Text("a finite number of at least 0, or nothing"),
            region=str(regions[where]),
        )
