"""The rows of a balance: what is computed for every region alike is a `Line`, its numbers are one
row of a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from klima_balance.method.equation import Floats
from klima_balance.method.factors import Factor

# State of a line in a region.
ABSENT: Final = 0  # does not apply here
COUNTED: Final = 1
SUPERSEDED: Final = 2  # local data stands instead; kept visible
MISSING: Final = 3  # should be there, a statistic is missing: never zero


@dataclass(frozen=True)
class Line:
    """One activity row with its factor, before the region's number.

    `kind`: allocated (national figure x key), statistic (an official figure is the quantity), herd,
    reported (plants), generation, heat_pump (power moved between carriers). `memo` lines are shown
    and belong to no total. `state`: only for regions of that state (`05`), `-` for all others than
    those with lines of their own, empty for all.
    """

    block: str
    sector: str
    carrier: str
    group: str
    item: str
    label_de: str
    label_en: str
    unit: str
    kind: str
    status: str
    grade: str
    key: str
    source: str
    factor: Factor | None
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

    def to_dict(self) -> dict[str, Any]:
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


def part(
    lines: Sequence[Line],
    quantity: Sequence[Floats],
    key: Sequence[Floats],
    absent: Sequence[npt.NDArray[np.bool_]],
    size: int,
) -> Part:
    """A part from rows; an empty one has the right shape."""
    shape = (len(lines), size)
    return Part(
        tuple(lines),
        np.vstack(quantity) if lines else np.empty(shape),
        np.vstack(key) if lines else np.empty(shape),
        np.vstack(absent) if lines else np.empty(shape, dtype=bool),
    )
