"""The rows of a balance: what is computed for every region alike is a `Line`, its numbers are one
row of a matrix [lines, regions]."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from klima_balance.engine.options import Options
from klima_balance.engine.statistics import Statistics
from klima_balance.method.equation import Floats, emissions
from klima_balance.method.factors import Factor, carrier_factor
from klima_balance.method.model import Method
from klima_shared.codes.energy import Sector
from klima_shared.wire.json import JsonObject

# State of a line in a region.
ABSENT: Final = 0  # does not apply here
COUNTED: Final = 1
SUPERSEDED: Final = 2  # local data stands instead; kept visible
MISSING: Final = 3  # should be there, a statistic is missing: never zero


@dataclass(frozen=True, eq=False)
class Run:
    """What one computation works on: official figures of its regions, the method, a year,
    options."""

    statistics: Statistics
    method: Method
    year: int
    options: Options

    @property
    def size(self) -> int:
        return self.statistics.size

    @cached_property
    def position(self) -> dict[str, int]:
        """The index of every region."""
        return {str(key): i for i, key in enumerate(self.statistics.regions)}

    @cached_property
    def _factors(self) -> dict[tuple[str, str], Factor]:
        return {}

    def factor(self, sector: str, carrier: str) -> Factor:
        """The factor of a carrier in a sector, by the factor set of the run."""
        use = "transport" if sector == Sector.TRANSPORT else "stationary"
        if (carrier, use) not in self._factors:
            factor = carrier_factor(self.method, self.options.factor_set, carrier, use, self.year)
            self._factors[carrier, use] = factor
        return self._factors[carrier, use]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One activity row with its factor, before the region's number.

    `kind`: allocated (national figure x key), statistic (an official figure is the quantity), herd,
    reported (plants), generation, heat_pump (power moved between carriers). `memo` lines are shown
    and belong to no total. `state`: only for regions of that state (`05`), `-` for all others than
    those with lines of their own, empty for all.
    """

    block: str
    sector: str = ""
    carrier: str = ""
    group: str
    item: str = ""
    label_de: str
    label_en: str
    unit: str
    kind: str
    status: str = "estimated"
    grade: str = "D"
    key: str
    source: str = ""
    factor: Factor | None = None
    national: float | None = None
    national_year: int | None = None
    key_germany: float | None = None
    hours: float | None = None
    condition: str = ""
    memo: bool = False
    state: str = ""
    note: str = ""

    @property
    def id(self) -> str:
        """The same in every run, whatever the other lines are."""
        gas = self.factor.gas if self.factor and self.kind == "herd" else ""
        return ".".join(
            (self.block, self.sector, self.carrier, self.group, self.item, gas, self.state)
        )

    def to_dict(self) -> JsonObject:
        # Not `asdict`: it copies every value, and a run has some hundred lines.
        return {
            "id": self.id,
            **self.__dict__,
            "factor": self.factor.to_dict() if self.factor else None,
        }


@dataclass(frozen=True, eq=False)
class Part:
    """Lines of one block with their numbers: `quantity` and `key` are [lines, regions], NaN where
    missing."""

    lines: tuple[Line, ...]
    quantity: Floats
    key: Floats
    absent: npt.NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        lines: Sequence[Line],
        quantity: Sequence[Floats],
        key: Sequence[Floats],
        absent: Sequence[npt.NDArray[np.bool_]],
        *,
        size: int,
    ) -> "Part":
        """A part from rows; an empty one has the right shape."""
        if not lines:
            nothing = np.empty((0, size))
            return cls((), nothing, nothing, nothing.astype(bool))
        return cls(tuple(lines), np.vstack(quantity), np.vstack(key), np.vstack(absent))


@dataclass(frozen=True, eq=False)
class RowTable:
    """All lines of a balance with their numbers and states: matrices [lines, regions]."""

    lines: tuple[Line, ...]
    quantity: Floats
    key: Floats
    state: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, parts: Sequence[Part]) -> "RowTable":
        quantity = np.vstack([part.quantity for part in parts])
        state = np.full(quantity.shape, COUNTED, dtype=np.uint8)
        state[np.isnan(quantity)] = MISSING
        state[np.vstack([part.absent for part in parts])] = ABSENT
        lines = tuple(line for part in parts for line in part.lines)
        return cls(lines, quantity, np.vstack([part.key for part in parts]), state)

    def followed_by(self, part: Part) -> "RowTable":
        """The table with further lines, whose quantities are all known."""
        state = np.where(part.absent, ABSENT, COUNTED).astype(np.uint8)
        return RowTable(
            self.lines + part.lines,
            np.vstack([self.quantity, part.quantity]),
            np.vstack([self.key, part.key]),
            np.vstack([self.state, state]),
        )

    @cached_property
    def counted(self) -> Floats:
        """The quantities that are in the sums; 0 elsewhere."""
        return np.where(self.state == COUNTED, self.quantity, 0.0)

    @cached_property
    def emissions(self) -> Floats:
        """T CO2e of the quantities that are in the sums."""
        factor = [line.factor.t_per_unit if line.factor else 0.0 for line in self.lines]
        return emissions(self.counted, np.asarray(factor)[:, None])

    @cached_property
    def gaps(self) -> npt.NDArray[np.int32]:
        return np.asarray(self.state == MISSING, dtype=np.int32)
