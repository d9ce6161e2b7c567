"""Observations of official statistics (long rows) to the wide table of any year.

Which row serves a year is decided once for all years: rows are sorted by region, statistic and
year, and what serves a year is then found by two searches. Reading seven years of all of Germany
so costs little more than one.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from klima_balance.engine.figures import FOREST, FOREST_KINDS, STATISTICS, Figure
from klima_balance.engine.regions import STATE_SUFFIX, leaves
from klima_balance.engine.statistics import (
    ENTERED,
    INTERPOLATED,
    LONG_COLUMNS,
    Provenance,
    Statistics,
    check_values,
)
from klima_balance.method.equation import Floats
from klima_balance.method.expected import columns
from klima_shared.codes.regions import GERMANY
from klima_shared.language.errors import InputError

Codes = npt.NDArray[np.int64]
_YEARS: Final = 10_000
"""More than any year: the key of an observation is its cell times this, plus its year."""
_TEXTS: Final = ("source", "certainty", "flag", "note")


def wide(rows: pd.DataFrame, year: int, regions: Sequence[str] | None = None) -> Statistics:
    """Long rows to the wide table of one year, see `Observations.of`."""
    return Observations(rows).of(year, regions)


class Observations:
    """Long rows (`LONG_COLUMNS`), sorted so that every year can be read from them.

    An implausible row serves only where its region and statistic have no other; of two rows of one
    year a correction goes before the original. Raises `InputError` for a missing column.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        if missing := [c for c in LONG_COLUMNS[:4] if c not in rows.columns]:
            raise InputError.at("statistics", sorted(map(str, rows.columns)), columns(missing))
        rows = rows[rows["value"].notna()]
        region, keys = pd.factorize(rows["region"], sort=True)
        name, names = pd.factorize(rows["statistic"], sort=True)
        self.keys, self.names = [str(key) for key in keys], [str(one) for one in names]
        self.index = pd.Index(self.keys)
        self.states = [
            i for i, key in enumerate(self.keys) if key.endswith(STATE_SUFFIX) and key != GERMANY
        ]
        cell = region.astype(np.int64) * max(len(names), 1) + name
        year = rows["year"].to_numpy(dtype=np.int64)
        at, self.plausible = _serving(cell, year, _flags(rows))
        self.cell, self.year = cell[at], year[at]
        self.key = self.cell * _YEARS + self.year
        self.value = rows["value"].to_numpy(dtype=np.float64)[at]
        self.origin, self.provenance = _origins(rows.iloc[at])
        self.cells = self.cell[_changes(self.cell)]
        self.leaves: dict[bytes, list[str]] = {}

    def of(self, year: int, regions: Sequence[str] | None = None) -> Statistics:
        """The table of one year.

        The nearest year serves (the earlier of two). Between two known years the value is
        interpolated linearly and flagged so; outside them it is carried. `regions`: the leaves
        (default: those with a population in the nearest year that has any). Raises `InputError` for
        a value that is negative or infinite.
        """
        if not len(self.cells):
            leaf = sorted(dict.fromkeys(regions or ()))
            return self._assemble(year, leaf, np.empty(0, dtype=np.int64), np.empty(0), None)
        after = np.searchsorted(self.key, self.cells * _YEARS + year, side="right")
        before = np.maximum(after - 1, 0)
        after = np.minimum(after, len(self.key) - 1)
        gap_before, gap_after = year - self.year[before], self.year[after] - year
        # Beside the first and the last observation stands one of another cell, or itself.
        is_before = (self.cell[before] == self.cells) & (gap_before >= 0)
        is_after = (self.cell[after] == self.cells) & (gap_after > 0)
        earlier = is_before & (~is_after | (gap_before <= gap_after))
        chosen = np.where(earlier, before, after)
        between = is_before & is_after & (gap_before > 0) & self.plausible[before]
        value = self.value[chosen]
        low, high = before[between], after[between]
        share = (year - self.year[low]) / (self.year[high] - self.year[low])
        value[between] = self.value[low] + (self.value[high] - self.value[low]) * share
        leaf = self._living(year, chosen) if regions is None else sorted(dict.fromkeys(regions))
        return self._assemble(year, leaf, chosen, value, (between, low, high))

    def _living(self, year: int, chosen: Codes) -> list[str]:
        """The leaves that exist in the year: those with a population of the nearest year, of two
        the earlier (mergers change the list)."""
        if "population" not in self.names:
            return leaves(self.keys)
        of_population = self.cells % len(self.names) == self.names.index("population")
        years = self.year[chosen[of_population]]
        gap = 2 * np.abs(years - year) + (years > year)
        region = (self.cells[of_population] // len(self.names))[gap == gap.min()]
        living = region.tobytes()
        if living not in self.leaves:  # the same for most years
            self.leaves[living] = leaves(self.keys[i] for i in region)
        return self.leaves[living]

    def _assemble(
        self,
        year: int,
        leaf: Sequence[str],
        chosen: Codes,
        value: Floats,
        interpolated: tuple[npt.NDArray[np.bool_], Codes, Codes] | None,
    ) -> Statistics:
        """The values (one per cell) as a table; `interpolated`: which of them lie between which two
        observations."""
        names, size = self.names, len(self.keys)
        region, name = np.divmod(self.cells, max(len(names), 1))
        origin, provenance = self.origin[chosen], self.provenance
        if interpolated is not None and interpolated[0].any():
            between, low, high = interpolated
            origin[between], added = self._between(year, chosen[between], low, high)
            provenance = provenance + added
        values = np.full((len(names), size + 1), np.nan)  # the last: none of a key that has none
        origins = np.full((len(names), size + 1), -1, dtype=np.int32)
        values[name, region] = value
        origins[name, region] = origin
        index = self.index.get_indexer(pd.Index(leaf, dtype=object))
        regions = np.asarray(leaf, dtype=np.str_)
        taken = dict(zip(names, values[:, index], strict=True))
        for one, column in taken.items():
            check_values(one, column, regions)
        states = {
            self.keys[i][:2]: dict(zip(names, values[:, i].tolist(), strict=True))
            for i in self.states
        }
        found = dict(zip(names, origins[:, index], strict=True))
        return Statistics(year, regions, taken, found, provenance, states)

    def _between(
        self, year: int, nearest: Codes, low: Codes, high: Codes
    ) -> tuple[npt.NDArray[np.int32], tuple[Provenance, ...]]:
        """Provenance of interpolated values: the source of the nearest, and between which years."""
        first, last = self.year[low], self.year[high]
        combined = (self.origin[nearest] * _YEARS + first) * _YEARS + last
        codes, distinct = pd.factorize(combined)
        added = []
        for one in distinct:
            rest, end = divmod(int(one), _YEARS)
            source, begin = divmod(rest, _YEARS)
            note = f"linear between {begin} and {end}"
            known = self.provenance[source]
            added.append(Provenance(year, known.source, "derived", INTERPOLATED, note))
        return (codes + len(self.provenance)).astype(np.int32), tuple(added)


def _flags(rows: pd.DataFrame) -> npt.NDArray[np.object_]:
    if "flag" not in rows.columns:
        return np.full(len(rows), "", dtype=object)
    return rows["flag"].to_numpy(dtype=object)


def _serving(
    cell: Codes, year: Codes, flags: npt.NDArray[np.object_]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Positions of the rows that may serve, one per cell and year, in the order of both; and which
    of them are plausible."""
    plausible = np.asarray(flags != "implausible", dtype=bool)
    order = np.lexsort((flags != "correction", ~plausible, year, cell))
    order = order[_changes(cell[order]) | _changes(year[order])]
    if plausible.all():
        return order, plausible[order]
    number = np.cumsum(_changes(cell[order])) - 1
    trusted = np.bincount(number, weights=plausible[order]) > 0
    order = order[plausible[order] | ~trusted[number]]
    return order, plausible[order]


def _changes(values: Codes) -> npt.NDArray[np.bool_]:
    """Where a value differs from the one before; the first does."""
    changed = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed


def _origins(rows: pd.DataFrame) -> tuple[Codes, tuple[Provenance, ...]]:
    """Per row the index of its provenance, and all that occur."""
    described = [c for c in ("year", *_TEXTS) if c in rows.columns]
    codes = np.zeros(len(rows), dtype=np.int64)
    for column in described:
        part, unique = pd.factorize(rows[column])  # -1: nothing
        codes = codes * (len(unique) + 1) + part + 1
    _, first, position = np.unique(codes, return_index=True, return_inverse=True)
    heads = rows.iloc[first][described].astype(object).to_dict("records")
    origins = tuple(
        Provenance(int(head["year"]), *(_text(head.get(name)) for name in _TEXTS)) for head in heads
    )
    return position.astype(np.int64), origins


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)


def superseding(statistics: Statistics, figures: Iterable[Figure]) -> Statistics:
    """The official figures with what municipalities entered for the year in their place, cell by
    cell. Three kinds of forest that are all there make the forest, unless it is entered itself."""
    entered: dict[tuple[str, str], tuple[float, Provenance]] = {}
    known = {str(key) for key in statistics.regions}
    for figure in figures:
        if (
            figure.sector == STATISTICS
            and figure.year == statistics.year
            and figure.region in known
        ):
            entered[figure.carrier, figure.region] = (
                figure.statistic,
                Provenance(
                    figure.year,
                    figure.source,
                    "",
                    ENTERED,
                    figure.note or "",
                    str(figure.status),
                    str(figure.grade),
                ),
            )
    for region in {region for _, region in entered}:
        kinds = [entered.get((name, region)) for name in FOREST_KINDS]
        parts = [kind for kind in kinds if kind is not None]
        if len(parts) == len(FOREST_KINDS) and (FOREST, region) not in entered:
            worst = max((source for _, source in parts), key=lambda source: source.grade)
            entered[FOREST, region] = sum(value for value, _ in parts), worst
    return statistics.with_values(entered) if entered else statistics
