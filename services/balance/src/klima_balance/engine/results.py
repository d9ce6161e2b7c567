"""What the engine hands out: matrices with names, nothing rounded."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from klima_balance.engine.figures import Activity
from klima_balance.engine.options import Options
from klima_balance.engine.rows import Line, Part
from klima_balance.engine.statistics import Statistics
from klima_balance.method.equation import Floats
from klima_balance.method.model import Method
from klima_shared.codes.energy import Carrier, Sector
from klima_shared.codes.quality import Grade

BLOCKS: Final = ("bisko", "agriculture", "land_use", "process_ets", "renewables", "waste")

# The status of a cell, worst last: the cell shows the worst of its rows.
CELL_STATUS: Final = ("absent", "confirmed_zero", "measured", "estimated", "missing")
CELL_MISSING: Final = CELL_STATUS.index("missing")
GRADES: Final = ("", *(grade.value for grade in Grade))


@dataclass(frozen=True, eq=False)
class Cells:
    """Sector x carrier of the BISKO block: [cells, regions]. `weighted` is grade x MWh, for the
    data quality."""

    names: tuple[tuple[str, str], ...]
    energy: Floats
    emissions: Floats
    weighted: Floats
    status: npt.NDArray[np.uint8]
    grade: npt.NDArray[np.uint8]
    counted: npt.NDArray[np.int32]

    @cached_property
    def position(self) -> dict[tuple[str, str], int]:
        return {name: i for i, name in enumerate(self.names)}

    def energy_of(self, sector: str, carrier: str) -> Floats:
        """MWh of a cell; zeros where no region has it."""
        at = self.position.get((str(sector), str(carrier)))
        return np.zeros(self.energy.shape[1]) if at is None else self.energy[at]

    def adding(self, part: Part) -> "Cells":
        """The cells with energy moved between them: same status and grade, quality in
        proportion."""
        energy, emissions, weighted = (
            self.energy.copy(),
            self.emissions.copy(),
            self.weighted.copy(),
        )
        for i, line in enumerate(part.lines):
            at = self.position[line.sector, line.carrier]
            moved = np.where(part.absent[i], 0.0, part.quantity[i])
            quality = np.divide(
                self.weighted[at],
                self.energy[at],
                out=np.zeros_like(moved),
                where=self.energy[at] > 0,
            )
            energy[at] += moved
            emissions[at] += moved * (line.factor.t_per_unit if line.factor else 0.0)
            weighted[at] += moved * quality
        return Cells(self.names, energy, emissions, weighted, self.status, self.grade, self.counted)

    def reduced(self, take: npt.NDArray[np.intp], starts: npt.NDArray[np.intp]) -> "Cells":
        """Sums over groups of regions; the status and grade of a sum is the worst of its
        members."""

        def add(matrix: Floats) -> Floats:
            return np.add.reduceat(matrix[:, take], starts, axis=1)

        return Cells(
            self.names,
            add(self.energy),
            add(self.emissions),
            add(self.weighted),
            np.maximum.reduceat(self.status[:, take], starts, axis=1),
            np.maximum.reduceat(self.grade[:, take], starts, axis=1),
            np.add.reduceat(self.counted[:, take], starts, axis=1),
        )


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums per region, every block apart. `*_rows` counts the rows in a sum, `*_gaps` those that
    are missing from it.

    A sum of no row is unknown, not zero.
    """

    population: Floats
    final_energy_mwh: Floats
    bisko_t_co2e: Floats
    weighted_energy_mwh: Floats
    agriculture_t_co2e: Floats
    land_use_t_co2e: Floats
    process_ets_t_co2: Floats
    site_fuels_t_co2e: Floats
    renewable_generation_mwh: Floats
    electricity_use_mwh: Floats
    bisko_rows: Floats
    bisko_gaps: Floats
    agriculture_rows: Floats
    agriculture_gaps: Floats
    land_use_rows: Floats
    land_use_gaps: Floats
    process_ets_rows: Floats
    process_ets_gaps: Floats
    renewables_rows: Floats
    renewables_gaps: Floats
    waste_t_co2e: Floats
    waste_rows: Floats
    waste_gaps: Floats

    def where_counted(self, block: str, values: Floats) -> Floats:
        """Values of a block, NaN where not a single row stands behind them."""
        return np.where(getattr(self, f"{block}_rows") > 0, values, np.nan)


@dataclass(frozen=True, eq=False)
class Balances:
    """Balances of many regions for one year. `statistics` is None for sums; `members` then names
    what was added.

    `filled`: which required cells hold an entry, [required cells, regions]; of a sum: in every
    member. `flags`: how many members (of a leaf: 0 or 1) a remark of `conformity` concerns.
    """

    method: Method
    year: int
    options: Options
    statistics: Statistics | None
    regions: npt.NDArray[np.str_]
    lines: tuple[Line, ...]
    quantity: Floats
    key: Floats
    state: npt.NDArray[np.uint8]
    gaps: npt.NDArray[np.int32]
    emissions: Floats
    activities: tuple[Activity, ...]
    cells: Cells
    totals: Totals
    filled: npt.NDArray[np.bool_]
    flags: Mapping[str, npt.NDArray[np.int64]]
    members: Mapping[str, tuple[str, ...]]
    expected: npt.NDArray[np.int64]
    present: npt.NDArray[np.int64]

    @cached_property
    def position(self) -> dict[str, int]:
        return {str(key): i for i, key in enumerate(self.regions)}

    @cached_property
    def activities_of(self) -> Mapping[int, list[Activity]]:
        found: dict[int, list[Activity]] = {}
        for activity in self.activities:
            found.setdefault(activity.region, []).append(activity)
        return found

    @property
    def is_sum(self) -> bool:
        return self.statistics is None

    def total(self, name: str) -> "pd.Series[float]":
        """One of the totals by region; `extended_t_co2e` and `net_with_land_use_t_co2e` are sums of
        blocks."""
        t = self.totals
        bisko = t.where_counted("bisko", t.bisko_t_co2e)
        extended = bisko + t.where_counted("agriculture", t.agriculture_t_co2e)
        values = {
            "extended_t_co2e": extended,
            "net_with_land_use_t_co2e": extended + t.where_counted("land_use", t.land_use_t_co2e),
            "bisko_t_co2e": bisko,
            "final_energy_mwh": t.where_counted("bisko", t.final_energy_mwh),
            "agriculture_t_co2e": t.where_counted("agriculture", t.agriculture_t_co2e),
            "land_use_t_co2e": t.where_counted("land_use", t.land_use_t_co2e),
            "process_ets_t_co2": t.where_counted("process_ets", t.process_ets_t_co2),
            "waste_t_co2e": t.where_counted("waste", t.waste_t_co2e),
            "renewable_generation_mwh": t.where_counted("renewables", t.renewable_generation_mwh),
        }.get(name)
        return pd.Series(
            getattr(t, name) if values is None else values, index=self.regions, name=name
        )

    def cell(self, sector: str, carrier: str) -> pd.DataFrame:
        """MWh, t CO2e, status and grade of one cell by region."""
        at = self.cells.position[sector, carrier]
        return pd.DataFrame(
            {
                "final_energy_mwh": self.cells.energy[at],
                "emissions_t_co2e": self.cells.emissions[at],
                "status": np.asarray(CELL_STATUS)[self.cells.status[at]],
                "grade": np.asarray(GRADES)[self.cells.grade[at]],
            },
            index=self.regions,
        )

    def long_table(self) -> pd.DataFrame:
        """All rows in the long form: one per line and region where the line applies."""
        line, region = np.nonzero(self.state)
        head = pd.DataFrame(
            [
                (x.block, x.sector, x.carrier, x.group, x.item, x.unit, x.kind, x.grade, x.key)
                for x in self.lines
            ],
            columns=["block", "sector", "carrier", "group", "item", "unit", "kind", "grade", "key"],
        ).astype("category")
        frame = head.take(line).reset_index(drop=True)
        frame["region"] = pd.Categorical.from_codes(
            region, categories=pd.Index(self.regions.tolist())
        )
        frame["state"] = self.state[line, region]
        frame["quantity"] = self.quantity[line, region]
        frame["emissions_t_co2e"] = self.emissions[line, region]
        return frame


def cell_order(names: set[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Cells in the order of the code lists."""
    return tuple(sorted(names, key=lambda name: (Sector(name[0]).rank, Carrier(name[1]).rank)))
